"""The calendar of the plan: a line per account, a column per week, coloured by mechanic family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from kaopt.report.result import RunResult
from kaopt.report.text import family, name_of
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario

# Okabe and Ito's colours: told apart by every kind of colour vision
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#888888")
HEIGHT = 20  # units of one line's drawing


@dataclass(frozen=True)
class Line:
    """One account's year."""

    name: Markup
    drawing: Markup
    events: int


@dataclass(frozen=True)
class Calendar:
    """All lines, the legend, and how many SKUs a full height stands for."""

    lines: tuple[Line, ...]
    legend: tuple[tuple[str, Markup], ...]  # colour, family
    most: int
    weeks: int
    ticks: tuple[tuple[float, int], ...]  # where in percent, which week


def families(world: Scenario) -> tuple[str, ...]:
    """Mechanic families in the order of the file."""
    return tuple(dict.fromkeys(world.treatments.family))


def colour(position: int) -> str:
    """The colour of a family; the last one serves all that are left."""
    return COLOURS[min(position, len(COLOURS) - 1)]


def counts(result: RunResult) -> Ints:
    """[A, F, W] SKUs promoted at the same time, by family."""
    world, active = result.world, result.ledger.realised.treatment
    kinds = families(world)
    of_family = np.array([kinds.index(name) for name in world.treatments.family])
    found = np.zeros((len(active), len(kinds), world.weeks), dtype=np.int64)
    account, sku, week = np.nonzero(active >= 0)
    np.add.at(found, (account, of_family[active[account, sku, week]], week), 1)
    return found


def calendar(result: RunResult) -> Calendar:
    """The whole calendar; accounts in the order of the file."""
    world = result.world
    found = counts(result)
    most = max(int(found.sum(axis=1).max()), 1)
    per_account = Counter(result.ledger.plan.account.tolist())
    table = world.accounts
    lines = tuple(
        Line(name_of(table.account, table.name, table.name_zh, a), drawing(found[a], most), per_account[a])
        for a in range(len(found))
    )
    used = found.sum(axis=(0, 2)) > 0
    legend = tuple((colour(f), family(name)) for f, name in enumerate(families(world)) if used[f])
    step = max(13, world.weeks // 5)
    ticks = tuple((100 * w / world.weeks, w + 1) for w in range(0, world.weeks, step))
    return Calendar(lines, legend, most, world.weeks, ticks)


def drawing(found: Ints, most: int) -> Markup:
    """One account's weeks as stacked bars; the drawing is stretched to whatever width the page has."""
    weeks = found.shape[1]
    shapes = Markup("").join(
        Markup('<rect x="{}" y="{:.4g}" width="{}" height="{:.4g}" fill="{}"/>').format(*bar[1:], colour(bar[0]))
        for bar in bars(found, most)
    )
    return Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>').format(
        weeks, HEIGHT, shapes
    )


def bars(found: Ints, most: int) -> Iterator[tuple[int, int, float, int, float]]:
    """Family, first week, top, weeks and height; neighbouring weeks that look alike become one bar."""
    unit = HEIGHT / most
    tops = HEIGHT - np.cumsum(found, axis=0) * unit
    for f in range(len(found)):
        week = 0
        while week < found.shape[1]:
            length = 1
            if found[f, week]:
                look = (found[f, week], tops[f, week])
                while week + length < found.shape[1] and (found[f, week + length], tops[f, week + length]) == look:
                    length += 1
                yield f, week, float(tops[f, week]), length, float(found[f, week] * unit)
            week += length
