"""Promotions that would meet: in a dip, on a mate's shelf, in the weeks in which a customer sells what it stocked."""

from __future__ import annotations

from tests.allocation.case import Case

DIP = 2500 * (2**-0.5 - 1)  # contribution of the week after `show`, when its dip leaves 2^-0.5 of 100 cases
DEAL = {"depth": [0.1], "pass_through": [0.0]}  # 5 money a case off the invoice, nothing off the shelf price

CASES = (
    Case(
        "overlap",
        "the dip of the first week spoils the second",
        2000,
        4000 + DIP,
        settings=({},),
        given={"response_columns": {"dip": 0.5, "dip_weeks": 1}},
    ),
    Case(
        "overlap",
        "mates of a cluster take half of each other's sales",
        750,
        1500,
        (1, 2, 1),
        settings=({"mode": "forbid"},),
        given={"response_columns": {"cross": 1.0}, "sku_columns": {"cluster": "c"}},
    ),
    # 20 cases are bought ahead in the first week: 220 x 5 + 500 spent on 2 500; in the second, last week 200 x 5 + 500
    Case(
        "overlap",
        "the customer still sells what it stocked",
        1000,
        1900,
        settings=({},),
        given={"response_columns": {"forward_buy": 2.0, "forward_weeks": 1}, "treatment_columns": DEAL},
    ),
)
