"""One allocation problem: the offers of a world, what the rules say about them, and the program that both make.

Two ways lead to the same program: through the readable Pyomo model, and straight from the arrays, which costs a
hundredth of the time and is taken where there are many offers. A test holds them equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time

import numpy as np
import scipy.sparse as sp

from kaopt.allocation import model
from kaopt.allocation.program import Program
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import RULES, all_rows, with_switches
from kaopt.allocation.rules.rule import Rule
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


def problem_of(world: Scenario, rules: tuple[Rule, ...] = RULES, *, listener: Listener = silent) -> Problem:
    """The offers of a world and the rows of all rules on them."""
    begun = process_time()
    offers = with_switches(world, make_offers(world), rules)
    listener(Progress("offers", "eligible promotion events", process_time() - begun, done=len(offers)))
    rows = all_rows(world, offers, rules)
    listener(Progress("rules", "rows", process_time() - begun, done=sum(len(one) for one in rows)))
    return Problem(offers, rows)


def program_of(world: Scenario, problem: Problem) -> Program:
    """The program: offers, then switches, then what soft rows miss. Refuses a row that can never hold."""
    if len(problem.offers) <= READABLE:
        return model.to_program(model.build(world, problem.offers, problem.rows))
    return from_arrays(problem)


def from_arrays(problem: Problem) -> Program:
    """The same program as the Pyomo model's, without Pyomo."""
    switches, count = problem.offers.switches, problem.offers.columns
    blocks = [block_of(block) for block in problem.rows]
    sizes = [body.shape[1] - count for body, *_ in blocks]
    extra = sum(sizes)
    worth = np.concatenate([problem.offers.value, switches.value])
    cost, bodies, first = [worth], [sp.csr_matrix((0, count + extra))], 0
    names = [f"chosen[{o}]" for o in range(len(problem.offers))] + [f"switch[{z}]" for z in range(len(switches))]
    for (body, _, _, missed), size, name in zip(blocks, sizes, model.names_of(problem.rows), strict=True):
        before, after = sp.csr_matrix((body.shape[0], first)), sp.csr_matrix((body.shape[0], extra - first - size))
        bodies.append(sp.csr_matrix(sp.hstack([body[:, :count], before, body[:, count:], after])))
        cost.append(missed)
        names += [f"rules[{name}].missed[{i}]" for i in range(size)]
        first += size
    offers, missed = np.ones(len(problem.offers)), np.ones(extra)
    return Program(
        cost=np.concatenate(cost),
        offset=model.from_nothing(worth, problem.offers, problem.rows),
        matrix=sp.csr_matrix(sp.vstack(bodies)),
        row_low=np.concatenate([np.zeros(0), *(low for _, low, _, _ in blocks)]),
        row_high=np.concatenate([np.zeros(0), *(high for _, _, high, _ in blocks)]),
        low=np.concatenate([0 * offers, switches.low, 0 * missed]),
        high=np.concatenate([offers, switches.high, np.inf * missed]),
        integer=np.concatenate([offers > 0, switches.whole, missed < 0]),
        row_names=tuple(f"{one.rule} [{scope}]" for one in problem.rows for scope in held(one).scopes),
        column_names=tuple(names),
    )


def block_of(block: Rows) -> tuple[sp.csr_matrix, Floats, Floats, Floats]:
    """One rule's rows as the model scales them: matrix with the missed columns at its end, limits, their costs."""
    rows = held(block)
    scale = model.scale_of(rows)
    soft = np.flatnonzero(~np.isnan(rows.regret))
    ones = sp.csr_matrix((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(len(rows), len(soft)))
    body = sp.csr_matrix(sp.hstack([sp.csr_matrix(sp.diags(scale) @ rows.matrix), ones, -ones]))
    regret = -rows.regret[soft] / scale[soft]
    return body, rows.low * scale, rows.high * scale, np.concatenate([regret, regret])


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
