"""Years with a truth that is known: planted coefficients, a calendar with every mechanic, a review of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kaopt.plan import Plan
from kaopt.review.believed import belief_of
from kaopt.review.promotions import TERMS
from kaopt.review.sales import read_sales
from kaopt.review.simulate import simulated_sales
from kaopt.review.year import SIGNS, Year, grid, lived
from kaopt.scenario.model import Response, Scenario


def calendar(world: Scenario, *, every: int = 7) -> Plan:
    """An event of the mechanics in turn at every account-SKU, every so many weeks, beginning in different weeks."""
    rows = []
    for n, (a, s) in enumerate(np.argwhere(world.listed).tolist()):
        for m, week in enumerate(range(1 + n % every, world.weeks - 2, every)):
            k = (n + m) % len(world.treatments.treatment)
            rows.append((a, s, week, world.treatments.lengths[k][0], k))
    return Plan(*np.array(rows, dtype=np.int64).T)


def beliefs(world: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Values and standard errors, [A, S, P], as a review reads them."""
    series = np.argwhere(world.listed)
    found = belief_of(world, series)
    return grid(world, series, found.value), grid(world, series, found.se)


def planted(world: Scenario, seed: int, *, off: str) -> Response:
    """A truth away from the beliefs, with their own errors on top.

    `off`: `right` (no more than the stated errors), `everyone` (all respond 30 % less than believed), `account` (each
    account 30 % more or less).
    """
    rng = np.random.default_rng(seed)
    value, se = beliefs(world)
    factor = {"right": 1.0, "everyone": 0.7, "account": rng.choice([0.7, 1.3], size=(len(value), 1, 1))}[off]
    truth = value * factor + se * rng.standard_normal(value.shape)
    truth = np.where((SIGNS == 0) | (truth * SIGNS >= 0), truth, 0.0)
    return replace(world.response, **{term: truth[..., p] for p, term in enumerate(TERMS)})


@dataclass(frozen=True, eq=False)
class Seen:
    """A reviewed year beside its truth, [N, P]; terms that can be learned are marked."""

    year: Year
    truth: np.ndarray
    believed: np.ndarray
    now: np.ndarray
    se: np.ndarray  # stated
    open_: np.ndarray

    @property
    def closer(self) -> np.ndarray:
        """[A] the account's coefficients lie nearer to the truth than before, in stated standard errors."""
        account = self.year.belief.account
        far = [
            np.where(self.open_, (self.truth - one) / np.where(self.open_, self.se, 1), 0)
            for one in (self.believed, self.now)
        ]
        before, after = (np.bincount(account, (one**2).sum(axis=1)) for one in far)
        return after < before

    @property
    def inside(self) -> np.ndarray:
        """[...] of every coefficient that can be learned: the truth lies in the 80 % interval."""
        off = np.abs(self.truth - self.year.learned.value) <= 1.2815515655 * self.year.learned.se
        return off[self.open_]


def reviewed_year(world: Scenario, plan: Plan, truth: Response, folder: Path, seed: int) -> Seen:
    """Simulate a year of the plan in the truth, write it, read it, review it."""
    file = folder / f"sales{seed}.csv"
    simulated_sales(world, plan, truth, seed=seed).to_csv(file, index=False)
    year = lived(world, plan, read_sales(world, file))
    a, s = year.series.T
    coefficients = np.stack([getattr(truth, term)[a, s] for term in TERMS], axis=-1)
    return Seen(year, coefficients, year.believed[a, s], year.coefficients[a, s], year.belief.se, year.belief.se > 0)
