"""What was delivered and what was not, as rows of the page: fills, clauses, ages, and what came after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup, escape
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kaopt.report import numbers
from kaopt.report.calendar import colour
from kaopt.report.charts import STYLE, Labels, canvas, svg
from kaopt.report.result import RunResult
from kaopt.report.sections import Bar
from kaopt.report.supply_view import busy
from kaopt.report.text import amount, name_of, word
from kaopt.scenario.columns import Floats
from kaopt.scorecard import risk
from kaopt.scorecard.money import GROUPS
from kaopt.scorecard.reconciliation import LEVELS, reconcile
from kaopt.service import Ages

WEEKS_A_YEAR = 52
AGES = {"ages_stock": colour(1), "ages_met": colour(0)}


@dataclass(frozen=True)
class Fills:
    """The table of fill rates: one column a definition, one row a cause."""

    columns: tuple[Markup, ...]
    rows: tuple[tuple[Markup, tuple[str, ...]], ...]
    sums: tuple[tuple[Markup, tuple[str, ...]], ...]


def view(result: RunResult) -> dict[str, Any]:
    """Everything for the template; empty without a simulation that counted it."""
    return {
        "fills": fills(result),
        "clauses": clauses(result),
        "ages": drawn_ages(result),
        "age_colours": [(paint, word(key)) for key, paint in AGES.items()],
        "past_limit": past_limit(result),
        "after": after(result),
        "risk": bad_years(result),
        "busy": busy(result),
    }


def fills(result: RunResult) -> Fills | None:
    """Causes in points of each definition of fill, and the fill rates below."""
    service = result.service
    found = None if service is None else reconcile(service, np.arange(len(result.world.accounts.account)))
    if found is None:
        return None
    lost = [g for g in range(len(GROUPS)) if found.failed[:, g].any()]
    rows = [(word(GROUPS[g]), points(-found.failed[:, g])) for g in lost]
    sums = [(word("fill_promised"), points(found.promised))]
    if (found.requested < found.promised - 1e-9).any():
        sums.append((word("fill_requested"), points(found.requested)))
    return Fills(tuple(word(f"fill_{level}") for level in LEVELS), tuple(rows), tuple(sums))


def points(shares: Floats) -> tuple[str, ...]:
    """Shares as percentages with one digit."""
    return tuple(numbers.percent(float(one)) if one else numbers.NOTHING for one in shares)


def clauses(result: RunResult) -> tuple[Bar, ...]:
    """Deductions a year by contract clause, largest first."""
    if result.service is None:
        return ()
    scale = WEEKS_A_YEAR / result.world.weeks
    paid = {name: scale * float(values.sum(axis=1).mean()) for name, values in result.service.clauses.items()}
    total, widest = sum(paid.values()), max(paid.values(), default=0.0)
    return tuple(
        Bar(word(f"clause_{name}"), amount(money), escape(numbers.percent(money / total, 0)), money / widest, colour(5))
        for name, money in sorted(paid.items(), key=lambda one: -one[1])
        if money > 0
    )


def drawn_ages(result: RunResult) -> Markup | None:
    """The profile of ages in the warehouse and on delivery."""
    ages = None if result.service is None else result.service.ages
    if ages is None or not ages.stock.sum() or not ages.met.sum():
        return None
    labels, (stock, met) = Labels(), shares(ages)
    edges = 100 * np.arange(len(stock)) / (len(stock) - 1)
    with mpl.rc_context(STYLE):
        figure, axes = canvas(250)
        wide = edges[1]
        for values, key, shift in ((stock, "ages_stock", 0.27), (met, "ages_met", 0.73)):
            axes.bar(edges + shift * wide, values, width=0.42 * wide, color=AGES[key], linewidth=0)
        axes.set_xlabel(labels.put(word("ages_axis")))
        axes.set_title(labels.put(word("ages_share")), loc="left", fontsize=13, pad=5)
        axes.grid(visible=False, axis="x")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: labels.put(Markup(numbers.percent(value, 0)))))
        last = float(edges[np.flatnonzero(stock + met)[-1]]) + wide
        axes.set_xlim(0, min(max(last, 4 * wide), 100 + wide))
        figure.subplots_adjust(left=0.15, right=0.97, top=0.9, bottom=0.2)
        return svg(figure, labels, "ages")


def shares(ages: Ages) -> tuple[Floats, Floats]:
    """[bins] of all cases in the warehouses, and of all that met an inspector."""
    stock, met = ages.stock.sum(axis=0), ages.met.sum(axis=(0, 1))
    return stock / stock.sum(), met / met.sum()


def past_limit(result: RunResult) -> tuple[Bar, ...]:
    """The accounts for which most of the stock is too old."""
    ages, table = None if result.service is None else result.service.ages, result.world.accounts
    if ages is None:
        return ()
    old, every = ages.past_limit.sum(axis=0).T
    part = np.divide(old, every, out=np.zeros_like(old), where=every > 0)
    order = [int(a) for a in np.argsort(-part, kind="stable")[:8] if part[a] > 0]
    return tuple(
        Bar(
            name_of(table.account, table.name, table.name_zh, a),
            escape(numbers.percent(part[a], 1)),
            Markup(""),
            float(part[a] / part[order[0]]),
            colour(1),
        )
        for a in order
    )


def bad_years(result: RunResult) -> tuple[tuple[Markup, Markup], ...]:
    """How likely each agreed fill rate is missed, and the penalties of the worst years, with their intervals."""
    service, table, rows = result.service, result.world.accounts, []
    if service is None:
        return ()
    for one in risk.likeliest(risk.misses(result.world, service)):
        name = name_of(table.account, table.name, table.name_zh, one.account)
        said = (numbers.percent(part, 0) for part in (one.chance.share, one.chance.low, one.chance.high))
        label = Markup("{} {}").format(name, word("below_agreed", level=numbers.percent(one.level)))
        rows.append((label, Markup("{} ({} – {})").format(*said)))
    worst = risk.worst_penalties(service)
    if worst is not None:
        money = (amount(one) for one in (worst.mean, worst.low, worst.high))
        rows.append((word("worst_penalties"), Markup("{} ({} – {})").format(*money)))
    return tuple(rows)


def after(result: RunResult) -> tuple[tuple[Markup, Markup], ...]:
    """What came back, what was written off, and when the money came."""
    service, rows = result.service, []
    if service is None:
        return ()
    scale = WEEKS_A_YEAR / result.world.weeks
    yearly = (
        ("returned", service.returned_value),
        ("unsold_back", service.unsold_value),
        ("written_off", service.write_off_value),
    )
    for name, values in yearly:
        if values is not None and values.any():
            rows.append((word(name), amount(scale * float(values.sum() / len(values)))))
    if service.cash is not None and service.cash[..., 0].sum() > 0:
        days = service.cash[..., 1].sum() / service.cash[..., 0].sum()
        rows.append((word("order_to_cash"), Markup("{:.1f} {}").format(days, word("days"))))
    return tuple(rows)
