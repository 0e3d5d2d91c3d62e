"""The three views of cause as a table for people and as data for programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.causes.attribute import Causes
from kaopt.scenario.columns import Floats
from kaopt.statistics.interval import Interval, interval

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "cause": "cause",
        "first": "first cause",
        "alone": "without it alone",
        "shapley": "real share (Shapley)",
        "gap": "all together",
        "other": "caused by others",
        "head": "order fill {fill}, {years} years; points of ordered value",
        "shortage": "shortage",
        "age": "too old",
        "late": "late",
        "paper": "paper",
        "damage": "damage",
        "all": "all accounts",
    },
    "zh": {
        "cause": "原因",
        "first": "首要原因（客户记账）",
        "alone": "单独消除后提升",
        "shapley": "真实份额（Shapley）",
        "gap": "合计",
        "other": "他方原因",
        "head": "订单满足率 {fill}，{years} 年；订货金额的百分点",
        "shortage": "缺货",
        "age": "货龄",
        "late": "迟到",
        "paper": "单据",
        "damage": "破损",
        "all": "全部客户",
    },
}


def text_of(found: Causes, scope: int = -1, language: str = "en") -> str:
    """One scope's table: cause, what the customer books, what its absence alone gives, its share of the gap."""
    words = WORDS.get(language, WORDS["en"])
    rows = [tuple(words[name] for name in ("cause", "first", "alone", "shapley"))]
    for g, group in enumerate(found.groups):
        cells = (found.first[:, scope, g], found.alone[:, scope, g], found.shapley[:, scope, g])
        rows.append((words[group], *map(points, cells)))
    rows.append((words["gap"], points(found.first[:, scope].sum(axis=1)), "", points(found.gap[:, scope])))
    if found.left[:, scope].any():
        rows.append((words["other"], points(found.left[:, scope]), "", ""))
    widths = [max(width(row[n]) for row in rows) for n in range(4)]
    lines = ["  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)) for row in rows]
    head = words["head"].format(fill=points(found.fill[0, :, scope], unit="%"), years=found.fill.shape[1])
    return "\n".join([head, "", *(one.rstrip() for one in lines)])


def points(values: Floats, unit: str = "") -> str:
    """A share as points with its half width."""
    known = interval(values)
    half = f" ± {100 * known.half_width:.1f}" if np.isfinite(known.half_width) else ""
    return f"{100 * known.mean:.1f}{half}{' ' + unit if unit else ''}"


def width(cell: str) -> int:
    """Columns of a terminal that a text takes: Chinese signs take two."""
    return sum(2 if "⺀" <= sign <= "￯" else 1 for sign in cell)


def as_dict(found: Causes, accounts: tuple[str, ...]) -> dict[str, Any]:
    """The same as data, for `total` and each account; shares of 1 with 95 % intervals."""
    scopes = {"total": -1} | {name: a for a, name in enumerate(accounts)}
    return {name: one_scope(found, scope) for name, scope in scopes.items()} | {"years": int(found.fill.shape[1])}


def one_scope(found: Causes, scope: int) -> dict[str, Any]:
    """The figures of all accounts together, or of one."""
    views = {"first_cause": found.first, "leave_one_out": found.alone, "shapley": found.shapley}
    return {
        "fill": figures(interval(found.fill[0, :, scope])),
        "gap": figures(interval(found.gap[:, scope])),
        "other": float(found.left[:, scope].mean()),
        "causes": {
            group: {name: figures(interval(view[:, scope, g])) for name, view in views.items()}
            for g, group in enumerate(found.groups)
        },
    }


def figures(known: Interval) -> dict[str, float | None]:
    """Mean and bounds; a bound that one year cannot tell is null."""
    low, high = (float(one) if np.isfinite(one) else None for one in (known.low, known.high))
    return {"mean": known.mean, "low": low, "high": high}
