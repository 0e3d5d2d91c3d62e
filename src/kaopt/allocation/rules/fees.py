r"""A fee of the agreement is due once for each period in which any promotion runs that opens it.

At most one event runs in an account-SKU-week, so all offers of a week together open a fee: one row per week bounds
every single offer as tightly as a row of its own would, and halves of several offers better. Weeks whose offers all
run in a neighbouring week of the same period too are left out: what remains are the largest such sets, the tightest
and fewest rows. A fee without any event is not to be had either, though a budget that must be spent might ask for it.
Fees that are due whatever happens (`accounts.contract_fee`) are constants and no matter of this rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.rule import scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Bools, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.scenario.terms import Fee
from kaopt.switches import Switches, joined, make_switches

NAME = "fees"
UNIT = "fee"
FORMULA = (
    r"\sum_{o \text{ runs in } (a,s,w)} x_o \le z_{afp} \quad \forall s, w \in p, \qquad "
    r"z_{afp} \le \sum_{o \text{ runs in } p} x_o, \qquad z_{afp} \in \{0, 1\}"
)


class Settings(RuleSettings):
    """Always holds; the fees stand in the table `fees`. Each counts as spend, as cost and as income of the account.

    In budgets it falls into the first week of its period, at nodes that hold every mechanic that can open it.
    """

    hard: Literal[True] = True


@dataclass(frozen=True, eq=False)
class Opening:
    """The events that open one fee: `offer`, `week` of each week in which one runs, and which of `due` it opens."""

    fee: Fee
    offer: Ints
    week: Ints
    due: Ints
    places: Ints  # [D] account x periods + period of each account and period in which it may be due

    def accounts(self) -> Ints:
        """[D] whose fee it is."""
        found: Ints = self.places // self.periods
        return found

    def begins(self) -> Ints:
        """[D] the first week of the period."""
        found: Ints = np.searchsorted(self.fee.period, self.places % self.periods)
        return found

    @property
    def periods(self) -> int:
        """How many there are in the horizon."""
        return int(self.fee.period[-1]) + 1


def openings(world: Scenario, offers: Offers) -> Iterator[Opening]:
    """What may open each fee, fee by fee."""
    offer, week = active_weeks(world, offers)
    account, sku, treatment = offers.account[offer], offers.sku[offer], offers.treatment[offer]
    for fee in world.fees:
        mine = np.flatnonzero(fee.accounts[account] & fee.skus[sku] & fee.treatments[treatment])
        place = account[mine] * (int(fee.period[-1]) + 1) + fee.period[week[mine]]
        places, due = np.unique(place, return_inverse=True)
        yield Opening(fee, offer[mine], week[mine], due, places)


def switches(world: Scenario, offers: Offers, settings: Settings) -> Switches:
    """One for each fee, account and period in which an offer may open it: 1 where it is due."""
    made = [
        make_switches(
            NAME,
            settings,
            tuple(named(world, one.fee, int(a), int(w)) for a, w in zip(one.accounts(), one.begins(), strict=True)),
            account=one.accounts(),
            week=one.begins(),
            treatments=one.fee.treatments,
            spend=one.fee.amount,
            contribution=-one.fee.amount,
            retailer=one.fee.amount,
        )
        for one in openings(world, offers)
    ]
    return joined(made, len(world.treatments.treatment))


def named(world: Scenario, fee: Fee, account: int, week: int) -> str:
    """`account=W fee=listing quarter=1`, for a week in the period."""
    period = {} if fee.per == "year" else {fee.per: int(fee.period[week]) + 1}
    return scope(world, account, fee=fee.name, **period)


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """What opens each fee, and that nothing else does."""
    own = len(offers) + offers.switches.own(NAME, settings)
    bodies: list[sp.csr_matrix] = [sp.csr_matrix((0, offers.columns))]
    scopes: list[str] = []
    for one in openings(world, offers):
        size = len(one.places)
        columns, own = own[:size], own[size:]
        cells, row, due = crowds(world, offers, one)
        crowd = sums(row, one.offer, np.ones(len(row)), (len(cells), offers.columns))
        paid = sp.csr_matrix((np.ones(len(cells)), (np.arange(len(cells)), columns[due])), shape=crowd.shape)
        opens = sp.csr_matrix((np.ones(len(one.due)), (one.due, one.offer)), shape=(size, offers.columns)).minimum(1)
        asked = sp.csr_matrix((np.ones(size), (np.arange(size), columns)), shape=opens.shape)
        bodies += [crowd - paid, asked - opens]
        names = [named(world, one.fee, int(a), int(w)) for a, w in zip(one.accounts(), one.begins(), strict=True)]
        places = zip(*np.unravel_index(cells, world.shape), due, strict=True)
        scopes += [f"{names[d]} sku={world.skus.sku[s]} week={w + 1}" for _, s, w, d in places] + names
    return make_rows(NAME, UNIT, tuple(scopes), sp.vstack(bodies, format="csr"), high=0.0)


def crowds(world: Scenario, offers: Offers, one: Opening) -> tuple[Ints, Ints, Ints]:
    """Account-SKU-weeks of the largest sets of offers at once: cells, the row of each entry (-1: none), which fee."""
    _, skus, weeks = world.shape
    cell = (offers.account[one.offer] * skus + offers.sku[one.offer]) * weeks + one.week
    cells, row = np.unique(cell, return_inverse=True)
    due = np.zeros(len(cells), dtype=np.int64)
    due[row] = one.due
    starts = np.bincount(row, weights=one.week == offers.week[one.offer], minlength=len(cells)) > 0
    ends = np.bincount(row, weights=one.week == last_week(world, offers)[one.offer], minlength=len(cells)) > 0
    joins = np.zeros(len(cells), dtype=bool)
    joins[:-1] = (np.diff(cells) == 1) & (np.diff(due) == 0) & (np.diff(cells // weeks) == 0)
    kept = largest(starts, ends, joins)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    return cells[kept], number[row], due[kept]


def last_week(world: Scenario, offers: Offers) -> Ints:
    """[O] the last week of the horizon in which each offer runs."""
    found: Ints = np.minimum(offers.week + offers.weeks, world.weeks) - 1
    return found


def largest(starts: Bools, ends: Bools, joins: Bools) -> Bools:
    """Which weeks hold a set of offers that is in no neighbour's: one begins since the last such week, and one ends.

    `joins`: the next entry is the next week of the same account-SKU and period.
    """
    kept, fresh = np.zeros(len(starts), dtype=bool), True
    for n, (begins, closes, goes_on) in enumerate(zip(starts, ends, joins, strict=True)):
        fresh = fresh or bool(begins)
        kept[n] = fresh and bool(closes or not goes_on)
        fresh = (fresh and not kept[n]) or not goes_on
    return kept


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """A plan opens what it opens: see `charges`."""
    return ()


def charges(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Charge, ...]:
    """Every fee that the plan's events open, once."""
    due: dict[tuple[int, int, int], int] = {}
    for event in events_of(ledger.plan):
        for n, fee in enumerate(world.fees):
            if fee.accounts[event.account] and fee.skus[event.sku] and fee.treatments[event.treatment]:
                for week in range(event.week, min(event.week + event.weeks, world.weeks)):
                    due[n, event.account, int(fee.period[week])] = week
    found = []
    for (n, account, period), week in sorted(due.items()):
        fee = world.fees[n]
        begins = fee.period.tolist().index(period)
        mechanics = tuple(k for k, opens in enumerate(fee.treatments) if opens)
        money = {"spend": fee.amount, "contribution": -fee.amount, "retailer": fee.amount}
        found.append(Charge(NAME, named(world, fee, account, week), account, begins, mechanics, **money))
    return tuple(found)
