"""`kaopt new --excel`: a workbook that loads to the same world, with drop-downs and notes that say what is declared."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from kaopt import api
from kaopt.errors import InputError
from kaopt.report.excel_inputs import SHEETS, inputs_workbook, write_excel_starter
from kaopt.report.excel_table import CHOICES, Table, format_of, note_of, typed
from kaopt.scenario.bundled import bundled
from kaopt.scenario.catalogue import TABLES
from kaopt.scenario.columns import columns_of
from kaopt.scenario.model import Scenario
from kaopt.scenario.workbook import CHINESE
from tests.scenario.files import FILES

MINIMAL = {
    name.removeprefix("tables/").removesuffix(".csv"): [line.split(",") for line in text.splitlines()]
    for name, text in FILES.items()
    if name.startswith("tables/")
}


def differing(one: Scenario, other: Scenario) -> list[str]:
    """Fields in which two worlds differ; where they lie and what their files are called does not count."""
    apart = ("folder", "provenance", "inputs", "plan_file", "resolved")
    return [
        f.name for f in fields(one) if f.name not in apart and not same(getattr(one, f.name), getattr(other, f.name))
    ]


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return one == other


@pytest.mark.parametrize("name", ["starter", "cheese"])
def test_the_workbook_is_the_same_world(tmp_path: Path, name: str) -> None:
    written = write_excel_starter(tmp_path / "scenarios" / name, name)
    assert tmp_path / "scenarios" / name / "inputs.xlsx" in written
    assert not list(tmp_path.rglob("tables/*.csv"))
    one = api.load(bundled("scenarios") / name)
    other = api.load(tmp_path / "scenarios" / name)
    assert differing(one, other) == []
    assert (one.plan_file is None) == (other.plan_file is None)


def test_two_worlds_that_differ_are_told_apart(tmp_path: Path) -> None:
    one = api.load(bundled("scenarios") / "starter")
    other = api.load(bundled("scenarios") / "starter", variant="more_money")
    assert differing(one, other) == ["budget"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "inputs.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="must not exist yet"):
        write_excel_starter(tmp_path, None)
    assert [path.name for path in tmp_path.iterdir()] == ["inputs.xlsx"]
    assert (tmp_path / "inputs.xlsx").read_text(encoding="utf-8") == "mine"


def test_settings_name_the_workbook_and_no_file_that_is_gone(tmp_path: Path) -> None:
    write_excel_starter(tmp_path / "mine", None)
    text = (tmp_path / "mine" / "scenario.yaml").read_text(encoding="utf-8")
    assert "by_account: inputs.xlsx" in text
    assert text.count(".csv") == 1  # in an assumption, which is data and stays as it is
    assert len(text.splitlines()) == len(
        (bundled("scenarios") / "starter/scenario.yaml").read_text("utf-8").splitlines()
    )


def test_the_same_tables_give_the_same_bytes() -> None:
    assert inputs_workbook(MINIMAL) == inputs_workbook(MINIMAL)


@pytest.fixture(scope="module")
def book() -> Workbook:
    return load_workbook(io.BytesIO(inputs_workbook(MINIMAL)))


def test_a_page_to_read_first_then_every_table(book: Workbook) -> None:
    assert book.sheetnames == ["read me", *SHEETS]
    shown = [str(cell.value) for row in book["read me"].iter_rows() for cell in row if cell.value]
    assert set(SHEETS) <= set(shown)
    assert any("kaopt check" in text for text in shown)
    assert any("占比" in text for text in shown)


def test_tables_of_an_overlay_stay_alone() -> None:
    book = load_workbook(io.BytesIO(inputs_workbook({"accounts": MINIMAL["accounts"]})))
    assert book.sheetnames == ["read me", "accounts"]


@pytest.mark.parametrize("table", SHEETS)
def test_every_column_is_there_with_a_note(book: Workbook, table: str) -> None:
    sheet = book[table]
    specs = dict(columns_of(TABLES[table]))
    header = {cell.value: cell for cell in sheet[1]}
    assert set(header) == set(specs)
    for name, cell in header.items():
        note = cell.comment.text
        assert specs[name].doc in note
        assert all(alias in note for alias in specs[name].zh)
        assert ("required 必填" in note) == specs[name].required
        assert (cell.fill.fgColor.rgb == "FF1F3A5F") == specs[name].required  # dark: must be given
        assert specs[name].unit in note
    assert sheet.freeze_panes[-1] == "2"


def rules_of(book: Workbook, table: str) -> dict[str, object]:
    """Validation by column name."""
    sheet = book[table]
    at = {cell.column_letter: cell.value for cell in sheet[1]}
    return {at[str(one.sqref).rstrip("0123456789").split("2:")[0].rstrip("0123456789")]: one for one in rules(sheet)}


def rules(sheet: object) -> list[object]:
    return sheet.data_validations.dataValidation  # type: ignore[attr-defined]


def test_drop_downs_offer_ids_words_and_ranges(book: Workbook) -> None:
    locks, base, skus = (rules_of(book, name) for name in ("locks", "base", "skus"))
    assert locks["account"].formula1 == "accounts!$A$2:$A$1001"
    assert locks["sku"].formula1 == "skus!$A$2:$A$1001"
    assert locks["treatment"].formula1 == "mechanics!$A$2:$A$1001"
    assert locks["lock"].formula1 == '"must,forbidden,committed"'
    assert base["season"].formula1 == "seasons!$A$2:$A$1001"
    assert skus["high_margin"].formula1 == '"yes,no"'
    share = rules_of(book, "accounts")["acceptance_age"]
    assert (share.type, share.operator, share.formula1, share.formula2) == ("decimal", None, "0", "1")
    assert share.errorStyle == "warning"  # 1/3 as a text may stand there too
    assert rules_of(book, "response")["account"].showErrorMessage is False  # patterns such as W*
    assert "name" not in skus


def test_ids_for_drop_downs_stand_in_the_first_column(book: Workbook) -> None:
    for table, key in (("accounts", "account"), ("skus", "sku"), ("mechanics", "treatment"), ("seasons", "season")):
        assert book[table]["A1"].value == key


def test_what_is_in_use_stands_before_what_may_be_added() -> None:
    table = Table("accounts", [["渠道", "account", "acceptance_age"], ["hyper", "W", "1/3"]])
    names = [name for name, _ in table.columns]
    assert names[:3] == ["account", "channel", "acceptance_age"]
    assert table.texts("channel") == ["hyper"]
    assert table.texts("region") == [""]


COLUMNS = {(table, name): spec for table in SHEETS for name, spec in columns_of(TABLES[table])}


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (("accounts", "sales_target"), "84万", 840_000.0),
        (("accounts", "rebate"), "4%", 0.04),
        (("accounts", "acceptance_age"), "1/3", "1/3"),
        (("accounts", "account"), "00123", "00123"),
        (("accounts", "window_open"), "08:30", "08:30"),
        (("skus", "high_margin"), "是", "yes"),
        (("skus", "shelf_life"), "270d", 270.0),
        (("mechanics", "lengths"), "1|2", "1|2"),
        (("base", "cases"), "0.1234567890123456789", 0.12345678901234568),
        (("base", "week"), "第3周", 3.0),
        (("base", "cases"), "many", "many"),
        (("base", "cases"), "", None),
        (("response", "account"), "*", "*"),
    ],
)
def test_cells_hold_what_the_text_means(column: tuple[str, str], text: str, value: object) -> None:
    found = typed(text, COLUMNS[column])
    if column == ("base", "cases") and isinstance(value, float):
        assert found == text  # sixteen digits would not do
        assert float(text) == value
    else:
        assert (found, type(found)) == (value, type(value))


def test_formats_show_as_many_decimals_as_there_are() -> None:
    share, money = COLUMNS["accounts", "rebate"], COLUMNS["skus", "list_price"]
    assert format_of(share, [0.04, 0.1]) == "0%"
    assert format_of(share, [0.045]) == "0.0%"
    assert format_of(money, [42.0, 1000.0]) == "#,##0"
    assert format_of(money, [42.5]) == "#,##0.00"
    assert format_of(COLUMNS["accounts", "account"], ["W"]) == "@"


def test_every_word_of_a_drop_down_is_known_to_its_column() -> None:
    for table, name in CHOICES:
        doc = COLUMNS[table, name].doc
        words = [word for word in CHOICES[table, name] if name != "family"]
        assert all(word in doc for word in words), (table, name)


def test_every_table_has_a_chinese_name() -> None:
    assert set(CHINESE) == set(SHEETS)
    names = [alias for aliases in CHINESE.values() for alias in aliases]
    assert len(names) == len(set(names))


def test_notes_say_unit_range_and_default() -> None:
    note = "\n".join(note_of(COLUMNS["accounts", "acceptance_age"]))
    assert "允收期" in note
    assert "share of 1" in note
    assert "between 0 and 1: 0.33, 33% or 1/3" in note
    assert "default 缺省: 1" in note
