"""The sheets of a plan: one row per event that can be locked and fed back, and the year as a coloured calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from kaopt.report.calendar import colour, families
from kaopt.report.excel_pen import LINE, Field, Pen, widen
from kaopt.report.excel_words import family_name, say
from kaopt.report.result import RunResult

LOCK_WORDS = ("keep", "must", "forbidden")
SPARE = 200  # rows below the plan that take locks too, for events that somebody adds
AMOUNTS = ("cases", "revenue", "spend", "contribution", "profit")
TO_FILL = "#fff7e0"  # where the reader may write
FROZEN = 4  # account and SKU with their names stay in sight


def plan_sheet(pen: Pen, result: RunResult, plan: pd.DataFrame) -> None:
    """The plan as plan.csv has it, with names, first days and the column `lock`; headers are those of the CSV file."""
    sheet = pen.book.add_worksheet("plan")
    fields = plan_fields(result, plan)
    pen.table(sheet, fields)
    widen(sheet, fields, least=7)
    sheet.freeze_panes(1, FROZEN)
    sheet.autofilter(0, 0, max(len(plan), 1), len(fields) - 1)
    column = len(fields) - 1
    sheet.set_column(column, column, 12)
    for row in range(1, len(plan) + 1):
        pen.put(sheet, (row, column), None, bg_color=TO_FILL, border=1, border_color=LINE)
    rule = {"validate": "list", "source": list(LOCK_WORDS), "input_title": "lock"}
    rule |= {"input_message": say("lock_note", result.language)[:255], "error_message": ", ".join(LOCK_WORDS)}
    sheet.data_validation(1, column, len(plan) + SPARE, column, rule)


def plan_fields(result: RunResult, plan: pd.DataFrame) -> list[Field]:
    """Ids with names beside them, first days beside weeks, then what plan.csv has, the lock last."""
    world, lang = result.world, result.language
    start = world.start
    names = {
        "account": spoken(world.accounts, "account", lang),
        "sku": spoken(world.skus, "sku", lang),
        "treatment": spoken(world.treatments, "treatment", lang),
    }
    fields = []
    for title in plan.columns:
        cells = plan[title].tolist()
        fields.append(Field(str(title), cells, kind_of(str(title), plan[title])))
        if title in names:
            fields.append(Field(f"{title}_name", [names[str(title)][one] for one in cells]))
        if title == "week":
            days = [start + timedelta(weeks=int(week) - 1) for week in cells]
            fields.append(Field("first_day", days, "date"))
    lock = Field("lock", [""] * len(plan), note=say("lock_note", lang))
    front = [one for name in ("account", "account_name", "sku", "sku_name") for one in fields if one.title == name]
    return [*front, *(one for one in fields if one not in front), lock]


def kind_of(title: str, cells: pd.Series[Any]) -> str:
    """How a column of a frame is shown."""
    if not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        return "text"
    return "amount" if title.endswith(AMOUNTS) else "count" if pd.api.types.is_integer_dtype(cells) else "exact"


def spoken(table: Any, key: str, lang: str) -> dict[str, str]:
    """Id -> the name to show in a language."""
    rows = zip(getattr(table, key), table.name, table.name_zh, strict=True)
    return {one: (zh if lang == "zh" and zh else en) or one for one, en, zh in rows}


def calendar_sheet(pen: Pen, result: RunResult) -> None:
    """A line per account and SKU that is promoted, a column per week, in the colour of the mechanic's family."""
    world, lang = result.world, result.language
    sheet = pen.book.add_worksheet("calendar")
    active = result.ledger.realised.treatment
    lines = np.argwhere((active >= 0).any(axis=2))
    accounts, skus = spoken(world.accounts, "account", lang), spoken(world.skus, "sku", lang)
    pairs = [(accounts[world.accounts.account[a]], skus[world.skus.sku[s]]) for a, s in lines]
    heads = [Field(say("account", lang), [a for a, _ in pairs]), Field("SKU", [s for _, s in pairs])]
    pen.table(sheet, heads, top=1)
    widen(sheet, heads, least=14, top=1)
    _weeks(pen, sheet, result)
    kinds = families(world)
    _legend(pen, sheet, [(family_name(name, lang), colour(f)) for f, name in enumerate(kinds)])
    fills = [
        pen.style("text", bg_color=colour(kinds.index(family)), font_color=on(colour(kinds.index(family))), **SMALL)
        for family in world.treatments.family
    ]
    for row, (a, s) in enumerate(lines, start=2):
        for week in np.flatnonzero(active[a, s] >= 0):
            treatment = int(active[a, s, week])
            sheet.write_string(row, 2 + int(week), world.treatments.treatment[treatment], fills[treatment])
    sheet.freeze_panes(2, 2)


SMALL: dict[str, Any] = {"font_size": 8, "align": "center", "shrink": True, "border": 1, "border_color": LINE}


def _weeks(pen: Pen, sheet: Any, result: RunResult) -> None:
    """Week numbers over the columns, each with its first day where the reader points at it."""
    world = result.world
    head = pen.head(align="center", num_format="0")
    for week in range(world.weeks):
        sheet.write_number(1, 2 + week, week + 1, head)
        if week % 4 == 0:
            day = world.start + timedelta(weeks=week)
            sheet.write_datetime(0, 2 + week, day, pen.style("date", num_format="d mmm", font_size=8, align="left"))
    sheet.set_column(2, 1 + world.weeks, 5.5)


def _legend(pen: Pen, sheet: Any, kinds: Sequence[tuple[str, str]]) -> None:
    """Which colour is which family: in the corner over the names."""
    text: list[Any] = []
    for name, shade in kinds:
        text += [pen.style(font_color=shade, bold=True), "■ ", pen.style(font_size=9), f"{name}  "]
    if text:
        sheet.write_rich_string(0, 0, *text, pen.style())


def on(shade: str) -> str:
    """Ink that can be read on a colour."""
    red, green, blue = (int(shade[i : i + 2], 16) for i in (1, 3, 5))
    return "#111827" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"
