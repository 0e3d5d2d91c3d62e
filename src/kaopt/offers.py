"""Every eligible promotion event with its effects by week: the table that both models read.

An event's effects are simulated once, alone against doing nothing; the rows of the rules are linear in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.scenario.columns import Floats, Ints


@dataclass(frozen=True, eq=False)
class Effects:
    """What events change, week by week; entries sorted by offer, `start[o]:start[o+1]` belong to offer o.

    Own active weeks first, then the dip, then cluster mates. All relative to doing nothing.
    """

    start: Ints  # [O + 1]
    offer: Ints  # [E]
    sku: Ints  # [E] whose sales change
    week: Ints  # [E] 0-based
    cases: Floats  # [E] case
    net_revenue: Floats  # [E] money, after the event's spend of that week
    spend: Floats  # [E] money of trade spend accrued that week
    contribution: Floats  # [E] money


@dataclass(frozen=True, eq=False)
class Offers:
    """Eligible events; aligned arrays with [O] entries, sorted by account, SKU, week, weeks, treatment."""

    account: Ints
    sku: Ints
    week: Ints  # first week, 0-based
    weeks: Ints  # length
    treatment: Ints
    base_cases: Floats  # of the SKU over the active weeks, without the event
    cases: Floats  # of the SKU over the active weeks, with it
    incremental_cases: Floats  # net of dip and of what cluster mates lose
    net_revenue: Floats  # incremental, money
    spend: Floats  # trade spend, money
    contribution: Floats  # incremental, money
    credit: Floats  # cases that count as profitable volume
    value: Floats  # coefficient in the objective, in its unit
    effects: Effects

    def __len__(self) -> int:
        """Number of offers."""
        return len(self.account)
