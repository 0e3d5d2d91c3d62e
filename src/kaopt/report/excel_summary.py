"""The first sheet of results.xlsx: five KPIs against their targets, the plan in figures, planned to delivered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from kaopt.report.cards import MARKS, MEASURES, both_of, state_of
from kaopt.report.excel_pen import BAD, DARK, GOOD, GREY, Pen
from kaopt.report.excel_words import say
from kaopt.report.result import RunResult
from kaopt.report.words import WORDS
from kaopt.scorecard import Absent, Interval, Kpi
from kaopt.scorecard.figures import Figure, point
from kaopt.scorecard.why import WHY

KINDS = {"amount": "amount", "percent": "share", "index": "index", "count": "exact"}
SHADES = {"met": GOOD, "missed": BAD}
WIDTHS = (38, 28, 16, 16, 14, 14, 16, 18, 44)


def summary_sheet(pen: Pen, result: RunResult, plan: pd.DataFrame) -> None:
    """One page that can be printed."""
    world, lang = result.world, result.language
    sheet = pen.book.add_worksheet("summary")
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    title = (world.name.zh or world.name.en) if lang == "zh" else (world.name.en or world.name.zh)
    pen.put(sheet, (0, 0), title, bold=True, font_size=16, font_color=DARK)
    frame = say("made_in", lang, weeks=world.weeks, start=world.start.isoformat(), currency=world.currency)
    pen.put(sheet, (1, 0), frame, font_color=GREY)
    pen.put(sheet, (2, 0), verdict(result), bold=True)
    row = _kpis(pen, sheet, result, 4)
    row = _plan(pen, sheet, result, (row + 1, plan))
    for name in ("sales", "profit"):
        row = _bridge(pen, sheet, result, (row + 1, name))
    pen.put(sheet, (row + 1, 0), say("how_to_lock", lang), font_color=GREY)


def verdict(result: RunResult) -> str:
    """How many of the KPIs that have a target are met."""
    judged = [kpi.met for kpi in result.card.total.kpis if kpi.met is not None]
    if not judged:
        return say("no_targets", result.language)
    return say("kpis_met", result.language, met=sum(judged), judged=len(judged))


def _kpis(pen: Pen, sheet: Any, result: RunResult, top: int) -> int:
    """Every measure of every KPI with its interval, target and verdict."""
    lang = result.language
    heads = ("kpi", "measure", "planned", "delivered", "low", "high", "target", "met", "why_not")
    for column, word in enumerate(heads):
        sheet.write_string(top, column, say(word, lang), pen.head(**({"align": "right"} if 2 <= column <= 6 else {})))
    row = top + 1
    for kpi in result.card.total.kpis:
        for cells, kind in _measures(kpi, lang):
            first = {"top": 1, "border_color": "#d5dbe3"} if cells[0] else {}
            for column, value in enumerate(cells):
                shade = {"font_color": SHADES.get(state_of(kpi), GREY)} if column == 7 else {}
                look = {"bold": True} if column == 0 else {"font_color": GREY} if column == 8 else shade
                pen.put(sheet, (row, column), value, kind if 2 <= column <= 6 else "text", **first, **look)
            row += 1
    return row


def _measures(kpi: Kpi, lang: str) -> Iterator[tuple[list[Any], str]]:
    """A KPI's rows: name and state in the first one only."""
    spend = (("trade_spend", "amount"), ("trade_rate", "percent")) if kpi.name == "profit" else ()
    for number, (measure, kind) in enumerate((*MEASURES[kpi.name], *spend)):
        planned, delivered = _pair(kpi, measure)
        asked = next((check.target for check in kpi.checks if check.measure == measure), None)
        band = delivered if isinstance(delivered, Interval) else planned
        low, high = (band.low, band.high) if isinstance(band, Interval) else (None, None)
        why = planned.why if isinstance(planned, Absent) else ""
        state = f"{MARKS[state_of(kpi)]} {say(state_of(kpi), lang)}" if number == 0 else ""
        name = say(kpi.name, lang) if number == 0 else ""
        shown = [point(planned), None if isinstance(delivered, Absent) else point(delivered)]
        said = WHY.get(why, why) if lang == "zh" else why
        yield [name, say(measure, lang), *shown, low, high, asked, state, said], KINDS[kind]


def _pair(kpi: Kpi, measure: str) -> tuple[Figure, Figure]:
    """Planned and delivered; spend is one figure for both, a simulated rate has no planned one."""
    if measure == "trade_spend":
        return kpi.at("trade_spend", "total"), Absent("")
    if measure == "trade_rate":
        return kpi.at("trade_rate"), Absent("")
    planned, delivered = both_of(kpi, measure)
    if kpi.name == "fill_rate" and not isinstance(delivered, Absent):
        return float("nan"), delivered
    return planned, delivered


def _plan(pen: Pen, sheet: Any, result: RunResult, where: tuple[int, pd.DataFrame]) -> int:
    """Sums over the sheet plan as formulas, and what is proven."""
    lang, (top, plan) = result.language, where
    sheet.merge_range(top, 0, top, 1, say("of_the_plan", lang), pen.head())
    last = max(len(plan), 1) + 1
    from kaopt.report.excel_plan import plan_fields

    at = {one.title: xl_col_to_name(i) for i, one in enumerate(plan_fields(result, plan))}
    formulas = [("events", f"=COUNTA(plan!{at['account']}2:{at['account']}{last})", float(len(plan)))]
    for word, column in (("spend_alone", "trade_spend"), ("gain_alone", "contribution")):
        span = f"plan!{at[column]}2:{at[column]}{last}"
        formulas.append((word, f"=SUM({span})", float(plan[column].sum())))
    row = top + 1
    for word, formula, value in formulas:
        pen.put(sheet, (row, 0), say(word, lang))
        sheet.write_formula(row, 1, formula, pen.style("amount"), value)
        row += 1
    for word, value, kind in _proof(result):
        pen.put(sheet, (row, 0), say(word, lang))
        pen.put(sheet, (row, 1), value, kind)
        row += 1
    return row


def _proof(result: RunResult) -> list[tuple[str, Any, str]]:
    found = result.certificate
    if found is None:
        return []
    return [
        ("objective", found.objective, "amount"),
        ("bound", found.bound, "amount"),
        ("gap", max(found.gap, 0.0), "share"),
        ("realised", found.realised_objective, "amount"),
        ("status", say(found.status, result.language), "text"),
    ]


def _bridge(pen: Pen, sheet: Any, result: RunResult, where: tuple[int, str]) -> int:
    """From planned to delivered, step by step; what is delivered is the sum of the steps above it."""
    top, name = where
    lang, steps = result.language, getattr(result.card.total, name).bridge
    if not steps:
        return top - 1
    title = f"{say('bridge', lang)}: {say(f'{name}_bridge', lang)}"
    sheet.merge_range(top, 0, top, 1, title, pen.head())
    row = top + 1
    kept = [step for step in steps[:-1] if step[0] == "planned" or step[1]]
    for step, value in kept:
        pen.put(sheet, (row, 0), _step(step, lang))
        pen.put(sheet, (row, 1), value, "amount")
        row += 1
    pen.put(sheet, (row, 0), _step(steps[-1][0], lang), bold=True)
    pen.sum(sheet, (row, 1), f"B{top + 2}:B{row}", (steps[-1][1], "amount"))
    return row + 1


def _step(name: str, lang: str) -> str:
    """`lost_age` as `lost: refused for age`."""
    kind, _, cause = name.partition("_")
    if kind in ("lost", "penalty"):
        return say(kind, lang, cause=WORDS.get(cause, (cause, cause))[lang == "zh"])
    return say(name, lang)
