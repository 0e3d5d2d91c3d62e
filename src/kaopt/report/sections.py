"""The sections of the page as plain rows: money, losses, bridges, warehouse, rules, certificate, provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from kaopt import runs
from kaopt.report import charts, numbers
from kaopt.report.binding import Binding, bindings
from kaopt.report.calendar import colour, families
from kaopt.report.result import RunResult
from kaopt.report.text import amount, family, name_of, rule, word
from kaopt.report.words import WORDS
from kaopt.scenario.columns import Floats, Ints
from kaopt.scorecard.figures import Interval, point

MANY = 12  # rows of a bar list before the rest is summed up


@dataclass(frozen=True)
class Bar:
    """One row with a bar: `width` as a share of the widest."""

    label: Markup
    value: Markup
    note: Markup
    width: float
    colour: str


def by_family(result: RunResult) -> tuple[Bar, ...]:
    """Promotion spend by mechanic family with what it earned, each event alone."""
    world, ledger = result.world, result.ledger
    kinds = families(world)
    group = np.array([kinds.index(name) for name in world.treatments.family])[ledger.plan.treatment]
    spend = summed(group, ledger.event_spend.sum(axis=1), len(kinds))
    gain = summed(group, ledger.event_contribution, len(kinds))
    labels = [family(name) for name in kinds]
    return spend_bars(labels, spend, gain, [colour(f) for f in range(len(kinds))])


def by_kind(result: RunResult) -> tuple[Bar, ...]:
    """All trade spend of the year lived together: promotions, standing discount, rebate, fees."""
    profit = result.card.total.profit
    kinds = (("promotions", "in_promotions"), ("on_invoice", "on_invoice"), ("rebate", "rebate"), ("fees", "fees"))
    paid = [(word(label), point(profit.at("trade_spend", kind))) for kind, label in kinds]
    total = max(point(profit.at("trade_spend", "total")), 1e-12)
    return tuple(
        Bar(label, amount(value), escape(numbers.percent(value / total, 0)), value / total, colour(5))
        for label, value in paid
        if value > 0
    )


def by_account(result: RunResult) -> tuple[tuple[Bar, ...], Markup | None]:
    """Promotion spend by account, largest first; and the drawing of spend against return."""
    table, ledger = result.world.accounts, result.ledger
    size = len(table.account)
    spend = summed(ledger.plan.account, ledger.event_spend.sum(axis=1), size)
    gain = summed(ledger.plan.account, ledger.event_contribution, size)
    order = [int(a) for a in np.argsort(-spend, kind="stable") if spend[a] > 0]
    names = [name_of(table.account, table.name, table.name_zh, a) for a in range(size)]
    shown = order if len(order) <= MANY + 1 else order[:MANY]
    bars = spend_bars([names[a] for a in shown], spend[shown], gain[shown], [colour(0)] * len(shown))
    if len(shown) < len(order):
        rest = order[len(shown) :]
        note = return_note(float(spend[rest].sum()), float(gain[rest].sum()))
        bars = (*bars, Bar(word("more", count=len(rest)), amount(spend[rest].sum()), note, 0.0, "transparent"))
    drawing = charts.returns(spend[order], gain[order], [names[a] for a in order]) if len(order) > 2 else None
    return bars, drawing


def summed(group: Ints, amounts: Floats, groups: int) -> Floats:
    """[groups] sums of the events' amounts."""
    return np.bincount(group, weights=amounts, minlength=groups).astype(float)


def spend_bars(labels: list[Markup], spend: Floats, gain: Floats, colours: list[str]) -> tuple[Bar, ...]:
    """Rows of spend with their net return."""
    widest = max(float(spend.max(initial=0.0)), 1e-12)
    return tuple(
        Bar(
            labels[i],
            amount(spend[i]),
            return_note(float(spend[i]), float(gain[i])),
            spend[i] / widest,
            colours[i],
        )
        for i in range(len(labels))
        if spend[i] > 0
    )


def return_note(spend: float, gain: float) -> Markup:
    """The net return on a spend."""
    return word("return") + " " + numbers.percent(gain / spend, 0)


def losses(result: RunResult) -> tuple[Bar, ...]:
    """Lost value and penalties by the customer's causes."""
    fill = result.card.total.fill_rate
    if "losses" not in fill.figures:
        return ()
    shares: dict[str, float] = fill.figures["losses"]
    fines: dict[str, float] = fill.figures["penalties"]["by_cause"]
    widest = max(*shares.values(), 1e-12)
    return tuple(
        Bar(word(cause), escape(numbers.percent(value, 2)), penalty_note(fines[cause]), value / widest, colour(4))
        for cause, value in shares.items()
    )


def penalty_note(share: float) -> Markup:
    """A cause's part of the penalties."""
    return escape(numbers.percent(share, 0)) + " " + word("penalty_share") if share else Markup("")


@dataclass(frozen=True)
class Step:
    """One step from planned to delivered."""

    label: Markup
    value: Markup
    width: float
    total: bool


def bridge(steps: tuple[tuple[str, float], ...]) -> tuple[Step, ...]:
    """Steps that change nothing are left out; the first and the last stand out."""
    changes = [abs(value) for name, value in steps if name not in ("planned", "delivered")]
    widest = max([*changes, 1e-12])
    rows = []
    for name, value in steps:
        end = name in ("planned", "delivered")
        if end or value:
            rows.append(Step(step_label(name), amount(value), 0.0 if end else abs(value) / widest, end))
    return tuple(rows)


def step_label(name: str) -> Markup:
    """`lost_age` as `lost: refused for age`."""
    kind, _, cause = name.partition("_")
    return word(kind, cause=WORDS[cause]) if kind in ("lost", "penalty") else word(name)


def warehouse(result: RunResult) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """Use of each resource, and the SKUs whose stock is oldest against their shelf life."""
    if result.service is None:
        return (), ()
    service, skus = result.service, result.world.skus
    means = {name: float(values.mean()) for name, values in service.use.items()}
    use = tuple(
        Bar(known(name), escape(numbers.percent(mean, 0)), Markup(""), min(mean, 1.0), colour(2))
        for name, mean in means.items()
        if not np.isnan(mean)
    )
    days = service.stock_age.mean(axis=0)
    part = days / skus.shelf_life
    order = [int(s) for s in np.argsort(-part, kind="stable")[:8] if not np.isnan(part[s])]
    age = tuple(
        Bar(
            name_of(skus.sku, skus.name, skus.name_zh, s),
            escape(numbers.percent(part[s], 0)),
            Markup("{} {}").format(numbers.signed(float(days[s])), word("days")),
            min(float(part[s]), 1.0),
            colour(1),
        )
        for s in order
    )
    return use, age


def known(name: str) -> Markup:
    """A word where we have one, else the name as it is."""
    return word(name) if name in WORDS else escape(name)


def rules(result: RunResult) -> tuple[tuple[Markup, Binding], ...]:
    """Every rule with its rows and how many of them bind."""
    if result.chosen is None:
        return ()
    return tuple((rule(one.rule), one) for one in bindings(result.rules, result.chosen))


def certificate(result: RunResult) -> tuple[tuple[Markup, Markup], ...]:
    """What is proven, in words."""
    found = result.certificate
    if found is None:
        return ()
    aim = result.world.objective.maximize
    unit = word("profitable_volume") if aim == "profitable_volume" else Markup(result.world.currency)
    status = known(found.status)
    return (
        (word("objective"), escape(numbers.whole(found.objective)) + " " + unit),
        (word("bound"), escape(numbers.whole(found.bound))),
        (word("gap"), escape(numbers.percent(max(found.gap, 0.0), 2))),
        (word("realised"), escape(numbers.whole(found.realised_objective))),
        (word("status"), status + Markup(" · {} · {:,.0f} s").format(found.solver, found.seconds)),
    )


def provenance(result: RunResult) -> dict[str, Any]:
    """Inputs with fingerprints, and the versions of what made this page."""
    return {"inputs": sorted(result.world.inputs.items()), "versions": sorted(runs.versions().items())}


def interval_level(result: RunResult) -> str | None:
    """The level of the intervals on the page; None where it shows none."""
    value = result.card.total.fill_rate.figures.get("value")
    return f"{result.card.confidence:.0%}" if isinstance(value, Interval) and not np.isnan(point(value)) else None
