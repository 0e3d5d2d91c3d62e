"""`kaopt calibrate` and `kaopt fit deliveries`: the commands behind which this room works."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
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

SERVICE = Path("models/service")
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
        made = calibrate(world, plan, workers=options.workers, listener=here.listener)
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


def fit_deliveries(records_file: Path, mapping: Path | None, out: Path | None, *, as_json: bool) -> Outcome:
    """Measure service from delivery records and fit lateness and shortness by account; leave a model's folder."""
    from kaopt.deliveries.card import Source, write_service
    from kaopt.deliveries.fit import fitted
    from kaopt.deliveries.held_out import checks
    from kaopt.deliveries.measure import measured
    from kaopt.deliveries.records import read_records

    records = read_records(records_file, mapping)
    seen, fit, held = measured(records), fitted(records), checks(records)
    folder = out or SERVICE / records_file.stem
    command = f"kaopt fit deliveries {records_file.name}" + (f" --mapping {mapping.name}" if mapping else "")
    today = datetime.now(UTC).date().isoformat()
    source = Source(folder.name, records_file.name, runs.sha256(records_file), today, command)
    write_service(folder, source, records, fit, (seen, held))
    lines = [f"{records.lines:,} lines, {int(records.order.max()) + 1:,} orders, {len(records.accounts)} accounts"]
    for name, one in (("line", seen.line), ("order", seen.order)):
        shares = {"on time": one.on_time, "in full": one.in_full, "otif": one.otif}
        said = ", ".join(f"{what} {'-' if share is None else f'{share:.4f}'}" for what, share in shares.items())
        lines.append(f"{name:<6} {said}")
    payload = {"model": str(folder), **seen.as_dict()}
    return Outcome(0, "\n".join([*lines, f"wrote {folder}"]), payload, as_json)
