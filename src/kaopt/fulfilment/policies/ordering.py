"""In which weeks customers order what they sell: even, at the end of the month, or ahead (forward loading)."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.demand_settings import Demand

MONTH = 4  # weeks
EVEN = 1e-12  # shares that differ by less are equal


def cover(rules: Demand, accounts: tuple[str, ...], weeks: range) -> Floats:
    """[A, T] weeks of its sales that each customer holds at the end of each week, beyond what it always holds.

    Ordering the shares p1 … p4 of a month's sales leaves the customer 4 (p1 + … + pk) - k weeks of sales above where
    the month began; the least of these is what it must have begun with. Raises InputError where the shares are wrong.
    """
    month = np.array(rules.phasing, dtype=float)
    if len(month) != MONTH or abs(month.sum() - 1) > 1e-6:
        found = " ".join(f"{one:.0%}" for one in rules.phasing)
        expected = "must be four shares that add up to 100 %"
        raise InputError(
            [Fault("scenario.yaml", None, "supply.demand.phasing", found, expected, "Give [25%, 25%, 25%, 25%]")]
        )
    path = MONTH * np.cumsum(month) - np.arange(1, MONTH + 1)
    path = np.where(np.abs(path) < EVEN, 0.0, path)
    number = np.arange(weeks.start, weeks.stop)
    level = (path - min(path.min(), 0.0))[number % MONTH]
    held: Floats = level[None, :] + rules.loading_weeks * loaded(rules, accounts, number)
    return held


def loaded(rules: Demand, accounts: tuple[str, ...], weeks: Ints) -> Bools:
    """[A, T] the weeks at the end of which a customer has been loaded; accounts that match take turns."""
    ends = weeks % rules.loading_every == rules.loading_every - 1
    whose = weeks // rules.loading_every % rules.loading_turns
    matched = [any(fnmatchcase(name, one) for one in rules.loading_accounts) for name in accounts]
    turn = np.cumsum(matched) - 1
    return np.array(
        [
            ends & (whose == turn[a] % rules.loading_turns) if matched[a] else np.zeros(len(weeks), bool)
            for a in range(len(accounts))
        ]
    )


def orders_expected(sold: Floats, held: Floats) -> Floats:
    """[A, S, T] cases ordered where `sold` [A, S, T] are bought by consumers and `held` [A, T] weeks are held after."""
    orders, stock = np.zeros_like(sold), held[:, :1] * sold[:, :, 0]
    for week in range(sold.shape[2]):
        target = held[:, None, week] * sold[:, :, week]
        orders[:, :, week] = np.maximum(sold[:, :, week] + target - stock, 0.0)
        stock = stock + orders[:, :, week] - sold[:, :, week]
    return orders
