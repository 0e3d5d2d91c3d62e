"""The first page of a workbook of inputs: what to do, how values are written, what each sheet holds."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

from kaopt.report.excel_pen import DARK, GREY, INK, PALE, Field, Pen
from kaopt.report.excel_table import Table
from kaopt.scenario.catalogue import TABLES
from kaopt.scenario.shelf import NEEDED
from kaopt.scenario.workbook import CHINESE, WORKBOOK

TITLE = ("Inputs of a promotion plan", "促销计划的输入")
STEPS = (
    ("Fill in the sheets; point at a header to read what it means.", "填写各表；鼠标停在表头上可看到说明。"),
    (
        "Save, then: kaopt check .   Every fault is told with its sheet and cell.",
        "保存后运行 kaopt check .，错误会指明表和单元格。",
    ),
    ("kaopt run .   makes the plan, lives it through and writes the report.", "kaopt run . 生成方案、仿真并写出报告。"),
    (
        "Settings (budget, rules, objective) stand in scenario.yaml beside this file.",
        "预算、规则和目标在同目录的 scenario.yaml 中设置。",
    ),
)
WRITING = (
    (
        "Shares: 33% or 0.33 or 1/3. Money: 1200, 1,200.50 or 440万. Yes or no: yes, no, 是, 否.",
        "占比、金额、是否的写法",
    ),
    (
        "Weeks count from 1, the first of the horizon; a set of weeks: 1-4|9|12-13 (a text).",
        "周从 1 数起；多周写作文本 1-4|9|12-13",
    ),
    ("An empty cell takes the default. A * stands for every one where the note says so.", "空白取缺省值；* 表示全部"),
    ("One row, one thing: no merged cells, no totals, no notes below a table.", "一行一事：不合并单元格，不写合计"),
    (
        "Notes of your own: a sheet named notes, or one whose name begins with _.",
        "自己的备注：写在名为 notes 或以 _ 开头的表中",
    ),
)


def read_me_sheet(pen: Pen, tables: Sequence[Table]) -> None:
    """A page to read first; `kaopt` reads over it."""
    sheet = pen.book.add_worksheet("read me")
    sheet.hide_gridlines(2)
    for column, width in enumerate((16, 18, 12, 92)):
        sheet.set_column(column, column, width)
    pen.put(sheet, (0, 0), TITLE[0], bold=True, font_size=16, font_color=DARK)
    pen.put(sheet, (1, 0), TITLE[1], font_size=12, font_color=GREY)
    row = _lines(pen, sheet, 3, STEPS)
    row = _legend(pen, sheet, row + 1)
    row = _lines(pen, sheet, row + 1, WRITING)
    fields = [
        Field("sheet", [one.name for one in tables]),
        Field("中文", ["、".join(CHINESE.get(one.name, ())[:1]) for one in tables]),
        Field("rows", ["needed 必填" if one.name in NEEDED else "optional 可选" for one in tables]),
        Field("holds", [_about(one.name) for one in tables]),
    ]
    pen.table(sheet, fields, top=row + 1)
    for at, one in enumerate(tables, start=row + 2):
        sheet.write_url(at, 0, f"internal:'{one.name}'!A1", pen.style(font_color=DARK, underline=1), one.name)


def _lines(pen: Pen, sheet: Any, top: int, lines: Sequence[tuple[str, str]]) -> int:
    for row, (english, chinese) in enumerate(lines, start=top):
        sheet.write_rich_string(row, 0, pen.style(), f"{english}   ", pen.style(font_color=GREY), chinese, pen.style())
    return top + len(lines)


def _legend(pen: Pen, sheet: Any, row: int) -> int:
    """The two colours of headers."""
    sheet.write_string(row, 0, "required 必填", pen.head())
    sheet.write_string(row, 1, "optional 可选", pen.head(bg_color=PALE, font_color=INK))
    return row + 1


def _about(table: str) -> str:
    """The first sentence about a table, for people who see sheets and no files."""
    about = inspect.cleandoc(TABLES[table].__doc__ or "").replace("\n", " ")
    first = re.sub(r" \(file: \w+\)|`", "", about.partition(". ")[0].partition("; [")[0].rstrip("."))
    return re.sub(r"tables/\w+\.csv", WORKBOOK, first) + "."
