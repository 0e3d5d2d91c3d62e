"""The state of one replication, and how its first minute looks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import simpy
from simpy.events import EventPriority

from kaopt.fulfilment import kernels, luck, production, stock
from kaopt.fulfilment.calendar import DAY, Shift
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.policies.issuing import by_date
from kaopt.fulfilment.pools import Pool
from kaopt.scenario.columns import Ints

# what happens first among things of the same minute; SimPy's own events have 0 and 1
RETURNS, MIDNIGHT, ORDERS, LOADING = (EventPriority(phase) for phase in (2, 3, 4, 5))


@dataclass
class Year:
    """The state of one replication."""

    inputs: Inputs
    env: simpy.Environment
    lots: stock.Lots
    terms: stock.Terms
    ledger: stock.Ledger
    wanted: Ints  # [A, T, S] cases ordered in each week
    volume: list[list[int]]  # [A, T] the same over all SKUs
    crews: Pool  # all crews work on one order at a time; times in seconds of shift
    docks: Pool
    trucks: Pool
    shift: Shift
    quarantine: Ints  # [S] cases made and not yet free
    loading: dict[int, int] = field(default_factory=dict)  # loads reserved by slot of `load_minutes`
    busy: list[int] = field(default_factory=lambda: [0, 0, 0])  # in the horizon: pick second, dock minute, truck minute
    stock_days: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # [4, S] reports of all midnights, added up
    made: deque[tuple[int, int, Ints, Ints]] = field(default_factory=deque)  # free on, made on, SKUs, cases

    @property
    def now(self) -> int:
        """The minute of the clock."""
        return int(self.env.now)


def moment(env: simpy.Environment, minute: int, phase: EventPriority) -> simpy.Event:
    """The event of a minute; at equal times the lower phase comes first."""
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, phase, minute - env.now)
    return event


def at(env: simpy.Environment, minute: int, phase: EventPriority, act: Callable[[], None]) -> None:
    """Let something happen in a minute; a third of the cost of a process that would only wait once."""
    callbacks = moment(env, minute, phase).callbacks
    assert callbacks is not None  # the event is fresh
    callbacks.append(lambda _: act())


def begin(inputs: Inputs, replication: int) -> Year:
    """The first minute: luck's keys, the year's orders, the pools, the opening stock."""
    supply, keys = inputs.supply, luck.keys_of(inputs.seed, replication)
    accounts, skus, weeks = inputs.shape
    spread = (inputs.skus.demand_cv, supply.uplift_cv, inputs.warmup)
    wanted = kernels.realise((inputs.base, inputs.uplift, inputs.event), inputs.line_keys, keys, spread)
    terms = stock.Terms(
        keys=keys,
        account_keys=inputs.account_keys,
        line_keys=inputs.line_keys,
        ages=inputs.ages,
        mistake=supply.issue_error,
        rates=np.stack([inputs.accounts.mismatch, np.full(accounts, supply.damage)]),
        prices=inputs.prices,
        flow=np.zeros((5, skus), np.int64),
    )
    cases, made = production.opening(inputs, keys)
    lots = stock.Lots.empty(skus)
    for s in np.flatnonzero(cases):
        rank = int(made[s]) if by_date(supply.issue) else inputs.first_day
        lots = stock.bring_in(lots, np.array([s]), (rank, int(made[s])), cases[[s]])
    terms.flow[kernels.OPENING] = cases
    return Year(
        inputs=inputs,
        env=simpy.Environment(inputs.first_day * DAY),
        lots=lots,
        terms=terms,
        ledger=stock.Ledger.empty(accounts, skus, weeks),
        wanted=wanted,
        volume=wanted.sum(axis=2).tolist(),
        crews=Pool(min(supply.pick_crews, 1)),
        docks=Pool(supply.docks),
        trucks=Pool(supply.trucks),
        shift=Shift(supply.shift_start, supply.shift_end),
        quarantine=np.zeros(skus, np.int64),
        stock_days=np.zeros((4, skus), np.int64),
    )
