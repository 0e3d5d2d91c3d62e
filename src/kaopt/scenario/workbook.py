"""Tables as sheets of a workbook: what a CSV file gives, given by Excel."""

from __future__ import annotations

from pathlib import Path

from kaopt.scenario.sources import Reading
from kaopt.scenario.table_file import Sheet, read_table


def read_any(path: Path, tables: tuple[str, ...], reading: Reading) -> Sheet | None:
    """The rows of a CSV file, or of the first of these tables that a workbook has; None after a fault."""
    return read_table(path, reading)
