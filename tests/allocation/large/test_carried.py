"""What the year's dynamic program carries by itself, and what is left to be priced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kaopt.allocation.large.carried import Year, is_kept, room, year_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Bound
from kaopt.scenario.model import Lock
from tests.allocation.case import SETTINGS, plain

SHAPE = (1, 1, 26)
COUNT = SETTINGS["promotion_count"]


def year(*counts: dict[str, Any], gap: int | None = None, **given: Any) -> Year:
    """What is carried where these counts hold; events of one week unless told."""
    rules: dict[str, Any] = {"promotion_count": tuple(COUNT(**one) for one in counts)} if counts else {}
    if gap is not None:
        rules["spacing"] = (SETTINGS["spacing"](gap=gap),)
    return year_of(plain(SHAPE, rules=rules, **given), RULES)


def test_without_rules_the_weeks_limit_the_events() -> None:
    assert year() == Year(0, 26, ("one_event", "spacing"))


@pytest.mark.parametrize(("gap", "most"), [(0, 26), (1, 13), (2, 9), (24, 2), (25, 1)])
def test_a_gap_leaves_room_for_so_many(gap: int, most: int) -> None:
    assert year(gap=gap) == Year(gap, most, ("one_event", "spacing"))


def test_the_widest_gap_of_several_holds() -> None:
    rules = {"spacing": (SETTINGS["spacing"](gap=1), SETTINGS["spacing"](gap=3))}
    assert year_of(plain(SHAPE, rules=rules), RULES).gap == 3


def test_a_most_number_of_each_account_sku_is_carried() -> None:
    found = year({"max": 4, "per": "account_sku"})
    assert (found.most, found.carried) == (4, ("one_event", "spacing", "promotion_count"))
    assert year({"max": 4, "per": "account_sku"}, {"max": 3, "per": "account_sku"}).most == 3


@pytest.mark.parametrize(
    "count",
    [
        {"max": 4},  # of the account
        {"max": 4, "per": "total"},
        {"min": 1, "max": 4, "per": "account_sku"},  # a least number
        {"max": 4, "per": "account_sku", "what": "weeks"},
        {"max": 4, "per": "account_sku", "what": "displays"},
        {"max": 4, "per": "account_sku", "hard": False, "regret": 1.0},
        {"max": 4, "per": "account_sku", "period": "quarter"},  # 13 weeks hold 13 events
    ],
)
def test_other_counts_are_priced(count: dict[str, Any]) -> None:
    assert year(count) == Year(0, 26, ("one_event", "spacing"))


def test_one_count_that_is_priced_leaves_all_counts_of_the_rule_to_their_rows() -> None:
    """A most number of the year still limits the program, which is stronger; its rows are there all the same."""
    found = year({"max": 4, "per": "account_sku"}, {"max": 9})
    assert (found.most, "promotion_count" in found.carried) == (4, False)


def test_a_quarter_that_the_gap_keeps_anyway_is_carried() -> None:
    """13 weeks hold ceil(13 / 4) = 4 events with a gap of 3, and no more."""
    four, three = ({"max": n, "per": "account_sku", "period": "quarter"} for n in (4, 3))
    assert "promotion_count" in year(four, gap=3).carried
    assert "promotion_count" not in year(three, gap=3).carried


def test_a_signed_event_may_be_shorter_than_what_is_offered() -> None:
    """Two-week events with a gap of 3 leave room for 3 in 13 weeks; a signed one of a week leaves room for 4."""
    three = {"max": 3, "per": "account_sku", "period": "quarter"}
    long = {"treatment_columns": {"lengths": [(2,)]}}
    assert "promotion_count" in year(three, gap=3, **long).carried
    signed = (Lock(0, 0, 0, 1, 0, "committed"),)
    assert "promotion_count" not in year(three, gap=3, locks=signed, **long).carried
    assert year(gap=3, locks=signed, **long).most == 7
    assert year(gap=3, **long).most == 6


@pytest.mark.parametrize(("weeks", "shortest", "events"), [(13, 1, 13), (13, 4, 4), (12, 4, 3), (1, 9, 1), (0, 4, 0)])
def test_room_is_what_fits_by_trying(weeks: int, shortest: int, events: int) -> None:
    """As many starts as can stand `shortest` weeks apart."""
    assert room(weeks, shortest) == events == len(range(0, weeks, shortest))


def test_a_bound_is_kept_by_the_year_or_not() -> None:
    world, every = plain(SHAPE), np.ones(26, bool)
    assert is_kept(world, Bound("events", every, 0, 2), 1)
    assert not is_kept(world, Bound("events", every, 1, 2), 1)
    assert not is_kept(world, Bound("weeks", every, 0, 2), 1)
    assert not is_kept(world, Bound("events", np.arange(26) < 13, 0, 2), 4)
    assert is_kept(world, Bound("events", np.arange(26) < 13, 0, 2), 7)
