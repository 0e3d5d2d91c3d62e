"""Cells of sheets, places of tables, and rows of promises, fees and locks: what they mean by position."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_from_string, range_boundaries

from kaopt.errors import Fault, InputError
from kaopt.scenario.model import Lock
from kaopt.scenario.overlays import Chain
from kaopt.scenario.sources import Reading
from kaopt.scenario.table_file import Row, Unread
from kaopt.scenario.table_places import places_of, usual
from kaopt.scenario.term_rows import joined
from kaopt.scenario.workbook_cells import text_of
from kaopt.scenario.workbook_flaws import Flaws
from kaopt.scenario.workbook_rows import Page, letters, sheet_of
from tests.scenario.files import FILES, read, write
from tests.scenario.test_workbook import flaws_in

BRANDS = "sku,brand,list_price,unit_cost\ncola,Fizz,40,20\ntea,Leaf,50,22.5\n"


def told(folder: Path) -> list[tuple[str, int | None, str | None, str]]:
    with pytest.raises(InputError) as caught:
        read(folder)
    return [(one.file, one.line, one.column, one.found) for one in caught.value.faults]


# --- cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (time(0, 0), "00:00"),
        (time(23, 59, 30), "23:59:30"),
        (time(8, 29, 59, 999_600), "08:30"),  # what Excel keeps of half past eight, to the second
        (timedelta(days=1), "24:00"),
        (timedelta(hours=36, minutes=5), "36:05"),
        (datetime(2027, 1, 4, 0, 0, 1), "2027-01-04 00:00:01"),
        (datetime(2027, 1, 4, 23, 59), "2027-01-04 23:59"),
    ],
)
def test_clocks_as_people_write_them(value: object, text: str) -> None:
    assert text_of(value, "General") == text


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda one: one.replace(microsecond=0)))
@settings(max_examples=30, deadline=None)
def test_a_moment_is_read_back_as_itself(moment: datetime) -> None:
    text = text_of(moment, "General")
    assert datetime.fromisoformat(text) == moment
    assert text_of(moment.date(), "") == moment.date().isoformat() == text_of(datetime.combine(moment, time()), "")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0, "000", "000"),
        (7.0, "000", "007"),
        (1234, "000", "1234"),  # zeros are put before, never digits taken off
        (-7, "000", "-7"),
        (7, "000;[Red]000", "7"),
        (999_999_999_999_999.0, "General", "999999999999999"),
        (-0.0, "General", "0"),
    ],
)
def test_zeros_before_a_number_are_those_that_the_reader_sees(value: float, number_format: str, text: str) -> None:
    assert text_of(value, number_format) == text


@given(st.integers(1, 16384))
@settings(max_examples=30, deadline=None)
def test_columns_are_named_as_in_any_sheet(column: int) -> None:
    assert letters(column) == get_column_letter(column)


@given(st.integers(1, 16000), st.integers(1, 10**6), st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=30, deadline=None)
def test_addresses_are_read_as_another_library_reads_them(column: int, row: int, wide: int, tall: int) -> None:
    first, last = f"{letters(column)}{row}", f"{letters(column + wide)}{row + tall}"
    merges = f'<mergeCells count="1"><mergeCell ref="{first}:{last}"/></mergeCells>'
    flaws = flaws_in(f'<row r="{row}"><c r="{first}"><f>A1</f></c></row>', merges)
    left, top, right, bottom = range_boundaries(f"{first}:{last}")
    assert flaws.merged == ((top, left, bottom, right),)
    assert flaws.uncalculated == {(row, column)}
    assert coordinate_from_string(first) == (letters(column), row)


# --- rows of a sheet


def page(*rows: tuple[int, tuple[str, ...]]) -> Page:
    return Page("inputs.xlsx!skus", tuple(Row(line, cells) for line, cells in rows))


def test_a_sheet_is_as_wide_as_anything_in_it_and_short_rows_are_filled() -> None:
    faults: list[Fault] = []
    one = page((3, ("sku", "price", "")), (5, ("cola",)), (9, ("tea", "50", " ", "note")))
    sheet = sheet_of(one, Flaws(), faults)
    assert (sheet.header_line, sheet.header, sheet.letters) == (3, ("sku", "price", "", ""), ("A", "B", "C", "D"))
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (5, ("cola", "", "", "")),
        (9, ("tea", "50", " ", "note")),
    ]
    assert faults == []


def test_a_header_that_nobody_calculated_is_told_at_once_a_cell_only_where_it_is_needed() -> None:
    faults: list[Fault] = []
    one = page((1, ("sku", "")), (2, ("cola", "")))
    sheet = sheet_of(one, Flaws(uncalculated=frozenset({(1, 2)})), [])
    assert sheet.header == ("sku",)  # a column without any text is none
    wide = page((1, ("sku", "price")), (2, ("cola", "")), (4, ("tea", "")))
    sheet = sheet_of(wide, Flaws(uncalculated=frozenset({(2, 2), (4, 2), (1, 1)})), faults)
    assert [(fault.line, fault.column, fault.cell) for fault in faults] == [(1, "sku", "A1")]
    cells = [row.cells[1] for row in sheet.rows]
    assert all(isinstance(cell, Unread) for cell in cells)
    first, second = (cell.fault for cell in cells if isinstance(cell, Unread))
    assert first is second  # one fault for the column
    assert (first.line, first.column, first.cell) == (2, "price", "B2")
    assert first.found == "a formula without a value, and 1 more below"


def test_under_a_merged_cell_nothing_can_be_read_but_its_first() -> None:
    """B2:C3 merged: B2 holds what is shown; C2, B3 and C3 lie under it. Row 4 of B4:B5 has no row below it."""
    one = page((1, ("sku", "a", "b")), (2, ("cola", "1", "")), (3, ("tea", "", "")), (4, ("milk", "2", "3")))
    sheet = sheet_of(one, Flaws(merged=((2, 2, 3, 3), (4, 2, 5, 2))), [])
    unread = [[isinstance(cell, Unread) for cell in row.cells] for row in sheet.rows]
    assert unread == [[False, False, True], [False, True, True], [False, False, False]]
    (cell,) = {cell.fault.found for row in sheet.rows for cell in row.cells if isinstance(cell, Unread)}
    assert cell == "B2:C3 merged"
    assert sheet.rows[0].cells[1] == "1"


# --- where tables lie


def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A base with files, and a scenario with a workbook of one sheet and a file."""
    base, top = tmp_path / "base", tmp_path / "top"
    for folder, tables in ((base, ("skus", "base", "locks")), (top, ("locks",))):
        (folder / "tables").mkdir(parents=True)
        for table in tables:
            (folder / "tables" / f"{table}.csv").write_text(f"sku\n{folder.name}\n")
    book = Workbook()
    book.active.title = "skus"
    book.active.append(["sku"])
    book.active.append(["top"])
    book.save(top / "inputs.xlsx")
    return base, top


def test_the_nearest_form_of_a_table_is_found(tmp_path: Path) -> None:
    base, top = folders(tmp_path)
    places = places_of(Chain((base, top), ()), Reading(top))
    assert places.readable
    assert places.find("skus") == top / "inputs.xlsx"
    assert places.find("locks") == top / "tables" / "locks.csv"
    assert places.find("base") == base / "tables" / "base.csv"
    assert places.find("fees") is None
    assert places.find("skus", "tables/other.csv") is None  # a file by name is no sheet
    assert places.find("locks", "inputs.xlsx") is None and places.find("skus", "inputs.xlsx") == top / "inputs.xlsx"
    assert (places.usual_place("fees").file, usual("fees")) == ("inputs.xlsx!fees", "tables/fees.csv")
    alone = places_of(Chain((base,), ()), Reading(base))
    assert alone.usual_place("fees").file == "tables/fees.csv"


def test_layers_of_a_table_come_base_first_in_whatever_form(tmp_path: Path) -> None:
    base, top = folders(tmp_path)
    reading = Reading(top)
    places = places_of(Chain((base, top), ()), reading)
    assert [sheet.rows[0].cells for sheet in places.sheets("skus", usual("skus"), reading)] == [("base",), ("top",)]
    assert [sheet.file for sheet in places.sheets("skus", usual("skus"), reading)][1] == "inputs.xlsx!skus"
    assert reading.faults == []


def test_a_table_in_two_forms_is_a_fault_of_its_folder_alone(tmp_path: Path) -> None:
    base, top = folders(tmp_path)
    (top / "tables" / "skus.csv").write_text("sku\nmine\n")
    reading = Reading(top)
    places = places_of(Chain((base, top), ()), reading)
    found = [sheet.rows[0].cells for sheet in places.sheets("skus", usual("skus"), reading)]
    assert found == [("base",), ("top",)]
    (fault,) = reading.faults
    assert (fault.file, fault.found) == ("inputs.xlsx!skus", "also tables/skus.csv")
    assert fault.remedy == "Delete tables/skus.csv or the sheet"


def test_a_broken_workbook_hides_no_other_folder(tmp_path: Path) -> None:
    base, top = folders(tmp_path)
    (top / "inputs.xlsx").write_bytes(b"not a workbook")
    reading = Reading(top)
    places = places_of(Chain((base, top), ()), reading)
    assert not places.readable and len(reading.faults) == 1
    assert places.find("skus") == base / "tables" / "skus.csv"


# --- promises, production, fees


def test_a_promise_of_a_brand_and_a_sku_counts_what_is_both(tmp_path: Path) -> None:
    """c* and the brand Leaf share no SKU: the clause counts nothing; c* and Fizz share cola."""
    rows = "account,what,brand,sku,least\nW,cases,Leaf,c*,0\nW,cases,F*,c*,0\nW,cases,*,*a,0\n"
    found = read(write(tmp_path, skus=BRANDS, agreements=rows)).agreements
    assert [one.skus.tolist() for one in found] == [[False, False], [True, False], [True, True]]
    assert [one.scope for one in found][:2] == [
        "account=W what=cases brand=Leaf sku=c*",
        "account=W what=cases brand=F* sku=c*",
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("促销次数", "promotions"),
        ("活动", "activities"),
        ("陈列周", "displays"),
        ("箱数", "cases"),
        ("销售额", "revenue"),
    ],
)
def test_promises_in_chinese(tmp_path: Path, said: str, meant: str) -> None:
    (one,) = read(write(tmp_path, agreements=f"客户,条款,至少,至多\nW,{said},1,2\n")).agreements
    assert (one.what, one.least, one.most, one.treatments.all()) == (meant, 1, 2, True)


def test_every_fault_of_a_promise_is_told_and_the_good_rows_do_not_hide_them(tmp_path: Path) -> None:
    rows = "account,what,family,brand,least,most\nW,cases,*,*,1,2\nW,visits,stack,Laef,3,2\nZ,revenue,cut,*,1,2\n"
    found = told(write(tmp_path, skus=BRANDS, agreements=rows))
    assert {(line, column) for _, line, column, _ in found} == {
        (3, "what"), (3, "family"), (3, "brand"), (3, "least"), (4, "family"),
    }  # fmt: skip


CAPACITY = st.tuples(st.sampled_from(["*", "cola", "tea", "t*"]), st.integers(1, 4), st.integers(0, 99))


@given(st.lists(CAPACITY, max_size=5))
@settings(max_examples=20, deadline=None)
def test_capacity_is_the_last_row_that_names_the_sku_and_the_week(rows: list[tuple[str, int, int]]) -> None:
    """Against a dictionary filled row by row."""
    expected = {(sku, week): inf for sku in ("cola", "tea") for week in (1, 2, 3, 4)}
    for sku, week, cases in rows:
        named = {"*": ("cola", "tea"), "t*": ("tea",)}.get(sku, (sku,))
        expected |= {(one, week): float(cases) for one in named}
    text = "sku,weeks,cases\n" + "".join(f"{sku},{week},{cases}\n" for sku, week, cases in rows)
    with TemporaryDirectory() as place:
        found = read(write(Path(place), capacity=text)).capacity
    if not rows:
        assert found is None
        return
    assert found is not None
    assert {("cola", "tea")[s] + str(w + 1): found[s, w] for s in (0, 1) for w in range(4)} == {
        f"{sku}{week}": cases for (sku, week), cases in expected.items()
    }


def test_fees_of_a_month_are_due_in_blocks_of_four_weeks(tmp_path: Path) -> None:
    """Of nine weeks the last is a third month, of six the last two are a second."""
    for weeks, months in ((9, [0, 0, 0, 0, 1, 1, 1, 1, 2]), (6, [0, 0, 0, 0, 1, 1])):
        scenario = f"kaopt: 1\nhorizon: {{start: 2027-01-04, weeks: {weeks}}}\n"
        folder = write(tmp_path, f"w{weeks}", scenario=scenario, fees="account,per,amount\nW,月,10\n")
        assert read(folder).fees[0].period.tolist() == months


def test_reasons_are_said_once_in_their_order() -> None:
    assert joined(("deal", "", "law", "deal")) == "deal; law"
    assert joined(()) == "" == joined(("", ""))


def test_a_rate_of_money_a_case_may_be_above_one_and_one_is_a_share(tmp_path: Path) -> None:
    rows = "account,measure,threshold,rate\nW,cases,10,2.5\nW,revenue,10,1\nZ,revenue,10,1.01\n"
    assert told(write(tmp_path, rebates=rows)) == [("tables/rebates.csv", 4, "rate", "1.01")]


# --- locks


def test_locks_by_position_with_their_reasons(tmp_path: Path) -> None:
    rows = "account,sku,week,weeks,treatment,lock,because\nW,tea,2,2,cut,保留,signed\n"
    rows += "Z,cola,4,1,,必做,\nW,cola,1,3,,禁止,x\n"
    assert read(write(tmp_path, locks=rows)).locks == (
        Lock(0, 1, 1, 2, 0, "committed", "signed"),
        Lock(1, 0, 3, 1, -1, "must", ""),
        Lock(0, 0, 0, 3, -1, "forbidden", "x"),
    )


def test_a_committed_event_without_a_mechanic_or_with_a_length_that_it_has_not(tmp_path: Path) -> None:
    """`stack` runs for one week; what is only promised or forbidden may be of any length."""
    rows = "account,sku,week,weeks,treatment,lock\nW,tea,1,1,,keep\nW,tea,2,2,stack,committed\nW,tea,1,4,stack,must\n"
    folder = write(tmp_path, locks=rows)
    assert told(folder) == [
        ("tables/locks.csv", 2, "treatment", "nothing"),
        ("tables/locks.csv", 3, "weeks", "2"),
    ]
    with pytest.raises(InputError, match=r"must be a length that stack allows: 1"):
        read(folder)


def test_a_kind_of_lock_that_nobody_knows(tmp_path: Path) -> None:
    rows = "account,sku,week,weeks,treatment,lock\nW,tea,1,1,cut,musst\n"
    with pytest.raises(InputError, match="Did you mean 'must'"):
        read(write(tmp_path, locks=rows))


def test_a_plan_row_that_cannot_be_is_no_given_event(tmp_path: Path) -> None:
    scenario = FILES["scenario.yaml"] + "plan: tables/plan.csv\n"
    plan = "account,sku,week,weeks,treatment\nW,tea,2,2,cut\nW,tea,4,2,cut\n"
    found = told(write(tmp_path, scenario=scenario, plan=plan))
    assert [(file, line) for file, line, _, _ in found] == [("tables/plan.csv", 3)]


def test_masks_cannot_be_written_into(tmp_path: Path) -> None:
    here = read(write(tmp_path, agreements="account,what,least\nW,cases,1\n", capacity="sku,cases\n*,5\n"))
    assert here.capacity is not None
    one = here.agreements[0]
    for array in (here.capacity, one.skus, one.weeks, one.treatments):
        assert not array.flags.writeable
