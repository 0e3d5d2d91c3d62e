"""`kaopt frontier`: the curve in a folder of its own, every point written as it comes, so that a stop loses nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kaopt import api, pipeline, runs
from kaopt.errors import Fault, InputError, KaoptError
from kaopt.making import Desk
from kaopt.options import Options
from kaopt.pipeline import Outcome
from kaopt.planning import curve_show
from kaopt.planning.curve import Frontier, Point
from kaopt.planning.frontier import Hands, curve
from kaopt.planning.grid import Grid, grid_of
from kaopt.scenario.model import Scenario
from kaopt.screen import Screen

POINT = "point.json"  # of a point's folder, written last
WROTE = {"en": "wrote", "zh": "写入"}


def frontier(scenario: str, over: str, resume: Path | None, options: Options) -> Outcome:
    """The frontier of a scenario over one setting; `resume`: the folder of a stopped run, which is continued."""
    world = pipeline.read(scenario, options)
    grid = grid_of(world, over)
    known = {} if resume is None else points_in(world, grid, resume)
    with room(world, options, resume) as here:
        runs.write_json(here.folder / "asked.json", {"over": grid.path, "world": fingerprint(world)})
        done: list[Point] = []

        def keep(there: Scenario, point: Point) -> None:
            done.append(point)
            if point.value not in known:
                write_point(here, there, grid.values.index(point.value), point)
            so_far = sorted(done, key=lambda one: one.value)
            write_curve(here, Frontier(grid.path, grid.own, world, tuple(so_far), len(grid.values), True))

        made = curve(world, grid, Hands(here.rules, listener=here.listener, keep=keep, known=known))
        write_curve(here, made)
        return conclude(here, made)


@contextmanager
def room(world: Scenario, options: Options, resume: Path | None) -> Iterator[Desk]:
    """The folder of a new run, or of the one that goes on."""
    if resume is None:
        with pipeline.desk(world, options, pipeline.RUNS) as here:
            yield here
        return
    with Screen() as screen, runs.events(resume, also=screen) as listener:
        here = Desk(world, resume, listener, options, options.book())
        try:
            yield here
        except (KaoptError, KeyboardInterrupt) as stop:
            code = getattr(stop, "exit_code", 130)
            runs.finish(resume, pipeline.manifest(here, "interrupted" if code == 130 else "failed", code))
            raise


def fingerprint(world: Scenario) -> str:
    """What the points of one curve have in common: tables and settings."""
    return runs.digest(
        repr(sorted(world.inputs.items())) + json.dumps(runs.plain(dict(world.resolved)), sort_keys=True)
    )


def points_in(world: Scenario, grid: Grid, folder: Path) -> dict[float, Point]:
    """The points that a stopped run has finished. Raises InputError where it was another curve or another world."""
    try:
        asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    except OSError as error:
        words = ("no asked.json", "must be the folder of a frontier", "Name a folder that `kaopt frontier` has made.")
        raise InputError([Fault(str(folder), None, None, *words)]) from error
    if asked != {"over": grid.path, "world": fingerprint(world)}:
        words = ("another setting, other tables or settings", "must be the same curve", "Start a new one.")
        raise InputError([Fault(str(folder), None, None, *words)])
    found = (read_point(world, path.parent) for path in sorted(folder.glob(f"point_*/{POINT}")))
    return {point.value: point for point in found}


def read_point(world: Scenario, folder: Path) -> Point:
    """One finished point from its folder."""

    def content(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    said = content(POINT)
    conflicts = tuple(tuple(one) for one in said.pop("conflicts"))
    point = Point(**said, conflicts=conflicts)
    if not (folder / "plan.csv").is_file():
        return point
    plan = api.load_plan(world, folder / "plan.csv")
    return replace(point, certificate=content("certificate.json"), scorecard=content("scorecard.json"), plan=plan)


def write_point(here: Desk, there: Scenario, number: int, point: Point) -> None:
    """A point's folder: a run of its own, which `kaopt compare` can open."""
    from kaopt.report.tables import plan_csv

    folder = here.folder / f"point_{number + 1:03d}"
    with runs.disk(folder):
        folder.mkdir(exist_ok=True)
    if point.plan is not None:
        runs.write_bytes(folder / "plan.csv", plan_csv(there, api.evaluate(there, point.plan, here.rules).ledger))
        runs.write_json(folder / "certificate.json", dict(point.certificate))
        runs.write_json(folder / "scorecard.json", dict(point.scorecard))
        code = pipeline.EXIT[point.status]
        status = "done" if code == 0 else point.status
        runs.finish(
            folder, replace(pipeline.manifest(replace(here, world=there), status, code), command=tuple(sys.argv))
        )
    names = ("status", "value", "share", "events", "conflicts", "message", "seconds")
    runs.write_json(folder / POINT, {name: getattr(point, name) for name in names})


def write_curve(here: Desk, made: Frontier) -> None:
    """The curve so far: data, table and page."""
    runs.write_json(here.folder / "frontier.json", made.as_dict())
    runs.write_csv(here.folder / "frontier.csv", curve_show.frame(made))
    made.to_html(here.folder / "frontier.html", here.options.lang)


def conclude(here: Desk, made: Frontier) -> Outcome:
    """The manifest, and what is said at the end."""
    code = code_of(made)
    status = {0: "done", 5: "stopped", 130: "interrupted"}.get(code, "failed")
    runs.finish(here.folder, pipeline.manifest(here, status, code))
    word = WROTE.get(here.options.lang, WROTE["en"])
    lines = [made.text(here.options.lang), ""]
    lines += [f"{word} {here.folder / name}" for name in ("frontier.html", "frontier.csv", "frontier.json")]
    return Outcome(code, "\n".join(lines), {"run": str(here.folder), **made.as_dict()}, here.options.json)


def code_of(made: Frontier) -> int:
    """Done where every point is settled: a plan within the asked gap, or a proof that there is none."""
    if made.stopped:
        return 130
    states = {point.status for point in made.points}
    if states <= {"infeasible"}:
        return 3
    if states <= {"infeasible", "no plan"}:
        return 4
    return 0 if states <= {"optimal", "infeasible"} else 5
