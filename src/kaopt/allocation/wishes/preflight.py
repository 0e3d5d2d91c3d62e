"""Arithmetic before solving: promises that cannot be kept however one plans, each with the reason in numbers.

Every finding is a proof: what it names cannot hold. Silence proves nothing, the solver has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import RULES, all_rows, with_switches
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.wishes.preflight_room import crowds
from kaopt.errors import Fault
from kaopt.offers import Offers, make_offers
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario


def check(world: Scenario, rules: tuple[Rule, ...] = RULES) -> tuple[Fault, ...]:
    """What cannot hold in this world, before anything is solved; empty where the arithmetic finds nothing."""
    offers = with_switches(world, make_offers(world), rules)
    rows = all_rows(world, offers, rules)
    findings = (crossed(world, rows), out_of_reach(world, offers, rows), too_dear(world, offers, rows))
    return (*(one for many in findings for one in many), *crowded(world, offers, rows))


def crowded(world: Scenario, offers: Offers, rows: tuple[Rows, ...]) -> Iterator[Fault]:
    """Promises that need more room than there is."""
    for one in crowds(offers, rows):
        found = f"what {' and '.join(f'`{rule}`' for rule in one.rules)} asks takes at least {one.least:,.6g}"
        expected = f"{one.block.rule} {one.scope} allows {one.most:,.6g} {one.block.unit}"
        yield placed(world, one.block.rule, one.scope, (found, expected, "Make room or promise less."))


def crossed(world: Scenario, rows: tuple[Rows, ...]) -> Iterator[Fault]:
    """Least above most."""
    for block in rows:
        for i in np.flatnonzero(block.low > block.high):
            least, most = (limit + block.used_without[i] for limit in (block.low[i], block.high[i]))
            found = f"at least {least:,.6g} and at most {most:,.6g} {block.unit_at(int(i))}"
            words = (found, "the minimum must not be above the maximum", "Lower the minimum.")
            yield fault(world, block, int(i), words)


def out_of_reach(world: Scenario, offers: Offers, rows: tuple[Rows, ...]) -> Iterator[Fault]:
    """Minima above what the best offers of every week would bring together, and every switch at its best."""
    gap = max((settings.gap for settings in world.rules.get("spacing", ())), default=0)  # type: ignore[attr-defined]
    offer, week = active_weeks(world, offers, gap)
    _, skus, weeks = world.shape
    cell = (offers.account[offer] * skus + offers.sku[offer]) * weeks + week
    length = np.bincount(offer, minlength=len(offers))
    for block in rows:
        for i in hard_minima(block):
            entries = block.matrix[[i]].toarray().ravel()
            worth = np.maximum(entries[: len(offers)], 0.0) / length
            best = most_per_cell(cell, worth[offer]) + most_of_switches(offers, entries[len(offers) :])
            if best < block.low[i] - slack(block.low[i]):
                most, least = best + block.used_without[i], block.low[i] + block.used_without[i]
                expected = f"all eligible promotions together bring at most {most:,.6g} {block.unit_at(int(i))}"
                words = (f"at least {least:,.6g} {block.unit_at(int(i))}", expected, "Lower the target.")
                yield fault(world, block, int(i), words)


def hard_minima(block: Rows) -> Ints:
    """Rows that nothing meets and that must be met."""
    found: Ints = np.flatnonzero(np.isnan(block.regret) & (block.low > 0))
    return found


def most_per_cell(cell: Ints, worth: Floats) -> float:
    """At most one event covers a cell, and brings no more there than the best one, spread evenly over its weeks."""
    useful = worth > 0
    where, values = cell[useful], worth[useful]
    order = np.lexsort((values, where))
    last = np.flatnonzero(np.append(np.diff(where[order]) != 0, True)) if len(order) else order
    return float(values[order][last].sum())


def most_of_switches(offers: Offers, entries: Floats) -> float:
    """What the switches can bring to a row at most, each at its better end."""
    used = np.flatnonzero(entries)
    low, high = offers.switches.low[used], offers.switches.high[used]
    return float(np.maximum(entries[used] * low, entries[used] * high).sum())


def too_dear(world: Scenario, offers: Offers, rows: tuple[Rows, ...]) -> Iterator[Fault]:
    """Promises that cost more than a budget even if each is met in the cheapest way."""
    caps = [(block, j) for block in rows if block.rule == "budget" for j in np.flatnonzero(np.isfinite(block.high))]
    for block in rows:
        asked = hard_minima(block)
        needs = block.matrix[asked].tocoo()
        helps = needs.data > 0
        promise, offer, part = needs.coords[0][helps], needs.coords[1][helps], needs.data[helps]
        # one offer must not serve two promises, or the sum below would count its spend twice
        if block.rule == "budget" or len(np.unique(offer)) < len(offer):
            continue
        for cap, j in caps:
            spend = cap.matrix[[j]].toarray().ravel()
            if np.any(spend < 0):  # where two promotions meet they may cost less
                continue
            cheapest = np.full(len(asked), np.inf)
            np.minimum.at(cheapest, promise, spend[offer] / part)
            least = float(np.where(np.isfinite(cheapest), cheapest, 0.0) @ block.low[asked])
            if least > cap.high[j] + slack(cap.high[j]):
                found = f"what `{block.rule}` promises costs at least {least:,.6g}"
                expected = f"the budget {cap.scopes[j]} allows {cap.high[j]:,.6g} money"
                yield fault(world, cap, int(j), (found, expected, "Raise the budget or promise less."))


def fault(world: Scenario, block: Rows, i: int, words: tuple[str, str, str]) -> Fault:
    """The finding (found, expected, remedy) as a fault, at the place in the files that states the rule."""
    return placed(world, block.rule, block.scopes[i], words)


def placed(world: Scenario, rule: str, scope: str, words: tuple[str, str, str]) -> Fault:
    """A finding at the place in the files that states the rule."""
    key = "budget" if rule == "budget" else f"rules.{rule}"
    file, _, line = world.provenance.get(key, "scenario.yaml").rpartition(":")
    number = int(line) if file and line.isdigit() else None
    return Fault(file or line, number, f"{key} [{scope}]", *words)
