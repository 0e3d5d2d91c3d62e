"""A review as tables and as data for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kaopt.review.judge import Again, Execution, Group, Verdicts, judged
from kaopt.review.model_folder import means, patterns
from kaopt.review.notes import problems_of
from kaopt.review.promoted import Reviewed, Split, reviewed
from kaopt.review.sales import Problem
from kaopt.review.words import PROBLEMS
from kaopt.review.year import Year
from kaopt.runs import plain

PARTS = ("planned", "base", "execution", "response", "paid", "happened")


@dataclass(frozen=True, eq=False)
class Review:
    """Everything that a review has to say."""

    year: Year
    reviewed: Reviewed
    verdicts: Verdicts
    problems: tuple[Problem, ...]


def review_of(year: Year) -> Review:
    """Compare, judge and note."""
    found = reviewed(year)
    return Review(year, found, judged(year, found), problems_of(year, found))


def review_frame(of: Review) -> pd.DataFrame:
    """One row per promotion; weeks from 1, cases and money as in `Split`; empty where nothing was seen."""
    world = of.year.world
    kinds = (*world.treatments.treatment, "")  # -1, nobody's, takes the last
    rows = []
    for one in of.reviewed.promotions:
        row: dict[str, Any] = {
            "account": world.accounts.account[one.account],
            "sku": world.skus.sku[one.sku],
            "week": one.week + 1,
            "weeks": one.weeks,
            "treatment": kinds[one.treatment],
            "status": one.status,
            "weeks_run": one.weeks_run,
            "weeks_seen": one.weeks_seen,
            "planned_cut": one.cut[0],
            "charged_cut": one.cut[1],
            "planned_display": one.shown[0],
            "built_display": one.shown[1],
            "planned_spend": one.spend[0],
            "happened_spend": one.spend[1],
        }
        for name, split in (("uplift", one.cases), ("contribution", one.money)):
            kept = PARTS if name == "contribution" else tuple(part for part in PARTS if part != "paid")
            row |= {f"{name}_{part}": None if split is None else getattr(split, part) for part in kept}
        rows.append(row | {"luck": one.luck, "loss_again": one.loss})
    columns = list(rows[0]) if rows else ["account", "sku", "week", "weeks", "treatment", "status"]
    return pd.DataFrame(rows, columns=columns)


def as_dict(of: Review) -> dict[str, Any]:
    """The review for programs: money in the scenario's currency, cases, shares of 1."""
    judged_ = of.verdicts
    content = {
        "total": group_dict(judged_.total),
        "accounts": {
            group.account: group_dict(group) | {"execution": execution_dict(how)}
            for group in judged_.accounts
            for how in judged_.execution
            if how.account == group.account
        },
        "mechanics": {group.treatment: group_dict(group) for group in judged_.mechanics},
        "account_mechanics": [
            {"account": one.account, "treatment": one.treatment, **group_dict(one)} for one in judged_.both
        ],
        "not_executing": [one.account for one in judged_.execution if one.named],
        "beliefs": {"before": means(of.year, believed=True), "now": means(of.year), "errors": patterns(of.year)},
        "base": base_now(of.year),
        "problems": [{"problem": one.what, "done": PROBLEMS[one.what][0], "where": one.where} for one in of.problems],
    }
    data: dict[str, Any] = plain(content)
    return data


def group_dict(of: Group) -> dict[str, Any]:
    """One group."""
    return {
        "planned": of.planned,
        "compared": of.compared,
        "uplift": split_dict(of.cases),
        "luck": of.luck,
        "contribution": split_dict(of.money),
        "spend": {"planned": of.spend[0], "happened": of.spend[1]},
        "again": None if of.again is None else again_dict(of.again),
    }


def split_dict(of: Split) -> dict[str, float]:
    """Planned, the reasons, happened."""
    return {part: getattr(of, part) for part in PARTS}


def again_dict(of: Again) -> dict[str, Any]:
    """What the same again would bring."""
    return {"mean": of.mean, "low80": of.low80, "high80": of.high80, "loss": of.loss, "verdict": of.verdict}


def execution_dict(of: Execution) -> dict[str, Any]:
    """What an account executed."""
    names = ("planned", "kept", "ran", "cut", "shown", "believed", "below")
    return {name: getattr(of, name) for name in names} | {"named": of.named}


def base_now(year: Year) -> dict[str, float]:
    """By account: what would have sold without promotions over what the plan thought, where sales were seen."""
    found = {}
    for a, name in enumerate(year.world.accounts.account):
        seen = year.sales.seen[a].any(axis=1)
        planned = float(np.sum(year.world.base_cases[a, seen]))
        if planned > 0:
            found[name] = float(np.sum(year.base[a, seen])) / planned
    return found
