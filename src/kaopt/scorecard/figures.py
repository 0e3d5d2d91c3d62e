"""The nouns of a scorecard: a figure with its interval, a target and whether it is met, a KPI, the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, isnan, nan, sqrt
from typing import Any

import numpy as np
from scipy import stats

from kaopt.scenario.columns import Floats

KPIS = ("sales", "share", "execution", "profit", "fill_rate")


@dataclass(frozen=True)
class Interval:
    """A mean over replications and where the true mean lies; NaN bounds where one replication cannot say."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Absent:
    """A figure that does not apply here, and why."""

    why: str


Figure = float | Interval | Absent


@dataclass(frozen=True)
class Check:
    """One target: is it met, and is the interval on one side of it? None where there is nothing to judge."""

    measure: str
    target: float
    met: bool | None
    sure: bool | None


@dataclass(frozen=True)
class Kpi:
    """One KPI: its figures as the contract names them, its targets, and the difference explained in money.

    `bridge` runs from planned to delivered; its first entry plus all changes is its last entry.
    """

    name: str
    figures: Mapping[str, Any]  # nested mappings that end in Figure
    checks: tuple[Check, ...] = ()
    bridge: tuple[tuple[str, float], ...] = ()
    ranges: Mapping[str, Interval] = field(default_factory=dict)  # planned figures in sampled worlds, by measure

    def planned(self, measure: str) -> Figure:
        """A planned figure, with its range over sampled worlds where there is one."""
        return self.ranges.get(measure) or self.at("planned", measure)

    @property
    def met(self) -> bool | None:
        """True where every target that could be judged is met; None where there is none."""
        judged = [check.met for check in self.checks if check.met is not None]
        return all(judged) if judged else None

    @property
    def sure(self) -> bool | None:
        """True where no interval reaches across its target."""
        judged = [check.sure for check in self.checks if check.sure is not None]
        return all(judged) if judged else None

    def at(self, *path: str) -> Figure:
        """A figure by its path, for instance `at("planned", "net_revenue")`."""
        found: Any = self.figures
        for step in path:
            if isinstance(found, Absent):
                return found
            found = found[step]
        figure: Figure = found
        return figure

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        content: dict[str, Any] = {key: as_plain(value) for key, value in self.figures.items()}
        content["target"] = {check.measure: check.target for check in self.checks} or None
        content["met"] = self.met
        content["sure"] = self.sure
        content["checks"] = {c.measure: {"target": c.target, "met": c.met, "sure": c.sure} for c in self.checks}
        if self.bridge:
            content["bridge"] = dict(self.bridge)
        if self.ranges:
            content["range"] = {name: {"low": one.low, "high": one.high} for name, one in self.ranges.items()}
        return content


@dataclass(frozen=True)
class Scores:
    """The five KPIs of one account or of all together, in the order of the domain."""

    sales: Kpi
    share: Kpi
    execution: Kpi
    profit: Kpi
    fill_rate: Kpi

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        """All five in order."""
        return (self.sales, self.share, self.execution, self.profit, self.fill_rate)

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        return {kpi.name: kpi.as_dict() for kpi in self.kpis}


@dataclass(frozen=True)
class Scorecard:
    """Five KPIs that say whether to sign the plan, in total and by account. Money in `currency`."""

    name: str
    currency: str
    replications: int  # 0: planned only
    confidence: float
    total: Scores
    accounts: Mapping[str, Scores]
    worlds: int = 0  # sampled for the ranges of planned figures; 0: the response has no standard errors

    def as_dict(self) -> dict[str, Any]:
        """The contract's scorecard JSON."""
        sampled = {"response": {"worlds": self.worlds, "confidence": self.confidence}} if self.worlds else {}
        return {
            "total": self.total.as_dict(),
            "accounts": {name: scores.as_dict() for name, scores in self.accounts.items()},
            **sampled,
        }

    def text(self, language: str = "en") -> str:
        """Five lines for people, in English or Chinese (`zh`)."""
        from kaopt.scorecard.show import table

        return table(self, language)

    def __str__(self) -> str:
        return self.text()


def as_plain(value: Any) -> Any:
    """Figures as JSON data; what does not apply says so."""
    match value:
        case Absent(why):
            return {"applies": False, "why": why}
        case Interval(mean, low, high):
            return {"mean": as_plain(mean), "low": as_plain(low), "high": as_plain(high)}
        case Mapping():
            return {key: as_plain(one) for key, one in value.items()}
        case float() | np.floating():
            return float(value) if isfinite(value) else None
        case tuple() | list():
            return [as_plain(one) for one in value]
    return value


def point(figure: Figure) -> float:
    """The figure as one number; NaN where it does not apply."""
    match figure:
        case Absent():
            return nan
        case Interval(mean, _, _):
            return mean
    return figure


def interval(sample: Floats, confidence: float) -> Interval:
    """Mean of [R] independent replications with Student's interval."""
    return ratio(sample, np.ones(len(sample)), confidence)


def ratio(over: Floats, under: Floats, confidence: float) -> Interval:
    """Ratio of two sums over [R] replications, interval by linearisation.

    Source: Law, Simulation Modeling and Analysis (2015), 9.5; Cochran, Sampling Techniques (1977), 6.3.
    """
    size, base = len(over), float(np.sum(under))
    if size == 0 or base == 0:
        return Interval(nan, nan, nan)
    mean = float(np.sum(over)) / base
    if size < 2:
        return Interval(mean, nan, nan)
    spread = float(np.std(over - mean * under, ddof=1)) / (base / size)
    half = float(stats.t.ppf(0.5 + confidence / 2, size - 1)) * spread / sqrt(size)
    return Interval(mean, mean - half, mean + half)


def check(measure: str, target: float, figure: Figure) -> tuple[Check, ...]:
    """Judge a figure against the least that it should be; no target, no check."""
    if isnan(target):
        return ()
    value = point(figure)
    if isnan(value):
        return (Check(measure, target, None, None),)
    # a plan that sits on its target to the last digit meets it
    met = bool(value >= target - 1e-9 * max(abs(target), 1.0))
    sure = True
    if isinstance(figure, Interval):
        sure = bool(figure.low >= target or figure.high < target)
    return (Check(measure, target, met, sure),)
