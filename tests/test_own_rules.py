"""A rule of one's own: the worked example of docs/own_rule.md runs, and what is wrong with a file is told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from kaopt import pipeline
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rules import RULES, all_rows
from kaopt.errors import InputError
from kaopt.offers import make_offers
from kaopt.options import Options
from kaopt.own_rules import with_rules
from tests.allocation.brute import best, missed, plan_of, subsets
from tests.allocation.rule_cases import plain

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "own_rule.md").read_text(encoding="utf-8")
RULE, USE = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tasting_crews.py"
    path.write_text(RULE, encoding="utf-8")
    return path


def test_the_page_does_what_it_says(file: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(USE.replace('"tasting_crews.py"', f"{str(file)!r}"), "own_rule.md", "exec"), {})
    words = capsys.readouterr().out
    limited, free = (float(number.replace(",", "")) for number in re.findall(r"([\d,]+)(?= cases|; that)", words))
    assert limited < free


def test_the_example_binds_in_a_world_that_one_can_see(file: Path) -> None:
    """Two accounts of one region, one week: `show` brings 2 000 at each; with one crew, at one of them only."""
    rules = with_rules([file])
    mine = rules[-1]
    settings = mine.Settings(crews=1, family="display")
    here = plain((2, 1, 1), rules={"tasting_crews": (settings,)})
    offers = make_offers(here)
    assert best(here, offers, rules).objective == pytest.approx(2000)
    assert best(plain((2, 1, 1)), offers).objective == pytest.approx(4000)
    apart = plain((2, 1, 1), rules=here.rules, account_columns={"region": ["north", "south"]})
    assert best(apart, offers, rules).objective == pytest.approx(4000)


def test_the_examples_twins_agree_on_every_plan(file: Path) -> None:
    rules = with_rules([file])
    settings = rules[-1].Settings(crews=1, family="display")
    here = plain((2, 1, 2), rules={"tasting_crews": (settings,)}, treatment_columns={"lengths": [(1, 2)]})
    offers = make_offers(here)
    own = next(block for block in all_rows(here, offers, rules) if block.rule == "tasting_crews")
    for chosen in subsets(len(offers)):
        broken = [b for b in evaluate(here, plan_of(offers, chosen), rules).breaches if b.rule == "tasting_crews"]
        assert np.count_nonzero(missed(own, chosen)) == len(broken)
        assert missed(own, chosen).sum() == pytest.approx(sum(b.shortfall for b in broken))


def test_rules_of_several_files_follow_the_built_in_ones(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(RULE.replace('NAME = "tasting_crews"', 'NAME = "other"'), encoding="utf-8")
    assert [rule.NAME for rule in with_rules([file, other])] == [*(r.NAME for r in RULES), "tasting_crews", "other"]
    assert with_rules([]) == RULES


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("def breaches", "def breeches"), "breaches = missing"),
        (lambda text: text.replace('UNIT = "tasting"', "UNIT = 3"), "UNIT"),
        (lambda text: text.replace("class Settings(RuleSettings)", "class Settings"), "RuleSettings"),
        (lambda text: text.replace('NAME = "tasting_crews"', 'NAME = "budget"'), "taken by another rule"),
        (lambda text: "import nothing_of_that_name\n" + text, "nothing_of_that_name"),
        (lambda text: text.replace("def rows(", "def rows(("), "SyntaxError"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(file: Path, change, told: str) -> None:
    file.write_text(change(RULE), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        with_rules([file])
    assert "tasting_crews.py" in str(caught.value)


def test_a_fault_names_its_line(file: Path) -> None:
    file.write_text("x = 1\ny = 2\nraise ValueError('three')\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        with_rules([file])
    assert caught.value.faults[0].line == 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a Python file"):
        with_rules([tmp_path / "none.py"])


def test_commands_take_the_rule_and_keep_it(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Planned with one crew, judged with one crew: no breach; judged with none, nothing but the rule is broken."""
    monkeypatch.chdir(ROOT)
    limits = ["rules.tasting_crews.crews=1", "rules.tasting_crews.family=price", "solve.gap=5%"]
    limits += ["rules.promotion_count=false", "rules.market_share=false", "rules.margin_mix=false"]
    held = Options(rules=[file], set=limits, out=tmp_path / "held", time_limit="20s")
    made = pipeline.allocate("scenarios/starter", held)
    plan = Path(made.payload["run"]) / "plan.csv"
    assert pipeline.evaluate("scenarios/starter", plan, held).payload["breaches"] == []
    strict = Options(rules=[file], set=["rules.tasting_crews.crews=0", *limits[1:]])
    told = pipeline.evaluate("scenarios/starter", plan, strict).payload["breaches"]
    assert {one["rule"] for one in told} == {"tasting_crews"}
    with pytest.raises(InputError, match="tasting_crews"):  # nobody names the rule's file
        pipeline.allocate("scenarios/starter", Options(set=limits, out=tmp_path / "none"))
