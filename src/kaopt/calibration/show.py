"""What a calibration found, as a table for people and as data for programs."""

from __future__ import annotations

from math import isfinite
from typing import Any

from kaopt.calibration.calibrate import Calibration, Found
from kaopt.calibration.ledger import Line
from kaopt.calibration.search import figure

WORDS = {
    "en": {
        "head": ("knob", "start", "found", "± se", "95 % of all knobs", "for", "ledger", "reached"),
        "check": "no knob",
        "done": "every loss of the ledger is met",
        "short": "not every loss is met (!): a knob stands at its bound, or its loss jumps over the ledger's figure",
        "stopped": "stopped by the time limit: this is the best place so far",
        "interrupted": "interrupted: this is the best place so far",
        "tried": "{tried} places tried, {years} years at the answer, {seconds:.0f} s",
    },
    "zh": {
        "head": ("参数", "起点", "结果", "± 标准误", "95 % 联合区间", "对应", "账上", "达到"),
        "check": "无参数",
        "done": "账上的每项损失都已再现",
        "short": "有的损失未能再现（!）：参数已到边界，或损失跳过了账上的数字",
        "stopped": "到达时间限制：这是目前最好的结果",
        "interrupted": "已中断：这是目前最好的结果",
        "tried": "试了 {tried} 处，结果处模拟 {years} 年，用时 {seconds:.0f} 秒",
    },
}


def text_of(made: Calibration, language: str = "en") -> str:
    """The table: knob, start, found ± se, interval, the ledger's figure, what was reached."""
    words: dict[str, Any] = WORDS.get(language, WORDS["en"])
    rows = [words["head"], *(_row(one) for one in made.found)]
    for line, reached, _ in made.checks:
        figures = (_for(line), figure(line, line.value), figure(line, reached))
        rows.append((f"({words['check']})", "", "", "", "", *figures))
    widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)) for row in rows]
    tried = words["tried"].format(tried=made.tried, years=made.years, seconds=made.seconds)
    return "\n".join([*(one.rstrip() for one in lines), "", words[made.status], tried])


def as_dict(made: Calibration) -> dict[str, Any]:
    """The same as data; what cannot be told is null."""
    return {
        "status": made.status,
        "knobs": [_knob(one) for one in made.found],
        "checks": [
            {"account": line.account, "figure": line.what, "ledger": line.value, "reached": reached, "year_sd": sd}
            for line, reached, sd in made.checks
        ],
        "years": made.years,
        "ledger_years": made.world.calibrate.years,
        "places": made.tried,
        "seed": made.world.supply.seed,
        "seconds": made.seconds,
    }


def _knob(one: Found) -> dict[str, Any]:
    names = ("knob", "start", "value", "se", "low", "high", "reached", "hit")
    values = {name: getattr(one, name) for name in names}
    kept = {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in values.items()}
    return kept | {"account": one.line.account, "figure": one.line.what, "ledger": one.line.value}


def _row(one: Found) -> tuple[str, ...]:
    reached = figure(one.line, one.reached) + ("" if one.hit else " !")
    interval = f"{one.low:.4g} to {one.high:.4g}" if isfinite(one.se) else "?"
    se = f"{one.se:.2g}" if isfinite(one.se) else "?"
    figures = (_for(one.line), figure(one.line, one.line.value), reached)
    return (one.knob, f"{one.start:.4g}", f"{one.value:.4g}", se, interval, *figures)


def _for(line: Line) -> str:
    return f"{line.what} {line.account}"


def _width(cell: str) -> int:
    """Columns of a terminal that a text takes: Chinese signs take two."""
    return sum(2 if "⺀" <= sign <= "￯" else 1 for sign in cell)
