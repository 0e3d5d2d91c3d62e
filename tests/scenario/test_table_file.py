"""The same table however it was saved: encodings, separators, languages, quotes, empty lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kaopt.scenario.model import Scenario
from kaopt.scenario.sources import Reading, decode
from kaopt.scenario.table_file import Sheet, read_table
from tests.scenario.files import read, write

ENGLISH = (
    "account,name_zh,channel,retail_markup,acceptance_age,order_days\n"
    "W,万家,hyper,25%,1/3,Mon|Wed\nZ,中通,trade,10%,2/3,Fri\n"
)
CHINESE = "允收期,客户,客户中文名,渠道,加价率,订货日\n1/3,W,万家,hyper,0.25,周一|周三\n2/3,Z,中通,trade,10％,周五\n"


def sheet(tmp_path: Path, content: str | bytes) -> Sheet:
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = Reading(tmp_path)
    found = read_table(path, reading)
    assert reading.faults == []
    assert found is not None
    return found


def same(one: Scenario, other: Scenario) -> bool:
    return (
        one.accounts.account == other.accounts.account
        and one.accounts.name_zh == other.accounts.name_zh
        and one.accounts.order_days == other.accounts.order_days
        and np.array_equal(one.accounts.acceptance_age, other.accounts.acceptance_age)
        and np.array_equal(one.base_price, other.base_price)
        and np.array_equal(one.base_cases, other.base_cases)
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_encodings_and_languages_give_the_same_world(tmp_path: Path, encoding: str, text: str) -> None:
    plain = read(write(tmp_path, "plain", accounts=ENGLISH))
    other = read(write(tmp_path, "other", accounts=text.encode(encoding)))
    assert plain.accounts.name_zh == ("万家", "中通")
    assert plain.accounts.order_days == ((1, 3), (5,))
    assert same(plain, other)


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, ending: str) -> None:
    changed = ENGLISH.replace(",", separator).replace("\n", ending)
    assert same(read(write(tmp_path, "a", accounts=ENGLISH)), read(write(tmp_path, "b", accounts=changed.encode())))


def test_headers_are_forgiving_about_case_and_spaces(tmp_path: Path) -> None:
    changed = ENGLISH.replace("retail_markup", " Retail Markup ").replace("acceptance_age", "ACCEPTANCE-AGE")
    assert same(read(write(tmp_path, "a", accounts=ENGLISH)), read(write(tmp_path, "b", accounts=changed)))


def test_what_spreadsheets_leave_behind_is_read_over(tmp_path: Path) -> None:
    lines = ENGLISH.splitlines()
    changed = "\n".join([",,,,,,,", lines[0] + ",,", lines[1] + ",,", ",,,,,,,", "", lines[2] + ",", ",,,,,,,", ""])
    assert same(read(write(tmp_path, "a", accounts=ENGLISH)), read(write(tmp_path, "b", accounts=changed)))


def test_an_empty_column_without_a_name_is_read_over(tmp_path: Path) -> None:
    changed = ENGLISH.replace(",name_zh,", ",,name_zh,").replace("W,", "W,,").replace("Z,", "Z, ,")
    assert same(read(write(tmp_path, "a", accounts=ENGLISH)), read(write(tmp_path, "b", accounts=changed)))


def test_quotes_hold_separators_and_lines(tmp_path: Path) -> None:
    found = sheet(tmp_path, 'account,name\n"W","Albany, ""NY"""\nZ,"two\nlines"\nX,last\n')
    assert [row.cells for row in found.rows] == [("W", 'Albany, "NY"'), ("Z", "two\nlines"), ("X", "last")]
    assert [row.line for row in found.rows] == [2, 3, 5]


def test_a_separator_inside_quotes_does_not_decide(tmp_path: Path) -> None:
    assert sheet(tmp_path, '"a;b;c",d\n1,2\n').header == ("a;b;c", "d")


def test_lines_are_counted_as_editors_count_them(tmp_path: Path) -> None:
    """A form feed or a Unicode line separator inside a cell does not start a line."""
    found = sheet(tmp_path, "account,name\nW,a\u2028b\x0cc\nZ,d\n")
    assert [row.line for row in found.rows] == [2, 3]


def test_one_column(tmp_path: Path) -> None:
    assert [row.cells for row in sheet(tmp_path, "account\nW\nZ\n").rows] == [("W",), ("Z",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_decode(encoding: str) -> None:
    assert decode("客户,万家".encode(encoding)) == "客户,万家"


def test_ids_stay_as_typed(tmp_path: Path) -> None:
    accounts = "account,channel\n00123,hyper\nNA,trade\n"
    world = read(write(tmp_path, accounts=accounts, base="account,sku,cases\n00123,cola,1\nNA,tea,2\n"))
    assert world.accounts.account == ("00123", "NA")
    assert world.listed.tolist() == [[True, False], [False, True]]
