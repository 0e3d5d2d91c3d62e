r"""The model as one reads it: choose offers of the greatest value so that every rule holds.

    maximise   sum of value_o chosen_o  +  sum of value_z switch_z  -  sum of regret_i missed_i
    subject to low_i <= (A [chosen, switch])_i + missed_i <= high_i      for every row i of every rule
               chosen_o in {0, 1},  switch_z within its bounds, most of them 0 or 1 (fees, tiers: `kaopt.switches`)
               missed_i >= 0 for soft rows, none for hard ones

The objective is measured from doing nothing: what switches and misses are worth there is taken off.

Each row stands in the model divided by the power of two next to its largest coefficient (`scale_of`), so that
targets in millions and counts of one are alike to a solver. A price of a row in the model, times `scale_of`,
is its price per natural unit; powers of two make that exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum, inf, isnan
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from pyomo.core.expr.numeric_expr import LinearExpression
from pyomo.environ import (
    Binary,
    Block,
    ConcreteModel,
    Constraint,
    Integers,
    NonNegativeReals,
    Objective,
    RangeSet,
    Reals,
    Var,
    maximize,
)
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from kaopt.allocation.rows import Rows
from kaopt.allocation.solver.program import Program
from kaopt.errors import InfeasibleError
from kaopt.offers import Offers
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.switches import Switches


def build(world: Scenario, offers: Offers, rows: tuple[Rows, ...]) -> ConcreteModel:
    """The Pyomo model; `chosen[o]` follows the order of the offers. InfeasibleError where a row can never hold."""
    model = ConcreteModel(name=world.name.en)
    model.offers = RangeSet(0, len(offers) - 1)
    model.chosen = Var(model.offers, domain=Binary)
    add_switches(model, offers.switches)
    model.rules = Block(names_of(rows))
    columns = np.array([*model.chosen.values(), *model.switch.values()], dtype=object)
    worth = np.concatenate([offers.value, offers.switches.value])
    terms = [(worth, columns)]
    for name, block in zip(names_of(rows), rows, strict=True):
        terms.append(add_rule(model.rules[name], block, columns))
    coefs, variables = (np.concatenate(parts) for parts in zip(*terms, strict=True))
    constant = from_nothing(worth, offers, rows)
    value = LinearExpression(constant=constant, linear_coefs=coefs.tolist(), linear_vars=variables.tolist())
    model.objective = Objective(expr=value, sense=maximize)
    return model


def add_switches(model: Any, switches: Switches) -> None:
    """`switch[z]` in the order of the switches, within their bounds."""
    model.switches = RangeSet(0, len(switches) - 1)
    model.switch = Var(model.switches, domain=Reals)
    for z, variable in model.switch.items():
        variable.domain = Integers if switches.whole[z] else Reals
        variable.setlb(float(switches.low[z]))
        variable.setub(float(switches.high[z]) if switches.high[z] < inf else None)


def from_nothing(worth: Floats, offers: Offers, rows: tuple[Rows, ...]) -> float:
    """What measures the objective from doing nothing: the switches' worth and the regret there, taken off."""
    idle = offers.switches.nothing
    still = np.concatenate([np.zeros(len(offers)), idle])
    return fsum([-(worth[len(offers) :] @ idle), *(nothing(block, still) for block in rows)])


def names_of(rows: tuple[Rows, ...]) -> list[str]:
    """A name for each rule's block; a rule that holds in several settings is numbered from its second."""
    seen: list[str] = []
    for block in rows:
        count = sum(name == block.rule or name.startswith(f"{block.rule} ") for name in seen)
        seen.append(block.rule if count == 0 else f"{block.rule} {count + 1}")
    return seen


def scale_of(rows: Rows) -> Floats:
    """[M] a row of the model is the rule's row times this: the power of two that makes its largest entry near 1."""
    body, largest = rows.matrix, np.zeros(len(rows))
    filled = np.flatnonzero(np.diff(body.indptr))
    if len(filled):
        largest[filled] = np.maximum.reduceat(np.abs(body.data), body.indptr[filled])
    return np.exp2(-np.round(np.log2(np.where(largest > 0, largest, 1.0))))


def nothing(rows: Rows, still: Floats) -> float:
    """The regret of choosing no offer at all: added back, so that the objective is measured from doing nothing.

    `still`: [O + Z] the columns in a world without events.
    """
    if np.isnan(rows.regret).all():
        return 0.0
    used = rows.matrix @ still[: rows.matrix.shape[1]]
    missed = np.maximum(rows.low - used, 0.0) + np.maximum(used - rows.high, 0.0)
    soft = ~np.isnan(rows.regret) & (missed > 0)
    return float(missed[soft] @ rows.regret[soft])


def add_rule(block: Any, rows: Rows, all_columns: Any) -> tuple[Floats, Any]:
    """Give a rule its constraints; returns the costs and variables of what its soft rows may miss."""
    scale = scale_of(rows)
    labels = labels_of(rows)
    soft = [label for label, regret in zip(labels, rows.regret, strict=True) if not isnan(regret)]
    block.short = Var(soft, domain=NonNegativeReals)
    block.over = Var(soft, domain=NonNegativeReals)
    block.limit = Constraint(labels)
    costs: list[float] = []
    for i, (label, body, columns) in enumerate(lines(rows, scale)):
        coefs, variables = body, all_columns[columns].tolist()
        low, high = scaled(rows.low[i], scale[i]), scaled(rows.high[i], scale[i])
        if not isnan(rows.regret[i]):
            coefs, variables = [*body, 1.0, -1.0], [*variables, block.short[label], block.over[label]]
            costs += [-rows.regret[i] / scale[i]] * 2
        if not variables:
            refuse_impossible(rows, i)
            continue
        block.limit.add(label, (low, LinearExpression(constant=0, linear_coefs=coefs, linear_vars=variables), high))
    missed = [one for label in soft for one in (block.short[label], block.over[label])]
    return np.array(costs, dtype=float), np.array(missed, dtype=object)


def labels_of(rows: Rows) -> list[str]:
    """The rows' scopes, numbered where one occurs again."""
    seen: dict[str, int] = {}
    labels = []
    for one in rows.scopes:
        seen[one] = seen.get(one, 0) + 1
        labels.append(one if seen[one] == 1 else f"{one} ({seen[one]})")
    return labels


def lines(rows: Rows, scale: Floats) -> Iterator[tuple[str, list[float], Any]]:
    """Label, scaled coefficients and columns of each row."""
    body = sp.csr_matrix(sp.diags(scale) @ rows.matrix) if len(rows) else rows.matrix
    for i, label in enumerate(labels_of(rows)):
        part = slice(body.indptr[i], body.indptr[i + 1])
        yield label, body.data[part].tolist(), body.indices[part]


def scaled(limit: float, scale: float) -> float | None:
    """A limit in the model's scale; None where there is none."""
    return float(limit * scale) if abs(limit) < inf else None


def refuse_impossible(rows: Rows, i: int) -> None:
    """A row that no offer can help and that nothing meets."""
    if rows.low[i] > 0 or rows.high[i] < 0:
        name = f"{rows.rule} [{rows.scopes[i]}]"
        raise InfeasibleError(f"{name} cannot hold: no eligible promotion contributes to it", ((rows.rule,),))


def to_program(model: ConcreteModel) -> Program:
    """The Pyomo model as arrays, by Pyomo's own compiler: offers, then switches, then what soft rows miss."""
    variables = [*model.chosen.values(), *model.switch.values()]
    variables += [one for block in model.rules.values() for pair in (block.short, block.over) for one in pair.values()]
    form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None, column_order=variables)
    place = {id(variable): i for i, variable in enumerate(variables)}
    columns = np.array([place[id(variable)] for variable in form.columns], dtype=np.int64)
    cost = np.zeros(len(variables))
    objective = form.c.tocoo()
    cost[columns[objective.coords[1]]] = objective.data
    matrix, low, high, names = merged(form, columns, len(variables))
    bounds = [variable.bounds for variable in variables]
    return Program(
        cost=cost,
        offset=float(form.c_offset[0]),
        matrix=matrix,
        row_low=low,
        row_high=high,
        low=np.array([-inf if one[0] is None else one[0] for one in bounds], dtype=float),
        high=np.array([inf if one[1] is None else one[1] for one in bounds], dtype=float),
        integer=np.array([not variable.is_continuous() for variable in variables], dtype=bool),
        row_names=names,
        column_names=tuple(variable.name for variable in variables),
    )


def merged(form: Any, columns: Any, size: int) -> tuple[sp.csr_matrix, Floats, Floats, tuple[str, ...]]:
    """One row per constraint: Pyomo writes a range as an upper row followed by a lower one."""
    first = [i for i, row in enumerate(form.rows) if i == 0 or row.constraint is not form.rows[i - 1].constraint]
    number = np.cumsum(np.isin(np.arange(len(form.rows)), first)) - 1
    low, high = np.full(len(first), -inf), np.full(len(first), inf)
    for i, (row, limit) in enumerate(zip(form.rows, form.rhs, strict=True)):
        if row.bound_type <= 0:
            low[number[i]] = limit
        if row.bound_type >= 0:
            high[number[i]] = limit
    body = form.A.tocsr()[first].tocoo()
    matrix = sp.csr_matrix((body.data, (body.coords[0], columns[body.coords[1]])), shape=(len(first), size))
    return matrix, low, high, tuple(form.rows[i].constraint.name for i in first)


def write_model(model: ConcreteModel, path: Path) -> None:
    """Save the model for any solver: `.mps` or `.lp` by the file's ending."""
    model.write(str(path), format={".mps": "mps", ".lp": "lp"}[path.suffix])
