"""Sales history in: CSV, Parquet or a workbook, canonical names or a mapping file, every unreadable cell told.

Canonical columns: account, sku, week, units, price; optional base_price, display, feature, cost, category, other_*.
Weeks are integers, or dates (any day of the week). What the columns say is judged by `kaopt.response.problems`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kaopt.errors import Fault
from kaopt.scenario import dates
from kaopt.scenario.columns import Texts
from kaopt.scenario.grid import folded
from kaopt.scenario.named_columns import Names, columns_of, read_names
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.sources import Origin, Reading
from kaopt.scenario.table_file import DELIMITERS

ALIASES: dict[str, Texts] = {
    "account": ("customer", "store", "客户", "重点客户", "客户编码", "门店"),
    "sku": ("product", "item", "upc", "品项", "单品", "产品编码"),
    "week": ("date", "周", "周次", "日期"),
    "units": ("volume", "sales_units", "cases", "销量", "数量", "箱数"),
    "price": ("unit_price", "售价", "价格", "单价"),
    "base_price": ("regular_price", "原价", "正常价"),
    "display": ("陈列", "陈列率"),
    "feature": ("海报", "海报率"),
    "cost": ("成本", "进价"),
    "category": ("品类", "类别"),
}
NEEDED = ("account", "sku", "week", "units", "price")
TEXT = ("account", "sku", "category")
OTHER = "other_"
SETTINGS = ("holidays",)  # keys of a mapping file that are not columns
SHOWN = 20  # unreadable cells told one by one


@dataclass(frozen=True, eq=False)
class Sales:
    """A history as it was read: canonical columns, `line` the row of the file; NaN where a cell is empty."""

    rows: pd.DataFrame
    first_day: int | None  # ordinal of the Monday of week 0 where weeks were dates
    country: str | None = None  # whose public holidays count


def read_sales(path: Path, mapping: Path | None = None, *, needed: Texts = NEEDED) -> Sales:
    """Read a history. Raises InputError with its faults: no such file, lacking columns, cells that are no numbers."""
    reading = Reading(path.parent)
    names = {} if mapping is None else read_names(mapping, (*ALIASES, *SETTINGS), reading, free=OTHER)
    country = names.pop("holidays", None)
    cells = _cells(path, reading)
    reading.stop_on_faults()
    assert cells is not None
    file = reading.label(path)
    places = _places(cells, names, needed, Origin(file, 1), reading.faults)
    reading.stop_on_faults()
    rows = pd.DataFrame({"line": np.arange(2, len(cells) + 2)})
    first_day = None
    for name, head in places.items():
        column = cells[head].str.strip()
        if name in TEXT:
            rows[name] = column
        elif name == "week":
            rows[name], first_day = _weeks(column, file, reading.faults)
        else:
            rows[name] = _numbers(column, name, file, reading.faults)
    if not len(rows):
        reading.faults.append(Origin(file, 1).fault(None, "no rows", "must have sales below its header", ""))
    reading.stop_on_faults()
    return Sales(rows, first_day, country)


def _cells(path: Path, reading: Reading) -> pd.DataFrame | None:
    """Every cell as the text that it is."""
    place = Origin(reading.label(path))
    if not path.is_file():
        reading.faults.append(place.fault(None, "nothing", "must be a file", "CSV, Parquet or a workbook (.xlsx)"))
        return None
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path).astype(object).map(_as_text)
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            return pd.read_excel(path, dtype=object, keep_default_na=False).map(_as_text)
        with path.open(encoding="utf-8-sig") as file:
            head = file.readline()
        delimiter = max(DELIMITERS, key=head.count)
        return pd.read_csv(path, dtype=str, keep_default_na=False, sep=delimiter, encoding="utf-8-sig")
    except (ValueError, OSError, pd.errors.ParserError) as error:
        said = str(error).splitlines()[0]
        reading.faults.append(place.fault(None, said, "must be a table", "Save it again as CSV with a header line"))
        return None


def _as_text(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _places(
    cells: pd.DataFrame, names: Mapping[str, str], needed: Texts, place: Origin, faults: list[Fault]
) -> dict[str, str]:
    """Canonical name -> column of the file; columns that begin with `other_` are terms by their own names."""
    header = [str(one) for one in cells.columns]
    aliases = ALIASES | {name: () for name in names if name not in ALIASES}
    places = {name: header[at] for name, at in columns_of(header, Names(aliases, needed, names), place, faults).items()}
    others = [head for head in header if folded(head).startswith(OTHER) and head not in places.values()]
    return places | {folded(head): head for head in others}


def _numbers(column: pd.Series[str], name: str, file: str, faults: list[Fault]) -> pd.Series[float]:
    """Numbers, a per cent sign allowed; NaN where the cell is empty."""
    plain = column.str.replace(",", "", regex=False)
    share = plain.str.endswith("%")
    found: pd.Series[float] = pd.to_numeric(plain.str.rstrip("%"), errors="coerce").astype(float)
    values: pd.Series[float] = found.where(~share, found / 100.0)
    wrong = np.flatnonzero((values.isna() & (column != "")).to_numpy())
    said = ("must be a number", "Mend or empty the cell")
    faults.extend(Origin(file, int(at) + 2).fault(name, column.iloc[at], *said) for at in wrong[:SHOWN])
    if len(wrong) > SHOWN:
        faults.append(Origin(file).fault(name, f"{len(wrong) - SHOWN} more cells", "must be numbers", ""))
    return values


def _weeks(column: pd.Series[str], file: str, faults: list[Fault]) -> tuple[pd.Series[float], int | None]:
    """Week numbers; dates become weeks counted from that of the first date, which is week 1."""
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().all() and (numbers % 1 == 0).all():
        return numbers.astype(float), None
    days: dict[str, float] = {}
    for text in column.unique():
        try:
            days[text] = float(dates.day(text).toordinal())
        except Wrong as wrong:
            at = int(np.flatnonzero((column == text).to_numpy())[0])
            remedy = wrong.remedy or "Write 2027-01-04, or whole numbers everywhere"
            faults.append(Origin(file, at + 2).fault("week", text or "nothing", "must be a week or a date", remedy))
    if len(days) < column.nunique():
        return numbers, None
    week = column.map(days).sub(1) // 7  # ordinal 1 was a Monday
    first = int(week.min()) - 1
    return week - first, first * 7 + 1
