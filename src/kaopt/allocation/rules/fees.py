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
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.cover import active_weeks, distinct
from kaopt.allocation.rules.rule import scope
from kaopt.offers import Offers
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Bools, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.scenario.terms import Fee
from kaopt.switches import Switches, joined, make_switches
from kaopt.touched import of_accounts, running, some

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
    for fee in world.fees:
        account = np.flatnonzero(fee.accounts)
        span = offers.of(int(account[0]), int(account[-1])) if len(account) else slice(0, 0)
        opens = fee.treatments[offers.treatment[span]] & fee.skus[offers.sku[span]]
        mine = span.start + np.flatnonzero(opens & fee.accounts[offers.account[span]])
        if len(mine):
            offer, week = active_weeks(world, offers, only=mine)
            places, due = distinct(offers.account[offer] * (int(fee.period[-1]) + 1) + fee.period[week])
            yield Opening(fee, offer, week, due, places)


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
        inside, rank = row >= 0, np.arange(len(cells))
        bodies.append(at_most_paid((row[inside], one.offer[inside]), (rank, columns[due]), offers.columns))
        opens, rank = once(one), np.arange(size)
        bodies.append(-at_most_paid((one.due[opens], one.offer[opens]), (rank, columns), offers.columns))
        names = [named(world, one.fee, int(a), int(w)) for a, w in zip(one.accounts(), one.begins(), strict=True)]
        scopes += crowd_names(world, names, cells, due) + names
    return make_rows(NAME, UNIT, tuple(scopes), sp.vstack(bodies, format="csr"), high=0.0)


def at_most_paid(runs: tuple[Ints, Ints], paid: tuple[Ints, Ints], columns: int) -> sp.csr_matrix:
    """Rows, one per entry of `paid` (row, switch): the offers that run (row, offer), less the switch."""
    row, column = (np.concatenate(one) for one in zip(runs, paid, strict=True))
    amount = np.repeat([1.0, -1.0], [len(runs[0]), len(paid[0])])
    return sp.csr_matrix((amount, (row, column)), shape=(len(paid[0]), columns))


def once(one: Opening) -> Bools:
    """[weeks that run] the first of each offer in a period."""
    first = np.ones(len(one.offer), dtype=bool)
    first[1:] = (one.offer[1:] != one.offer[:-1]) | (one.due[1:] != one.due[:-1])
    return first


def crowd_names(world: Scenario, names: list[str], cells: Ints, due: Ints) -> list[str]:
    """The scope of the row of each account-SKU-week."""
    skus, weeks = [f" sku={one}" for one in world.skus.sku], [f" week={w + 1}" for w in range(world.weeks)]
    place = zip(due.tolist(), *(one.tolist() for one in np.unravel_index(cells, world.shape)[1:]), strict=True)
    return [names[d] + skus[s] + weeks[w] for d, s, w in place]


def crowds(world: Scenario, offers: Offers, one: Opening) -> tuple[Ints, Ints, Ints]:
    """Account-SKU-weeks of the largest sets of offers at once: cells, the row of each entry (-1: none), which fee."""
    _, skus, weeks = world.shape
    cells, row = distinct((offers.account[one.offer] * skus + offers.sku[one.offer]) * weeks + one.week)
    due = np.zeros(len(cells), dtype=np.int64)
    due[row] = one.due
    starts, ends = np.zeros((2, len(cells)), dtype=bool)
    begins = np.ones(len(row), dtype=bool)
    begins[1:] = one.offer[1:] != one.offer[:-1]
    starts[row[begins]] = True
    ends[row[np.append(begins[1:], True)]] = True  # the week before another offer begins is the last in the horizon
    joins = np.zeros(len(cells), dtype=bool)
    joins[:-1] = (np.diff(cells) == 1) & (np.diff(due) == 0) & (np.diff(cells // weeks) == 0)
    kept = largest(starts, ends, joins)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    return cells[kept], number[row], due[kept]


def largest(starts: Bools, ends: Bools, joins: Bools) -> Bools:
    """Which weeks hold a set of offers that is in no neighbour's: one begins since the last such week, and one ends.

    `joins`: the next entry is the next week of the same account-SKU and period.
    """
    kept, fresh = np.zeros(len(starts), dtype=bool), True
    for n, (begins, closes, goes_on) in enumerate(zip(*(one.tolist() for one in (starts, ends, joins)), strict=True)):
        fresh = fresh or begins
        keep = fresh and (closes or not goes_on)
        kept[n] = keep
        fresh = (fresh and not keep) or not goes_on
    return kept


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """A plan opens what it opens: see `charges`."""
    return ()


def charges(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Charge, ...]:
    """Every fee that the plan's events open, once."""
    found, every = [], of_accounts(world, ledger.plan) if world.fees else []
    for fee in world.fees:
        mechanics = tuple(k for k, opens in enumerate(fee.treatments) if opens)
        money = {"spend": fee.amount, "contribution": -fee.amount, "retailer": fee.amount}
        for account in np.flatnonzero(fee.accounts).tolist():
            for period in opened(world, some(ledger.plan, every[account]), fee):
                begins = fee.period.tolist().index(period)
                found.append(Charge(NAME, named(world, fee, account, begins), account, begins, mechanics, **money))
    return tuple(found)


def opened(world: Scenario, plan: Plan, fee: Fee) -> list[int]:
    """The periods in which events of an account open a fee."""
    plan = some(plan, fee.skus[plan.sku] & fee.treatments[plan.treatment])
    periods: list[int] = np.unique(fee.period[running(plan, world.weeks)[1]]).tolist()
    return periods
