"""A policy of one's own: the worked example of docs/own_policy.md runs, and what is wrong with a file is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kaopt import pipeline
from kaopt.errors import InputError
from kaopt.fulfilment.fields import ON_HAND
from kaopt.fulfilment.simulate import simulate
from kaopt.fulfilment.view import View
from kaopt.options import Options
from kaopt.own_policies import FAMILIES, with_policies
from kaopt.plan import Plan
from tests.fulfilment.helpers import calm, exactly, fill, live

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "own_policy.md").read_text(encoding="utf-8")
POLICY, USE, TABLES, USE_TABLES = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
UP_TO = """
import numpy as np

def production(view):
    return np.ceil(np.maximum(view.target - view.counted - view.coming, 0) - 1e-9)
"""


def saved(folder: Path, text: str) -> Path:
    path = folder / "monthly_cover.py"
    path.write_text(text, encoding="utf-8")
    return path


def printed(file: Path, use: str, capsys: pytest.CaptureFixture[str]) -> tuple[float, float]:
    """The two figures that an example of the page prints: as set, by the file."""
    exec(compile(re.sub(r'"\w+\.py"', f"{str(file)!r}", use), "own_policy.md", "exec"), {})
    found = re.findall(r"([\d,]+)(?= as set| by the)", capsys.readouterr().out)
    usual, mine = (float(one.replace(",", "")) for one in found)
    return usual, mine


@pytest.mark.parametrize(("policy", "use"), [(POLICY, USE), (TABLES, USE_TABLES)])
def test_the_page_does_what_it_says(
    policy: str, use: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Less stock with a month's cover; fewer late trips with an earlier arrival."""
    file = saved(tmp_path, policy)
    monkeypatch.chdir(ROOT)
    usual, mine = printed(file, use, capsys)
    assert 0 < mine < usual


def test_the_page_names_every_family_and_nothing_else() -> None:
    assert ["production", *re.findall(r"^\| `(\w+)` \| `", PAGE.split("| function |")[1], flags=re.MULTILINE)] == [
        *FAMILIES
    ]


def test_what_the_settings_can_say_a_file_can_say_with_the_same_result(tmp_path: Path) -> None:
    """Order-up-to without lots, by the settings and by a file, on noisy demand: the same year, case by case."""
    world = calm(2, 3, sku_columns={"demand_cv": 0.5}, supply={"production": {"rule": "plan"}})
    ours, own = live(world), live(with_policies(world, saved(tmp_path, UP_TO)))
    assert np.array_equal(ours.ledger.cases, own.ledger.cases)
    assert np.array_equal(ours.goods.days, own.goods.days) and np.array_equal(ours.goods.flow, own.goods.flow)


def test_the_view_shows_the_stock_and_cannot_change_it() -> None:
    seen: list[View] = []

    def production(view: View) -> np.ndarray:
        seen.append(view)
        said = np.full(view.coming.shape, 40.0)
        view.coming[:] = view.on_hand[:] = view.cells[:] = 0
        return said

    columns = {"order_days": ((1, 2, 3, 4, 5, 6, 7),)}
    base = np.full((1, 1, 8), 70.0)
    world = replace(calm(1, 1, base_cases=base, account_columns=columns), own_policies={"production": production})
    year = live(world)
    last = seen[-1]
    assert last.day == 49 and last.skus == ("S1",) and last.target == pytest.approx(155)
    assert last.expected(5) == pytest.approx(50) and last.forecast[0, 0, :3] == pytest.approx([10, 10, 10])
    assert year.goods.flow[1, 0] == 40 * len(seen)
    assert year.goods.days[ON_HAND].sum() > 0  # clearing the copies changed nothing


@pytest.mark.thorough
def test_workers_import_the_file_again(tmp_path: Path) -> None:
    world = with_policies(
        calm(1, 1, sku_columns={"demand_cv": 0.5}, supply={"replications": exactly(16)}), saved(tmp_path, POLICY)
    )
    one, two = (simulate(world, Plan.nothing(), workers=count) for count in (1, 2))
    assert np.array_equal(one.accepted_value, two.accepted_value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1", "must define a function named production, issuing"),
        ("def production(view:", "must import without an error"),
    ],
)
def test_a_file_without_a_policy_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(InputError, match=found):
        with_policies(calm(), saved(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--policies"):
        with_policies(calm(), tmp_path / "nowhere.py")


@pytest.mark.parametrize(
    "said", ["-1 * view.coming - 1", "view.coming + .5", "view.coming[0]", "None", "view.coming * float('nan')"]
)
def test_an_answer_that_cannot_be_is_a_fault(tmp_path: Path, said: str) -> None:
    world = with_policies(calm(), saved(tmp_path, f"def production(view):\n    return {said}"))
    with pytest.raises(InputError, match="whole cases"):
        live(world)


def test_the_command_line_takes_the_file(tmp_path: Path) -> None:
    fewer = ["supply.replications.min=2", "supply.replications.max=2", "supply.warmup_weeks=4"]
    own = saved(tmp_path, "def production(view):\n    return 0 * view.coming")
    world = pipeline.read(str(ROOT / "scenarios" / "starter"), Options(set=fewer, policies=own))
    year = live(world)
    assert year.goods.flow[1].sum() == 0 and fill(year) < 0.5
    assert live(replace(world, own_policies={})).goods.flow[1].sum() > 0
