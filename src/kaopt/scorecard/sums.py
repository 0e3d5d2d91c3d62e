"""What every KPI is made of: sums over some accounts, and small arithmetic on figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan

import numpy as np

from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scorecard import figures
from kaopt.scorecard.figures import Absent, Figure, Interval, point
from kaopt.scorecard.money import GROUPS, Losses, Year, losses_over, year_over
from kaopt.scorecard.unsure import Spread

NOT_SIMULATED = Absent("no simulation of this plan")


@dataclass(frozen=True, eq=False)
class Sums:
    """What the KPIs of some accounts are made of; losses None where nothing was simulated."""

    world: Scenario
    accounts: Ints
    each: Year  # [A] each
    taken: Losses | None  # [R, A, G] each; None where nothing was simulated
    confidence: float
    spread: Spread | None = None  # None where the response has no standard errors

    @property
    def year(self) -> Year:
        """The planned year of these accounts together."""
        return year_over(self.accounts, self.each)

    @property
    def losses(self) -> Losses | None:
        """The losses of these accounts together, [R, G]."""
        return None if self.taken is None else losses_over(self.accounts, self.taken)

    def among(self, accounts: Ints) -> Sums:
        """The same of fewer accounts."""
        return replace(self, accounts=accounts)

    def ranged(self, planned: Figure, what: str, base: float = 1.0) -> Interval | None:
        """A planned figure, a sum of `what` over `base`, with where sampled worlds leave it; None: nothing sampled."""
        if self.spread is None or isinstance(planned, Absent):
            return None
        change = getattr(self.spread, what)[:, self.accounts].sum(axis=1) / base
        out, mean = (1 - self.confidence) / 2, point(planned)
        low, high = (mean + float(one) for one in np.quantile(change, [out, 1 - out]))
        return Interval(mean, low, high)

    def interval(self, sample: Floats) -> Interval:
        """Mean over replications [R] and its interval."""
        return figures.interval(sample, self.confidence)


def given(**ranges: Interval | None) -> dict[str, Interval]:
    """The ranges that there are, by measure."""
    return {name: one for name, one in ranges.items() if one is not None}


def walk(planned: float, taken: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """From planned to delivered in steps; the end is computed from the steps, so that they add up exactly."""
    end = planned
    for _, amount in taken:
        end -= amount
    return (("planned", planned), *((name, 0.0 - amount) for name, amount in taken), ("delivered", end))


def causes(kind: str, amounts: Floats) -> tuple[tuple[str, float], ...]:
    """[R, G] amounts as named means."""
    return tuple((f"{kind}_{group}", float(amounts[:, g].mean())) for g, group in enumerate(GROUPS))


def over(top: float, base: float, why: str) -> Figure:
    """A ratio, or why there is none."""
    return top / base if base > 0 else Absent(why)


def shifted(figure: Figure, by: float) -> Figure:
    """The figure with a constant added."""
    match figure:
        case Interval(mean, low, high):
            return Interval(mean + by, low + by, high + by)
        case Absent():
            return figure
    return figure + by


def after(planned: Figure, then: Callable[[], Figure]) -> Figure:
    """What does not apply to the plan does not apply to what was delivered."""
    return planned if isnan(point(planned)) else then()
