"""What a run tells about its plan: the price of every limit, the dearest ones tested, and what money buys."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.allocation.allocate import Solved
from kaopt.allocation.explain.buys import Buy, buys
from kaopt.allocation.explain.prices import Prices
from kaopt.allocation.explain.relaxed import relaxed_from
from kaopt.allocation.explain.steps import Step, steps
from kaopt.allocation.solver.solve import Limits
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

SECONDS = 10.0  # wall, for testing prices


@dataclass(frozen=True, eq=False)
class Explanation:
    """Prices of all limits, the dearest tested by re-solves, and what 100 of spend buys, group by group."""

    prices: Prices
    steps: tuple[Step, ...]
    buys: tuple[Buy, ...]
    columns: Floats  # [O + Z] offers and switches as the plan sets them


def explain(
    world: Scenario, solved: Solved, *, listener: Listener = silent, seconds: float = SECONDS
) -> Explanation | None:
    """Explain a plan from what its search knew, in so many wall seconds; None where no prices were found in time."""
    limits = Limits(seconds=seconds, memory_gb=world.solve.memory_gb, seed=world.solve.seed)
    listener(Progress("explain", "prices and what money buys", 0.0))
    known = relaxed_from(world, solved, limits)
    if known is None:
        return None
    tested = steps(known.prices, known.gated, known.root, limits)
    return Explanation(known.prices, tested, buys(world, known.prices, solved.columns), solved.columns)
