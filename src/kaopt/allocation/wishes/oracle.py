"""Can these rules hold together? Asked again and again of one problem, each time with other rules kept.

The linear relaxation is loaded once and solved again from where it stands; where it has a plan although no whole
plan exists, the whole-number program is asked instead, within a limit of nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.model import scale_of
from kaopt.allocation.problem import Problem
from kaopt.allocation.rows import Rows
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.relax import lp_options
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, arrays, solve
from kaopt.scenario.columns import Bools, Texts

NODES = 2_000  # of the solver for one question about whole numbers
SEEN = 1e-7  # of the largest entry of a proof: smaller ones are rounding


@dataclass(frozen=True, eq=False)
class Question:
    """The hard rows of a problem and what each rule owns: rows, and columns that it holds at nothing."""

    program: Program
    owner: np.ndarray  # [M] rule of each row
    shut: Mapping[str, Bools] = field(default_factory=dict)  # rule -> [O] offers that may not be taken

    @property
    def names(self) -> Texts:
        """Every rule that forbids anything."""
        return tuple(dict.fromkeys([*self.owner.tolist(), *self.shut]))

    def part(self, rows: Bools) -> Question:
        """The question with these rows only."""
        kept, whole = np.flatnonzero(rows), self.program
        names = tuple(whole.row_names[i] for i in kept)
        low, high = whole.row_low[kept], whole.row_high[kept]
        small = replace(whole, matrix=whole.matrix[kept], row_low=low, row_high=high, row_names=names)
        return replace(self, program=small, owner=self.owner[kept])

    def of(self, rules: Collection[str]) -> Question:
        """The question with the rows of these rules only."""
        return self.part(np.isin(self.owner, list(rules)))


def question_of(problem: Problem, shut: Mapping[str, Bools] | None = None) -> Question:
    """Hard rows only: what a soft row asks can always be missed."""
    offers = problem.offers
    hard = [picked(rows, np.isnan(rows.regret)) for rows in problem.rows]
    hard = [rows for rows in hard if len(rows)]
    scales = [scale_of(rows) for rows in hard]
    bodies = [sp.diags(scale) @ rows.matrix for rows, scale in zip(hard, scales, strict=True)]
    ones, switches = np.ones(len(offers)), offers.switches
    spend = offers.spend / max(float(np.max(np.abs(offers.spend), initial=0.0)), 1.0)
    program = Program(
        # any cost will do; few and cheap offers take a fiftieth of the time of no cost at all
        cost=np.concatenate([-ones - spend, np.zeros(len(switches))]),
        offset=0.0,
        matrix=sp.csr_matrix(sp.vstack([sp.csr_matrix((0, offers.columns)), *bodies])),
        row_low=np.concatenate([np.zeros(0), *(rows.low * s for rows, s in zip(hard, scales, strict=True))]),
        row_high=np.concatenate([np.zeros(0), *(rows.high * s for rows, s in zip(hard, scales, strict=True))]),
        low=np.concatenate([0 * ones, switches.low]),
        high=np.concatenate([ones, switches.high]),
        integer=np.concatenate([ones > 0, switches.whole]),
        row_names=tuple(f"{rows.rule} [{scope}]" for rows in hard for scope in rows.scopes),
    )
    owner = np.array([rows.rule for rows in hard for _ in range(len(rows))], dtype=object)
    return Question(gate(program).program, owner, shut or {})


def picked(rows: Rows, kept: Bools) -> Rows:
    """Some rows of a block."""
    scopes = tuple(scope for scope, keep in zip(rows.scopes, kept, strict=True) if keep)
    body, low, high = rows.matrix[np.flatnonzero(kept)], rows.low[kept], rows.high[kept]
    return replace(rows, scopes=scopes, matrix=body, low=low, high=high, regret=rows.regret[kept],
                   used_without=rows.used_without[kept])


class Oracle:
    """One question, loaded into the solver's process."""

    def __init__(self, question: Question, limits: Limits, child: Child) -> None:
        self.question, self.whole = question, False
        self.proof = np.ones(len(question.owner), bool)  # [M] rows that the last refusal needed
        self._limits, self._child, self._key = limits, child, id(question)
        self._end = monotonic() + limits.seconds
        job = {"kind": "load", "key": self._key, "model": arrays(question.program, whole=False)}
        options = lp_options(limits) | {"presolve": "off"}  # which would cost the proof
        child.ask(job | {"options": options}, limit=limits.seconds)

    def about(self, question: Question) -> Oracle:
        """Another question to the same process, in the time that is left."""
        other = Oracle(question, replace(self._limits, seconds=max(self.left, 0.0)), self._child)
        other.whole = self.whole
        return other

    @property
    def left(self) -> float:
        """Wall seconds until the limit."""
        return self._end - monotonic()

    def impossible(self, kept: Collection[str]) -> bool:
        """True where it is known that these rules cannot all hold."""
        program = self._only(kept)
        if not program.matrix.shape[1]:  # nothing is on offer
            return bool(np.any(program.row_low > 0) or np.any(program.row_high < 0))
        return self._no_whole_plan(program) if self.whole else self._no_part_plan(program)

    def _only(self, kept: Collection[str]) -> Program:
        asked = self.question
        open_ = ~np.isin(asked.owner, list(kept))
        high = asked.program.high.copy()
        for rule, which in asked.shut.items():
            if rule in kept:
                high[: len(which)][which] = 0.0
        low, most = asked.program.row_low, asked.program.row_high
        row_low, row_high = np.where(open_, -np.inf, low), np.where(open_, np.inf, most)
        return replace(asked.program, row_low=row_low, row_high=row_high, high=high)

    def _no_part_plan(self, program: Program) -> bool:
        rows, columns = (np.arange(size, dtype=np.int32) for size in program.matrix.shape)
        job = {"kind": "lp", "key": self._key, "rows": (rows, program.row_low, program.row_high)}
        job |= {"columns": (columns, program.low, program.high)}
        answer = self._child.ask(job, limit=max(self.left, 0.0))
        refused = answer["status"] in ("infeasible", "infeasible_or_unbounded")
        if refused:
            size = np.ones(len(rows)) if answer["ray"] is None else np.abs(answer["ray"])
            self.proof = size > SEEN * size.max(initial=0.0)
        return refused

    def _no_whole_plan(self, program: Program) -> bool:
        limits = replace(self._limits, seconds=max(self.left, 0.1), nodes=NODES, target=None)
        self.proof = np.ones(len(self.question.owner), bool)
        return solve(program, limits, child=self._child).status == "infeasible"
