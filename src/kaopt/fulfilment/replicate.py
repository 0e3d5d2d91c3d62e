"""How often the year is lived through, in blocks, and what is kept of each year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.fields import ACCEPT, AGE_SUM, GATES, ON_HAND, SHIFT_END, SHIFT_START, TRUCKS, WRITTEN_OFF
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.policies import ladder
from kaopt.fulfilment.policies.contracts import below
from kaopt.fulfilment.profiles import of_life, past
from kaopt.fulfilment.weekly import Tally, tally_of, together
from kaopt.fulfilment.world import live_through
from kaopt.fulfilment.year import Year
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.receiving import CLAUSES
from kaopt.scenario.settings import Replications

BLOCK = 8  # replications that go to a worker together; fixed, so that results do not depend on the workers
USES = ("pick", "dock", "truck")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one year left behind; shapes as in Service without [R]."""

    value: Floats  # [A, W, 2 + C]
    cases: Ints  # [A, W, 2]
    lost: Ints  # [A, S, C]
    counts: Ints  # [A, 5]
    write_off: Ints  # [S] cases that nobody paid for: scrapped, given away, damaged
    aged: Ints  # [R, S] cases that each step of the aged-stock ladder took
    stock_cases: Floats  # [S]
    stock_age: Floats  # [S]
    use: tuple[float, ...]  # as USES
    fines: Floats  # [A, K, C] deducted by clause and cause, money
    later: Ints  # [A, W] cases accepted later than asked for
    later_value: Floats  # [A, W]
    tried: Ints  # [A, 3]
    cash: Floats  # [A, 2]
    blamed: Ints  # [A, 3, C] lines, orders, orders on time that failed, by first cause
    wanted: Ints  # [A, S] cases ordered
    returned: Ints  # [A, S] cases that came home refused
    unsold: Ints  # [S] cases that customers sent back unsold
    stock_ages: Ints  # [bins] case-nights by age in bins of shelf life
    met_ages: Ints  # [A, bins] cases by age when they met the inspector
    past_limit: Floats  # [A, 2] case-nights past the age that the account accepts, and all
    hired: Ints  # [A] trucks that were hired
    waited: Ints  # [S] case-nights in which backorders waited for goods
    output: Ints  # [M, ·] what plants began, what capacity cut, lots
    broken: Ints  # [M] working days on which plants stood still
    outside: Ints  # [P] pallet-days without room
    waits: Ints  # [A, 6] trucks at our loading docks, minutes waited, long waits; the same at the customers' docks

    @property
    def fill(self) -> float:
        """Value fill over all accounts; 1 where nothing was ordered."""
        ordered = self.value[:, :, 0].sum()
        return float(self.value[:, :, 1].sum() / ordered) if ordered > 0 else 1.0


def blocks(rule: Replications) -> Iterator[range]:
    """The replications in blocks: up to the least number, then on to the most."""
    done, most = 0, max(rule.min, rule.max)
    while done < most:
        stop = min(done + BLOCK, rule.min if done < rule.min else most)
        yield range(done, stop)
        done = stop


def live_block(inputs: Inputs, replications: range) -> list[Outcome]:
    """Some years, one after the other."""
    return [outcome(live_through(inputs, one)) for one in replications]


def count_block(inputs: Inputs, replications: range) -> tuple[list[Outcome], Tally]:
    """As `live_block`, with what was ordered and lost by week added up: it is too much to keep of every year."""
    outcomes, sums = [], None
    for one in replications:
        year = live_through(inputs, one)
        outcomes.append(outcome(year))
        sums = tally_of(year) if sums is None else together(sums, tally_of(year))
    assert sums is not None  # a block holds at least one year
    return outcomes, sums


def outcome(year: Year) -> Outcome:
    """What is kept of a year."""
    days, place = 7 * year.inputs.weeks, year.inputs.terms.place
    report, busy, ledger = year.goods.days.sum(axis=1), year.pools.busy.sum(axis=0), year.ledger
    wanted = year.orders.wanted[:, year.inputs.warmup :].sum(axis=1)
    shifts = np.maximum(place[:, SHIFT_END] - place[:, SHIFT_START], 0)
    possible = (int((shifts * 60).sum()), int(place[:, GATES].sum()) * 1440, int(place[:, TRUCKS].sum()) * 1440)
    return Outcome(
        value=ledger.value,
        cases=ledger.cases,
        lost=ledger.lost,
        counts=ledger.counts,
        write_off=report[WRITTEN_OFF] + ledger.damaged + ladder.unpaid(ledger.aged, year.inputs.supply.stock),
        aged=ledger.aged,
        stock_cases=report[ON_HAND] / days,
        stock_age=report[AGE_SUM] / np.maximum(report[ON_HAND], 1),
        use=tuple(int(used) / (one * days) if one else 0.0 for used, one in zip(busy, possible, strict=True)),
        fines=fines(year),
        later=ledger.later,
        later_value=ledger.later_value,
        tried=ledger.tried,
        cash=ledger.cash,
        blamed=ledger.blamed,
        wanted=wanted,
        returned=ledger.returned,
        unsold=ledger.unsold,
        stock_ages=of_life(ledger.dwell, year.inputs.skus.shelf_life),
        met_ages=ledger.met,
        past_limit=past(ledger.dwell, year.inputs.terms.age[ACCEPT], wanted > 0),
        hired=ledger.hired,
        waited=ledger.waited,
        output=year.goods.output,
        broken=broken(year),
        outside=year.goods.outside,
        waits=ledger.waits,
    )


def broken(year: Year) -> Ints:
    """[M] days of the horizon on which a plant meant to work and did not."""
    days = slice(-year.inputs.first_day, year.inputs.weeks * WEEK - year.inputs.first_day)
    lost: Ints = (year.inputs.sites.works - year.goods.works)[:, days].sum(axis=1)
    return lost


def fines(year: Year) -> Floats:
    """[A, K, C] what customers deducted order by order, and where fill was below what their contracts demand."""
    ledger = year.ledger
    deducted = ledger.fines.copy()
    for contract in year.inputs.levels:
        value = ledger.value[contract.account]
        deducted[contract.account, CLAUSES.index("fill_below")] += below(value, contract)
    return deducted
