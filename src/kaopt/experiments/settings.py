"""What an experiment's file may say: one frozen model per section, units as a person writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from kaopt.experiments.measures import MEASURES
from kaopt.scenario.kinds import Share
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.section import Section
from kaopt.scenario.settings import Words
from kaopt.scenario.sources import suggest

DEFAULT_MEASURES = ("fill", "penalties", "write_off", "cost")


def _version(given: object) -> object:
    if given != "1":
        raise Wrong("must be 1, the version of this format", "Write kaopt: 1")
    return given


def _words(given: object) -> object:
    return {"en": given, "zh": given} if isinstance(given, str) else given


def _measure(given: object) -> object:
    if isinstance(given, str) and given not in MEASURES:
        raise Wrong("is not a measure", suggest(given, MEASURES) or f"Measures: {', '.join(MEASURES)}")
    return given


def _measured(given: object) -> object:
    """A name alone is the measure over all accounts."""
    return {"measure": given} if isinstance(given, str) else given


def _baseline(given: object) -> object:
    """A name alone is a policy of the file."""
    return {"policy": given} if isinstance(given, str) else {"set": given} if isinstance(given, dict) else given


Confidence = Annotated[Share, Field(gt=0, lt=1)]
MeasureName = Annotated[str, BeforeValidator(_measure)]


class Measured(Section):
    """A figure of every year: `fill`, or `{measure: fill, account: W, below: 90%}`."""

    measure: MeasureName
    account: str = ""  # its id; empty: all accounts together
    below: Share | None = None  # a contract level: how likely is a year below it

    @property
    def label(self) -> str:
        """What its columns are called: `fill`, `fill[W]`."""
        return f"{self.measure}[{self.account}]" if self.account else self.measure


class Repeat(Section):
    """How often a year is lived with each policy: until its difference from the baseline is known well enough."""

    min: Annotated[int, Field(ge=4)] = 24  # fewest; whole blocks of 8 are lived
    max: Annotated[int, Field(ge=4)] = 200  # most
    half_width: str = "0.5pp"  # of the paired difference from the baseline, in the unit of the measure
    of: str = ""  # the measure that this goes by; empty: the first
    confidence: Confidence = 0.95  # of all intervals


class Choose(Section):
    """Find the best policy and stop the others early."""

    best: str  # the measure that decides
    indifference: str = ""  # kn: the smallest difference that matters, in the unit of the measure
    confidence: Confidence = 0.95  # kn: the least probability of a correct selection
    method: Literal["kn", "ocba"] = "kn"  # kn: keeps a promise; ocba: spends a fixed number of years where it helps
    budget: Annotated[int, Field(ge=1)] | None = None  # ocba: years of all policies together


class Policy(Section):
    """A policy by name: the settings in which it differs."""

    name: str
    variant: str | None = None  # of the scenario
    set: dict[str, Any] = Field(default_factory=dict)  # setting: value, as for --set


class Baseline(Section):
    """What all others are compared with: a policy's name, or settings of its own."""

    policy: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)


class ExperimentFile(Section):
    """The whole file; every cell of the grid and every named policy is tried."""

    kaopt: Annotated[str, BeforeValidator(_version)]
    name: Annotated[Words, BeforeValidator(_words)] = Words()
    scenario: str = ""  # folder, seen from this file; empty: the nearest one above it
    plan: str = ""  # a plan's file, seen from this file; empty: the scenario's own, else no promotion
    variant: str | None = None  # of the scenario, for all policies that name none
    set: dict[str, Any] = Field(default_factory=dict)  # for all policies
    baseline: Annotated[Baseline, BeforeValidator(_baseline)] = Baseline()
    grid: dict[str, Any] = Field(default_factory=dict)  # setting: [values], or factor: {level: {setting: value}}
    policies: tuple[Policy, ...] = ()
    measures: tuple[Annotated[Measured, BeforeValidator(_measured)], ...] = tuple(
        Measured(measure=one) for one in DEFAULT_MEASURES
    )
    replications: Repeat = Repeat()
    choose: Choose | None = None
    seed: Annotated[int, Field(ge=0)] | None = None  # of all luck, the same for every policy; else the scenario's
