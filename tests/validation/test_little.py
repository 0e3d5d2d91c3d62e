"""Case 10: Little's law path by path, in whole traced years: stock over all nights is the dwell of all that left.

What the year's report says of its stock (cases by night, and their ages) is found again, to the case, from the moments
at which goods came in and left: lots that became free, goods that came home refused; picked, cleared, scrapped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import AGE_SUM, CASES, FIRST, LAST, MADE, ON_HAND, TRACED
from kaopt.fulfilment.loops.trace import (
    CLEARED,
    FREE_LOT,
    HOME_LOT,
    HOW_MANY,
    KIND_OF,
    MINUTE,
    PICKED_LOT,
    SCRAPPED,
    WHAT_SKU,
    WHICH_LOT,
)
from kaopt.fulfilment.state import goods_of
from kaopt.fulfilment.world import live_traced
from kaopt.fulfilment.year import Year
from tests.fulfilment.helpers import calm, ready

DAY, WEEKS, SKUS = 24 * 60, 12, 3
# first night on which goods that came in are counted, and on which goods that left no longer are: days after the event
IN = {FREE_LOT: 0, HOME_LOT: 1}
OUT = {PICKED_LOT: 1, CLEARED: 0, SCRAPPED: 0}


def nights(first: int, made: int) -> tuple[int, int]:
    """Nights of the horizon from a night on until its end, and the ages on them, of a case."""
    counted = range(max(first, 0), 7 * WEEKS)
    return len(counted), sum(night - made for night in counted)


def dwell(year: Year, opening: list[tuple[int, int, int]], first_day: int) -> np.ndarray:
    """[2, S] nights in stock of all cases that came in, less those after they left; and the ages on these nights."""
    found = np.zeros((2, SKUS), np.int64)
    for s, made, cases in opening:
        found[:, s] += np.array(nights(first_day, made)) * cases
    for row in year.ledger.trace[: year.counters[TRACED]].tolist():
        kind, s, made, cases = row[KIND_OF], row[WHAT_SKU], row[WHICH_LOT], row[HOW_MANY]
        if kind in IN:
            found[:, s] += np.array(nights(row[MINUTE] // DAY + IN[kind], made)) * cases
        elif kind in OUT:
            found[:, s] -= np.array(nights(row[MINUTE] // DAY + OUT[kind], made)) * cases
    return found


@pytest.mark.parametrize("issue", ["fifo", "lifo", "fefo", "freshest"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"production": {"daily": True}, "issue_error": 0.3, "stock": {"mistake": "random"}},
        {"stock": {"ladder": [{"at": 0.4, "way": "markdown", "price": 0.5, "a_week": 0.3}]}, "damage": 0.2},
    ],
)
def test_nights_in_stock_are_the_dwell_of_what_left(issue: str, given: dict[str, Any]) -> None:
    """Demand varies, goods spoil within weeks, some are refused and come home; three SKUs, two customers."""
    world = calm(
        2,
        SKUS,
        WEEKS,
        account_columns={"acceptance_age": [0.5, 0.9], "mismatch": 0.2},
        sku_columns={"demand_cv": 0.6, "shelf_life": 40, "lot_cover_weeks": 3.0, "safety_weeks": 1.0},
        supply={"issue": issue, "gate": False, "warmup_weeks": 2} | given,
    )
    inputs = ready(world)
    goods = goods_of(begin(inputs, 0))
    opening = [
        (s, int(row[MADE]), int(row[CASES]))
        for s in range(SKUS)
        for row in goods.cells[0, s, goods.ends[0, s, FIRST] : goods.ends[0, s, LAST]]
    ]
    year = live_traced(inputs, 0)
    found = dwell(year, opening, inputs.first_day)
    assert found[0].tolist() == year.goods.days[ON_HAND, 0].tolist()
    assert found[1].tolist() == year.goods.days[AGE_SUM, 0].tolist()
    kinds = set(year.ledger.trace[: year.counters[TRACED], KIND_OF].tolist())
    assert {FREE_LOT, HOME_LOT, PICKED_LOT} <= kinds and (SCRAPPED in kinds or CLEARED in kinds)
