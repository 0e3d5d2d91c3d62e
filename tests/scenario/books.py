"""Scenarios as workbooks, written by another library than the one under test where it can be."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

from openpyxl import Workbook

NUMBERS = "0123456789"


def book_of(folder: Path, *, typed: bool = True) -> Workbook:
    """A workbook with a sheet for every table of a folder; `typed` numbers are numbers, else every cell is text."""
    book = Workbook()
    book.remove(book.active)
    for path in sorted(folder.glob("tables/*.csv")):
        sheet = book.create_sheet(path.stem)
        for cells in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
            sheet.append([value_of(cell) if typed else (cell or None) for cell in cells])
    return book


def value_of(text: str) -> Any:
    """What a person would have typed: a number where the text is a plain one, nothing where it is empty."""
    if not text:
        return None
    if text[0] == "0" and text.isdigit() and len(text) > 1:
        return text
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return text


def as_workbook(source: Path, target: Path, *, typed: bool = True) -> Path:
    """A scenario's folder again with a workbook in place of its tables."""
    target.mkdir(parents=True)
    shutil.copyfile(source / "scenario.yaml", target / "scenario.yaml")
    book_of(source, typed=typed).save(target / "inputs.xlsx")
    return target
