"""How plans stand in sampled worlds that none of them was made for: mean, tail, and what knowing would be worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from kaopt.statistics.interval import Interval


@dataclass(frozen=True)
class Standing:
    """One plan in fresh worlds, in the objective's unit; each figure with its interval over worlds."""

    mean: Interval
    tail: Interval  # mean of the worst 1 - level of the worlds
    tenth: Interval  # mean of the worst tenth


@dataclass(frozen=True)
class Against:
    """This plan less another, world by world in the same fresh worlds; below 0: this one has less."""

    mean: Interval
    tail: Interval
    tenth: Interval


@dataclass(frozen=True)
class Knowing:
    """What it costs not to know: the best plan of a world, made for it under the same rules, less this plan there.

    `found`: by the best plans found; `most`: by what is proven of them. NaN intervals where one world says nothing.
    """

    worlds: int
    found: Interval
    most: Interval
    gap: float  # the widest gap to which those best plans are proven


@dataclass(frozen=True)
class Outlook:
    """The plan made for the risk beside those made for the estimates and for the mean over the sampled worlds."""

    samples: int  # worlds that the plan was made for
    fresh: int  # worlds in which it is judged
    level: float
    weight: float
    common: float
    certain: bool  # the response has no standard errors
    plans: Mapping[str, Standing]  # estimates, mean, risk: the last is this plan
    against: Mapping[str, Against]  # estimates, mean
    knowing: Knowing | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "samples": self.samples,
            "fresh": self.fresh,
            "level": self.level,
            "weight": self.weight,
            "common": self.common,
            "certain": self.certain,
            "plans": {name: intervals(one) for name, one in self.plans.items()},
            "against": {name: intervals(one) for name, one in self.against.items()},
            "knowing": None if self.knowing is None else intervals(self.knowing),
        }


def intervals(noun: Standing | Against | Knowing) -> dict[str, Any]:
    """A noun's fields as JSON data; ends that nothing is known of are null."""
    return {name: bounds(one) if isinstance(one, Interval) else one for name, one in vars(noun).items()}


def bounds(one: Interval) -> dict[str, float | None]:
    """Mean, low and high."""
    return {name: value if isfinite(value) else None for name, value in vars(one).items()}
