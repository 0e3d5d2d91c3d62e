"""One run from the command line: read, decide, live through, score, and leave a run folder behind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaopt import api, plan_prices, runs
from kaopt.errors import InfeasibleError, KaoptError
from kaopt.making import Desk, interrupted, made_at
from kaopt.options import Options
from kaopt.own_policies import with_policies
from kaopt.plan import Certificate, Plan
from kaopt.scenario.model import Scenario
from kaopt.screen import Screen
from kaopt.summary import evaluation_text, findings_text, result_text

if TYPE_CHECKING:
    from kaopt.allocation.explain.explanation import Explanation
    from kaopt.allocation.problem import Problem
    from kaopt.report.result import RunResult
    from kaopt.service import Service

RUNS = Path("runs")
EXIT = {"optimal": 0, "rolling": 0, "stopped": 5, "interrupted": 130}
STOPPED = {3: "infeasible", 130: "interrupted"}


@dataclass(frozen=True)
class Outcome:
    """What a command has to say: as text for people or as data for programs, and its exit code."""

    exit_code: int
    text: str
    payload: dict[str, Any]
    as_json: bool


def check(scenario: str, options: Options) -> Outcome:
    """Validate and do the pre-flight arithmetic."""
    world = read(scenario, options)
    findings = api.check(world, options.book())
    payload = {"scenario": str(world.folder), "findings": [runs.plain(one) for one in findings]}
    return Outcome(3 if findings else 0, findings_text(world, findings, options.lang), payload, options.json)


def run(scenario: str, options: Options, *, default_out: Path = RUNS) -> Outcome:
    """Check, allocate, simulate, score and report."""
    from kaopt.fulfilment import ahead

    world = read(scenario, options)
    with desk(world, options, default_out) as here, ahead.compiling(world, here.listener) as compiled:
        made = made_at(here)
        service = None if interrupted(made.plan) else live_through(here, made.plan, compiled)
        return conclude(here, made.plan, service, made.problem, made.explanation)


def allocate(scenario: str, options: Options) -> Outcome:
    """Make the plan only."""
    return allocate_in(read(scenario, options), options)


def allocate_in(world: Scenario, options: Options, after: Plan | None = None) -> Outcome:
    """As `allocate`, of a world that has been read; `after`: a plan to go on from."""
    with desk(world, options, RUNS) as here:
        made = made_at(here, after)
        return conclude(here, made.plan, None, made.problem, made.explanation)


def simulate(scenario: str, plan_file: Path | None, options: Options) -> Outcome:
    """Live a plan through the warehouse; none given and none in the scenario: no promotion."""
    from kaopt.fulfilment import ahead

    world = read(scenario, options)
    source = plan_file or world.plan_file
    plan = Plan.nothing() if source is None else api.load_plan(world, source)
    with desk(world, options, RUNS) as here, ahead.compiling(world, here.listener) as compiled:
        return conclude(here, plan, live_through(here, plan, compiled), None)


def evaluate(scenario: str, plan_file: Path, options: Options) -> Outcome:
    """Money and every broken rule of a plan; writes nothing."""
    world = read(scenario, options)
    found = api.evaluate(world, api.load_plan(world, plan_file), options.book())
    payload = {
        "objective": found.objective,
        "realised_objective": found.realised_objective,
        "contribution": found.contribution,
        "incremental_cases": found.incremental_cases,
        "breaches": [runs.plain(one.as_dict()) for one in found.breaches],
    }
    card = api.score(world, found.ledger.plan)
    return Outcome(0, evaluation_text(world, card, found, options.lang), payload, options.json)


def read(scenario: str, options: Options) -> Scenario:
    """The scenario with everything that the options say."""
    said, rules = options.overrides(), options.book()
    world = api.load(scenario, variant=options.variant, overrides=said, model=options.model, rules=rules)
    if options.workers is not None:  # not among the settings that hold: it changes no result
        compute = world.solve.compute.model_copy(update={"workers": options.workers})
        world = replace(world, solve=world.solve.model_copy(update={"compute": compute}))
    return with_policies(world, options.policies) if options.policies else world


@contextmanager
def desk(world: Scenario, options: Options, default_out: Path) -> Iterator[Desk]:
    """Open a run folder; whatever stops the run is written into its manifest."""
    name = world.folder.name or "run"
    digest = "".join(sorted(world.inputs.values()))
    folder = runs.create(options.out or default_out, name, runs.digest(digest + repr(dict(world.resolved))))
    with Screen() as screen, runs.events(folder, also=screen) as listener:
        here = Desk(world, folder, listener, options, options.book())
        try:
            yield here
        except (KaoptError, KeyboardInterrupt) as stop:
            code = getattr(stop, "exit_code", 130)
            if isinstance(stop, InfeasibleError):
                write_infeasible(here, stop)
            runs.finish(folder, manifest(here, STOPPED.get(code, "failed"), code))
            raise


def write_infeasible(here: Desk, stop: InfeasibleError) -> None:
    """The report of a run without a plan: what cannot hold together, and the ways out."""
    from kaopt.report.infeasible import write_report

    runs.write_json(here.folder / "conflicts.json", stop.as_dict())
    write_report(here.folder / "report.html", here.world, stop, here.options.lang)
    stop.report = str(here.folder / "report.html")


def live_through(here: Desk, plan: Plan, compiled: Callable[[], None]) -> Service | None:
    """The service of a plan, once the loops are compiled; an interrupted simulation leaves the plan as it is."""
    compiled()
    return api.simulate(here.world, plan, workers=here.options.workers or 1, listener=here.listener)


def conclude(
    here: Desk,
    plan: Plan,
    service: Service | None,
    problem: Problem | None,
    explanation: Explanation | None = None,
) -> Outcome:
    """Score, write the folder, say what came of it."""
    from kaopt.allocation.problem import chosen
    from kaopt.report.folder import write_result
    from kaopt.report.result import RunResult

    world = here.world
    found = api.evaluate(world, plan, here.rules)
    result = RunResult(
        world=world,
        ledger=found.ledger,
        card=api.score(world, plan, service),
        certificate=plan.certificate,
        service=service,
        breaches=found.breaches,
        language=here.options.lang,
        explanation=explanation,
        outlook=plan.outlook,
    )
    if problem is not None:
        columns = chosen(problem, plan) if explanation is None else explanation.columns
        result = replace(result, offers=problem.offers, rules=problem.rows, chosen=columns)
    write_result(here.folder, result)
    plan_prices.write(here.folder, plan)
    code = 0 if plan.certificate is None else EXIT[plan.certificate.status]
    status = "done" if plan.certificate is None or code == 0 else plan.certificate.status
    runs.finish(here.folder, manifest(here, status, code))
    return Outcome(code, result_text(here.folder, result), payload(here.folder, result), here.options.json)


def manifest(here: Desk, status: str, code: int) -> runs.Manifest:
    """What it takes to repeat this run."""
    world = here.world
    said = here.options
    source = {"folder": str(world.folder), "variant": said.variant, "overrides": said.overrides(), "model": said.model}
    return runs.Manifest(tuple(sys.argv), status, code, world.supply.seed, world.resolved, world.inputs, source)


def payload(folder: Path, result: RunResult) -> dict[str, Any]:
    """The contract's JSON of a run."""
    from kaopt.report.tables import certificate_dict

    parts: dict[str, Any] = {"run": str(folder), "scorecard": result.card.as_dict()}
    if result.outlook is not None:
        parts["risk"] = result.outlook.as_dict()
    certificate: Certificate | None = result.certificate
    return parts if certificate is None else parts | {"certificate": certificate_dict(certificate)}
