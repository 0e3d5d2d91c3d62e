"""One allocation problem: the offers of a world, what the rules say about them, and the program that both make.

Two ways lead to the same program: through the readable Pyomo model, and straight from the arrays, which costs a
hundredth of the time and is taken where there are many offers. A test holds them equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, process_time

import numpy as np
import scipy.sparse as sp

from kaopt.allocation import model
from kaopt.allocation.blocks.structure import Places
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import RULES, all_rows, with_switches
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solver.program import Program
from kaopt.offers import Offers, make_offers
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario

READABLE = 10_000  # offers up to which the Pyomo model is built


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything that is to be decided, and the rules on it."""

    offers: Offers
    rows: tuple[Rows, ...]
    seconds: float = 0.0  # wall seconds that making it took; they count within a time limit


def problem_of(world: Scenario, rules: tuple[Rule, ...] = RULES, *, listener: Listener = silent) -> Problem:
    """The offers of a world and the rows of all rules on them."""
    begun, woken = process_time(), monotonic()
    offers = with_switches(world, make_offers(world), rules)
    listener(Progress("offers", "eligible promotion events", process_time() - begun, done=len(offers)))
    rows = all_rows(world, offers, rules)
    listener(Progress("rules", "rows", process_time() - begun, done=sum(len(one) for one in rows)))
    return Problem(offers, rows, monotonic() - woken)


def program_of(world: Scenario, problem: Problem) -> Program:
    """The program: offers, then switches, then what soft rows miss. Refuses a row that can never hold."""
    engine = world.solve.engine
    if engine == "pyomo" or (engine == "auto" and len(problem.offers) <= READABLE):
        return model.to_program(model.build(world, problem.offers, problem.rows))
    return from_arrays(problem)


def from_arrays(problem: Problem) -> Program:
    """The same program as the Pyomo model's, without Pyomo: every rule's arrays, scaled and put one after another."""
    offers, switches, blocks = problem.offers, problem.offers.switches, [held(one) for one in problem.rows]
    first = [offers.columns]  # of the columns for what each rule's soft rows miss
    for block in blocks:
        first.append(first[-1] + 2 * int(np.sum(~np.isnan(block.regret))))
    scales = [model.scale_of(block) for block in blocks]
    bodies = [body_of(*one, first[-1]) for one in zip(blocks, scales, first, strict=False)]
    worth, missed = np.concatenate([offers.value, switches.value]), np.zeros(first[-1] - offers.columns)
    ones = np.ones(len(offers))
    return Program(
        cost=np.concatenate([worth, *(missed_costs(*one) for one in zip(blocks, scales, strict=True))]),
        offset=model.from_nothing(worth, offers, problem.rows),
        matrix=stacked(bodies, first[-1]),
        row_low=np.concatenate([np.zeros(0), *(one.low * s for one, s in zip(blocks, scales, strict=True))]),
        row_high=np.concatenate([np.zeros(0), *(one.high * s for one, s in zip(blocks, scales, strict=True))]),
        low=np.concatenate([0 * ones, switches.low, missed]),
        high=np.concatenate([ones, switches.high, missed + np.inf]),
        integer=np.concatenate([ones > 0, switches.whole, missed > 0]),
        row_names=tuple(f"{one.rule} [{scope}]" for one in blocks for scope in one.scopes),
    )


def body_of(block: Rows, scale: Floats, first: int, width: int) -> sp.csr_matrix:
    """[M, width] one rule's rows as the model scales them; its soft rows' missed columns begin at `first`."""
    given = block.matrix
    data = given.data * np.repeat(scale, np.diff(given.indptr))
    body = sp.csr_matrix((data, given.indices, given.indptr), shape=(len(block), width))
    soft = np.flatnonzero(~np.isnan(block.regret))
    if not len(soft):
        return body
    places = (np.tile(soft, 2), first + np.arange(2 * len(soft)))
    return sp.csr_matrix(body + sp.csr_matrix((np.repeat([1.0, -1.0], len(soft)), places), shape=body.shape))


def missed_costs(block: Rows, scale: Floats) -> Floats:
    """What a rule's soft rows cost: per unit of what they fall short, then of what they are over."""
    soft = ~np.isnan(block.regret)
    return np.tile(-block.regret[soft] / scale[soft], 2)


def stacked(bodies: list[sp.csr_matrix], width: int) -> sp.csr_matrix:
    """Matrices one below the other, copied once."""
    ends = np.cumsum([0, *(one.nnz for one in bodies)])
    kind = np.int32 if max(ends[-1], width) < np.iinfo(np.int32).max else np.int64
    starts = [np.zeros(1, kind), *((one.indptr[1:] + end).astype(kind) for one, end in zip(bodies, ends, strict=False))]
    index = np.concatenate([np.zeros(0, kind), *(one.indices.astype(kind, copy=False) for one in bodies)])
    data = np.concatenate([np.zeros(0), *(one.data for one in bodies)])
    rows = sum(one.shape[0] for one in bodies)
    return sp.csr_matrix((data, index, np.concatenate(starts)), shape=(rows, width))


def held(block: Rows) -> Rows:
    """A rule's rows without hard ones that no offer touches and that hold by themselves; refuses those that cannot."""
    empty = (np.diff(block.matrix.indptr) == 0) & np.isnan(block.regret)
    for i in np.flatnonzero(empty):
        model.refuse_impossible(block, int(i))
    if not np.any(empty):
        return block
    kept = np.flatnonzero(~empty)
    scopes = tuple(block.scopes[i] for i in kept)
    return Rows(
        block.rule, block.unit, scopes, block.matrix[kept], block.low[kept], block.high[kept], block.regret[kept],
        block.used_without[kept],
    )


def rule_of_rows(problem: Problem) -> tuple[str, ...]:
    """The rule of each row of `from_arrays`."""
    return tuple(one.rule for one in problem.rows for _ in held(one).scopes)


def groups_of(world: Scenario, offers: Offers, columns: int) -> tuple[Ints, ...]:
    """Labels of columns whose sums are whole and tell much: per account by mechanic, length and quarter; -1: none."""
    kinds, longest = len(world.treatments.treatment), int(offers.weeks.max(initial=0)) + 1
    quarter = world.quarter[offers.week] if len(offers) else offers.week
    quarters = int(quarter.max(initial=0)) + 1
    by_treatment = offers.account * kinds + offers.treatment
    by_length = by_treatment * longest + offers.weeks
    by_quarter = offers.account * quarters + quarter
    labels = (offers.account, by_treatment, by_length, by_quarter, by_length * quarters + quarter)
    none = np.full(columns - len(offers), -1, dtype=np.int64)
    return tuple(np.concatenate([one, none]) for one in labels)


def places_of(world: Scenario, offers: Offers, columns: int) -> Places:
    """The account-SKU, first week and SKU of every column that is an event."""
    none = np.full(columns - len(offers), -1, dtype=np.int64)
    block = offers.account * len(world.skus.sku) + offers.sku
    return Places(*(np.concatenate([one, none]) for one in (block, offers.week, offers.sku)))


def plan_of(offers: Offers, x: Floats) -> Plan:
    """The plan that a program's solution stands for."""
    o = np.flatnonzero(x[: len(offers)] > 0.5)
    return Plan(offers.account[o], offers.sku[o], offers.week[o], offers.weeks[o], offers.treatment[o])


def chosen(problem: Problem, plan: Plan) -> Floats:
    """[O] 1 for each offer of the problem that the plan contains."""
    def keys(x: Offers | Plan) -> list[tuple[int, ...]]:
        return [*zip(*(one.tolist() for one in (x.account, x.sku, x.week, x.weeks, x.treatment)), strict=True)]

    inside = set(keys(plan))
    return np.array([key in inside for key in keys(problem.offers)], dtype=float)
