"""`kaopt allocate` with a plan to stay near, further locks, or a choice of plans."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from kaopt import api, pipeline, plan_prices, runs
from kaopt.errors import Fault, InputError
from kaopt.making import Desk, explained
from kaopt.options import Options
from kaopt.pipeline import Outcome
from kaopt.plan import Plan
from kaopt.scenario.kinds import parse
from kaopt.scenario.model import Scenario
from kaopt.scenario.plan_rows import read_locks
from kaopt.scenario.quantities import Wrong


@dataclass(frozen=True)
class Wishes:
    """What `allocate` is asked for beside the best plan."""

    near: Path | None = None
    changes: int | None = None
    within: str | None = None  # 1%
    locks: Path | None = None
    alternatives: int | None = None
    after: Path | None = None  # the folder of a run to go on from

    def refuse_nonsense(self) -> None:
        """Options that need another one, or exclude each other."""
        if self.near is not None and self.alternatives is not None:
            refuse("--alternatives", "together with --near", "must be one of the two", "Run it twice.")
        if self.after is not None and (self.near is not None or self.alternatives is not None):
            refuse("--after", str(self.after), "must not be said with --near or --alternatives", "Leave one out.")
        if self.changes is not None and self.near is None:
            refuse("--changes", str(self.changes), "needs a plan to stay near", "Add --near plan.csv.")
        if self.changes is not None and self.within is not None:
            refuse("--changes", str(self.changes), "must not be said with --within", "Choose one of the two.")
        if self.within is not None and self.near is None and self.alternatives is None:
            refuse("--within", self.within, "needs --alternatives or --near", "Add --alternatives 3.")
        if self.alternatives is not None and self.within is None:
            refuse("--alternatives", str(self.alternatives), "needs what may be given up", "Add --within 1%.")

    @property
    def share(self) -> float | None:
        """What may be given up of the best objective, as a share of 1."""
        if self.within is None:
            return None
        try:
            return float(parse("share", self.within))
        except Wrong as wrong:
            refuse("--within", self.within, wrong.expected, wrong.remedy)


def refuse(option: str, found: str, expected: str, remedy: str) -> NoReturn:
    """A fault of the command line."""
    raise InputError([Fault(option, None, None, found, expected, remedy)])


def allocate(scenario: str, wishes: Wishes, options: Options) -> Outcome:
    """The plan only, as `kaopt allocate` makes it, with what else was wished for."""
    wishes.refuse_nonsense()
    world = pipeline.read(scenario, options)
    if wishes.locks is not None:
        world = with_locks(world, wishes.locks)
    given = None if wishes.near is None else api.load_plan(world, wishes.near)
    if given is None and wishes.alternatives is None:
        after = None if wishes.after is None else plan_prices.load_run(world, wishes.after)
        return pipeline.allocate_in(world, options, after)
    with pipeline.desk(world, options, pipeline.RUNS) as here:
        return alternatives_run(here, wishes) if given is None else near_run(here, given, wishes)


def with_locks(world: Scenario, path: Path) -> Scenario:
    """The world with the locks of a file beside its own; the file is one of its inputs."""
    fresh = tuple(one for one in read_locks(world, path) if one not in world.locks)
    return replace(world, locks=(*world.locks, *fresh), inputs={**world.inputs, path.name: runs.sha256(path)})


def near_run(here: Desk, given: Plan, wishes: Wishes) -> Outcome:
    """The plan with few changes, the curve beside it."""
    from kaopt.allocation.plans.near import near
    from kaopt.planning import near_show

    made = near(
        here.world,
        given,
        changes=wishes.changes,
        within=wishes.share,
        rules=here.rules,
        listener=here.listener,
        save=lambda plan: save_plan(here, plan),
    )
    runs.write_csv(here.folder / "near.csv", near_show.frame(made))
    runs.write_text(here.folder / "near.html", near_show.page(made, here.options.lang))
    there = replace(here, world=made.world)
    done = pipeline.conclude(there, made.chosen.plan, None, made.problem, explained(there, made.solved))
    text = f"{near_show.text(made, here.options.lang)}\n\n{done.text}\n{here.folder / 'near.html'}"
    return replace(done, text=text, payload=done.payload | {"near": near_show.as_dict(made)})


def alternatives_run(here: Desk, wishes: Wishes) -> Outcome:
    """The best plan as the plan of the run, the others as alternative_1.csv and so on."""
    from kaopt.allocation.plans.alternatives import alternatives
    from kaopt.planning import alternatives_show as show
    from kaopt.report.tables import plan_csv

    made = alternatives(
        here.world,
        wishes.alternatives or 1,
        within=wishes.share or 0.0,
        rules=here.rules,
        listener=here.listener,
        save=lambda plan: save_plan(here, plan),
    )
    for number, one in enumerate(made.alternatives, start=1):
        ledger = api.evaluate(here.world, one.plan, here.rules).ledger
        runs.write_bytes(here.folder / f"alternative_{number}.csv", plan_csv(here.world, ledger))
    content = show.as_dict(here.world, made)
    runs.write_json(here.folder / "alternatives.json", content)
    if made.alternatives:
        runs.write_text(here.folder / "alternatives.html", show.page(here.world, made, here.options.lang))
    done = pipeline.conclude(here, made.best, None, made.problem, explained(here, made.solved))
    text = f"{show.text(here.world, made, here.options.lang)}\n\n{done.text}"
    return replace(done, text=text, payload=done.payload | {"alternatives": content["alternatives"]})


def save_plan(here: Desk, plan: Plan) -> None:
    """The best plan so far is in plan.csv before the search goes on."""
    from kaopt.report.tables import plan_csv

    ledger = api.evaluate(here.world, plan, here.rules).ledger
    runs.write_bytes(here.folder / "plan.csv", plan_csv(here.world, ledger))
