"""Cases of the rules that annual agreements are made of: promises, exclusivity, rhythm, credit, supply, stability.

The plain world and its figures are those of `case`: an event sells 100 cases more and brings 2 000, a losing one
costs 500.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from kaopt.scenario.model import Clause, Lock
from tests.allocation.case import LOSING, Case, closed

# 'deal' cuts 10 % (1 000 of 200 cases at 50) and loses 200, 'taste' cuts nothing and loses 500
DEAL_OR_TASTE = {
    "treatment": ["deal", "taste"],
    "family": ["price", "taste"],
    "display": [1.0, 1.0],
    "slots": [1, 1],
    "weekly_cost": [1700.0, 3000.0],
    "lengths": [(1,), (1,)],
    "depth": [0.1, 0.0],
}
# 'cut' sells 100 cases more for 1 000 of price cut and 500: it brings 1 000, at a shelf price of 56.25
CUT = {"depth": [0.1]}
# both cut 10 %: of 200 cases at 50 one invoices 9 000 and brings 1 000, the other 10 000 (settled at the till), 1 100
SETTLED = {
    "treatment": ["deal", "scan"],
    "family": ["price", "price"],
    "display": [1.0, 1.0],
    "slots": [1, 1],
    "weekly_cost": [500.0, 400.0],
    "lengths": [(1,), (1,)],
    "depth": [0.1, 0.1],
    "settled": ["sell_in", "sell_out"],
}
RIVALS = {"account_columns": {"account": ["X", "Y"]}, "treatment_columns": CUT}


def clause(shape: tuple[int, int, int], what: str, **given: Any) -> Clause:
    """A promise of the first account over everything that is not narrowed."""
    _, skus, weeks = shape
    everything = {"skus": np.ones(skus, bool), "weeks": np.ones(weeks, bool), "treatments": np.ones(1, bool)}
    fixed = {"scope": f"account=A1 what={what}", "account": 0, "what": what, "least": 0.0, "most": np.inf}
    return Clause(**(fixed | everything | given))


def given(*weeks: int, account: int = 0) -> tuple[Lock, ...]:
    """The plan to stay near: one-week events."""
    return tuple(Lock(account, 0, week, 1, 0, "given") for week in weeks)


ONE_TWO, TWO = (1, 1, 2), (2, 1, 1)
LATE = np.array([False, True])

EXCLUSION = (
    Case("exclusion", "one SKU of a cluster", 2000, 4000, (1, 2, 1), ({"per": "cluster"},),
         given={"sku_columns": {"cluster": "c"}}),
    Case("exclusion", "two of three of a cluster, the fourth is in none", 6000, 8000, (1, 4, 1),
         ({"per": "cluster", "max": 2},), given={"sku_columns": {"cluster": ["c", "c", "c", ""]}}),
    Case("exclusion", "soft: 500 for the second", 3500, 4000, (1, 2, 1),
         ({"per": "cluster", "hard": False, "regret": 500.0},), given={"sku_columns": {"cluster": "c"}}),
    Case("exclusion", "brands that may not meet: two of A are better than B", 4000, 6000, (1, 3, 1),
         ({"brands": (("A", "B"),)},), given={"sku_columns": {"brand": ["A", "B", "A"]}}),
    Case("exclusion", "three brands of which no two may meet, at each account", 4000, 12_000, (2, 3, 1),
         ({"brands": (("A", "B", "C"),)},), given={"sku_columns": {"brand": ["A", "B", "C"]}}),
    Case("exclusion", "rivals not both below 60 money", 1000, 2000, TWO,
         ({"accounts": (("X", "Y"),), "below": 60.0},), given=RIVALS),
    Case("exclusion", "rivals not both 10 % off", 1000, 2000, TWO,
         ({"accounts": (("X", "Y"),), "depth": 0.1},), given=RIVALS),
)  # fmt: skip

PROMISES = (
    Case("agreement", "a promotion is promised", -500, 0,
         given={"agreements": (clause(ONE_TWO, "promotions", least=1.0),), "treatment_columns": LOSING}),
    Case("agreement", "two display-weeks, by one event or two", -1000, 0,
         given={"agreements": (clause(ONE_TWO, "displays", least=2.0),),
                "treatment_columns": LOSING | {"lengths": [(1, 2)]}}),
    Case("agreement", "an activity cuts no price", -500, 0, (1, 1, 1),
         given={"agreements": (clause((1, 1, 1), "activities", least=1.0, treatments=np.ones(2, bool)),),
                "treatment_columns": DEAL_OR_TASTE}),
    Case("agreement", "a promotion may cut the price", -200, 0, (1, 1, 1),
         given={"agreements": (clause((1, 1, 1), "promotions", least=1.0, treatments=np.ones(2, bool)),),
                "treatment_columns": DEAL_OR_TASTE}),
    Case("agreement", "300 cases promised, 200 sold without", -500, 0,
         given={"agreements": (clause(ONE_TWO, "cases", least=300.0),), "treatment_columns": LOSING}),
    Case("agreement", "7 000 of net sales in the second week, 5 000 without", -500, 0,
         given={"agreements": (clause(ONE_TWO, "revenue", least=7000.0, weeks=LATE),), "treatment_columns": LOSING}),
    Case("agreement", "none in the second week", 2000, 4000,
         given={"agreements": (clause(ONE_TWO, "promotions", most=0.0, weeks=LATE),)}),
    Case("execution", "half of what is planned happens: two for one", -1000, 0, settings=({},),
         given={"account_columns": {"compliance": 0.5, "promotions_due": 1}, "treatment_columns": LOSING}),
    Case("execution", "in total the better account makes it up", -500, 0, TWO, ({"what": "displays", "per": "total"},),
         given={"account_columns": {"compliance": [0.5, 1.0], "displays_due": [1, 0]}, "treatment_columns": LOSING}),
    Case("execution", "soft: half an event is worth its 600", 200, 0,
         settings=({"hard": False, "regret": 1200.0},),
         given={"account_columns": {"compliance": 0.5, "promotions_due": 2}, "treatment_columns": LOSING}),
)  # fmt: skip

AHEAD = {"treatment_columns": CUT, "response_columns": {"forward_buy": 10.0, "forward_weeks": 1}}
RHYTHMS = (
    Case("festival", "the second week", -500, 0, settings=({"weeks": (2,)},), given={"treatment_columns": LOSING}),
    Case("festival", "each SKU in the first week", -1000, 0, (1, 2, 1), ({"weeks": (1,), "per": "account_sku"},),
         given={"treatment_columns": LOSING}),
    Case("festival", "two events of brand B in total, one event may cover both weeks", -2000, 0, (2, 2, 2),
         ({"weeks": (1, 2), "min": 2, "per": "total", "brand": "B"},),
         given={"treatment_columns": LOSING | {"lengths": [(2,)]}, "sku_columns": {"brand": ["A", "B"]}}),
    Case("festival", "soft: one of two weeks is worth it", 100, 0, (1, 1, 2),
         ({"weeks": (1,), "hard": False, "regret": 600.0},), given={"treatment_columns": LOSING}),
    Case("rhythm", "200 of 500 cases in one week", 0, 2000, (1, 1, 4), ({"max_share": 0.35},),
         given={"eligible": closed((1, 1, 4), 1, 2, 3)}),
    Case("rhythm", "in total 300 of 900 pass, 400 of 1 000 do not", 2000, 4000, (2, 1, 4),
         ({"max_share": 0.35, "per": "total"},), given={"eligible": closed((2, 1, 4), 1, 2, 3)}),
    Case("rhythm", "a last month of two weeks: 200 of 300 above 0.6", 0, 2000, (1, 1, 6), ({"max_share": 0.3},),
         given={"eligible": closed((1, 1, 6), 0, 1, 2, 3, 5)}),
    Case("rhythm", "soft: 25 cases above the share are 6.25 points of 400", 2000 - 625, 2000, (1, 1, 4),
         ({"max_share": 0.35, "hard": False, "regret": 100.0},), given={"eligible": closed((1, 1, 4), 1, 2, 3)}),
    # a deal of 10 % makes the customer buy a week's 100 cases ahead and leave them out the week after: 300 cases at 5
    # off and 500 for 2 500, twice; in the last week nothing can be taken back later: 200 cases at 5 off and 500
    Case("rhythm", "half a week ahead at most", 1000, 2000, (1, 1, 3), ({"max_ahead": 0.5},), given=AHEAD),
    Case("rhythm", "soft: two week's ends half a week too far ahead", 2000 - 300, 2000, (1, 1, 3),
         ({"max_ahead": 0.5, "hard": False, "regret": 300.0},), given=AHEAD),
    Case("stability", "the given plan as it is", 2000, 4000, settings=({"max_changes": 0},), given={"given": given(0)}),
    Case("stability", "a losing event may be dropped", -500, 0, (1, 1, 3), ({"max_changes": 1},),
         given={"given": given(0, 2), "treatment_columns": LOSING}),
    Case("stability", "each account by itself", 2000, 4000, TWO, ({"max_changes": 0, "per": "account"},),
         given={"given": given(0)}),
    Case("stability", "what is closed now is a change already", 0, 2000, settings=({"max_changes": 1},),
         given={"given": given(0), "eligible": closed(ONE_TWO, 0)}),
    Case("stability", "soft: a change costs 2 500", 2000 + 2500, 4000, settings=(
         {"max_changes": 0, "hard": False, "regret": 2500.0},), given={"given": given(0)}),
)  # fmt: skip

# retail sales of 6 250 a week, as much again in an event; the category sells 100 000
CATEGORY = {"account_columns": {"category_revenue": 100_000.0, "customer_growth": 0.0}, "treatment_columns": LOSING}
SHARES = (
    Case("market_share", "0.15 of the category: 12 500 of 100 000 without, 18 750 with one event", -500, 0,
         settings=({"share_of_category": 0.15},), given=CATEGORY),
    Case("market_share", "our growth makes the category grow: 18 750 of 106 250, 25 000 of 112 500", -1000, 0,
         settings=({"share_of_category": 0.18, "new_to_category": 1.0},), given=CATEGORY),
    Case("market_share", "in total, before tax of 25 %: 20 000 of 200 000 without, 25 000 with one", -500, 0, (2, 1, 2),
         ({"share_of_category": 0.125, "per": "total"},),
         given={"account_columns": {"category_revenue": [150_000.0, 50_000.0], "customer_growth": 0.0, "vat": 0.25},
                "treatment_columns": LOSING}),
    Case("market_share", "soft: 2 500 of retail sales lacking at 0.3 are worth an event", 250, 0,
         settings=({"share_of_category": 0.15, "hard": False, "regret": 0.3},), given=CATEGORY),
)  # fmt: skip

MIXES = (
    Case("margin_mix", "brand B at most 0.6: 9 500 of 14 500 are more", 0, 2000, (1, 2, 1),
         ({"max": 0.6, "brand": "B"},),
         given={"sku_columns": {"brand": ["A", "B"]}, "locks": (Lock(0, 0, 0, 1, -1, "forbidden"),)}),
    Case("margin_mix", "hypermarkets at least 0.6", 2000, 4000, TWO, ({"min": 0.6, "channel": "hyper*"},),
         given={"account_columns": {"channel": ["hypermarket", "traditional"]}}),
    Case("margin_mix", "one SKU at each account: 7 000 of 12 000", -500, 0, (1, 2, 1),
         ({"min": 0.55, "max": 0.7, "sku": "S1", "per": "account"},), given={"treatment_columns": LOSING}),
    Case("margin_mix", "soft: a segment's 2 250 above the half are 22.5 points", 2000 - 225, 2000, TWO,
         ({"max": 0.5, "segment": "x", "hard": False, "regret": 10.0},),
         given={"account_columns": {"segment": ["x", "y"]}, "locks": (Lock(1, 0, 0, 1, -1, "forbidden"),)}),
)  # fmt: skip

TODAY = date(2027, 1, 4)  # the first day of week 1
FENCES = (
    Case("lead_time", "frozen: a losing event of the given plan stays", -500, 0, settings=({"frozen": 7},),
         given={"given": given(0), "planned_on": TODAY, "treatment_columns": LOSING}),
    Case("lead_time", "frozen: nothing is added in the first week", 2000, 4000, settings=({"frozen": 7},),
         given={"planned_on": TODAY}),
    Case("lead_time", "slushy: what came in time stays, and more may come where it is in time", 4000 - 500, 6000,
         (1, 1, 3), ({"slushy": 14},),
         given={"given": (Lock(0, 0, 1, 1, 1, "given"),), "planned_on": TODAY, "treatment_columns": {
             "treatment": ["show", "bad"], "family": ["display", "display"], "display": [1.0, 1.0], "slots": [1, 1],
             "weekly_cost": [500.0, 3000.0], "lengths": [(1,), (1,)], "depth": [0.0, 0.0], "lead_time": [0, 45]}}),
)  # fmt: skip

SUPPLY = (
    Case("supply", "150 a week: the first week has no stock to promote from", 2000, 4000,
         given={"capacity": np.full((1, 2), 150.0)}),
    Case("supply", "opening stock of 50 and 300 made serve one event", 2000, 4000,
         given={"capacity": np.full((1, 2), 150.0), "sku_columns": {"opening_cases": 50.0}}),
    Case("supply", "what lives six days is not made ahead", 2000, 4000,
         given={"capacity": np.array([[300.0, 150.0]]), "sku_columns": {"shelf_life": 6}}),
    Case("supply", "the strictest account: half of 13 days", 4000, 8000, (2, 1, 2),
         given={"capacity": np.array([[600.0, 200.0]]), "sku_columns": {"shelf_life": 13},
                "account_columns": {"acceptance_age": [1.0, 0.5]}}),
)  # fmt: skip

CREDIT = (
    Case("credit", "5 000 a week and 7 500 of credit: no week of 10 000", 0, 4000,
         given={"account_columns": {"payment_days": 7, "credit_limit": 7500.0}}),
    Case("credit", "eight days are two weeks: 15 000 of them", 2000, 4000,
         given={"account_columns": {"payment_days": 8, "credit_limit": 15_000.0}}),
    Case("credit", "each account its own", 6000, 8000, (2, 1, 2),
         given={"account_columns": {"payment_days": [30, 0], "credit_limit": [15_000.0, 1.0]}}),
    Case("credit", "a standing invoice discount of 10 % makes 9 000 of 10 000", 1500, 3000,
         given={"account_columns": {"payment_days": 14, "credit_limit": 13_500.0, "on_invoice": 0.1}}),
    Case("credit", "a price cut is off the invoice, unless it is settled at the till", 1000, 1100, (1, 1, 1),
         given={"account_columns": {"payment_days": 7, "credit_limit": 9000.0}, "treatment_columns": SETTLED}),
    Case("credit", "soft: 2 500 above the limit at 0.2", 1500, 2000, (1, 1, 1), ({"hard": False, "regret": 0.2},),
         given={"account_columns": {"payment_days": 7, "credit_limit": 7500.0}}),
)  # fmt: skip

CASES = (*EXCLUSION, *PROMISES, *RHYTHMS, *FENCES, *MIXES, *SHARES, *SUPPLY, *CREDIT)
