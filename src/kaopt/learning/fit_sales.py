"""`kaopt fit sales`: a history read and mended, a model learned and tested, its folder written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from kaopt import runs
from kaopt.errors import Fault, InputError
from kaopt.learning.holidays import with_holidays
from kaopt.learning.page import render
from kaopt.pipeline import Outcome
from kaopt.response.card import Card
from kaopt.response.evidence import HELD_OUT, About, Evidence, evidence
from kaopt.response.folder import write_model
from kaopt.response.problems import Problem, listed, mended
from kaopt.response.sales import Sales, read_sales

MODELS = Path("models/response")
LEAST = 3  # weeks that a series must have on average beyond those held out


@dataclass(frozen=True)
class Asked:
    """What the command line said."""

    history: Path
    mapping: Path | None = None
    out: Path | None = None
    weeks: int = HELD_OUT


def fit_sales(asked: Asked, *, as_json: bool) -> Outcome:
    """Learn a response model from sales; write coefficients.csv, levels.csv, problems.csv, card.yaml and fit.html."""
    sales = read_sales(asked.history, asked.mapping)
    rows, problems = mended(sales.rows.drop(columns="line").assign(line=sales.rows["line"].astype(float)))
    rows = prepared(rows, sales)
    enough(rows, asked)
    found = evidence(rows, about(asked), weeks=asked.weeks)
    found = replace(found, card=replace(found.card, problems=counted(problems)))
    folder = asked.out or MODELS / asked.history.stem
    write_model(folder, found.model, found.card)
    runs.write_csv(folder / "problems.csv", listed(problems))
    runs.write_text(folder / "fit.html", render(found, problems))
    card = found.card
    payload = {
        "model": str(folder),
        "wmape": card.wmape,
        "coverage80": card.coverage80,
        "problems": [vars(one) for one in problems],
        "structure": card.structure,
        "plan_value": card.plan_value,
    }
    return Outcome(0, text_of(found, problems, folder), runs.plain(payload), as_json)


def prepared(rows: pd.DataFrame, sales: Sales) -> pd.DataFrame:
    """Rows as a fit takes them: whole weeks, no line numbers, holidays where a country was named."""
    rows = rows.drop(columns="line").assign(week=rows["week"].astype(np.int64))
    return with_holidays(rows, sales)


def enough(rows: pd.DataFrame, asked: Asked) -> None:
    """Raises InputError where too little is left to learn from and to test on."""
    size = rows.groupby(["account", "sku"]).size()
    if len(size) and size.mean() >= asked.weeks + LEAST:
        return
    found = f"{len(rows)} usable rows of {len(size)} account-SKUs"
    expected = f"must have {asked.weeks + LEAST} weeks of a series on average, {asked.weeks} of them held out"
    raise InputError([Fault(str(asked.history), None, None, found, expected, "Hold out fewer: --held-out 2")])


def about(asked: Asked) -> About:
    """What the card says of the source."""
    command = f"kaopt fit sales {asked.history.name}"
    command += f" --mapping {asked.mapping.name}" if asked.mapping else ""
    command += f" --held-out {asked.weeks}" if asked.weeks != HELD_OUT else ""
    return About(
        name=(asked.out or asked.history).stem,
        what="Weekly sales by account and SKU: what price cuts, displays and features do",
        source={"file": asked.history.name, "sha256": runs.sha256(asked.history)},
        licence="the owner's own data",
        date=datetime.now(UTC).date().isoformat(),
        rebuild=command,
    )


def counted(problems: list[Problem]) -> dict[str, int]:
    """How many problems of each kind, in the order in which they were met."""
    counts: dict[str, int] = {}
    for one in problems:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def text_of(found: Evidence, problems: list[Problem], folder: Path) -> str:
    """What the command prints."""
    card = found.card
    weeks = f"{card.weeks['fewest']}-{card.weeks['most']} weeks each"
    lines = [f"{card.rows:,} rows, {card.series:,} account-SKUs, {weeks}", ""]
    lines.append("wMAPE of weeks held out " + f"({card.split['held_out']})")
    lines += [f"  {name.replace('_', ' '):<16} {error:6.3f}" for name, error in card.wmape.items()]
    lines.append(f"80 % interval held {card.coverage80:.1%} of them; mean volume off by {card.bias_of_mean:+.1%}")
    lines += ["", *order_of(card)]
    lines += ["", f"{'term':<16} {'mean':>8} {'s.e.':>7} {'between series':>15}"]
    for name, one in card.mean.items():
        lines.append(f"{name:<16} {one['value']:8.3f} {one['se']:7.3f} {one['between_series']:15.3f}")
    memory = found.model.structure.memory
    lines.append("the level stays" if memory is None else f"the level follows the news of {memory:g} weeks")
    lines += ["", *[f"{n:>5} x {kind}" for kind, n in card.problems.items()]]
    lines.append(f"problems: {len(problems)}, listed in {folder / 'problems.csv'}" if problems else "no problems")
    return "\n".join([*lines, f"wrote {folder}"])


def order_of(card: Card) -> list[str]:
    """The order of plan values in lines."""
    if not card.plan_value:
        return ["no series has two halves that a plan could be made on and judged by"]
    earned = card.plan_value["earned"]
    lines = ["Price cuts planned on half of the history: extra margin per 100 of budget by models of the other half"]
    lines.append(f"  {'plan made with':<22} {'pooling judges':>15} {'least squares':>15}")
    for name in card.plan_value["order"]:
        by = earned[name]
        lines.append(f"  {name.replace('_', ' '):<22} {by['by_partial_pooling']:15.1f} {by['by_least_squares']:15.1f}")
    return lines
