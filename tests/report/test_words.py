"""Every text in both languages, and no text that nobody says."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import kaopt.report
from kaopt.allocation import rules
from kaopt.allocation.rules import promotion_count
from kaopt.report.cards import MARKS, MEASURES
from kaopt.report.text import quantity
from kaopt.report.text import rule as rule_text
from kaopt.report.words import FAMILIES, RULES, SCOPES, UNITS, WORDS
from kaopt.scorecard.figures import KPIS
from kaopt.scorecard.why import WHY
from kaopt.service import CAUSES

ROOM = Path(kaopt.report.__file__).parent
SCORECARD = ROOM.parent / "scorecard"
PAIRS = [pair for words in (WORDS, RULES, FAMILIES, UNITS, SCOPES) for pair in words.values()] + list(WHY.items())
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(("en", "zh"), PAIRS)
def test_every_word_has_both_languages(en: str, zh: str) -> None:
    assert re.search("[A-Za-z]", en)
    assert not CHINESE.search(en)
    assert CHINESE.search(zh)


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_have_the_same_gaps(key: str) -> None:
    en, zh = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in WORDS[key])
    assert en == zh


@pytest.mark.parametrize("key", WORDS)
def test_chinese_uses_chinese_punctuation(key: str) -> None:
    assert not re.search(r"[\u4e00-\u9fff][,;:!?]", WORDS[key][1])


def said() -> set[str]:
    """Every key that template or code names outright."""
    texts = [
        p.read_text(encoding="utf-8") for p in ROOM.rglob("*") if p.suffix in (".py", ".j2") and p.name != "words.py"
    ]
    return {key for text in texts for key in re.findall(r"[\"']([a-z_0-9]+)[\"']", text)}


def test_every_word_that_is_said_is_known() -> None:
    template = (ROOM / "page.html.j2").read_text(encoding="utf-8")
    assert set(re.findall(r'\bword\("(\w+)"', template)) <= set(WORDS)
    asked = {key for p in ROOM.glob("*.py") for key in re.findall(r'\bword\("(\w+)"', p.read_text(encoding="utf-8"))}
    assert asked <= set(WORDS)
    by_data = {*MARKS, *MEASURES, *(m for many in MEASURES.values() for m, _ in many), *CAUSES, *KPIS}
    assert by_data <= set(WORDS)


def test_no_word_is_never_said() -> None:
    from_data = {*CAUSES, "optimal", "stopped", "interrupted", "rolling", "pick", "dock", "truck"}
    from_data |= {"sales_bridge", "profit_bridge"}
    from_data |= {"planned", "delivered", "write_offs", "rebates"}
    assert set(WORDS) - said() - from_data == set()


def test_words_are_of_rules_that_exist() -> None:
    assert set(RULES) <= {rule.NAME for rule in rules.RULES}
    assert {"money", "share of 1"}.isdisjoint(UNITS)  # money and shares have their own way of writing


def test_a_new_rule_needs_no_words_to_be_shown() -> None:
    """Adding a rule is one file, one name, one test row: until somebody translates it, it goes by its own name."""
    assert "no_rival_below" in rule_text("no_rival_below")
    assert "barrel" in quantity(3.0, "barrel", "CNY")


def test_units_of_counts_have_words() -> None:
    assert set(promotion_count.UNITS.values()) <= set(UNITS)


def test_every_reason_of_the_scorecard_has_chinese_words() -> None:
    text = "\n".join(p.read_text(encoding="utf-8") for p in SCORECARD.glob("*.py"))
    reasons = set(re.findall(r'Absent\("([^"]+)"\)', text))
    reasons |= set(re.findall(r'(?m)^(?:NO|ONE)_[A-Z_]+ = "([^"]+)"', text))
    reasons |= set(re.findall(r'over\([^\n]*"([^"]+)"\)', text)) | set(re.findall(r'"why": "([^"]+)"', text))
    assert len(reasons) >= 10
    assert reasons <= set(WHY)
