"""Tables as sheets of a workbook: Excel gives what a CSV file gives, cells of text with their places.

`inputs.xlsx` in a scenario's folder is the other form of `tables/*.csv`. A sheet bears its table's name, in English
or Chinese; sheets named `read me` or `notes`, or beginning with `_`, are for people and are read over.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

from kaopt.errors import Fault
from kaopt.scenario.catalogue import FITTED, TABLES
from kaopt.scenario.quantities import clean
from kaopt.scenario.sources import Origin, Reading, suggest
from kaopt.scenario.table_file import Sheet, read_table
from kaopt.scenario.workbook_flaws import Flaws, flaws_of
from kaopt.scenario.workbook_rows import page_of, sheet_of

WORKBOOK = "inputs.xlsx"
SUFFIXES = (".xlsx", ".xlsm")
FOR_PEOPLE = ("read_me", "readme", "notes", "说明", "备注")
CHINESE: Mapping[str, tuple[str, ...]] = {
    "accounts": ("客户", "重点客户"),
    "skus": ("品项", "产品", "单品"),
    "mechanics": ("促销机制", "机制"),
    "response": ("促销响应", "响应"),
    "base": ("基础销量", "销量"),
    "seasons": ("季节",),
    "eligibility": ("适用范围", "可选范围"),
    "locks": ("锁定",),
    "budgets": ("预算",),
    "agreements": ("协议", "年度协议"),
    "capacity": ("产能", "供应上限"),
    "fees": ("费用条款", "费用"),
    "rebates": ("返利", "返利条款"),
    "warehouses": ("仓库",),
    "plants": ("工厂",),
    "doors": ("收货点",),
    "windows": ("收货时间", "送货窗口"),
    "lanes": ("线路",),
    "calendars": ("日历",),
    "lots": ("期初库存", "批次"),
    "receiving": ("收货规则",),
    "clauses": ("扣款条款",),
    "plan": ("方案", "计划"),
}
EXCEL = "must be a workbook of Excel (.xlsx)"
OLD = b"\xd0\xcf\x11\xe0"  # how .xls files and workbooks with a password begin


def read_any(path: Path, tables: tuple[str, ...], reading: Reading) -> Sheet | None:
    """The rows of a CSV file, or of the first of these tables that a workbook has; None after a fault."""
    if path.suffix.lower() not in SUFFIXES:
        return read_table(path, reading)
    sheets = read_workbook(path, reading, only=tables)
    if sheets is None:
        return None
    found = next((sheets[table] for table in tables if table in sheets), None)
    if found is None:
        names = " or ".join(repr(table) for table in tables)
        place = Origin(reading.label(path))
        reading.faults.append(place.fault(None, "no such sheet", f"must have a sheet named {names}", "Name one so"))
    return found


def read_workbook(path: Path, reading: Reading, *, only: tuple[str, ...] | None = None) -> dict[str, Sheet] | None:
    """Every sheet that holds a table, by the table's name; with `only`, sheets of other names are read over.

    Faults go into `reading`; None where the file is no workbook that can be read.
    """
    if (data := reading.data(path)) is None:
        return None
    place = Origin(reading.label(path))
    if data.startswith(OLD):
        remedy = "Save it as .xlsx without a password"
        reading.faults.append(place.fault(None, "an old or protected workbook", EXCEL, remedy))
        return None
    try:
        return dict(_sheets(data, place.file, reading.faults, only))
    except Exception as error:  # the library lets many kinds through where a file is damaged
        found = f"{type(error).__name__}: {error}"
        reading.faults.append(place.fault(None, found, EXCEL, "Open it in Excel and save it again as .xlsx"))
        return None


def table_named(title: str) -> str | None:
    """The table that a sheet's name means."""
    name = clean(title).casefold().replace(" ", "_").replace("-", "_")
    tables = [one for one in TABLES if one not in FITTED]
    return next((one for one in tables if name == one or name in CHINESE.get(one, ())), None)


def _sheets(data: bytes, file: str, faults: list[Fault], only: tuple[str, ...] | None) -> Iterator[tuple[str, Sheet]]:
    from openpyxl import load_workbook

    with warnings.catch_warnings(), ZipFile(io.BytesIO(data)) as archive:
        warnings.simplefilter("ignore")  # about what the library does not keep when it writes; we only read
        flaws = flaws_of(archive)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        titles: dict[str, str] = {}
        for page in book.worksheets:
            table = table_named(page.title)
            if (only is not None and table not in only) or _for_people(page.title):
                continue
            place = Origin(f"{file}!{page.title}")
            if table in titles:
                faults.append(
                    place.fault(None, page.title, f"is the table {table} again", "Keep one of the two sheets")
                )
                continue
            content = page_of(page, place.file, flaws.get(page.title, Flaws()))
            if table is None and content.rows:
                faults.append(_stranger(place, page.title))
            elif table is not None and content.rows:
                titles[table] = page.title
                yield table, sheet_of(content, flaws.get(page.title, Flaws()), faults)


def _for_people(title: str) -> bool:
    return title.startswith("_") or clean(title).casefold().replace(" ", "_") in FOR_PEOPLE


def _stranger(place: Origin, title: str) -> Fault:
    """A sheet that nothing reads: a misspelt name must not pass in silence."""
    known = [one for table in TABLES if table not in FITTED for one in (table, *CHINESE.get(table, ()))]
    remedy = f"{suggest(title, known)} Notes go into a sheet whose name begins with _".strip()
    return place.fault(None, title, "is not a table of a scenario", remedy)
