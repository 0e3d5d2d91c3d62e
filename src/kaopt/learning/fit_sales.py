"""`kaopt fit sales`: a history read and mended, a model learned and tested, its folder written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kaopt import runs
from kaopt.learning.fit import fit
from kaopt.pipeline import Outcome
from kaopt.response.evidence import HELD_OUT

MODELS = Path("models/response")


@dataclass(frozen=True)
class Asked:
    """What the command line said."""

    history: Path
    mapping: Path | None = None
    out: Path | None = None
    weeks: int = HELD_OUT


def fit_sales(asked: Asked, *, as_json: bool) -> Outcome:
    """Learn a response model from sales; write coefficients.csv, levels.csv, problems.csv, card.yaml and fit.html."""
    folder = asked.out or MODELS / asked.history.stem
    found = fit(asked.history, mapping=asked.mapping, held_out=asked.weeks, name=folder.name)
    found.save(folder)
    card = found.card
    payload = {
        "model": str(folder),
        "wmape": card.wmape,
        "coverage80": card.coverage80,
        "problems": [vars(one) for one in found.problems],
        "structure": card.structure,
        "plan_value": card.plan_value,
    }
    lines = [str(found)]
    if found.problems:
        lines.append(f"problems: {len(found.problems)}, listed in {folder / 'problems.csv'}")
    return Outcome(0, "\n".join([*lines, f"wrote {folder}"]), runs.plain(payload), as_json)
