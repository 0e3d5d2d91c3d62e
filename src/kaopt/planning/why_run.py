"""`kaopt why`: one offer explained, on a scenario or on a finished run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kaopt import api, pipeline, runs
from kaopt.options import Options
from kaopt.past_runs import world_of
from kaopt.pipeline import Outcome
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.allocation.explain.why import Why


@dataclass(frozen=True)
class Cell:
    """What is asked about: an account's SKU in a week (from 1), and which of its offers where it has several."""

    account: str
    sku: str
    week: int
    treatment: str | None = None
    weeks: int | None = None


def why(where: str, cell: Cell, options: Options) -> Outcome:
    """Why an offer is in the plan of a run, or what a scenario's prices say about it."""
    from kaopt.report.why_text import why_text

    world, plan = asked(where, options)
    found = explained(world, plan, cell, options)
    return Outcome(0, why_text(world, found, options.lang), runs.plain(found.as_dict()), options.json)


def explained(world: Scenario, plan: Plan | None, cell: Cell, options: Options) -> Why:
    """The explanation of a cell's offer."""
    from kaopt.allocation.explain.relaxed import relaxed_of
    from kaopt.allocation.explain.why import why as explain

    place = (cell.account, cell.sku, cell.week)
    relaxed = relaxed_of(world, options.book()) if options.rules else None
    return explain(world, plan, *place, treatment=cell.treatment, weeks=cell.weeks, relaxed=relaxed)


def asked(where: str, options: Options) -> tuple[Scenario, Plan | None]:
    """The world that is asked about, and its plan where a run has made one."""
    folder = Path(where).expanduser()
    if not (folder / runs.MANIFEST).is_file():
        return pipeline.read(where, options), None
    run = runs.open_run(folder)
    world = world_of(run, options.book())
    return world, api.load_plan(world, folder / "plan.csv")
