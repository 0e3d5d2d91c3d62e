"""`kaopt causes`: what each cause of missing goods really costs."""

from __future__ import annotations

from pathlib import Path

from kaopt import api, pipeline, runs
from kaopt.causes.attribute import attribute
from kaopt.causes.show import WORDS, as_dict, text_of
from kaopt.errors import Fault, InputError
from kaopt.options import Options
from kaopt.pipeline import Outcome
from kaopt.plan import Plan


def causes(scenario: str, plan_file: Path | None, scope: tuple[str | None, int | None], options: Options) -> Outcome:
    """The three views of cause, for all accounts together or one; `scope` = (account, years)."""
    world = pipeline.read(scenario, options)
    account, years = scope
    if account is not None and account not in world.accounts.account:
        expected = f"must be one of {', '.join(world.accounts.account)}"
        raise InputError([Fault("--account", None, None, account, expected, "See the table accounts")])
    source = plan_file or world.plan_file
    plan = Plan.nothing() if source is None else api.load_plan(world, source)
    with pipeline.desk(world, options, pipeline.RUNS) as here:
        found = attribute(world, plan, years=years, workers=options.workers or 1, listener=here.listener)
        payload = {"run": str(here.folder), **as_dict(found, world.accounts.account)}
        runs.write_json(here.folder / "causes.json", payload)
        runs.finish(here.folder, pipeline.manifest(here, "done", 0))
    index = -1 if account is None else world.accounts.account.index(account)
    words = WORDS.get(options.lang, WORDS["en"])
    text = f"{account or words['all']}: {text_of(found, index, options.lang)}\n\n{here.folder}/causes.json"
    return Outcome(0, text, runs.plain(payload), options.json)
