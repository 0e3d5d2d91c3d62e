"""The report of a run without a plan: which rules cannot hold together, and the cheapest ways out."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup

from kaopt import runs
from kaopt.errors import Change, InfeasibleError, Repair
from kaopt.report import numbers, text
from kaopt.scenario.model import Scenario

TEMPLATE = "infeasible.html.j2"


def write_report(path: Path, world: Scenario, stop: InfeasibleError, language: str) -> Path:
    """Write report.html in one step."""
    return runs.write_text(path, render(world, stop, language))


def render(world: Scenario, stop: InfeasibleError, language: str) -> str:
    """The page as text; the same findings give the same bytes."""
    room = resources.files("kaopt.report")
    loader = jinja2.FunctionLoader(lambda name: (room / name).read_text(encoding="utf-8"))
    pages = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    en = world.name.en or world.name.zh or world.folder.name
    said = {name: because(world, name) for one in stop.conflicts for name in one}
    return pages.get_template(TEMPLATE).render(
        world=world,
        language=language,
        title=text.both(en, world.name.zh or en),
        conflicts=[[(text.rule(name), said[name]) for name in one] for one in stop.conflicts],
        repairs=[way_out(world, one) for one in stop.repairs],
        word=text.word,
    )


def because(world: Scenario, rule: str) -> str:
    """The reasons that the scenario gives for a rule."""
    return "; ".join(dict.fromkeys(one.because for one in world.rules.get(rule, ()) if one.because))


def way_out(world: Scenario, repair: Repair) -> tuple[Markup, list[tuple[Markup, ...]]]:
    """A repair: what the plan is worth then, and each change as cells of a row."""
    aim = world.objective.maximize
    unit = Markup(world.currency) if aim in ("profit", "value") else text.word("profitable_volume")
    worth = text.amount(repair.objective) + " " + unit
    return worth, [cells(world, one) for one in repair.changes]


def cells(world: Scenario, change: Change) -> tuple[Markup, ...]:
    """Rule, where, from, to, and the change as a part of the limit."""
    before, after = (text.quantity(one, change.unit, world.currency) for one in (change.before, change.after))
    moved = (change.after - change.before) / abs(change.before) if change.before else float("nan")
    share = Markup(numbers.percent(moved, 2))
    return text.rule(change.rule), text.scope(change.scope), before, after, share
