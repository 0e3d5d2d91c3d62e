"""`kaopt review`: a run's plan against the sales that happened; leaves a folder with a page, tables and a model."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kaopt import api, runs
from kaopt.past_runs import world_of
from kaopt.pipeline import Outcome
from kaopt.review.model_folder import Source, refuse_others, write_model
from kaopt.review.page import render
from kaopt.review.sales import read_sales
from kaopt.review.show import said, text_of
from kaopt.review.tables import as_dict, review_frame, review_of
from kaopt.review.year import lived

FOLDER, MODELS = Path("reviews"), Path("models/response")
PLAN = "plan.csv"


@dataclass(frozen=True)
class Asked:
    """What the command line said."""

    run: Path
    sales: Path
    mapping: Path | None = None
    response: Path | None = None  # the learned model's folder
    out: Path | None = None


def review(asked: Asked, *, as_json: bool, language: str) -> Outcome:
    """Compare, judge, learn; write review.html, review.csv, review.json and the response model."""
    run = runs.open_run(asked.run.expanduser())
    world = world_of(run)
    plan = api.load_plan(world, run.folder / PLAN)
    model = asked.response or MODELS / f"{world.folder.name}_reviewed"
    refuse_others(model)
    sales = read_sales(world, asked.sales, asked.mapping)
    found = review_of(lived(world, plan, sales))
    hashes = {str(asked.sales): runs.sha256(asked.sales), str(run.folder / PLAN): runs.sha256(run.folder / PLAN)}
    folder = runs.create(asked.out or FOLDER, f"review-{world.folder.name}", runs.digest("".join(hashes.values())))
    today = datetime.now(UTC).date().isoformat()
    command = f"kaopt review {asked.run} {asked.sales}"
    write_model(model, found.year, Source(run.folder.name, asked.sales.name, runs.sha256(asked.sales), today, command))
    payload = {"review": str(folder), "model": str(model), **as_dict(found)}
    runs.write_json(folder / "review.json", payload)
    runs.write_csv(folder / "review.csv", review_frame(found))
    runs.write_text(folder / "review.html", render(found, model, language))
    runs.finish(folder, runs.Manifest(tuple(sys.argv), "done", 0, 0, world.resolved, hashes))
    wrote = [folder / "review.html", folder / "review.csv", folder / "review.json", model]
    zh = int(language == "zh")
    text = "\n".join([text_of(found, language), "", *(f"{said('wrote', zh)} {one}" for one in wrote)])
    return Outcome(0, text, payload, as_json)
