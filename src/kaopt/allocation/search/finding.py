"""What a search knows as it goes: the best plan, the proven bound, what was asked for and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, inf, isfinite
from time import monotonic

from kaopt.allocation.blocks.structure import Places
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import CLOSE, Limits, Save, relative_gap
from kaopt.errors import ContradictionError
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats, Ints

ROUNDING = 1e-9  # of a gap: nobody can prove less


@dataclass(frozen=True)
class Aim:
    """What a search is asked for."""

    gap: float
    limits: Limits
    groups: tuple[Ints, ...] = ()
    listener: Listener = silent
    save: Save | None = None
    start: Floats | None = None  # a solution at hand; taken where it keeps every row
    places: Places | None = None  # where columns stand that are events, where that is known
    whole: bool = False  # every plan is worth a whole number, so that a bound may be rounded down to one
    proof: bool = True  # False: a good plan is enough, the bound is that of the relaxation


class Search:
    """What is known so far: the best plan, the proven bound, and the means to better both."""

    def __init__(self, program: Program, aim: Aim, child: Child) -> None:
        self.program, self.aim, self.child = program, aim, child
        self.begun = monotonic()
        self.x: Floats | None = None
        self.root: Relaxation | None = None  # of the whole program: its prices explain the plan
        self.objective, self.bound, self.claimed = -inf, inf, inf
        self.infeasible = self.exhausted = self.interrupted = False
        self.solver = "HiGHS"
        self.notes: list[str] = []

    @property
    def left(self) -> float:
        """Wall seconds until the limit."""
        return self.aim.limits.seconds - (monotonic() - self.begun)

    @property
    def gap(self) -> float:
        """The proven gap."""
        return inf if self.x is None else relative_gap(self.bound, self.objective)

    @property
    def closed(self) -> bool:
        """True where the asked gap is proven."""
        return self.gap <= self.aim.gap + ROUNDING

    @property
    def ended(self) -> bool:
        """True where there is nothing left to ask for, or no time."""
        return self.closed or self.left <= 0 or self.infeasible

    @property
    def target(self) -> float | None:
        """The objective at which the asked gap is proven."""
        if not isfinite(self.bound):
            return None
        return self.bound / (1 + self.aim.gap) if self.bound > 0 else self.bound / (1 - min(self.aim.gap, 0.99))

    def offer(self, x: Floats | None) -> None:
        """Take a plan where it keeps every row and is better."""
        held = feasible(self.program, x)
        if held is None:
            return
        value = worth(self.program, held)
        if value > self.objective:
            self.x, self.objective = held, value
            if self.aim.save is not None:
                self.aim.save(held)
        self.refuse_contradiction()

    def prove(self, bound: float, stage: str) -> None:
        """Take a proven bound."""
        self.bound = min(self.bound, float(floor(bound)) if self.aim.whole and isfinite(bound) else bound)
        self.refuse_contradiction()
        self.tell(stage, "bound proven")

    def refuse_contradiction(self) -> None:
        """A plan above a proven bound: one of the two is wrong."""
        if self.x is not None and self.objective > self.bound + CLOSE * max(1.0, abs(self.objective)):
            words = f"a checked plan gives {self.objective:.12g}, the proven bound is {self.bound:.12g}"
            raise ContradictionError(words)

    def tell(self, stage: str, message: str) -> None:
        """Report where the search stands."""
        known = self.x is not None
        gap = self.gap if known and isfinite(self.gap) else None
        bound = self.bound if isfinite(self.bound) else None
        best = self.objective if known else None
        self.aim.listener(Progress(stage, message, monotonic() - self.begun, best, bound, gap))

    def limits(self, nodes: int | None, gap: float) -> Limits:
        """What one solve may take."""
        return replace(self.aim.limits, seconds=max(self.left, 0.1), nodes=nodes, gap=gap, target=self.target)
