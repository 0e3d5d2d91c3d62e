"""What one more unit of every limit is worth: the prices of the linear relaxation, in the limits' natural units.

A price is the change of the objective when the limit rises by one unit: 0 or above for a maximum, 0 or below for a
minimum (asking for more costs). Prices come from the relaxation, in which offers may be taken in parts: with whole
offers there are none. Where several sets of prices are equally right (a relaxation is often degenerate), they are
one of them; `steps` shows what a change of five percent really does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kaopt.allocation.explain.shut import shutting_rows
from kaopt.allocation.model import scale_of
from kaopt.allocation.problem import Problem, held
from kaopt.allocation.rows import Rows
from kaopt.allocation.search.gate import Gated
from kaopt.allocation.search.relax import Relaxation
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario

CASES = ("profitable_volume", "lexicographic")  # objectives that count cases


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of all rows of a problem, in objective units per natural unit, block by block as in `problem.rows`."""

    problem: Problem
    blocks: tuple[Floats, ...]  # [M] for each block of rows
    share: Floats  # [O + Z] how much of each column the relaxation takes
    value: float  # of the relaxation, from doing nothing
    money: float  # money per unit of the objective: 1, or what a case is worth
    shut: Ints  # [O + Z] row of the program that shuts a column out by itself; -1 where some plan can hold it

    @property
    def reduced(self) -> Floats:
        """[O + Z] what a column is worth when every limit that it uses is paid for; objective units."""
        left: Floats = np.concatenate([self.problem.offers.value, self.problem.offers.switches.value])
        for rows, price in zip(self.problem.rows, self.blocks, strict=True):
            left = left - rows.matrix.T @ price
        return left

    def charges(self, columns: Ints) -> dict[str, Floats]:
        """What each rule charges the columns (or pays them, where below 0), by rule name; objective units."""
        found: dict[str, Floats] = {}
        for rows, price in zip(self.problem.rows, self.blocks, strict=True):
            paid = rows.matrix[:, columns].T @ price
            found[rows.rule] = found.get(rows.rule, np.zeros(len(columns))) + paid
        return found


def prices_of(world: Scenario, problem: Problem, gated: Gated, root: Relaxation) -> Prices:
    """The prices of a solved relaxation of the gated program."""
    blocks = []
    for rows, place in places(problem):
        kept = np.flatnonzero(place >= 0)
        price = np.zeros(len(rows))
        price[kept] = root.duals[place[kept]] * gated.factor[place[kept]] * scale_of(rows)[kept]
        blocks.append(price)
    share = root.x[: problem.offers.columns]
    shut = shutting_rows(gated.program)[: problem.offers.columns]
    return Prices(problem, tuple(blocks), share, root.value, money_of(world), shut)


def places(problem: Problem) -> Iterator[tuple[Rows, Ints]]:
    """Each block of rows with the place of its rows in the program; -1 for a row that the program leaves out."""
    first = 0
    for rows in problem.rows:
        place = np.full(len(rows), -1, dtype=np.int64)
        kept = (np.diff(rows.matrix.indptr) > 0) | ~np.isnan(rows.regret)
        assert int(kept.sum()) == len(held(rows))
        place[kept] = first + np.arange(int(kept.sum()))
        first += int(kept.sum())
        yield rows, place


def money_of(world: Scenario) -> float:
    """Money per unit of the objective: where it counts cases, what a case is worth to the scenario."""
    return world.objective.case_value if world.objective.maximize in CASES else 1.0
