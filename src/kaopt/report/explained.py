"""What explains the plan, as rows of the page: the dearest limits with their prices, and what 100 of spend buys."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from markupsafe import Markup, escape

from kaopt.allocation.explain.buys import Buy
from kaopt.report import numbers
from kaopt.report.result import RunResult
from kaopt.report.text import family, name_of, quantity, rule, scope, word
from kaopt.scenario.model import Scenario

MANY = 12  # rows of a group


@dataclass(frozen=True)
class Dear:
    """One limit that costs much."""

    rule: Markup
    scope: Markup
    limit: Markup
    price: str
    down: str
    up: str


@dataclass(frozen=True)
class Bought:
    """What one group's money buys; `width` as a share of the widest average."""

    name: Markup
    spend: str
    average: str
    last: str
    next: str
    width: float


def dearest(result: RunResult) -> tuple[Dear, ...]:
    """The limits whose prices were tested, in objective units per natural unit."""
    known = result.explanation
    if known is None:
        return ()
    rows = [(known.prices.problem.rows[step.block], step) for step in known.steps]
    return tuple(
        Dear(
            rule(block.rule),
            scope(block.scopes[step.row]),
            quantity(step.limit, block.unit_at(step.row), result.world.currency),
            *(fine(one) for one in (step.price, step.down, step.up)),
        )
        for block, step in rows
    )


def by_group(result: RunResult) -> tuple[tuple[Markup, tuple[Bought, ...]], ...]:
    """What 100 of spend buys: in total, by account, mechanic, treatment and SKU, the largest spend first."""
    known = result.explanation
    if known is None:
        return ()
    found = []
    for by in dict.fromkeys(one.by for one in known.buys):
        rows = [one for one in known.buys if one.by == by and one.spend > 0][:MANY]
        widest = max([one.average for one in rows if one.average > 0], default=1.0)
        if rows:
            heading = word("by_account" if by == "account" else by)
            found.append((heading, tuple(bought(result.world, one, widest) for one in rows)))
    return tuple(found)


def bought(world: Scenario, one: Buy, widest: float) -> Bought:
    """One group."""
    width = max(one.average, 0.0) / widest
    average, last, following = (fine(value) for value in (one.average, one.last, one.next))
    return Bought(named(world, one), numbers.whole(one.spend), average, last, following, width)


def named(world: Scenario, one: Buy) -> Markup:
    """A group by its name in each language."""
    if one.by == "account":
        accounts = world.accounts
        return name_of(accounts.account, accounts.name, accounts.name_zh, accounts.account.index(one.name))
    if one.by == "sku":
        return name_of(world.skus.sku, world.skus.name, world.skus.name_zh, world.skus.sku.index(one.name))
    return family(one.name) if one.by == "family" else word("total") if one.by == "total" else escape(one.name)


def fine(value: float) -> str:
    """Three digits also of small prices; a dash where there is none."""
    if isnan(value):
        return numbers.NOTHING
    return numbers.signed(value) if abs(value) >= 1 or value == 0 else f"{value:.3g}".replace("-", "−")
