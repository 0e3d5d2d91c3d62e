"""`risk:` from a scenario's files to its run folder, and the page about it, executed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kaopt import pipeline
from kaopt.errors import InputError
from kaopt.options import Options
from kaopt.report.words_risk import RISK_WORDS
from tests.test_cli import corner, kaopt

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "risk.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
RESPONSE = """
account,sku,elasticity,display,elasticity_se,display_se
*,*,-3,0.6,0.8,0.3
"""
SAID = ["risk.samples=50", "risk.draws=10", "risk.fresh=60", "risk.knowing=2"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    corner(folder / "corner", response=RESPONSE)
    return folder


@pytest.fixture(scope="module")
def outcome(home):
    return pipeline.allocate(str(home / "corner"), Options(out=home / "runs", set=[*SAID, "risk.weight=80%"]))


def test_the_run_tells_how_the_plan_stands(outcome) -> None:
    folder = Path(outcome.payload["run"])
    told = json.loads((folder / "risk.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(outcome.payload["risk"]))
    assert (told["samples"], told["fresh"], told["weight"], told["certain"]) == (50, 60, 0.8, False)
    assert told["knowing"]["worlds"] == 2 and told["knowing"]["found"]["mean"] >= 0
    sealed = outcome.payload["certificate"]
    assert sealed["objective"] <= sealed["bound"] and sealed["breaches"] == []
    assert outcome.exit_code == 0
    settled = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert settled["scenario"]["risk"]["weight"] == 0.8


def test_people_read_it_in_both_languages(outcome) -> None:
    page = (Path(outcome.payload["run"]) / "report.html").read_text(encoding="utf-8")
    for key in ("risk", "for_estimates", "for_mean", "for_risk", "less_mean"):
        assert all(word in page for word in RISK_WORDS[key])
    assert RISK_WORDS["for_risk"][0] in outcome.text and "±" in outcome.text


def test_wrong_settings_are_told(home) -> None:
    for said in ("risk.level=100%", "risk.weight=150%", "risk.draw=3"):
        with pytest.raises(InputError) as caught:
            pipeline.read(str(home / "corner"), Options(set=[said]))
        assert [fault.column for fault in caught.value.faults] == [said.partition("=")[0]]


def test_near_a_given_plan_only_one_world_counts(home) -> None:
    plan = home / "given.csv"
    plan.write_text("account,sku,week,weeks,treatment\n", encoding="utf-8")
    said = kaopt("allocate", "corner", "--near", plan, *(f"--set={one}" for one in SAID), cwd=home)
    assert said.code == 2 and "risk" in said.err


@pytest.mark.thorough
def test_the_page_does_what_it_says(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """The careful plan gains in the worst tenth of worlds that no plan has seen, and costs something on average."""
    monkeypatch.chdir(ROOT)
    space: dict = {}
    exec(compile(EXAMPLE, "risk.md", "exec"), space)
    said = capsys.readouterr().out
    gain, price, plan = space["gain"], space["price"], space["plan"]
    assert gain.low > 0 > price.high
    assert gain.mean > -2 * price.mean
    assert plan.certificate.gap <= 0.002
    shown = re.findall(r"[+-][\d,]+(?= cases)", said)
    assert [float(one.replace(",", "")) for one in shown] == [round(gain.mean), round(price.mean)]
    for one in plan.outlook.plans.values():
        assert one.tail.mean < one.mean.mean
