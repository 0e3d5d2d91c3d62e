"""Service: what a simulation of the plan's year delivered, what was lost and to which cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kaopt.scenario.columns import Floats, Ints

# the customer's causes, each with the finer causes that the warehouse knows
CAUSES: dict[str, tuple[str, ...]] = {
    "shortage": ("no_stock", "stock_too_old", "pick_cut", "credit", "reserved", "wrong_record"),
    "age": ("age", "regress"),
    "late": ("late_load", "late_trip", "late_dock", "early"),
    "paper": ("paper", "price"),
    "damage": ("damage",),
    "other": ("other", "customer"),
}
FINE_CAUSES: tuple[str, ...] = tuple(fine for many in CAUSES.values() for fine in many)


@dataclass(frozen=True, eq=False)
class Ages:
    """How old goods are: cases by age in equal bins of shelf life, the last bin for what is past it."""

    stock: Floats  # [R, bins] in the warehouses, night by night
    met: Floats  # [R, A, bins] when they met the customer's inspector
    past_limit: Floats  # [R, A, 2] of the SKUs that an account orders: case-nights past the age it accepts, and all


@dataclass(frozen=True, eq=False)
class ByWeek:
    """Cases by account, SKU and week, mean over replications. What was lost is kept where any was: few cells have any.

    Where accounts x SKUs x weeks are too many for a table, one row stands for all accounts.
    """

    ordered: Floats  # [A or 1, W, S] case
    cell: Ints  # [n] ascending index into [A or 1, W, S, C]
    lost: Floats  # [n] case


@dataclass(frozen=True, eq=False)
class Plants:
    """What plants and warehouses were busy with, in the horizon of each replication; m plant, p warehouse."""

    made: Floats  # [R, M] cases begun
    cut: Floats  # [R, M] cases that were wanted and that capacity did not hold
    lots: Floats  # [R, M] lots, each with its changeover
    capacity: Floats  # [M] cases that could be made on the days on which it means to work; inf without a limit
    used: Floats  # [R, M] share of it that cases and changeovers took; nan without a limit
    broken: Floats  # [R, M] working days on which it stood still
    outside: Floats  # [R, P] pallet-days of goods for which the warehouse had no room


@dataclass(frozen=True, eq=False)
class Aged:
    """What became of aged stock: steps k of the ladder, youngest first."""

    ways: tuple[str, ...]  # [K] markdown, transfer, donate, scrap
    cases: Floats  # [R, K, S]
    proceeds: Floats  # [R, K] money that the step brought
    by_sku: Floats  # [R, S] the same over all steps


@dataclass(frozen=True, eq=False)
class Service:
    """Outcome by replication r, account a, week w, fine cause c; weeks after warm-up only. Values at net price.

    Every ordered case is accepted or lost to exactly one cause: ordered = accepted + sum of lost, exactly in cases.
    """

    ordered_value: Floats  # [R, A, W] money
    accepted_value: Floats  # [R, A, W] money
    lost_value: Floats  # [R, A, W, C] money
    ordered_cases: Floats  # [R, A, W]
    accepted_cases: Floats  # [R, A, W]
    lost_cases_by_sku: Floats  # [A, S, C] mean over replications, case/year
    lines: Floats  # [R, A, 2] order lines: all, accepted in full
    orders: Floats  # [R, A, 3] orders: all, in full, on time and in full
    penalties: Floats  # [R, A, C] money
    write_off_cases: Floats  # [R, S]
    write_off_value: Floats  # [R] money: cost of goods and disposal
    stock_age: Floats  # [R, S] mean age of stock, day
    stock_cases: Floats  # [R, S] mean stock, case
    use: dict[str, Floats]  # utilisation by resource (pick, dock, truck), each [R], share of 1
    warmup_weeks: int
    confidence: float = 0.95
    clauses: Mapping[str, Floats] = field(default_factory=dict)  # the same penalties by clause, each [R, A] money
    later_cases: Floats | None = None  # [R, A, W] accepted on a later delivery than was asked for
    later_value: Floats | None = None  # [R, A, W] their value, money
    tried: Floats | None = None  # [R, A, 3] lines and orders in full only on a later delivery; deliveries stopped
    cash: Floats | None = None  # [R, A, 2] invoiced, money; and that x days from order to payment
    blamed: Floats | None = None  # [R, A, 3, C] lines, orders, orders on time that failed, by the cause that came first
    ordered_cases_by_sku: Floats | None = None  # [A, S] mean over replications, case/year
    returned_cases: Floats | None = None  # [R, A] came home refused, every time that they did
    returned_value: Floats | None = None  # [R, A] their value, money
    unsold_value: Floats | None = None  # [R] cost of goods that customers sent back unsold, money
    ages: Ages | None = None
    hire_cost: Floats | None = None  # [R, A] money for trucks that were hired
    by_week: ByWeek | None = None
    plants: Plants | None = None
    aged: Aged | None = None
    # [R, A, 6] trucks at our loading docks, minutes that they waited there, trucks that waited longer than `long_wait`;
    # the same at the customers' docks
    waits: Floats | None = None

    @property
    def replications(self) -> int:
        """How many years were lived through."""
        return len(self.ordered_value)
