"""Plan: the chosen events and the certificate that says how good they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kaopt.risk import Outlook
from kaopt.scenario.columns import Ints, Texts


@dataclass(frozen=True)
class Breach:
    """A rule that a plan does not keep: `used` against `limit` in `unit`, in `scope` (`account=W week=12`)."""

    rule: str
    scope: str
    used: float
    limit: float
    unit: str
    shortfall: float = 0.0  # in the natural unit of the rule's regret

    def as_dict(self) -> dict[str, object]:
        """The breach as the contract's JSON object."""
        return {"rule": self.rule, "scope": self.scope, "used": self.used, "limit": self.limit, "unit": self.unit}


@dataclass(frozen=True)
class Certificate:
    """What is proven of a plan. Objective and bound are measured from doing nothing, in the objective's unit."""

    objective: float
    bound: float
    gap: float  # (bound - objective) / |objective|, from the certified bound
    claimed_gap: float | None  # the solver's own
    realised_objective: float  # the evaluator's week-by-week simulation of the whole plan
    breaches: tuple[Breach, ...]
    status: str  # optimal (within the asked gap), rolling (each month within it), stopped (limit), interrupted
    solver: str
    seconds: float  # CPU seconds of all processes
    variables: int
    asked_gap: float = 0.0
    notes: tuple[str, ...] = ()


Row = tuple[str, str]  # a rule, numbered where it is said more than once, and the scope of one of its rows


@dataclass(frozen=True, eq=False)
class Plan:
    """Chosen events as aligned arrays with [N] entries; weeks 0-based.

    `prices`: of the rules' rows, in the objective's unit per unit of the row, where the plan was made at prices.
    """

    account: Ints
    sku: Ints
    week: Ints
    weeks: Ints
    treatment: Ints
    reason: Texts = ()
    certificate: Certificate | None = field(default=None)
    outlook: Outlook | None = None  # in sampled worlds, where it was made for them
    prices: Mapping[Row, float] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of events."""
        return len(self.account)

    @staticmethod
    def nothing() -> Plan:
        """The plan without any promotion."""
        none = np.zeros(0, dtype=np.int64)
        return Plan(none, none, none, none, none)
