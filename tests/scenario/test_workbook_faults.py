"""Faults planted in a workbook: each is told by sheet and cell, all of them at once, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from kaopt import api
from kaopt.errors import Fault, InputError
from kaopt.scenario.bundled import bundled
from tests.scenario.books import book_of
from tests.test_cli import kaopt

STARTER = bundled("scenarios") / "starter"


@dataclass(frozen=True)
class Plant:
    """A fault: the cell that is spoilt, with what, and what must be said about it. `say`: another place is named."""

    sheet: str
    column: str
    row: int
    value: object
    words: str
    say: str = ""


PLANTS = (
    Plant("accounts", "acceptance_age", 2, 1.7, "must be between 0 and 1"),
    Plant("accounts", "last_year_revenue", 3, "lots", "must be money"),
    Plant("accounts", "contract_fee", 4, -5, "must be at least 0"),
    Plant("accounts", "rebate", 5, date(2027, 3, 1), "A spreadsheet has made a date of it"),
    Plant("accounts", "window_open", 2, time(23, 30), "must be after window_open (23:30)", say="window_close"),
    Plant("skus", "list_price", 2, "#REF!", "an error of the spreadsheet"),
    Plant("skus", "unit_cost", 3, "=G3*2", "this formula was never calculated"),
    Plant("skus", "high_margin", 4, "maybe", "must be yes or no"),
    Plant("skus", "shelf_life", 5, 12.5, "must be a whole number of days"),
    Plant("mechanics", "lengths", 2, datetime(2027, 1, 2), "a spreadsheet has made a date of it"),
    Plant("mechanics", "family", 3, None, "must be given"),
    Plant("mechanics", "depth", 4, "a lot", "must be a share"),
    Plant("base", "sku", 3, "lemmon", "Did you mean 'lemon'?"),
    Plant("base", "cases", 5, None, "must be given"),
    Plant("seasons", "week", 4, date(2027, 1, 18), "This day lies in week 3"),
    Plant("locks", "week", 2, 40, "must lie in weeks 1-13"),
    Plant("locks", "lock", 3, "forbiden", "Did you mean 'forbidden'?"),
    Plant("eligibility", "weeks", 2, "1-x", "must be a set of weeks"),
    Plant("eligibility", "account", 4, "合计", "must be one row of the table, not its sum"),
    Plant("budgets", "max", 2, "12 bananas", "the unit 'bananas' does not fit"),
    Plant("response", "dip", 2, "NaN", "must be a finite number"),
    Plant("response", "elasticity", 3, 3.4, "must be at most 0"),
    Plant("seasons", "index", 1, "indes", "Did you mean 'index'?"),
)


def double_key(book: Workbook) -> None:
    """Row 11 of base becomes row 10 again."""
    for cell, before in zip(book["base"][11][:2], book["base"][10][:2], strict=True):
        cell.value = before.value


def stray_note(book: Workbook) -> None:
    book["budgets"]["F3"] = "call the buyer"


def merged(book: Workbook) -> None:
    book["skus"].merge_cells("D6:E6")


def other_sheet(book: Workbook) -> None:
    book.create_sheet("acounts").append(["account"])


# what no single cell shows: the change, the place named, the words
WHOLE: tuple[tuple[Callable[[Workbook], None], str, str], ...] = (
    (double_key, "inputs.xlsx!base:A11", "is there twice, first in line 10"),
    (stray_note, "inputs.xlsx!budgets:F1", "must have a name"),
    (merged, "inputs.xlsx!skus:D6", "Unmerge them"),
    (other_sheet, "inputs.xlsx!acounts", "Did you mean 'accounts'?"),
)


def place(book: Workbook, sheet: str, column: str, row: int) -> str:
    """`C7` of a named column."""
    at = next(cell.column for cell in book[sheet][1] if cell.value == column)
    return f"{get_column_letter(at)}{row}"


def spoil(book: Workbook, plant: Plant) -> str:
    """Plant a fault; the place that must be named."""
    named = place(book, plant.sheet, plant.say or plant.column, plant.row)
    book[plant.sheet][place(book, plant.sheet, plant.column, plant.row)] = plant.value
    return f"inputs.xlsx!{plant.sheet}:{named}"


def written(folder: Path, book: Workbook) -> Path:
    folder.mkdir(parents=True)
    (folder / "scenario.yaml").write_bytes((STARTER / "scenario.yaml").read_bytes())
    book.save(folder / "inputs.xlsx")
    return folder


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        api.load(folder)
    return caught.value.faults


def test_the_workbook_without_a_plant_is_right(tmp_path: Path) -> None:
    assert api.load(written(tmp_path / "w", book_of(STARTER))).shape == (4, 6, 13)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: f"{p.sheet}.{p.column}")
def test_a_planted_fault_is_told_by_sheet_and_cell(tmp_path: Path, plant: Plant) -> None:
    book = book_of(STARTER)
    where = spoil(book, plant)
    told = [str(fault) for fault in faults_of(written(tmp_path / "w", book))]
    assert [text for text in told if text.startswith(f"{where} ") and plant.words in text], told
    assert len(told) == (2 if plant.row == 1 else 1), told  # a header that is wrong is also one that is missing


@pytest.mark.parametrize(("change", "where", "words"), WHOLE, ids=lambda one: getattr(one, "__name__", ""))
def test_a_fault_of_the_whole_is_told(
    tmp_path: Path, change: Callable[[Workbook], None], where: str, words: str
) -> None:
    book = book_of(STARTER)
    change(book)
    (told,) = map(str, faults_of(written(tmp_path / "w", book)))
    assert told.startswith((f"{where} ", f"{where}: "))
    assert words in told


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Every plant in one workbook, and a table in both forms."""
    book = book_of(STARTER)
    places = [spoil(book, plant) for plant in PLANTS]
    for change, where, _ in WHOLE:
        change(book)
        places.append(where)
    folder = written(tmp_path_factory.mktemp("spoilt") / "w", book)
    (folder / "tables").mkdir()
    (folder / "tables" / "locks.csv").write_bytes((STARTER / "tables" / "locks.csv").read_bytes())
    return folder, [*places, "inputs.xlsx!locks"]


def test_all_of_them_at_once(spoilt: tuple[Path, list[str]]) -> None:
    folder, places = spoilt
    assert len(places) >= 20
    told = [str(fault) for fault in faults_of(folder)]
    for where in places:
        assert any(text.startswith((f"{where} ", f"{where}: ")) for text in told), (where, told)
    assert any("also tables/locks.csv: must be there in one form only" in text for text in told)


def test_the_command_line_tells_them_all_and_writes_nothing(spoilt: tuple[Path, list[str]]) -> None:
    folder, places = spoilt
    before = sorted(folder.rglob("*"))
    said = kaopt("run", folder, cwd=folder)
    assert said.code == 2
    assert all(f"{where} " in said.err or f"{where}: " in said.err for where in places), said.err
    assert sorted(folder.rglob("*")) == before


def test_as_data_the_contracts_keys_and_the_cell(spoilt: tuple[Path, list[str]]) -> None:
    folder, _ = spoilt
    errors = kaopt("check", folder, "--json", cwd=folder).json["errors"]
    (one,) = [error for error in errors if error["column"] == "acceptance_age"]
    assert one["file"] == "inputs.xlsx!accounts"
    assert (one["line"], one["found"]) == (2, "1.7")
    assert one["cell"].endswith("2")
    (sheet,) = [error for error in errors if error["file"] == "inputs.xlsx!acounts"]
    assert set(sheet) == {"file", "line", "column", "found", "expected", "remedy"}
