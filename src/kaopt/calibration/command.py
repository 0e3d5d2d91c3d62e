"""`kaopt calibrate`: the knobs searched, an overlay with its card written, a table shown."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from kaopt import api, pipeline, runs
from kaopt.calibration.calibrate import Calibration, calibrate
from kaopt.calibration.knobs import dials_of
from kaopt.calibration.ledger import lines_of, matched
from kaopt.calibration.overlay import Overlay, place_for, prove, write_overlay
from kaopt.calibration.show import as_dict, text_of
from kaopt.options import Options
from kaopt.pipeline import Outcome
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario

EXIT = {"done": 0, "short": 5, "stopped": 5, "interrupted": 130}
WROTE = {"en": "wrote", "zh": "写入"}


def calibrate_scenario(scenario: str, plan_file: Path | None, overlay: Path | None, options: Options) -> Outcome:
    """Find the knobs that reproduce the ledger; leave an overlay of the scenario, its card and a run folder."""
    world = pipeline.read(scenario, options)
    dials = dials_of(world)
    matched(world, lines_of(world))  # every fault before anything is written
    place = Overlay(place_for(world, overlay), world, dials, options.variant, tuple(options.set or ()))
    source = plan_file or world.plan_file
    plan = Plan.nothing() if source is None else api.load_plan(world, source)
    with pipeline.desk(world, options, pipeline.RUNS) as here:
        made = calibrate(world, plan, workers=options.workers or 1, listener=here.listener)
        found = {"run": str(here.folder), "overlay": str(place.folder), **as_dict(made)}
        write_overlay(place, made, card(world, made, source))
        prove(read_again(place.folder, options), made, dials)
        runs.write_json(here.folder / "calibration.json", found)
        runs.finish(here.folder, pipeline.manifest(here, made.status, EXIT[made.status]))
    wrote = WROTE.get(options.lang, WROTE["en"])
    text = f"{text_of(made, options.lang)}\n\n{wrote} {place.folder}\n{wrote} {found['run']}/calibration.json"
    return Outcome(EXIT[made.status], text, runs.plain(found), options.json)


def read_again(folder: Path, options: Options) -> Scenario:
    """The overlay as the next user will read it."""
    return api.load(folder, variant=options.variant, model=options.model, rules=options.book())


def card(world: Scenario, made: Calibration, plan: Path | None) -> dict[str, Any]:
    """What a reader must know before believing the knobs."""
    return {
        "what": "knobs of the supply side that reproduce a customer's ledger",
        "scenario": world.folder.name,
        "plan": "no promotion" if plan is None else plan.name,
        "method": "stochastic root finding on common random numbers; standard errors by the delta method, intervals "
        "for all knobs together (Bonferroni, 95 %), by test inversion where a loss jumps",
        "noise": "the ledger is taken as the mean of its years, each with the chance of a simulated year",
        "date": date.today().isoformat(),
        "command": " ".join(["kaopt", *sys.argv[1:]]),
        **as_dict(made),
    }
