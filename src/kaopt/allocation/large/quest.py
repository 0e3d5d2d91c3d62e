"""What is asked of the search, what it may know beforehand, and what it knows so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, isfinite
from time import monotonic

from kaopt.allocation.large.streams import Known, Sifted, Task, Told
from kaopt.allocation.solver.solve import Limits, relative_gap
from kaopt.compute import Perform
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent


@dataclass(eq=False)
class Found:
    """What is known so far; everything else is forgotten."""

    plan: Plan | None = None
    objective: float = -inf
    bound: float = inf
    prices: Known | None = None
    events: int = 0
    interrupted: bool = False

    def closed(self, gap: float) -> bool:
        """True where the asked gap is proven."""
        return isfinite(self.bound) and relative_gap(self.bound, self.objective) <= gap


@dataclass(frozen=True, eq=False)
class Before:
    """What is known of a world much like this one: prices by row, and a plan."""

    prices: Known
    plan: Plan


@dataclass(frozen=True, eq=False)
class Quest:
    """What is asked: the world, its rules, when to stop, and who wants to know."""

    told: Told
    limits: Limits
    gap: float
    listener: Listener = silent
    save: Callable[[Plan], None] | None = None
    begun: float = field(default_factory=monotonic)
    perform: Perform[Task, Sifted] | None = None  # who looks at accounts; None: this process
    before: Before | None = None

    @property
    def left(self) -> float:
        """Wall seconds until the limit."""
        return self.limits.seconds - (monotonic() - self.begun)

    def tell(self, stage: str, message: str, found: Found, done: int | None = None) -> None:
        """Report where the search stands."""
        best = found.objective if isfinite(found.objective) else None
        bound = found.bound if isfinite(found.bound) else None
        gap = relative_gap(found.bound, found.objective) if best is not None and bound is not None else None
        self.listener(Progress(stage, message, monotonic() - self.begun, best, bound, gap, done=done))
