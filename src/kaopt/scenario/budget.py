"""Spend limits as lines: which accounts, weeks and treatments count, and between what their spend must lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed, frozen, matches
from kaopt.scenario.columns import Ints, Texts
from kaopt.scenario.cross import ranges
from kaopt.scenario.model import BudgetLine
from kaopt.scenario.settings import Budget, BudgetNode
from kaopt.scenario.shelf import Shelf
from kaopt.scenario.sources import Origin, suggest
from kaopt.scenario.yaml_file import Node

BRANCHES = ("account", "channel", "region", "segment")


@dataclass(frozen=True, eq=False)
class Tree:
    """What a limit can name: columns of the accounts, families of the treatments, the quarter of each week."""

    accounts: Mapping[str, Texts]
    family: Texts
    quarter: Ints  # [W] from 1


@dataclass(frozen=True)
class Stated:
    """A limit, the setting that states it, and where that stands."""

    node: BudgetNode
    column: str
    place: Origin


def budget_lines(budget: Budget, settings: Node, shelf: Shelf, quarter: Ints) -> tuple[list[BudgetLine], list[Fault]]:
    """Every limit that limits something as a line, and the faults of those that cannot be. `quarter` [W] from 0."""
    accounts, mechanics = shelf.tables["accounts"].values, shelf.tables["mechanics"].values
    columns = {name: tuple(str(one) for one in accounts[name]) for name in BRANCHES}
    tree = Tree(columns, tuple(str(one) for one in mechanics["family"]), quarter + 1)
    lines, faults = [], []
    for one in [*_settings(budget, settings), *_rows(shelf.tables.get("budgets"))]:
        if one.node.max == inf and one.node.min <= 0:
            continue
        wrong = list(_wrong(one, tree))
        faults += wrong
        if not wrong:
            lines.append(line(one.node, tree))
    return lines, faults


def _settings(budget: Budget, settings: Node) -> Iterator[Stated]:
    """The limits in scenario.yaml: in total, by quarter, at any node."""

    def stated(node: BudgetNode, *path: str) -> Stated:
        return Stated(node, ".".join(path), settings.at(path).origin)

    yield stated(_node((budget.total.min, budget.total.max)), "budget", "total")
    for number, limits in sorted(budget.by_quarter.items()):
        yield stated(_node((limits.min, limits.max), quarter=number), "budget", "by_quarter", str(number))
    for place, node in enumerate(budget.nodes):
        yield stated(node, "budget", "nodes", str(place))


def _node(bounds: tuple[float, float], *, account: str = "*", quarter: int | None = None) -> BudgetNode:
    """A limit from values that have been read already (an infinite one cannot be written)."""
    return BudgetNode.model_construct(account=account, quarter=quarter, min=bounds[0], max=bounds[1])


def _rows(table: Typed | None) -> Iterator[Stated]:
    """The limits of the table by account."""
    for row, (account, quarter, most, least) in table.rows("account", "quarter", "max", "min") if table else ():
        node = _node((least, most), account=account, quarter=quarter or None)
        yield Stated(node, "quarter" if quarter else "max", table.grid.origins[row] if table else Origin(""))


def scope_of(node: BudgetNode) -> str:
    """`channel=hyper family=display quarter=2`; `total` where nothing narrows it."""
    parts = [f"{name}={getattr(node, name)}" for name in (*BRANCHES, "family") if getattr(node, name) != "*"]
    parts += [f"quarter={node.quarter}"] if node.quarter else []
    parts += [f"weeks={ranges(set(node.weeks)).replace(', ', '|')}"] if node.weeks else []
    return " ".join(parts) or "total"


def line(node: BudgetNode, tree: Tree) -> BudgetLine:
    """The accounts, weeks and treatments that a limit means."""
    accounts = np.ones(len(tree.accounts["account"]), dtype=bool)
    for name in BRANCHES:
        accounts &= np.array(matches(getattr(node, name), tree.accounts[name]), dtype=bool)
    weeks = np.ones(len(tree.quarter), dtype=bool)
    if node.quarter:
        weeks &= tree.quarter == node.quarter
    if node.weeks:
        weeks &= np.isin(np.arange(len(weeks)) + 1, node.weeks)
    treatments = np.array(matches(node.family, tree.family), dtype=bool)
    return BudgetLine(
        node.name or scope_of(node), frozen(accounts), frozen(weeks), frozen(treatments), node.min, node.max
    )


def _wrong(one: Stated, tree: Tree) -> Iterator[Fault]:
    """A limit that nothing falls under, or whose least is above its most."""
    node, quarters = one.node, int(tree.quarter[-1])
    known = {**tree.accounts, "family": tree.family}
    for name, ids in known.items():
        if not any(matches(getattr(node, name), ids)):
            remedy = suggest(getattr(node, name), sorted({one for one in ids if one}))
            yield one.place.fault(f"{one.column}.{name}", getattr(node, name), f"must be a known {name}", remedy)
    if node.quarter is not None and not 1 <= node.quarter <= quarters:
        yield one.place.fault(one.column, str(node.quarter), f"must be a quarter of the horizon, 1-{quarters}")
    if node.weeks and node.weeks[-1] > len(tree.quarter):
        yield one.place.fault(
            f"{one.column}.weeks", str(node.weeks[-1]), f"must be a week from 1 to {len(tree.quarter)}"
        )
    if node.min > node.max:
        yield one.place.fault(one.column, f"min {node.min:g}", f"must not be above max {node.max:g}")
