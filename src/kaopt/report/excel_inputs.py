"""`kaopt new --excel`: a scenario whose tables are one workbook, with drop-downs and a note on every header."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from kaopt import runs
from kaopt.report.excel_pen import Pen, workbook_bytes
from kaopt.report.excel_read_me import read_me_sheet
from kaopt.report.excel_table import Table, table_sheet
from kaopt.scenario.catalogue import FITTED, TABLES
from kaopt.scenario.new import refuse_taken, starter_files
from kaopt.scenario.overlays import FILE
from kaopt.scenario.shelf import NEEDED
from kaopt.scenario.sources import decode
from kaopt.scenario.workbook import WORKBOOK

SHEETS = tuple(name for name in TABLES if name not in FITTED)
Cells = Mapping[str, list[list[str]]]  # table -> header and rows of text


def write_excel_starter(folder: Path, template: str | None) -> tuple[Path, ...]:
    """Write the starter (or the bundled scenario named `template`) with a workbook in place of each folder's tables.

    Never over a file that is there. Returns the files written. Raises InputError.
    """
    pairs = starter_files(folder, template)
    tables: dict[Path, dict[str, Path]] = defaultdict(dict)
    files: dict[Path, bytes] = {}
    for source, target in pairs:
        if target.parent.name == "tables" and target.suffix == ".csv" and target.stem in SHEETS:
            tables[target.parent.parent / WORKBOOK][target.stem] = source
        else:
            files[target] = source.read_bytes()
    for target, sources in tables.items():
        cells = {name: _cells(path) for name, path in sources.items()}
        files[target] = inputs_workbook(cells)
        settings = target.parent / FILE
        files[settings] = _for_excel(files[settings].decode("utf-8"), tuple(cells)).encode("utf-8")
    refuse_taken(files)
    for target, content in files.items():
        with runs.disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        runs.write_bytes(target, content)
    return tuple(files)


def inputs_workbook(tables: Cells) -> bytes:
    """The workbook of a scenario's tables; where all that it needs are there, the others wait as empty sheets."""
    whole = set(NEEDED) <= set(tables)
    shown = [Table(name, tables.get(name, [])) for name in SHEETS if whole or name in tables]

    def fill(pen: Pen) -> None:
        read_me_sheet(pen, shown)
        for table in shown:
            table_sheet(pen, table, {one.name for one in shown})

    return workbook_bytes(fill, "kaopt inputs")


def _cells(path: Path) -> list[list[str]]:
    rows = csv.reader(io.StringIO(decode(path.read_bytes()), newline=""))
    return [row for row in rows if any(cell.strip() for cell in row)]


def _for_excel(text: str, tables: tuple[str, ...]) -> str:
    """The settings with the workbook in place of the files that became its sheets, in comments too."""
    names = "|".join(tables)

    def comment(found: re.Match[str]) -> str:
        said = re.sub(rf"\btables/({names})\.csv", WORKBOOK, found[0]).replace(
            "tables/*.csv", f"{WORKBOOK}, a sheet each"
        )
        said = re.sub(rf"\b({names})\.csv(?=  )", r"\1    ", said)  # a list of tables stays aligned
        return re.sub(rf"\b({names})\.csv\b", r"\1", said).replace("; UTF-8 or GB18030", "")

    text = re.sub(r"(?m)(?:^|(?<=\s))#.*$", comment, text)
    return re.sub(rf"\b(by_account|plan): *tables/(?:{names})\.csv", rf"\1: {WORKBOOK}", text)
