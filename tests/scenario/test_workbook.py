"""Workbooks as tables: the same world as CSV, cell by cell what the reader of the sheet means."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kaopt.errors import InputError
from kaopt.scenario.kinds import parse
from kaopt.scenario.model import Scenario
from kaopt.scenario.plan_rows import read_locks, read_plan
from kaopt.scenario.sources import Reading
from kaopt.scenario.table_file import Row, Sheet, read_table
from kaopt.scenario.workbook import read_workbook, table_named
from kaopt.scenario.workbook_cells import text_of
from kaopt.scenario.workbook_flaws import Flaws, flaws_of
from kaopt.scenario.workbook_rows import letters
from tests.scenario.books import as_workbook, book_of
from tests.scenario.files import overlay, read, write
from tests.scenario.test_table_file import same

SMALL = "kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 4}\n"


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (None, "General", ""),
        ("00123", "@", "00123"),
        (" 5% ", "General", " 5% "),
        (3, "General", "3"),
        (3.0, "0.00", "3"),
        (-2.5, "General", "-2.5"),
        (0.05, "0%", "0.05"),
        (0.1 + 0.2, "General", "0.30000000000000004"),
        (440_0000, "#,##0", "4400000"),
        (123, "00000", "00123"),
        (123456, "0", "123456"),
        (1.5, "00", "1.5"),
        (1e22, "General", "1e+22"),
        (1e15, "General", "1000000000000000.0"),
        (True, "General", "yes"),
        (False, "General", "no"),
        (datetime(2027, 1, 4), "yyyy-mm-dd", "2027-01-04"),
        (datetime(2027, 1, 4, 8, 30), "General", "2027-01-04 08:30"),
        (date(2027, 1, 4), "General", "2027-01-04"),
        (time(8, 30), "h:mm", "08:30"),
        (time(8, 29, 59, 999_999), "h:mm", "08:30"),
        (time(8, 30, 15), "h:mm:ss", "08:30:15"),
        (timedelta(days=1), "[h]:mm", "24:00"),
        ("#REF!", "General", "#REF!"),
    ],
)
def test_a_cell_is_the_text_that_a_person_would_write(value: object, number_format: str, text: str) -> None:
    assert text_of(value, number_format) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_no_digit_of_a_number_is_lost(value: float) -> None:
    assert parse("signed_money", text_of(value, "General")) == value


@given(st.integers(-(10**14), 10**14))
def test_whole_numbers_have_no_point(value: int) -> None:
    assert text_of(float(value), "General") == str(value)


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_letters(column: int, name: str) -> None:
    assert letters(column) == name


def save(folder: Path, book: Workbook, scenario: str = SMALL) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    book.save(folder / "inputs.xlsx")
    return folder


def sheet_of(rows: list[list[object]], tmp_path: Path, name: str = "accounts") -> Sheet:
    book = Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    reading = Reading(tmp_path)
    found = read_workbook(tmp_path / "book.xlsx", reading)
    assert reading.faults == []
    assert found is not None
    return found[name]


def equal(one: Scenario, other: Scenario) -> bool:
    return same(one, other) and (
        np.array_equal(one.listed, other.listed)
        and np.array_equal(one.eligible, other.eligible)
        and np.array_equal(one.response.elasticity, other.response.elasticity)
        and one.treatments.lengths == other.treatments.lengths
        and one.locks == other.locks
    )


@pytest.mark.parametrize("typed", [True, False])
def test_the_same_world_as_csv_and_as_workbook(tmp_path: Path, typed: bool) -> None:
    locks = "account,sku,week,lock\nW,cola,2,must\n"
    source = write(tmp_path, locks=locks)
    target = as_workbook(source, tmp_path / "scenarios" / "book", typed=typed)
    assert equal(read(source), read(target))
    assert [*read(target).inputs] == [
        "inputs.xlsx",
        "models/allocation/annual_agreement.yaml",
        *POLICY,
        "scenario.yaml",
    ]


POLICY = ("models/fulfilment/gated_fefo.yaml",)


def test_a_workbook_of_chinese_sheets_and_headers(tmp_path: Path) -> None:
    source = write(tmp_path)
    book = book_of(source)
    for sheet, name in (("accounts", "客户"), ("skus", "品项"), ("mechanics", "促销机制"), ("base", "基础销量")):
        book[sheet].title = name
    book["客户"]["A1"], book["客户"]["D1"] = "客户", "允收期"
    book["response"].title = "other"
    book["other"].title = "Response"
    assert equal(read(source), read(save(tmp_path / "scenarios" / "book", book)))


@pytest.mark.parametrize(
    ("title", "table"),
    [("accounts", "accounts"), (" Accounts ", "accounts"), ("预算", "budgets"), ("coefficients", None), ("x", None)],
)
def test_names_of_sheets(title: str, table: str | None) -> None:
    assert table_named(title) == table


def test_some_tables_as_files_and_some_as_sheets(tmp_path: Path) -> None:
    source = write(tmp_path)
    target = as_workbook(source, tmp_path / "scenarios" / "book")
    book = book_of(source)
    del book["skus"]
    book.save(target / "inputs.xlsx")
    (target / "tables").mkdir()
    shutil.copyfile(source / "tables" / "skus.csv", target / "tables" / "skus.csv")
    assert equal(read(source), read(target))


def test_sheets_for_people_are_read_over(tmp_path: Path) -> None:
    source = write(tmp_path)
    book = book_of(source)
    for title in ("read me", "README", "Notes", "说明", "_lists"):
        book.create_sheet(title).append(["=1+1", "anything"])
    book["read me"].merge_cells("A2:C3")
    book["_lists"].sheet_state = "hidden"
    book.create_sheet("Sheet2")  # empty: Excel adds it by itself
    assert equal(read(source), read(save(tmp_path / "scenarios" / "book", book)))


def test_a_hidden_table_is_still_a_table(tmp_path: Path) -> None:
    source = write(tmp_path)
    book = book_of(source)
    book["response"].sheet_state = "hidden"
    assert equal(read(source), read(save(tmp_path / "scenarios" / "book", book)))


def test_a_workbook_patches_its_base_and_is_patched(tmp_path: Path) -> None:
    source = write(tmp_path)
    as_workbook(source, tmp_path / "scenarios" / "book")
    above = Workbook()
    above.active.title = "accounts"
    for row in (["account", "retail_markup"], ["Z", 0.5]):
        above.active.append(row)
    save(tmp_path / "scenarios" / "above", above, "extends: ../book\n")
    top = overlay(tmp_path, "top", "extends: ../above\n", skus="sku,unit_cost\ncola,21\n")
    world = read(top)
    assert world.accounts.retail_markup.tolist() == [0.25, 0.5]
    assert world.skus.unit_cost.tolist() == [21.0, 22.5]
    assert set(world.inputs) >= {"../book/inputs.xlsx", "../above/inputs.xlsx", "tables/skus.csv"}


def test_a_fault_of_a_base_names_the_bases_workbook(tmp_path: Path) -> None:
    source = write(tmp_path)
    book = book_of(source)
    book["skus"]["B2"] = "many"
    save(tmp_path / "scenarios" / "book", book)
    top = overlay(tmp_path, "top", "extends: ../book\n")
    with pytest.raises(InputError) as caught:
        read(top)
    assert str(caught.value.faults[0]).startswith("../book/inputs.xlsx!skus:B2 list_price = many: must be")


BUDGETS = "account,max\nW,1000\n"


@pytest.mark.parametrize("said", ["tables/budgets.csv", "inputs.xlsx"])
def test_limits_of_spend_in_a_sheet(tmp_path: Path, said: str) -> None:
    source = write(tmp_path, scenario=SMALL + "budget: {by_account: tables/budgets.csv}\n", budgets=BUDGETS)
    target = as_workbook(source, tmp_path / "scenarios" / "book")
    (target / "scenario.yaml").write_text(SMALL + f"budget: {{by_account: {said}}}\n", encoding="utf-8")
    assert [(line.scope, line.high) for line in read(target).budget] == [("account=W", 1000.0)]


def test_limits_that_nothing_asks_for_are_told(tmp_path: Path) -> None:
    source = write(tmp_path, scenario=SMALL + "budget: {by_account: tables/budgets.csv}\n", budgets=BUDGETS)
    target = as_workbook(source, tmp_path / "scenarios" / "book")
    (target / "scenario.yaml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(InputError, match=r"inputs\.xlsx!budgets: is not used"):
        read(target)


PLAN = "account,sku,week,weeks,treatment,reason\nW,cola,1,2,cut,as last year\nZ,cola,3,1,stack,\n"


@pytest.mark.parametrize("said", ["tables/plan.csv", "inputs.xlsx"])
def test_a_plan_in_a_sheet(tmp_path: Path, said: str) -> None:
    source = write(tmp_path, plan=PLAN)
    target = as_workbook(source, tmp_path / "scenarios" / "book")
    (target / "scenario.yaml").write_text(SMALL + f"plan: {said}\n", encoding="utf-8")
    world = read(target)
    assert world.plan_file == target / "inputs.xlsx"
    one, other = read_plan(world, source / "tables" / "plan.csv"), read_plan(world, world.plan_file)
    assert one.week.tolist() == other.week.tolist() == [0, 2]
    assert one.reason == other.reason == ("as last year", "")


def test_a_setting_that_names_no_sheet(tmp_path: Path) -> None:
    target = as_workbook(write(tmp_path), tmp_path / "scenarios" / "book")
    (target / "scenario.yaml").write_text(SMALL + "plan: inputs.xlsx\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"plan = inputs\.xlsx: must be a file of this scenario"):
        read(target)


def test_a_plan_in_a_workbook_of_its_own(tmp_path: Path) -> None:
    source = write(tmp_path, scenario=SMALL + "plan: tables/ours.xlsx\n")
    book = Workbook()
    book.active.title = "方案"
    for line in PLAN.splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    book.save(source / "tables" / "ours.xlsx")
    world = read(source)
    assert world.plan_file == source / "tables" / "ours.xlsx"
    assert read_plan(world, world.plan_file).week.tolist() == [0, 2]


def test_a_workbook_among_the_csv_files_is_not_read_in_silence(tmp_path: Path) -> None:
    source = write(tmp_path)
    Workbook().save(source / "tables" / "locks.xlsx")
    (source / "tables" / "~$locks.xlsx").write_bytes(b"what Excel leaves while a file is open")
    with pytest.raises(InputError) as caught:
        read(source)
    (told,) = map(str, caught.value.faults)
    assert told.startswith("tables/locks.xlsx: is a workbook among the CSV files. Save it as CSV")


def test_what_is_missing_is_told_beside_the_others(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    del book["base"]
    with pytest.raises(InputError, match=r"^inputs\.xlsx!base nothing: must be there"):
        read(save(tmp_path / "scenarios" / "book", book))


def test_a_table_without_rows_is_told_at_its_sheet(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    book["skus"].delete_rows(2, 9)
    with pytest.raises(InputError, match=r"inputs\.xlsx!skus:1 no rows"):
        read(save(tmp_path / "scenarios" / "book", book))


def test_rows_are_counted_as_excel_counts_them(tmp_path: Path) -> None:
    found = sheet_of([[], ["account", "name"], [None, None], ["W", 1], [], ["Z", "=x"[1:]]], tmp_path)
    assert (found.header_line, found.header, found.letters) == (2, ("account", "name"), ("A", "B"))
    assert [(row.line, row.cells) for row in found.rows] == [(4, ("W", "1")), (6, ("Z", "x"))]


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "accounts"
    book.active.append(["account", "name"])
    book.active["A2"] = "W"
    book.active["B2"] = "=SUM(1)"
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "book.xlsx")
    found = read_workbook(tmp_path / "book.xlsx", Reading(tmp_path))
    assert found is not None
    assert found["accounts"].rows[0].cells == ("W", "=SUM(1)")


def test_times_dates_and_truths_as_cells(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    sheet = book["accounts"]
    for at, (name, value) in enumerate({"window_open": time(8, 30), "window_close": time(17, 0)}.items(), start=5):
        sheet.cell(1, at, name)
        sheet.cell(2, at, value)
    book["skus"]["D2"] = True
    book["accounts"]["C3"].number_format = "0%"
    world = read(save(tmp_path / "scenarios" / "book", book))
    assert world.accounts.window_open.tolist() == [510, 0]
    assert world.accounts.window_close.tolist() == [1020, 1440]
    assert world.skus.high_margin.tolist() == [True, True]
    assert world.accounts.retail_markup.tolist() == [0.25, 0.1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a workbook", "must be a workbook of Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save it as .xlsx without a password"),
        (b"", "must be a workbook of Excel"),
    ],
)
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes, words: str) -> None:
    target = as_workbook(write(tmp_path), tmp_path / "scenarios" / "book")
    (target / "inputs.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read(target)
    assert len(caught.value.faults) == 1  # that its tables are missing is not said as well


def changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Write a workbook again with one of its parts changed."""
    data = io.BytesIO()
    with ZipFile(path) as old, ZipFile(data, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    path.write_bytes(data.getvalue())


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"]
)
def test_a_damaged_workbook_is_told(tmp_path: Path, part: str) -> None:
    target = as_workbook(write(tmp_path), tmp_path / "scenarios" / "book")
    changed(target / "inputs.xlsx", part, lambda content: content[:-40])
    with pytest.raises(InputError, match="Open it in Excel and save it again"):
        read(target)


def test_a_column_of_formulas_that_nobody_calculated_is_one_fault(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    for row in (2, 3, 4):
        book["base"][f"C{row}"] = f"={row}*10"
    with pytest.raises(InputError) as caught:
        read(save(tmp_path / "scenarios" / "book", book))
    (told,) = map(str, caught.value.faults)
    assert told.startswith("inputs.xlsx!base:C2 cases = a formula without a value, and 2 more below: must have a value")


def test_ids_that_nobody_calculated_are_not_unknown_elsewhere(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    book["accounts"]["A2"] = '="W"'
    with pytest.raises(InputError) as caught:
        read(save(tmp_path / "scenarios" / "book", book))
    assert [fault.cell for fault in caught.value.faults] == ["A2"]


def calculated(value: bytes) -> Callable[[bytes], bytes]:
    """Give the formula in B2 a value, as Excel writes it."""
    return lambda content: re.sub(rb'<c r="B2"[^>]*>(<f>.*?</f>)<v ?(/>|></v>)</c>', value, content)


def test_a_formula_with_its_value_is_its_value(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    book["skus"]["B2"] = "=20*2"
    book["accounts"]["B2"] = '=IF(1,"","x")'
    target = save(tmp_path / "scenarios" / "book", book)
    sheets = {name: f"xl/worksheets/sheet{at}.xml" for at, name in enumerate(book.sheetnames, start=1)}
    changed(target / "inputs.xlsx", sheets["skus"], calculated(rb'<c r="B2">\1<v>40</v></c>'))
    changed(target / "inputs.xlsx", sheets["accounts"], calculated(rb'<c r="B2" t="str">\1<v></v></c>'))
    world = read(target)
    assert world.skus.list_price.tolist() == [40.0, 50.0]
    assert world.accounts.channel == ("", "trade")  # an empty text is a value


def test_merged_cells_are_one_fault_however_many_they_cover(tmp_path: Path) -> None:
    book = book_of(write(tmp_path))
    book["base"].merge_cells("A2:A3")
    book["skus"].merge_cells("F20:G30")  # where nothing stands
    with pytest.raises(InputError) as caught:
        read(save(tmp_path / "scenarios" / "book", book))
    (told,) = map(str, caught.value.faults)
    assert told.startswith("inputs.xlsx!base:A2 account = A2:A3 merged: must be single cells")


LOCKED = """account,sku,week,weeks,treatment,lock,net_revenue
W,cola,1,2,cut,keep,12
W,tea,3,1,cut,,13
Z,cola,2,1,,禁止,14
"""


@pytest.mark.parametrize("form", ["locks.csv", "plan.xlsx", "方案.xlsx"])
def test_locks_from_a_plan(tmp_path: Path, form: str) -> None:
    source = write(tmp_path)
    if form.endswith(".csv"):
        (tmp_path / form).write_text(LOCKED, encoding="utf-8")
    else:
        book = Workbook()
        book.active.title = form.removesuffix(".xlsx")
        for line in LOCKED.splitlines():
            book.active.append([cell or None for cell in line.split(",")])
        book.create_sheet("summary").append(["anything"])
        book.save(tmp_path / form)
    kept, closed = read_locks(read(source), tmp_path / form)
    assert (kept.account, kept.sku, kept.week, kept.weeks, kept.treatment, kept.kind) == (0, 0, 0, 2, 0, "committed")
    assert (closed.account, closed.week, closed.treatment, closed.kind) == (1, 1, -1, "forbidden")
    assert kept.because == f"locked in {form}"


def test_locks_with_faults_name_the_cell(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "plan"
    for row in (["account", "sku", "week", "weeks", "treatment", "lock"], ["W", "cola", 1, 3, "cut", "keep"]):
        book.active.append(row)
    for row in (["W", "cola", 9, 1, "cut", "must"], ["Q", "cola", 1, 1, "cut", "keeep"], ["Q", "x", 0, 0, "y", None]):
        book.active.append(row)
    book.save(tmp_path / "results.xlsx")
    with pytest.raises(InputError) as caught:
        read_locks(read(write(tmp_path)), tmp_path / "results.xlsx")
    told = [str(fault) for fault in caught.value.faults]
    assert [text.split(" ")[0] for text in told] == [
        "results.xlsx!plan:D2",
        "results.xlsx!plan:C3",
        "results.xlsx!plan:A4",
    ]


def test_a_workbook_without_a_plan(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "empty.xlsx")
    with pytest.raises(InputError, match="must have a sheet named 'locks' or 'plan'"):
        read_locks(read(write(tmp_path)), tmp_path / "empty.xlsx")
    with pytest.raises(InputError, match="must have a sheet named 'plan'"):
        read_plan(read(write(tmp_path)), tmp_path / "empty.xlsx")


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)


@settings(max_examples=25)
@given(TABLES)
def test_any_table_of_texts_is_the_same_rows_in_both_forms(rows: list[list[str]]) -> None:
    """Two readers, two formats, one noun; the header is plain."""
    header = [f"h{at}" for at in range(len(rows[0]))]
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        with xlsxwriter.Workbook(str(folder / "a.xlsx")) as book:
            page = book.add_worksheet("accounts")
            for at, row in enumerate([header, *rows]):
                for column, cell in enumerate(row):
                    page.write_string(at, column, cell)
        plain, sheets = read_table(folder / "a.csv", Reading(folder)), read_workbook(folder / "a.xlsx", Reading(folder))
    assert plain is not None
    assert sheets is not None
    assert plain.header == sheets["accounts"].header == tuple(header)
    assert [_stripped(row) for row in plain.rows] == [_stripped(row) for row in sheets["accounts"].rows]


def _stripped(row: Row) -> list[str]:
    """As parsers see a row: without the space around its cells."""
    return [cell.strip() for cell in row.cells]


@pytest.mark.parametrize(
    ("cell", "flaw"),
    [
        ("<f>A1</f>", True),
        ("<f>A1</f><v/>", True),
        ("<f>A1</f><v></v>", True),
        ("<f>A1</f><v>0</v>", False),
        ('<f t="shared" si="0"/>', True),
        ("<v>3</v>", False),
        ("", False),
    ],
)
def test_a_formula_without_a_value_is_seen(cell: str, flaw: bool) -> None:
    found = flaws_in(f'<row r="7"><c r="C7">{cell}</c></row>')
    assert found.uncalculated == (frozenset({(7, 3)}) if flaw else frozenset())


def test_a_text_formula_may_be_empty() -> None:
    assert flaws_in('<row r="1"><c r="A1" t="str"><f>""</f><v></v></c></row>') == Flaws()


def test_merged_ranges_are_seen() -> None:
    merges = '<mergeCells count="2"><mergeCell ref="B3:C5"/><mergeCell ref="AA10"/></mergeCells>'
    assert flaws_in('<row r="1"/>', merges).merged == ((3, 2, 5, 3), (10, 27, 10, 27))


def test_other_names_of_the_namespace_do_not_matter() -> None:
    """Some programs write `x:c` where Excel writes `c`."""
    found = flaws_in('<x:row r="2"><x:c r="B2"><x:f>A1</x:f></x:c></x:row>', prefix="x:")
    assert found.uncalculated == frozenset({(2, 2)})


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def flaws_in(rows: str, after: str = "", prefix: str = "") -> Flaws:
    """The flaws of a workbook of one sheet with these rows, whose parts lie in unusual places."""
    space = f'xmlns{":" + prefix[:-1] if prefix else ""}="{MAIN}"'
    sheet = f"<{prefix}worksheet {space}><{prefix}sheetData>{rows}</{prefix}sheetData>{after}</{prefix}worksheet>"
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="one" r:id="rId9"/></sheets></workbook>'
    data = io.BytesIO()
    with ZipFile(data, "w") as archive:
        archive.writestr("_rels/.rels", _relation("rId1", "officeDocument", "/deep/book.xml"))
        archive.writestr("deep/_rels/book.xml.rels", _relation("rId9", "worksheet", "sheets/a.xml"))
        archive.writestr("deep/book.xml", book)
        archive.writestr("deep/sheets/a.xml", sheet)
    with ZipFile(data) as archive:
        return flaws_of(archive).get("one", Flaws())


def _relation(name: str, kind: str, target: str) -> str:
    one = f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}">{one}</Relationships>'


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["starter", "cheese"])
def test_a_bundled_scenario_gives_the_same_plan_to_the_byte(tmp_path: Path, name: str) -> None:
    from kaopt import api
    from kaopt.report.tables import plan_csv
    from kaopt.scenario.bundled import bundled

    source = bundled("scenarios") / name
    worlds = [api.load(folder) for folder in (source, as_workbook(source, tmp_path / name))]
    plans = [plan_csv(world, api.evaluate(world, api.allocate(world)).ledger) for world in worlds]
    assert plans[0] == plans[1]


@pytest.mark.thorough
def test_a_big_sheet_is_read_row_by_row(tmp_path: Path) -> None:
    """200 000 rows: about 7 CPU seconds and no cell lost."""
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx"), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("base")
        sheet.write_row(0, 0, ["account", "sku", "week", "cases"])
        for row in range(200_000):
            sheet.write_row(row + 1, 0, [f"A{row // 5200}", f"S{row // 52 % 100}", row % 52 + 1, row / 8])
    found = read_workbook(tmp_path / "book.xlsx", Reading(tmp_path))
    assert found is not None
    rows = found["base"].rows
    assert len(rows) == 200_000
    assert sum(float(row.cells[3]) for row in rows) == sum(range(200_000)) / 8
