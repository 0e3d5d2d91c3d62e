"""What `evaluate` says for people and for programs: both languages, five keys of a breach, figures that differ."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import kaopt as ka
from kaopt import pipeline
from kaopt.options import Options
from kaopt.plan import Breach
from kaopt.report.tables import certificate_dict
from kaopt.summary import WORDS, apart, breach_words, evaluation_text

STARTER = Path(__file__).parents[1] / "scenarios" / "starter"
KEYS = ["rule", "scope", "used", "limit", "unit"]  # the contract's


@pytest.fixture(scope="module")
def world() -> ka.Scenario:
    return ka.load(STARTER, overrides=["budget.total=1000", "currency=EUR"])


@pytest.fixture(scope="module")
def said(world: ka.Scenario) -> dict[str, str]:
    """The habit of the starter under a budget that it breaks, in both languages."""
    plan = ka.load_plan(world, STARTER / "tables" / "plan.csv")
    found, card = ka.evaluate(world, plan), ka.score(world, plan)
    assert any(one.rule == "budget" and one.scope == "total" for one in found.breaches)
    return {language: evaluation_text(world, card, found, language) for language in ("en", "zh")}


def test_both_languages_have_the_same_sentences() -> None:
    assert set(WORDS["en"]) == set(WORDS["zh"])


def test_every_broken_rule_has_its_line(world: ka.Scenario, said: dict[str, str]) -> None:
    found = ka.evaluate(world, ka.load_plan(world, STARTER / "tables" / "plan.csv"))
    assert said["en"].count("\nbroken: ") == said["zh"].count("\n违反：") == len(found.breaches) > 0


def test_chinese_speaks_chinese(said: dict[str, str]) -> None:
    tail = said["zh"].split("\n\n")[1]
    assert "目标值" in tail and "违反：budget (预算)，合计：" in tail and "最多 1,000.00 EUR" in tail
    for word in ("objective", "broken", "against", "must", "money"):
        assert word not in tail
    assert "broken: budget, in total: " in said["en"] and ", must be at most 1,000.00 EUR" in said["en"]


def test_a_plan_without_a_fault_is_told_so_in_both_languages(world: ka.Scenario) -> None:
    nothing = ka.Plan.nothing()
    found = replace(ka.evaluate(world, nothing), breaches=())
    card = ka.score(world, nothing)
    assert evaluation_text(world, card, found, "en").endswith("\nno rule is broken")
    assert evaluation_text(world, card, found, "zh").endswith("\n没有违反任何规则")


@pytest.mark.parametrize(
    ("breach", "english", "chinese"),
    [
        (Breach("promotion_count", "account=W", 3.0, 5.0, "event"), "at least 5 events", "至少 5 次"),
        (Breach("margin_mix", "total", 0.3, 0.33, "share of 1"), "at least 33%", "至少 33%"),
        (Breach("my_rule", "account=W", 2.5, 2.0, "pallet"), "at most 2.00 pallet", "最多 2.00 pallet"),
    ],
)
def test_a_limit_is_a_least_or_a_most(world: ka.Scenario, breach: Breach, english: str, chinese: str) -> None:
    for language, text in (("en", english), ("zh", chinese)):
        words = WORDS[language]["breach"].format(**breach_words(breach, world, language))
        assert words.endswith(text)


def test_a_rule_keeps_its_name_and_gets_a_translation_where_there_is_one(world: ka.Scenario) -> None:
    known, own = (Breach(name, "total", 2.0, 1.0, "event") for name in ("promotion_count", "my_rule"))
    assert breach_words(known, world, "en")["rule"] == "promotion_count (number of promotions)"
    assert breach_words(own, world, "zh")["rule"] == "my_rule"


def test_figures_that_break_a_rule_by_a_hair_are_shown_to_differ() -> None:
    assert apart(Breach("x", "total", 1000.0004, 1000.0, "money")) == ("1,000.0004", "1,000.0000")
    assert apart(Breach("x", "total", 0.32996, 0.33, "share of 1")) == ("32.996%", "33.000%")
    assert apart(Breach("x", "total", 12.0, 10.0, "event")) == ("12", "10")
    assert apart(Breach("x", "total", 12.5, 10.0, "event")) == ("12.50", "10.00")
    assert apart(Breach("x", "total", 0.3, 0.33, "share of 1")) == ("30%", "33%")


def test_a_breach_has_the_contracts_keys(world: ka.Scenario, tmp_path: Path) -> None:
    options = Options(set=["budget.total=1000"], json=True)
    payload = pipeline.evaluate(str(STARTER), STARTER / "tables" / "plan.csv", options).payload
    assert payload["breaches"] and all(list(one) == KEYS for one in payload["breaches"])
    assert json.loads(json.dumps(payload)) == payload
    proof = ka.allocate(ka.load(STARTER)).certificate
    assert proof is not None
    broken = replace(proof, breaches=(Breach("budget", "total", 2.0, 1.0, "money", shortfall=1.0),))
    assert [list(one) for one in certificate_dict(broken)["breaches"]] == [KEYS]
