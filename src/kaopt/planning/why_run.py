"""`kaopt why`: one offer explained, on a scenario or on a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaopt import api, pipeline, runs
from kaopt.errors import Fault, InputError
from kaopt.options import Options
from kaopt.pipeline import Outcome
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.allocation.explain.why import Why
    from kaopt.allocation.rules.rule import Rule


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


def world_of(run: runs.Run, rules: tuple[Rule, ...] | None = None) -> Scenario:
    """The world of a run, read again from its files; a fault where these are not what they were."""
    source = run.manifest.get("source") or {}
    folder = Path(str(source.get("folder", "")))
    if not source or not folder.is_dir():
        raise changed(run.folder, str(folder), "must be the folder that the run was made from", "Put it back there.")
    said = tuple(source["overrides"])
    world = api.load(folder, variant=source["variant"], overrides=said, model=source["model"], rules=rules)
    refuse_changes(run.folder, run.manifest["inputs"], world.inputs)
    return world


def refuse_changes(folder: Path, before: Mapping[str, Any], now: Mapping[str, str]) -> None:
    """The inputs must be those of the run, file by file."""
    names = sorted({*before, *now})
    differ = [name for name in names if name in now and before.get(name) != now[name]]
    missing = [name for name in names if name not in now]
    if differ or missing:
        what = ", ".join([*differ, *(f"{name} (not read any more)" for name in missing)])
        raise changed(folder, what, "must be as it was when the run was made", "Run the scenario again.")


def changed(folder: Path, found: str, expected: str, remedy: str) -> InputError:
    """The scenario of a run is no longer what it was."""
    return InputError([Fault(str(folder), None, "scenario", found, expected, remedy)])
