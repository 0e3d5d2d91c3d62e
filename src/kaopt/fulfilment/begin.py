"""The first minute of a replication: luck's keys, the year's orders, the pools, the opening stock."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.call_offs import call_offs, some_call_off
from kaopt.fulfilment.fields import (
    CAUSES,
    CREDIT_LIMIT,
    DOCKS,
    GATES,
    LOAD_MINUTES,
    ORDER_COLUMNS,
    RECORD_CHANCE,
    ROSTER,
    TRAINING,
    TRUCKS,
    WEEK_OF,
)
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.laws import drawn
from kaopt.fulfilment.loops.demand import order, realise
from kaopt.fulfilment.loops.pools import NEVER
from kaopt.fulfilment.loops.trace import COLUMNS
from kaopt.fulfilment.loops.weekly import COLUMNS as MISSED_COLUMNS
from kaopt.fulfilment.nouns import Goods, Ledger, Luck, Orders, Pools, Terms
from kaopt.fulfilment.opening import open_stock, standstills
from kaopt.fulfilment.policies.contracts import NO_LIMIT
from kaopt.fulfilment.profiles import AGE_BINS, MOST_AGE
from kaopt.fulfilment.state import state_of
from kaopt.fulfilment.weekly import rows_by_week
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.receiving import CLAUSES

ROOM = {
    "lots": 32,
    "batches": 64,
    "orders": 16,
    "pieces": 64,
    "losses": 64,
    "follow": 8,
    "trace": 1024,
}  # at first; doubled when needed


def begin(inputs: Inputs, replication: int, *, traced: bool = False) -> Any:
    """The state of the loops before the first event; `traced`: they write down what happens."""
    keys = luck.keys_of(inputs.seed, replication)
    names = Luck(keys, inputs.names.door, inputs.names.sku, inputs.names.line)
    terms, demand = inputs.terms, None
    if some_call_off(terms):
        called = call_offs(inputs, names)
        terms, demand = terms._replace(due=called.due, share=called.share), called.demand
    wanted, shelf, unsold = orders_of(inputs, names, demand)
    accounts, skus, weeks = inputs.shape
    ledger = Ledger(
        value=np.zeros((accounts, weeks, 2 + CAUSES)),
        cases=np.zeros((accounts, weeks, 2), np.int64),
        lost=np.zeros((accounts, skus, CAUSES), np.int64),
        counts=np.zeros((accounts, 5), np.int64),
        damaged=np.zeros(skus, np.int64),
        aged=np.zeros((inputs.terms.rung.shape[1], skus), np.int64),
        fines=np.zeros((accounts, len(CLAUSES), CAUSES)),
        cash=np.zeros((accounts, 2)),
        later=np.zeros((accounts, weeks), np.int64),
        later_value=np.zeros((accounts, weeks)),
        tried=np.zeros((accounts, 3), np.int64),
        shelf=shelf,
        unsold=unsold,
        hired=np.zeros(accounts, np.int64),
        blamed=np.zeros((accounts, 3, CAUSES), np.int64),
        returned=np.zeros((accounts, skus), np.int64),
        dwell=np.zeros((skus, 2 + min(int(inputs.skus.shelf_life.max(initial=0)), MOST_AGE)), np.int64),
        trace=np.zeros((ROOM["trace"] * traced, COLUMNS), np.int64),
        waited=np.zeros(skus, np.int64),
        met=np.zeros((accounts, AGE_BINS + 1), np.int64),
        weekly=np.zeros((rows_by_week(inputs), weeks, skus), np.int64),
        missed=np.zeros((ROOM["losses"], MISSED_COLUMNS), np.int64),
        waits=np.zeros((accounts, 6), np.int64),
    )
    goods = _goods(inputs, standstills(inputs.sites, inputs.terms, keys))
    state = state_of((terms, names, goods, _pools(inputs), _orders(inputs, terms, wanted), ledger))
    open_stock(state, inputs.sites, inputs.terms)
    return state


def orders_of(inputs: Inputs, names: Luck, demand: Floats | None = None) -> tuple[Ints, Ints, Ints]:
    """Cases ordered [A, T, S], customers' own stock [A, W, 3] and what they send back [S]; see `loops.demand`.

    `demand` [A, T]: by what call-offs multiply the expected demand of the weeks.
    """
    rules, held = inputs.supply.demand, inputs.held
    errors = np.array(
        [0.0, inputs.supply.uplift_cv, rules.uplift_bias, rules.uplift_correlation, rules.slippage], dtype=float
    )
    law = (inputs.skus.demand_cv, errors, inputs.warmup)
    base, uplift = inputs.base, inputs.uplift
    if demand is not None:
        base, uplift = base * demand[:, None, :], uplift * demand[:, None, :]
    if rules.law != "lognormal" or rules.rounding != "chance":
        base = drawn(base, inputs.skus.demand_cv, (names, inputs.warmup), rules)
        law = (np.zeros(len(inputs.skus.demand_cv)), errors, inputs.warmup)
    expected = (base, uplift, inputs.event)
    wanted = realise(expected, (names.line_key, names.sku_key), names.keys, law)
    unsold = np.zeros(wanted.shape[2], np.int64)
    shelf = np.zeros((*wanted.shape[:2], 3), np.int64)
    if not held.any():  # nothing is held, so that customers order what they sell
        shelf[:, :, 0] = wanted.sum(axis=2)
    else:
        order(wanted, inputs.base, held, (rules.stale_weeks, inputs.warmup), (shelf, unsold))
    return wanted, np.ascontiguousarray(shelf[:, inputs.warmup :]), unsold


def _goods(inputs: Inputs, works: Ints) -> Goods:
    places, skus = len(inputs.terms.place), len(inputs.terms.sku)
    return Goods(
        cells=np.zeros((places, skus, ROOM["lots"], 3), np.int64),
        ends=np.zeros((places, skus, 2), np.int64),
        batch=np.zeros((ROOM["batches"], 6), np.int64),
        coming=np.zeros((places, skus), np.int64),
        flow=np.zeros((5, skus), np.int64),
        peg=np.full((2, places, skus), -1, np.int64),
        report=np.zeros((4, places, skus), np.int64),
        days=np.zeros((4, places, skus), np.int64),
        works=works,
        output=np.zeros((len(works), 4), np.int64),
        outside=np.zeros(places, np.int64),
        book=np.zeros((places, skus) if inputs.terms.place_rate[:, RECORD_CHANCE].any() else (0, 0), np.int64),
    )


def _pools(inputs: Inputs) -> Pools:
    place, door = inputs.terms.place, inputs.terms.door
    days = (inputs.weeks * WEEK - inputs.first_day) * DAY
    slots = 3 + days // max(int(place[:, LOAD_MINUTES].min(initial=DAY)), 1)
    return Pools(
        crew=np.full(len(place), -NEVER, np.int64),
        gate=np.full((len(place), int(place[:, GATES].max(initial=0))), -NEVER, np.int64),
        truck=np.full((len(place), int(place[:, TRUCKS].max(initial=0))), -NEVER, np.int64),
        size=np.ascontiguousarray(place[:, [GATES, TRUCKS]].T),
        loading=np.zeros((len(place), slots), np.int64),
        busy=np.zeros((len(place), 3), np.int64),
        dock=np.full((len(door), int(door[:, DOCKS].max(initial=1))), -NEVER, np.int64),
        crowd=np.full((len(door), 5), -NEVER, np.int64),
        visits=newcomers(inputs.terms, inputs.first_day),
    )


def newcomers(terms: Terms, first_day: int) -> Ints:
    """[drivers, D + 1] what training has taught every driver of each door; nobody has left until the first day."""
    place, doors = terms.place, len(terms.door)
    visits = np.repeat(np.repeat(place[:, TRAINING], place[:, ROSTER])[:, None], doors + 1, axis=1)
    visits[:, doors] = first_day // WEEK
    return np.ascontiguousarray(visits)


def _orders(inputs: Inputs, terms: Terms, wanted: Ints) -> Orders:
    slots, skus, weeks = ROOM["orders"], wanted.shape[2], terms.due[:, :, WEEK_OF]
    most = max((int(np.unique(row, return_counts=True)[1].max()) for row in weeks if len(row)), default=1)
    limited, days = (terms.account[:, CREDIT_LIMIT] < NO_LIMIT).any(), inputs.weeks * WEEK - inputs.first_day
    return Orders(
        wanted=wanted,
        volume=wanted.sum(axis=2),
        order=np.zeros((slots, ORDER_COLUMNS), np.int64),
        line=np.zeros((slots, skus, 6), np.int64),
        piece=np.zeros((slots, ROOM["pieces"], 5), np.int64),
        loss=np.zeros((slots, ROOM["losses"], 3), np.int64),
        free=np.arange(slots),
        follow=np.zeros((ROOM["follow"], 4), np.int64),
        split=np.zeros((len(weeks), most, skus, 2), np.int64),
        split_count=np.zeros((len(weeks), most), np.int64),
        split_week=np.full(len(weeks), -1, np.int64),
        newest=np.full((len(weeks), skus), -NEVER, np.int64),
        credit=np.array([(0, 0, inputs.first_day)] * len(wanted), np.int64).reshape(-1, 3),
        owing=np.zeros((len(wanted), 1 + days if limited else 0), np.int64),
        held=np.zeros((len(weeks), skus + 1), np.int64),
    )
