"""Prices beside a plan: what is written is read again, what cannot be read is told, and a run goes on from a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kaopt import plan_prices
from kaopt.errors import InputError
from kaopt.plan import Plan
from kaopt.planning import allocate_run
from kaopt.planning.allocate_run import Wishes
from tests.allocation.case import plain
from tests.test_cli import corner, kaopt

PRICES = {("budget", "total"): 1.25, ("sales_target 2", "account=W, what=cases"): -0.1 / 3}


def test_prices_are_read_as_they_were_written(tmp_path: Path) -> None:
    plan_prices.write(tmp_path, replace(Plan.nothing(), prices=PRICES | {("budget", "quarter=1"): 0.0}))
    assert plan_prices.read(tmp_path / "prices.csv") == PRICES  # to the last bit; nothing costs nothing


def test_a_plan_without_prices_leaves_no_file(tmp_path: Path) -> None:
    plan_prices.write(tmp_path, Plan.nothing())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rule,scope,price\nbudget,total,dear\n", r"prices.csv.*dear.*must be a number"),
        ("rule,price\nbudget,2\n", r"must be rule, scope, price"),
    ],
)
def test_what_is_no_price_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "prices.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"(?s){told}"):
        plan_prices.read(tmp_path / "prices.csv")


def test_a_folder_without_a_plan_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be the folder of a run"):
        plan_prices.load_run(plain((1, 1, 2)), tmp_path)


def test_one_wish_at_a_time(tmp_path: Path) -> None:
    for other in (Wishes(after=tmp_path, near=tmp_path), Wishes(after=tmp_path, alternatives=2, within="1%")):
        with pytest.raises(InputError, match="--after"):
            other.refuse_nonsense()
    Wishes(after=tmp_path).refuse_nonsense()
    assert allocate_run.Wishes().after is None


def test_a_run_goes_on_from_a_run(tmp_path: Path) -> None:
    corner(tmp_path / "corner")
    first = kaopt("allocate", tmp_path / "corner", "--out", tmp_path / "runs", "--json", cwd=tmp_path)
    assert first.code == 0
    folder = max((tmp_path / "runs").iterdir(), key=lambda path: path.name)
    words = ("allocate", tmp_path / "corner", "--after", folder, "--out", tmp_path / "again", "--json")
    again = kaopt(*words, cwd=tmp_path)
    assert again.code == 0
    (other,) = (tmp_path / "again").iterdir()
    assert (folder / "plan.csv").read_bytes() == (other / "plan.csv").read_bytes()
    lost = kaopt("allocate", tmp_path / "corner", "--after", tmp_path, cwd=tmp_path)
    assert lost.code == 2 and "folder of a run" in lost.err
