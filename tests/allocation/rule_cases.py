"""One row per rule (or way of using it), in the worlds of `case`.

Adding a rule: one file in `allocation/rules`, one name in `RULES`, one row here or in a file `cases_TOPIC` beside.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from kaopt.allocation.rules import Rule
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Objective
from tests.allocation import cases_agreement, cases_money, cases_overlap
from tests.allocation.case import LOSING, SETTINGS, SHOW_OR_HUGE, VOLUME, Case, closed, line, plain

__all__ = ["CASES", "LOSING", "SETTINGS", "Case", "line", "plain", "uncovered"]

TWO_QUARTERS = (1, 1, 26)  # only weeks 0, 1 and 13 are open
OPEN = {"eligible": closed(TWO_QUARTERS, *(w for w in range(26) if w not in (0, 1, 13)))}
HERE = (
    Case("one_event", "two at once would count twice", 4000, 8000, given={"treatment_columns": {"lengths": [(1, 2)]}}),
    Case("spacing", "a rest of one week", 4000, 6000, (1, 1, 3), ({"gap": 1},)),
    Case("spacing", "a rest of two weeks", 4000, 8000, (1, 1, 4), ({"gap": 2},)),
    Case("promotion_count", "at most one", 2000, 4000, settings=({"max": 1},)),
    Case("promotion_count", "at least two", -1000, 0, settings=({"min": 2},), given={"treatment_columns": LOSING}),
    Case(
        "promotion_count",
        "each SKU at least once",
        -1000,
        0,
        (1, 2, 1),
        ({"min": 1, "per": "account_sku"},),
        given={"treatment_columns": LOSING},
    ),
    Case("promotion_count", "all accounts at most one", 2000, 4000, (2, 1, 1), ({"max": 1, "per": "total"},)),
    Case("promotion_count", "one a quarter", 4000, 6000, TWO_QUARTERS, ({"max": 1, "period": "quarter"},), given=OPEN),
    Case(
        "promotion_count",
        "promoted weeks, of one event",
        2000,
        4000,
        (1, 1, 2),
        ({"max": 1, "what": "weeks"},),
        given={"treatment_columns": {"lengths": [(1, 2)]}},
    ),
    Case(
        "promotion_count",
        "displays of two slots",
        2000,
        4000,
        (1, 1, 2),
        ({"max": 2, "what": "displays"},),
        given={"treatment_columns": {"slots": [2]}},
    ),
    Case(
        "promotion_count",
        "a display that takes no slot is one display",
        2000,
        4000,
        (1, 1, 2),
        ({"max": 1, "what": "displays"},),
        given={"treatment_columns": {"slots": [0]}},
    ),
    Case(
        "promotion_count",
        "as agreed",
        -500,
        0,
        (2, 1, 1),
        ({"min": "agreement"},),
        given={"account_columns": {"promotions_due": [0, 1]}, "treatment_columns": LOSING},
    ),
    Case(
        "promotion_count",
        "displays as agreed, in total",
        -1000,
        0,
        (2, 1, 1),
        ({"min": "agreement", "what": "displays", "per": "total"},),
        given={"account_columns": {"displays_due": [1, 1]}, "treatment_columns": LOSING},
    ),
    Case(
        "promotion_count",
        "soft: one of two is worth its 600",
        -1000 + 1200,
        0,
        (1, 1, 2),
        ({"min": 2, "hard": False, "regret": 600.0},),
        given={"treatment_columns": LOSING},
    ),
    Case("blackout", "a closed week", 2000, 4000, given={"eligible": closed((1, 1, 2), 1)}),
    Case("blackout", "not listed", 0, 4000, given={"listed": np.zeros((1, 1), bool)}),
    Case(
        "lead_time",
        "14 days left for a lead of 21",
        2000,
        4000,
        given={"planned_on": date(2026, 12, 21), "treatment_columns": {"lead_time": [21]}},
    ),
    Case(
        "lead_time",
        "an account that plans 7 days ahead",
        4000,
        8000,
        (2, 1, 2),
        given={"account_columns": {"notice_days": [7, 60]}, "treatment_columns": {"lead_time": [45]}},
    ),
    Case("locks", "forbidden", 2000, 4000, given={"locks": (Lock(0, 0, 1, 1, -1, "forbidden"),)}),
    Case("locks", "must", -500, 0, given={"locks": (Lock(0, 0, 1, 1, 0, "must"),), "treatment_columns": LOSING}),
    Case(
        "locks",
        "committed, though closed",
        -500,
        0,
        given={
            "locks": (Lock(0, 0, 1, 1, 0, "committed"),),
            "treatment_columns": LOSING,
            "eligible": closed((1, 1, 2), 0, 1),
        },
    ),
    Case("budget", "money for one of two", 2000, 4000, given={"budget": (line((1, 1, 2), high=999.0),)}),
    Case(
        "budget",
        "at least 3 500 is spent, which takes two",
        -1000,
        0,
        given={"budget": (line((1, 1, 2), low=3500.0),), "treatment_columns": LOSING},
    ),
    Case(
        "budget",
        "nothing in the first week, by account",
        2000 + 4000,
        8000,
        (2, 1, 2),
        given={
            "budget": (
                line(
                    (2, 1, 2), high=0.0, accounts=np.array([True, False]), weeks=np.array([True, False]), scope="A1 w1"
                ),
            )
        },
    ),
    Case(
        "budget",
        "soft: 0.5 for each of 500 too much",
        4000 - 250,
        4000,
        settings=({"hard": False, "regret": 0.5},),
        given={"budget": (line((1, 1, 2), high=500.0),)},
    ),
    Case("display_slots", "room for one", 2000, 4000, (1, 2, 1), given={"account_columns": {"display_slots": 1}}),
    Case(
        "sales_target",
        "12 000 promised, 10 000 sold without",
        -500,
        0,
        settings=({},),
        given={"account_columns": {"sales_target": 12_000.0}, "treatment_columns": LOSING},
    ),
    Case(
        "sales_target",
        "of two accounts one has a target",
        -1000,
        0,
        (2, 1, 2),
        ({"per": "total"},),
        given={"account_columns": {"sales_target": [13_000.0, np.nan]}, "treatment_columns": LOSING},
    ),
    Case(
        "sales_target",
        "each quarter its share",
        -1000,
        0,
        TWO_QUARTERS,
        ({"period": "quarter"},),
        given={"account_columns": {"sales_target": 134_000.0}, "treatment_columns": LOSING} | OPEN,
    ),
    Case(
        "market_share",
        "grow as the customer: 10 % on 11 000 is 12 100",
        -1000,
        0,
        settings=({"min_growth_index": 1.0},),
        given={"account_columns": {"last_year_revenue": 11_000.0, "customer_growth": 0.1}, "treatment_columns": LOSING},
    ),
    Case(
        "market_share",
        "in total over those whose growth is known",
        -500,
        0,
        (3, 1, 1),
        ({"min_growth_index": 1.2, "per": "total"},),
        given={
            "account_columns": {"last_year_revenue": 5000.0, "customer_growth": [0.0, 0.0, np.nan]},
            "treatment_columns": LOSING,
        },
    ),
    Case(
        "margin_mix",
        "an event on the other SKU would dilute",
        0,
        2000,
        (1, 2, 1),
        ({"min": 0.5},),
        given={
            "sku_columns": {"high_margin": [True, False], "unit_cost": [45.0, 25.0]},  # `show` on S1 earns nothing
            "locks": (Lock(0, 0, 0, 1, -1, "forbidden"),),
        },
    ),
    Case(
        "margin_mix",
        "soft: the one half becomes 5 000 of 14 500, 22.5 points of base short",
        2000 - 225,
        2000,
        (1, 2, 1),
        ({"min": 0.5, "per": "account", "hard": False, "regret": 10.0},),
        given={"sku_columns": {"high_margin": [True, False]}, "locks": (Lock(0, 0, 0, 1, -1, "forbidden"),)},
    ),
    Case(
        "profit_floor",
        "300 cases for 500 of contribution are too dear",
        100,
        300,
        (1, 1, 1),
        ({"min": 1000.0},),
        given={"treatment_columns": SHOW_OR_HUGE, "objective": VOLUME},
    ),
    Case(
        "profit_floor",
        "in total 2 500 is enough",
        400,
        600,
        (2, 1, 1),
        ({"min": 2500.0, "per": "total"},),
        given={"treatment_columns": SHOW_OR_HUGE, "objective": VOLUME},
    ),
    Case(
        "contribution_floor",
        "the objective's own floor",
        100,
        300,
        (1, 1, 1),
        given={
            "treatment_columns": SHOW_OR_HUGE,
            "objective": Objective(maximize="profitable_volume", tie=0.0, contribution_floor=1000.0),
        },
    ),
)

CASES: tuple[Case, ...] = (*HERE, *cases_overlap.CASES, *cases_agreement.CASES, *cases_money.CASES)


def uncovered(rules: tuple[Rule, ...], cases: tuple[Case, ...] = CASES) -> list[str]:
    """Rules without a case in which they bind."""
    tried = {case.rule for case in cases if case.best != case.best_without}
    return [rule.NAME for rule in rules if rule.NAME not in tried]
