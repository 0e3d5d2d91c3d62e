"""Excel from the command line: new --excel, the same plan from both forms, a plan that goes out and comes back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.scenario.books import as_workbook
from tests.test_cli import Said, corner, kaopt


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario `corner` in both forms."""
    folder = tmp_path_factory.mktemp("home")
    corner(folder / "corner")
    as_workbook(folder / "corner", folder / "book")
    return folder


@pytest.fixture(scope="module")
def both(home: Path) -> tuple[Said, Said]:
    """Each form planned."""
    one = kaopt("allocate", "corner", "--json", cwd=home)
    other = kaopt("allocate", "book", "--json", cwd=home)
    return one, other


def test_both_forms_give_the_same_plan(home: Path, both: tuple[Said, Said]) -> None:
    one, other = both
    assert one.code == other.code == 0
    plans = [(home / said.json["run"] / "plan.csv").read_bytes() for said in both]
    assert plans[0] == plans[1]
    assert plans[0].count(b"\n") > 3
    assert one.json["scorecard"] == other.json["scorecard"]


def test_the_plan_of_a_run_goes_out_and_comes_back(home: Path, both: tuple[Said, Said]) -> None:
    folder = home / both[0].json["run"]
    as_csv = kaopt("evaluate", "corner", "--plan", folder / "plan.csv", "--json", cwd=home)
    as_book = kaopt("evaluate", "book", "--plan", folder / "results.xlsx", "--json", cwd=home)
    assert as_csv.code == as_book.code == 0
    assert as_csv.json == as_book.json
    assert as_csv.json["breaches"] == []


def test_a_plan_changed_in_excel_is_judged(home: Path, both: tuple[Said, Said]) -> None:
    path = home / both[0].json["run"] / "results.xlsx"
    book = load_workbook(path)
    week = next(cell.column for cell in book["plan"][1] if cell.value == "week")
    book["plan"].cell(2, week, 99)
    book.save(home / "mine.xlsx")
    said = kaopt("evaluate", "corner", "--plan", "mine.xlsx", cwd=home)
    assert said.code == 2
    assert "mine.xlsx!plan:E2 week = " in said.err
    assert "must lie in weeks 1-8" in said.err


def test_a_lock_set_in_excel_holds(home: Path, both: tuple[Said, Said]) -> None:
    path = home / both[0].json["run"] / "results.xlsx"
    book = load_workbook(path)
    sheet = book["plan"]
    at = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, at["lock"], "forbidden")
    sheet.cell(3, at["lock"], "keep")
    book.save(home / "locked.xlsx")
    said = kaopt("allocate", "corner", "--locks", "locked.xlsx", "--json", cwd=home)
    assert said.code == 0
    key = ("account", "sku", "week", "weeks", "treatment")
    closed, kept = (tuple(str(sheet.cell(row, at[name]).value) for name in key) for row in (2, 3))
    text = (home / said.json["run"] / "plan.csv").read_text(encoding="utf-8-sig")
    events = [tuple(line.split(",")[:5]) for line in text.splitlines()[1:]]
    assert kept in events
    assert closed not in events


def test_new_excel_is_checked_and_says_what_it_wrote(tmp_path: Path) -> None:
    said = kaopt("new", "mine", "--excel", cwd=tmp_path)
    assert said.code == 0
    assert str(Path("mine/inputs.xlsx")) in said.out.splitlines()
    assert kaopt("check", "mine", cwd=tmp_path).code == 0
    again = kaopt("new", "mine", "--excel", cwd=tmp_path)
    assert again.code == 2
    assert "inputs.xlsx" in again.err


def test_new_excel_from_another(tmp_path: Path) -> None:
    assert kaopt("new", "mine", "--excel", "--from", "chese", cwd=tmp_path).code == 2
    assert kaopt("new", "mine", "--excel", "--from", "cheese", cwd=tmp_path).code == 0
    book = load_workbook(tmp_path / "mine" / "inputs.xlsx", read_only=True)
    assert len(list(book["accounts"].iter_rows(values_only=True))) == 89
    assert kaopt("check", "mine", cwd=tmp_path).code == 0


def test_nobody_pays_for_excel_who_does_not_use_it() -> None:
    """Help and a scenario of CSV files import neither library."""
    code = (
        "import sys, kaopt.cli, kaopt as ka; from kaopt.scenario.bundled import bundled;"
        "ka.load(bundled('scenarios') / 'starter');"
        "print([name for name in ('openpyxl', 'xlsxwriter') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
