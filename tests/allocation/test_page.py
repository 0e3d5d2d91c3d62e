"""The page of the rules is made from the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaopt.allocation.page import page, section
from kaopt.allocation.rules import RULES, Rule, spacing

PAGE = Path(__file__).parents[2] / "docs" / "allocation.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.NAME)
def test_every_rule_is_there_with_its_formula(rule: Rule) -> None:
    assert f"### {rule.NAME}" in page()
    assert rule.FORMULA in page()


def test_a_section_says_what_may_be_set() -> None:
    text = section(spacing)
    assert "After a promotion a SKU runs without one" in text
    assert "- `gap` (required): free weeks between two events" in text
    assert "hard" not in text
