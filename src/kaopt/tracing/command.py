"""`kaopt trace`: why an order was short, what became of a lot."""

from __future__ import annotations

from pathlib import Path

from kaopt import api, pipeline, runs
from kaopt.fulfilment.inputs import prepare
from kaopt.fulfilment.warmup import settled
from kaopt.options import Options
from kaopt.pipeline import Outcome
from kaopt.plan import Plan
from kaopt.tracing.ask import Asked, tell
from kaopt.tracing.sentences import as_dict, text_of

__all__ = ["Asked", "trace"]


def trace(scenario: str, plan_file: Path | None, asked: Asked, options: Options) -> Outcome:
    """One year with its events; writes nothing."""
    world = pipeline.read(scenario, options)
    source = plan_file or world.plan_file
    plan = Plan.nothing() if source is None else api.load_plan(world, source)
    told = tell(prepare(settled(world, world.supply.seed), plan, world.supply.seed), asked)
    payload = runs.plain(as_dict(world, told, options.lang))
    return Outcome(0, text_of(world, told, asked, options.lang), payload, options.json)
