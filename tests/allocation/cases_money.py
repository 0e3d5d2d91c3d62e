"""Fees that events open, rebates by tier, and the rules about money that count both.

In the plain world an event brings 4 500 of net revenue and 2 000 of contribution for 500; a week's base is 100 cases,
5 000 of net revenue and 2 500 of contribution.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kaopt.scenario.settings import Objective
from kaopt.scenario.terms import Fee, Rebate
from tests.allocation.case import LOSING, SHOW_OR_HUGE, VOLUME, Case, closed, line

ONE = (1, 1, 1)
TWO = (2, 1, 1)
TWO_QUARTERS = (1, 1, 26)  # only weeks 0, 1 and 13 are open
OPEN = {"eligible": closed(TWO_QUARTERS, *(w for w in range(26) if w not in (0, 1, 13)))}


def fee(shape: tuple[int, int, int], amount: float, *, kinds: int = 1, **given: Any) -> Fee:
    """A fee of the year on everything that is not narrowed."""
    accounts, skus, weeks = shape
    everything = {"accounts": np.ones(accounts, bool), "skus": np.ones(skus, bool), "treatments": np.ones(kinds, bool)}
    every: dict[str, Any] = {"name": "listing", "period": np.zeros(weeks, np.int64)} | everything | given
    return Fee(amount=amount, **every)


def quarterly(shape: tuple[int, int, int], amount: float, **given: Any) -> Fee:
    """The same every quarter."""
    return replace(fee(shape, amount, **given), period=np.arange(shape[2]) // 13, per="quarter")


def monthly(shape: tuple[int, int, int], amount: float, **given: Any) -> Fee:
    """The same every four weeks."""
    return replace(fee(shape, amount, **given), period=np.arange(shape[2]) // 4, per="month")


def rebate(*tiers: tuple[float, float], measure: Any = "revenue", kind: Any = "all_unit", account: int = 0) -> Rebate:
    """A rebate from (threshold, rate) pairs."""
    thresholds, rates = zip(*tiers, strict=True)
    return Rebate(account, measure, kind, thresholds, rates)


def huge(**given: Any) -> dict[str, Any]:
    """A world of `show` (100 cases for 2 000 of contribution) and `huge` (300 for 500) in which cases count."""
    return {"treatment_columns": SHOW_OR_HUGE, "objective": VOLUME} | given


def owing(*fees: float) -> dict[str, Any]:
    """The same with fixed fees of the agreement."""
    return huge(account_columns={"contract_fee": list(fees)})


def earned(last_year: Any, **columns: Any) -> dict[str, Any]:
    """The losing world, and what buyers earned last year."""
    return {"account_columns": {"retailer_profit_last_year": last_year} | columns, "treatment_columns": LOSING}


FEES = (
    Case("fees", "once for two events", 1500, 4000, given={"fees": (fee((1, 1, 2), 2500),)}),
    Case("fees", "too dear for one event, and for both", 0, 4000, given={"fees": (fee((1, 1, 2), 4001),)}),
    Case("fees", "each quarter", 3000, 6000, TWO_QUARTERS, given=OPEN | {"fees": (quarterly(TWO_QUARTERS, 1500),)}),
    Case(
        "fees",
        "the quarter with two events is worth it, the one with one is not",
        1900,
        6000,
        TWO_QUARTERS,
        given=OPEN | {"fees": (quarterly(TWO_QUARTERS, 2100),)},
    ),
    Case(
        "fees",
        "an event that runs into the next month opens both",
        1000,
        4000,
        (1, 1, 5),
        given={
            "fees": (monthly((1, 1, 5), 1500),),
            "treatment_columns": {"lengths": [(2,)]},
            "locks": (),
            "eligible": closed((1, 1, 5), 0, 1, 2),
        },
    ),
    Case(
        "fees",
        "of one SKU",
        2000,
        4000,
        (1, 2, 1),
        given={"fees": (fee((1, 2, 1), 2500, skus=np.array([True, False])),)},
    ),
    Case(
        "fees",
        "of one account, another of both",
        2000 + 2000 - 2 * 700 - 900,
        4000,
        TWO,
        given={"fees": (fee(TWO, 900, accounts=np.array([False, True])), fee(TWO, 700))},
    ),
    Case(
        "fees",
        "of one mechanic: the other is better then",
        500,
        2000,
        ONE,
        given={
            "treatment_columns": SHOW_OR_HUGE,
            "fees": (fee(ONE, 1501, treatments=np.array([True, False])),),
        },
    ),
    Case(
        "fees",
        "it is spend: of 1 100 it leaves one event",
        1400,
        4000,
        given={"fees": (fee((1, 1, 2), 600),), "budget": (line((1, 1, 2), high=1100.0),)},
    ),
    Case(
        "fees",
        "with it one event spends the 3 500 that must be spent",
        -500 - 600,
        -1000,
        given={
            "fees": (fee((1, 1, 2), 600),),
            "budget": (line((1, 1, 2), low=3500.0),),
            "treatment_columns": LOSING,
        },
    ),
    Case(
        "fees",
        "a budget of another week does not hold it",
        2000 - 600,
        2000,
        given={
            "fees": (fee((1, 1, 2), 600),),
            "budget": (line((1, 1, 2), high=500.0, weeks=np.array([False, True])),),
            "eligible": closed((1, 1, 2), 0),
        },
    ),
)
TIERS = (
    Case("rebate", "not worth the second event", 2000, 4000, given={"rebates": (rebate((15_000, 0.2)),)}),
    Case("rebate", "worth it all the same", 4000 - 1900, 4000, given={"rebates": (rebate((15_000, 0.1)),)}),
    Case(
        "rebate",
        "of two tiers the lower",
        2000 - 145,
        4000,
        given={"rebates": (rebate((14_000, 0.01), (18_000, 0.2)),)},
    ),
    Case("rebate", "reached without any event", 4000 - 950 + 500, 4000, given={"rebates": (rebate((10_000, 0.05)),)}),
    Case(
        "rebate",
        "an event that costs more than it sells leaves the tier behind",
        5000 - 3500,
        0,
        given={"rebates": (rebate((10_000, 0.5)),), "treatment_columns": {"weekly_cost": [6000.0]}},
    ),
    Case(
        "rebate",
        "stepped: 10 % of 2 500, and no further",
        2000 - 250,
        4000,
        given={"rebates": (rebate((12_000, 0.1), (16_000, 0.8), kind="stepped"),)},
    ),
    Case(
        "rebate",
        "stepped: 10 % of 4 000 and half of 3 000",
        4000 - 400 - 1500,
        4000,
        given={"rebates": (rebate((12_000, 0.1), (16_000, 0.5), kind="stepped"),)},
    ),
    Case(
        "rebate",
        "stepped, falling: the first rate only on the way",
        4000 - 2000 - 700,
        4000,
        given={"rebates": (rebate((10_000, 1.0), (12_000, 0.1), kind="stepped"),)},
    ),
    Case("rebate", "on cases", 2000, 4000, given={"rebates": (rebate((350, 6.0), measure="cases"),)}),
    Case(
        "rebate",
        "on cases, stepped, begun without any event",
        4000 - 200,
        4000,
        given={"rebates": (rebate((150, 1.0), measure="cases", kind="stepped"),)},
    ),
    Case(
        "rebate",
        "of one account: its second event goes",
        2000 + 4000,
        8000,
        (2, 1, 2),
        given={"rebates": (rebate((15_000, 0.2), account=1),)},
    ),
    Case(
        "rebate",
        "two rebates add up",
        4000 - 950 + 500 - 400,
        4000,
        given={"rebates": (rebate((0, 0.05)), rebate((200, 2.0), measure="cases", kind="stepped"))},
    ),
)
MONEY = (
    Case("profit_floor", "the fee counts", 100, 300, ONE, ({"min": 0},), given=huge(fees=(fee(ONE, 1200, kinds=2),))),
    Case(
        "profit_floor",
        "all that the account earns: 2 500 and the event, less 3 000",
        100,
        300,
        ONE,
        ({"min": 1000, "level": "account"},),
        given=owing(3000),
    ),
    Case(
        "profit_floor",
        "in total one of two may be dear",
        400,
        600,
        TWO,
        ({"min": 1500, "level": "account", "per": "total"},),
        given=owing(3000, 3000),
    ),
    Case(
        "profit_floor",
        "a rebate of 10 % is due on everything",
        100,
        300,
        ONE,
        ({"min": 500, "level": "account"},),
        given=owing(2500) | {"rebates": (rebate((0, 0.1)),)},
    ),
    Case(
        "contribution_floor",
        "what a rebate takes more counts: 950 of `show` less 500, 1 300 of `huge`",
        100,
        300,
        ONE,
        given=huge(
            rebates=(rebate((0, 0.1)),),
            objective=Objective(maximize="profitable_volume", tie=0.0, contribution_floor=0.0),
        ),
    ),
    Case("spend_rate", "3.3 % for one, 5 % for two", 2000, 4000, settings=({"max": 0.04},)),
    Case(
        "spend_rate",
        "fixed fees count: 900 of 15 000 is 6 %",
        2000,
        4000,
        settings=({"max": 0.06, "per": "total"},),
        given={"account_columns": {"contract_fee": 400.0}},
    ),
    Case(
        "spend_rate",
        "a rebate by tier counts: 9.75 % for two",
        2000 - 225,
        4000 - 450,
        settings=({"max": 0.09},),
        given={"rebates": (rebate((0, 0.05)),)},
    ),
    Case(
        "spend_rate",
        "an opened fee counts: 1 000 of 15 000 for one, 1 500 of 20 000 for two",
        2000 - 500,
        4000 - 500,
        settings=({"max": 0.07},),
        given={"fees": (fee((1, 1, 2), 500),)},
    ),
    Case(
        "spend_rate",
        "soft: 200 too much is 2 points of 10 000",
        4000 - 600,
        4000,
        settings=({"max": 0.04, "hard": False, "regret": 300.0},),
    ),
    Case("spend_return", "500 for 7 000 is too little", 100, 300, ONE, ({"min": 1.0},), given=huge()),
    Case("spend_return", "together 2 500 for 7 500", 400, 600, TWO, ({"min": 0.3},), given=huge()),
    Case("spend_return", "each account", 200, 600, TWO, ({"min": 0.3, "per": "account"},), given=huge()),
    Case(
        "spend_return",
        "with the fee even `show` brings 500 for 2 000",
        0,
        300,
        ONE,
        ({"min": 0.3},),
        given=huge(fees=(fee(ONE, 1500, kinds=2),)),
    ),
    Case("max_losing", "no account: both take `show`", 200, 600, TWO, ({"max": 0},), given=owing(4000, 4000)),
    Case("max_losing", "one account", 400, 600, TWO, ({"max": 1},), given=owing(4000, 4000)),
    Case("max_losing", "one loses whatever it does", 400, 600, TWO, ({"max": 1},), given=owing(4000, 9000)),
    Case("max_losing", "one never does", 400, 600, TWO, ({"max": 0},), given=owing(0, 4000)),
    Case(
        "max_losing",
        "soft: 250 cases for each that loses less than without events",
        200 + 500,
        600,
        TWO,
        ({"max": 0, "hard": False, "regret": 5000.0},),
        given=owing(4000, 4000),
    ),
    Case(
        "max_losing",
        "rebate and fee count: 2 500 + 2 000 - 3 000 - 950 - 500",
        100,
        300,
        ONE,
        ({"max": 0},),
        given=owing(3000) | {"rebates": (rebate((0, 0.1)),), "fees": (fee(ONE, 500, kinds=2),)},
    ),
)
# the buyer earns 12.5 a case: 2 500 in two weeks, and 1 250 + 3 000 with an event that costs us 3 000
BUYER = (
    Case(
        "retailer",
        "10 % more than 4 000 takes an event",
        -500,
        0,
        settings=({"growth": 0.1},),
        given=earned(4000.0),
    ),
    Case(
        "retailer",
        "a fee is the buyer's income: 6 750 + 200",
        -500 - 200,
        0,
        settings=({},),
        given=earned(6900.0) | {"fees": (fee((1, 1, 2), 200),)},
    ),
    Case(
        "retailer",
        "so is a rebate: 6 750 + 1 200",
        -500 - 1200,
        0,
        settings=({},),
        given=earned(7900.0) | {"rebates": (rebate((12_000, 0.1)),)},
    ),
    Case(
        "retailer",
        "and the fixed fees of the agreement: 7 750",
        -500,
        0,
        settings=({},),
        given=earned(7700.0, contract_fee=1000.0),
    ),
    Case(
        "retailer",
        "together 2 500 and an event; one has no figure",
        -500,
        0,
        (3, 1, 1),
        ({"per": "total"},),
        given=earned([5000.0, 1000.0, np.nan]),
    ),
    Case(
        "retailer",
        "soft: 1 900 lacking at a half each",
        -500 + 950,
        0,
        settings=({"growth": "10%", "hard": False, "regret": 0.5},),
        given=earned(4000.0),
    ),
)
CASES: tuple[Case, ...] = (*FEES, *TIERS, *MONEY, *BUYER)
