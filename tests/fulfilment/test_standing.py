"""Standing orders: what is missing waits until goods have come in, instead of being tried with every delivery."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kaopt.fulfilment.loops.trace import FREE_LOT, KIND_OF, MINUTE, TRIED_AGAIN
from kaopt.fulfilment.replicate import outcome
from kaopt.fulfilment.world import live_traced
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.receiving import Receiving
from kaopt.scenario.sites import OpeningLots, Plants
from tests.fulfilment.helpers import calm, live, ready
from tests.worlds import table

DAY = 24 * 60


def waiting(unfilled: str, *, cancel: int = 10**6, lots: Any = None, makes: bool = False, **given: Any) -> Scenario:
    """Ten cases a day; stock for a week, and then nothing until the next lots of the snapshot come in; none is made."""
    weeks = 12
    rows = table(Receiving, 1, account=("A1",), unfilled=(unfilled,), cancel_days=cancel)
    coming = lots or [(70, 0), (210, 35), (5000, 56)]  # cases, days until they are free
    cases, free = zip(*coming, strict=True)
    opening = table(OpeningLots, len(coming), sku=("S1",) * len(coming), cases=cases, free_in=free)
    world = calm(
        1,
        1,
        weeks,
        base_cases=np.full((1, 1, weeks), 70.0),
        account_columns={"order_days": ((1, 2, 3, 4, 5, 6, 7),)},
        sku_columns={"level_cases": 0.0, "shelf_life": 5000},
        supply={"pick_rate": 1e6} | given,
    )
    idle = None if makes else table(Plants, 1, plant=("P",), capacity=0.0)
    return replace(world, network=Network(receiving=rows, lots=opening, plants=idle))


def tries(year: Year) -> np.ndarray:
    """The day of every further try."""
    rows = year.ledger.trace[: year.counters[3]]
    return np.asarray(rows[rows[:, KIND_OF] == TRIED_AGAIN, MINUTE] // DAY)


def test_it_is_tried_when_goods_have_come_in_and_not_before() -> None:
    year = live_traced(ready(waiting("standing")), 0)
    rows = year.ledger.trace[: year.counters[3]]
    came = rows[rows[:, KIND_OF] == FREE_LOT, MINUTE] // DAY
    assert came.tolist() == [35, 56]
    every = live_traced(ready(waiting("backorder")), 0)
    assert set(tries(year)) <= {35, 56, 57} and len(tries(year)) < len(tries(every)) / 5
    assert tries(every).min() < 20  # a backorder is tried with every delivery


def test_both_kinds_deliver_everything_in_the_end_and_the_same_on_the_day_asked_for() -> None:
    found = {kind: live(waiting(kind)) for kind in ("standing", "backorder", "lost")}
    cases = {kind: year.ledger.cases[0].sum(axis=0) for kind, year in found.items()}
    assert cases["standing"].tolist() == cases["backorder"].tolist() == [840, 840]
    assert cases["lost"][1] < 840
    later = {kind: int(year.ledger.later.sum()) for kind, year in found.items()}
    assert later["standing"] == 50 * 10  # the orders called on the days 6 … 55
    # a backorder that was just tried in vain is on no list on the morning on which goods come, and a new order has them
    assert later["standing"] - 20 <= later["backorder"] < later["standing"]


def test_the_oldest_are_served_first() -> None:
    """On day 35, 210 cases come for 280 that wait: the orders of the first three weeks without stock."""
    year = live(waiting("standing", lots=[(70, 0), (210, 35)]))
    assert year.ledger.cases[0, :, 1].sum() == 70 + 210
    accepted = year.ledger.cases[0, :, 1]
    assert accepted[:4].sum() == 280 or accepted[:5].sum() == 280
    assert (np.diff(np.minimum(accepted, 70)) <= 0).all()


def test_nights_of_waiting_are_counted_to_the_case() -> None:
    """Orders come in the day before: ten cases more wait each night from day 7 on, 210 fewer from day 35."""
    wait, stock, waited = 0, 70, 0
    for day in range(-1, 83):
        stock += {35: 210, 56: 5000}.get(day, 0)
        waited += wait
        served = min(stock, wait)
        wait, stock = wait - served, stock - served
        picked = min(stock, 10)
        stock, wait = stock - picked, wait + 10 - picked
    year = live(waiting("standing"))
    waited += 10  # the order of day 55 was to be loaded on day 56: only then does it wait for goods, and a night more
    assert year.ledger.waited[0] == outcome(year).waited[0] == waited
    # tried with every delivery, every other day: goods that come in between wait a day for the order
    assert waited - 10 <= live(waiting("backorder")).ledger.waited[0] <= 1.05 * waited


def test_what_is_cancelled_first_is_lost() -> None:
    """Goods come on day 56, orders are cancelled after twenty days: those of days 13 … 36 are lost, to the cause."""
    for kind in ("standing", "backorder"):
        year = live(waiting(kind, cancel=20, lots=[(70, 0), (5000, 56)]))
        ordered, accepted = year.ledger.cases[0].sum(axis=0)
        lost = year.ledger.lost[0, 0]
        assert ordered == 840 and lost.sum() == ordered - accepted
        assert 240 <= lost.sum() <= 340


def test_orders_that_still_wait_at_the_end_are_lost() -> None:
    year = live(waiting("standing", lots=[(70, 0), (1, 90)]))
    ordered, accepted = year.ledger.cases[0].sum(axis=0)
    assert (ordered, accepted) == (840, 70) and year.ledger.lost.sum() == 770


def test_production_counts_what_waits_as_owed() -> None:
    """A fixed level of zero, stock for a week: every review makes what is owed by then."""
    world = waiting("standing", lots=[(70, 0)], makes=True, lead_days=0)
    year = live(world)
    assert year.ledger.cases[0].sum(axis=0)[1] > 700
