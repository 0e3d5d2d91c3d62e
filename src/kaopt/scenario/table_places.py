"""Where the tables of a scenario and its bases lie: in `tables/NAME.csv`, as sheets of `inputs.xlsx`, or in Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kaopt.errors import Fault
from kaopt.scenario.overlays import Chain
from kaopt.scenario.parquet_file import head, parquet_at, whole
from kaopt.scenario.sources import Origin, Reading
from kaopt.scenario.table_file import Sheet
from kaopt.scenario.workbook import WORKBOOK, read_any, read_workbook


@dataclass(frozen=True, eq=False)
class Places:
    """The folders of a chain, base first, with the workbook of each that has one."""

    chain: Chain
    books: Mapping[Path, Mapping[str, Sheet]]
    readable: bool = True  # no workbook had to be given up

    def find(self, table: str, relative: str = "") -> Path | None:
        """The file that holds a table: the scenario's own, else the nearest base's."""
        for folder in reversed(self.chain.folders):
            if (folder / (relative or usual(table))).is_file() and relative != WORKBOOK:
                return folder / (relative or usual(table))
            if relative in ("", usual(table)) and (found := parquet_at(folder, table)) is not None:
                return found
            if self._sheet(folder, table, relative):
                return folder / WORKBOOK
        return None

    def sheets(self, table: str, relative: str, reading: Reading) -> Iterator[Sheet]:
        """The table in each folder that has it, base first; in two forms at once it is a fault."""
        for folder in self.chain.folders:
            sheet = self._sheet(folder, table, relative)
            if relative != WORKBOOK and (folder / relative).is_file():
                if sheet is None:
                    sheet = read_any(folder / relative, (table,), reading)
                else:
                    reading.faults.append(_twice(sheet.file, reading.label(folder / relative)))
            if relative == usual(table) and (parquet := parquet_at(folder, table)) is not None:
                if sheet is None:
                    sheet = whole(parquet, reading)
                else:
                    reading.faults.append(_twice(sheet.file, head(parquet, reading).file))
            if sheet is not None:
                yield sheet

    def alone(self, table: str) -> Path | None:
        """Where a table is in Parquet, and nowhere else in the chain: it can be read batch by batch."""
        found = [(one, parquet_at(one, table)) for one in self.chain.folders]
        others = [one for one in self.chain.folders if (one / usual(table)).is_file() or self._sheet(one, table, "")]
        paths = [path for _, path in found if path is not None]
        return paths[0] if len(paths) == 1 and not others else None

    def usual_place(self, table: str) -> Origin:
        """Where a table that is missing should be: beside the others."""
        own = self.books.get(self.chain.folders[-1])
        return Origin(usual(table) if own is None else f"{WORKBOOK}!{table}")

    def _sheet(self, folder: Path, table: str, relative: str) -> Sheet | None:
        """The sheet of a folder's workbook, where a table is asked for at its usual place."""
        named = relative in ("", usual(table), WORKBOOK)
        return self.books.get(folder, {}).get(table) if named else None


def usual(table: str) -> str:
    """The file of a table that nobody named otherwise."""
    return f"tables/{table}.csv"


def places_of(chain: Chain, reading: Reading) -> Places:
    """Open the workbook of every folder that has one."""
    found = [(folder, folder / WORKBOOK) for folder in chain.folders if (folder / WORKBOOK).is_file()]
    books = [(folder, read_workbook(path, reading)) for folder, path in found]
    return Places(chain, {folder: book or {} for folder, book in books}, all(book is not None for _, book in books))


def _twice(first: str, file: str) -> Fault:
    remedy = f"Delete {file} or {'the sheet' if '!' in first else first}"
    return Origin(first).fault(None, f"also {file}", "must be there in one form only", remedy)
