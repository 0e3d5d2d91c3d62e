"""The rows of a file of sales by canonical name: headers matched, cells typed, every faulty cell told with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaopt.scenario import dates
from kaopt.scenario.columns import Texts
from kaopt.scenario.kinds import parse
from kaopt.scenario.model import Scenario
from kaopt.scenario.named_columns import Names, columns_of, read_names
from kaopt.scenario.quantities import Wrong, clean
from kaopt.scenario.sources import Reading
from kaopt.scenario.workbook import read_any

ALIASES: Mapping[str, Texts] = {
    "account": ("customer", "客户", "重点客户"),
    "sku": ("品项", "单品"),
    "week": ("date", "周", "周次", "日期"),
    "units": ("cases", "sell_out_cases", "销量", "箱数"),
    "price": ("零售价", "价格", "实际价格"),
    "base_price": ("regular_price", "原价", "正常价"),
    "display": ("陈列",),
    "feature": ("海报",),
    "gift": ("赠品",),
    "spend": ("trade_spend", "费用", "实际费用"),
    "executed": ("执行", "是否执行"),
}
NEEDED = ("account", "sku", "week", "units")
KINDS = dict.fromkeys(("display", "feature", "gift"), "share") | {"account": "text", "sku": "text"}
KINDS |= {"units": "number", "price": "number", "base_price": "number", "spend": "signed_money", "executed": "flag"}


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its values; None where a cell is empty. `week` from 0, or a day outside."""

    place: str
    cells: Mapping[str, Any]


def read_rows(world: Scenario, path: Path, mapping: Path | None = None) -> tuple[list[Row], Texts]:
    """The rows of a CSV file or of a workbook's sheet `sales`, and the canonical columns that it has.

    Raises InputError with every cell that cannot be read.
    """
    file = path.expanduser().resolve()
    reading = Reading(file.parent)
    names = {} if mapping is None else read_names(mapping, ALIASES, reading)
    sheet = read_any(file, ("sales", "actuals"), reading)
    reading.stop_on_faults()
    assert sheet is not None
    places = columns_of(sheet.header, Names(ALIASES, NEEDED, names), sheet.origin(), reading.faults)
    reading.stop_on_faults()
    rows = []
    for row in sheet.rows:
        cells = {name: row.cells[at].strip() if at < len(row.cells) else "" for name, at in places.items()}
        origin = sheet.origin(row.line, places)
        values: dict[str, Any] = {}
        for name, text in cells.items():
            try:
                values[name] = _value(world, name, text)
            except Wrong as wrong:
                reading.faults.append(origin.fault(name, text or "nothing", wrong.expected, wrong.remedy))
        rows.append(Row(str(origin), values))
    if not rows:
        reading.faults.append(sheet.origin().fault(None, "no rows", "must have weeks below its header"))
    reading.stop_on_faults()
    return rows, tuple(places)


def _value(world: Scenario, name: str, text: str) -> Any:
    """A cell's value; what tells rows apart must be there."""
    if not text:
        if name in ("account", "sku", "week"):
            raise Wrong("must be given", "Fill the cell, or delete the row")
        return None
    if name != "week":
        return parse(KINDS[name], text)
    day = dates.day_or_none(clean(text))
    return dates.week(text) - 1 if day is None else (day - world.start).days // 7

