"""What is wrong is told: all of it, in one run, with file, line, value, what is expected and the remedy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kaopt.errors import Fault, InputError
from tests.scenario.files import FILES, read, write


def faults_of(folder: Path, *overrides: str) -> list[Fault]:
    with pytest.raises(InputError) as caught:
        read(folder, *overrides)
    assert all(one.expected and one.file for one in caught.value.faults)
    return list(caught.value.faults)


def one_fault(folder: Path) -> Fault:
    found = faults_of(folder)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


TEN = {
    "scenario": (
        "kaopt: 1\n"
        "horizon: {start: 2027-01-04, weeks: 4}\n"
        "budgett: {total: 440万}\n"  # 1 unknown key
        "solve:\n"
        "  gap: 45d\n"  # 2 wrong unit
        "  gap: 0.1%\n"  # 3 a key twice
    ),
    "accounts": (
        "account,channel,retail_markup,acceptance_age\n"
        "W,hyper,25%,1.7\n"  # 4 a share out of range
        "Z,trade,10%,2/3\n"
        "Z,trade,10%,1/2\n"  # 5 a key twice
    ),
    "skus": (
        "sku,list_price,unit_cost,high_margin,colour\n"  # 6 an unknown column
        "cola,-40,20,no,\n"  # 7 a negative price
        "tea,50,nan,yes,\n"  # 8 NaN
    ),
    "base": (
        "account,sku,cases\n"
        "W,cola,100\n"
        "W,coala,50\n"  # 9 a dangling reference
        "合计,,150\n"  # 10 a row of totals
    ),
}
PLACES = {
    ("scenario.yaml", 3, "budgett"),
    ("scenario.yaml", 5, "solve.gap"),
    ("scenario.yaml", 6, "solve.gap"),
    ("tables/accounts.csv", 2, "acceptance_age"),
    ("tables/accounts.csv", 4, "account"),
    ("tables/skus.csv", 1, "colour"),
    ("tables/skus.csv", 2, "list_price"),
    ("tables/skus.csv", 3, "unit_cost"),
    ("tables/base.csv", 3, "sku"),
    ("tables/base.csv", 4, "account"),
}


def test_ten_planted_faults_in_four_files_are_told_in_one_run(tmp_path: Path) -> None:
    found = faults_of(write(tmp_path, **TEN))
    assert {(one.file, one.line, one.column) for one in found} == PLACES
    assert len(found) == 10
    assert all(one.remedy for one in found)
    text = str(InputError(found))
    assert "acceptance_age = 1.7: must be between 0 and 1 (maximum age at receipt as a share of shelf life)" in text
    assert "Did you mean 'budget'?" in text
    assert "Did you mean 'cola'?" in text


def test_the_command_line_tells_all_ten_and_writes_nothing(tmp_path: Path) -> None:
    """Exit 2, the contract's JSON alone on stdout, no traceback, no file more than before."""
    folder = write(tmp_path, **TEN)
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, "-c", "from kaopt.cli import main; main()", "check", str(folder), "--json"]
    machine = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert machine.returncode == 2, machine.stderr
    assert "Traceback" not in machine.stdout + machine.stderr
    errors = json.loads(machine.stdout)["errors"]
    assert {(one["file"], one["line"], one["column"]) for one in errors} == PLACES
    assert all(set(one) == {"file", "line", "column", "found", "expected", "remedy"} for one in errors)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("yaml", "line", "words"),
    [
        ("horizon: {start: 2027-01-04, weeks: 4}\n", 1, "kaopt = nothing: must be given. Add `kaopt: 1`"),
        ("kaopt: 2\nhorizon: {start: 2027-01-04, weeks: 4}\n", 1, "must be 1, the version of this format"),
        ("kaopt: 1\nhorizon: {start: 01/04/2027, weeks: 4}\n", 2, "one way only"),
        ("kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 4, end: 3}\n", 2, "horizon.end"),
        ("kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 4w}\n", 2, "must be a whole number"),
        ("kaopt: 1\nhorizon:\n  start: 2027-01-04\n  weeks: 0\n", 4, "must be greater than or equal to 1"),
        ("kaopt: 1\nhorizon: {start: 2027-01-04}\n", 2, "horizon.weeks = nothing: must be given"),
        ("kaopt: 1\nhorizon: 4\n", 2, "must be a mapping of settings. Settings: start, weeks, planned_on"),
        (FILES["scenario.yaml"] + "solve: {gap: true}\n", 3, "must be a share"),
        (FILES["scenario.yaml"] + "supply: {gate: maybe}\n", 3, "must be true or false"),
        (FILES["scenario.yaml"] + "supply: {policy: gated_fifo}\n", 3, "Did you mean 'gated_fefo'?"),
        (FILES["scenario.yaml"] + "supply: {policy: ../../secret}\n", 3, "is not a known name"),
        (FILES["scenario.yaml"] + "model: anual_agreement\n", 3, "Did you mean 'annual_agreement'?"),
        (FILES["scenario.yaml"] + "objective: {maximize: profits}\n", 3, "Did you mean 'profit'?"),
        (FILES["scenario.yaml"] + "assumptions: a sentence\n", 3, "must be a list"),
        (FILES["scenario.yaml"] + "rules: [spacing]\n", 3, "must be a mapping"),
        (FILES["scenario.yaml"] + "response: models/response/cheeze\n", 3, "Did you mean 'models/response/cheese'?"),
        (FILES["scenario.yaml"] + "response: ../../models/response/cheese\n", 3, "is not a known name"),
        (FILES["scenario.yaml"] + "budget:\n", 3, "must have a value"),
        (FILES["scenario.yaml"] + "name: &x hello\n", 3, "anchors are not used here"),
        (FILES["scenario.yaml"] + "name: !!python/object x\n", 3, "tags are not used here"),
        (FILES["scenario.yaml"] + "name: *x\n", 3, "aliases are not used here"),
        (FILES["scenario.yaml"] + "---\nname: x\n", 3, "must be one document"),
        (FILES["scenario.yaml"] + "solve: {gap: 1%\n", 4, "must be YAML 1.2"),
        (FILES["scenario.yaml"] + "solve:\n\tgap: 1%\n", 4, "must be YAML 1.2"),
        (FILES["scenario.yaml"] + "? {a: 1}\n: 2\n", 3, "must be a single name"),
        (FILES["scenario.yaml"] + f"name: {'[' * 30}{']' * 30}\n", 3, "nested deeper"),
        ("- 1\n- 2\n", 1, "must be a mapping of settings"),
        ("", None, "must hold settings"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, yaml: str, line: int | None, words: str) -> None:
    found = faults_of(write(tmp_path, scenario=yaml))
    assert any(words in str(one) and one.line == line for one in found), [str(one) for one in found]


def test_a_broken_file_of_settings_does_not_hide_the_tables(tmp_path: Path) -> None:
    found = faults_of(write(tmp_path, scenario="kaopt: [1\n", accounts="account,chanel\nW,hyper\nZ,x\n"))
    assert [(one.file, one.line) for one in found] == [("scenario.yaml", 2), ("tables/accounts.csv", 1)]


def test_a_scenario_file_that_is_no_text(tmp_path: Path) -> None:
    found = faults_of(write(tmp_path, scenario=b"\xff\xfek\x00a\x00"))
    assert "must be text in UTF-8 or GB18030" in str(found[0])


@pytest.mark.parametrize(
    ("accounts", "line", "words"),
    [
        ("account,acceptance_agee\nW,1\nZ,1\n", 1, "Did you mean 'acceptance_age'?"),
        ("account,允收\nW,1\nZ,1\n", 1, "Did you mean '允收期'?"),
        ("account,允收期,Acceptance Age\nW,1,1\nZ,1,1\n", 1, "is there twice, first as '允收期'"),
        ("name\nW\nZ\n", 1, "Add the column 'account' (or 客户, 重点客户, 客户编码)"),
        ("account,,name\nW,x,a\nZ,,b\n", 1, "must have a name"),
        ("account,name\nW\nZ,b\n", 2, "1 cells: must have 2 cells like the header"),
        ("account,name\nW,a,b\nZ,b\n", 2, "3 cells: must have 2 cells like the header"),
        ('account,name\nW,"a\nZ,b\n', 2, "closed quotes"),
        ('account,name\nW,"a"b\nZ,b\n', 2, "closed quotes"),
        ("account,name\nW,a\nZ,b\n总计：,\n", 4, "must be one row of the table, not its sum"),
        ("account,name\nW,a\nZ,b\n Total ,\n", 4, "Delete this row"),
        ("account,name\nW,a\nZ,b\n,c\n", 4, "must be given: the account's id"),
        ("account,name\nW,a\nZ,#N/A\n", 3, "an error of the spreadsheet"),
        ("account,window_open,window_close\nW,10:00,08:00\nZ,,\n", 2, "must be after window_open (10:00)"),
        ("account,fill_target\nW,inf\nZ,\n", 2, "must be a finite number"),
        ("account,notice_days\nW,2027-01-04\nZ,\n", 2, "must be a whole number of days"),
        ("", 1, "must be a table"),
        (b"\xff\xfea\x00", None, "Save it as 'CSV UTF-8'"),
    ],
)
def test_tables_that_are_wrong(tmp_path: Path, accounts: str | bytes, line: int | None, words: str) -> None:
    found = faults_of(write(tmp_path, accounts=accounts))
    mine = [one for one in found if one.file == "tables/accounts.csv"]
    assert any(words in str(one) and one.line == line for one in mine), [str(one) for one in found]


def test_a_row_that_is_left_out_is_told_once(tmp_path: Path) -> None:
    """Other tables refer to the account of the ragged row: that is no second fault."""
    assert one_fault(write(tmp_path, accounts="account,channel\nW,hyper,\nZ\n")).line == 3


def test_a_missing_table(tmp_path: Path) -> None:
    fault = one_fault(write(tmp_path, mechanics=None))
    assert (fault.file, fault.expected) == ("tables/mechanics.csv", "must be there")


def test_tables_with_names_that_nothing_reads(tmp_path: Path) -> None:
    found = faults_of(write(tmp_path, eligibilty="account\nW\n", budgets="account,max\nW,1\n", plan="anything\n"))
    assert [one.file for one in found] == ["tables/budgets.csv", "tables/eligibilty.csv"]
    assert "by_account" in found[0].remedy
    assert "eligibility.csv" in found[1].remedy


BASE = "account,sku,week,cases\n"


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("Z,cola,,1\nW,cola,1,5\nW,cola,4,5\n", 3, "W, cola: no week 2-3: must have every week 1-4"),
        ("W,cola,1,5\nW,cola,2,5\nW,cola,2,5\nW,cola,3,5\nW,cola,4,5\n", 4, "is there twice, first in line 3"),
        ("W,cola,02,5\nW,cola,2,5\nW,cola,1,5\nW,cola,3,5\nW,cola,4,5\n", 3, "twice"),
        ("W,cola,,5\nW,cola,2,5\n", 2, "must have weeks in all of its rows or in none"),
        ("W,cola,2027-01-18,5\n", 2, "This day lies in week 3: write 3"),
        ("W,cola,1.5,5\n", 2, "the number of a week"),
        ("W,cola,,\n", 2, "must be given: base volume"),
        ("W,cola,,5箱箱\n", 2, "the unit '箱箱' does not fit"),
        ("W,Cola,,5\n", 2, "Did you mean 'cola'?"),
        ("*,cola,,5\n", 2, "must be a plain name"),
    ],
)
def test_base_tables_that_are_wrong(tmp_path: Path, rows: str, line: int, words: str) -> None:
    fault = one_fault(write(tmp_path, base=BASE + rows))
    assert words in str(fault)
    assert fault.line == line


def test_a_wrong_week_is_not_a_gap_as_well(tmp_path: Path) -> None:
    fault = one_fault(write(tmp_path, base=BASE + "W,cola,1,5\nW,cola,2,5\nW,cola,x,5\nW,cola,4,5\n"))
    assert (fault.line, fault.column) == (4, "week")


def test_gaps_in_a_season(tmp_path: Path) -> None:
    base = "account,sku,cases,season\nW,cola,1,summer\nW,tea,1,sumer\n"
    found = faults_of(write(tmp_path, base=base, seasons="season,week,index\nsummer,1,1\nsummer,3,1\n"))
    assert [(one.file, one.line, one.found) for one in found] == [
        ("tables/base.csv", 3, "sumer"),
        ("tables/seasons.csv", 2, "summer: no week 2, 4"),
    ]


def test_a_season_without_a_table_of_seasons(tmp_path: Path) -> None:
    fault = one_fault(write(tmp_path, base="account,sku,cases,season\nW,cola,1,summer\n"))
    assert (fault.column, fault.found) == ("season", "summer")


def test_patterns_must_mean_something(tmp_path: Path) -> None:
    fault = one_fault(write(tmp_path, eligibility="account,sku,treatment,allowed\nW*,*,cut,yes\nV*,*,cut,yes\n"))
    assert (fault.line, fault.column, fault.found) == (3, "account", "V*")


def test_long_values_are_shortened(tmp_path: Path) -> None:
    fault = one_fault(write(tmp_path, base=BASE + f"W,cola,,{'9' * 30}x{'9' * 400}\n"))
    assert len(fault.found) == 60
    assert fault.found.endswith("…")


def test_faults_come_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    found = faults_of(write(tmp_path, **TEN))
    assert found == sorted(found, key=lambda one: (one.file, one.line or 0))
