"""A plan as a spreadsheet saves it: every separator, encoding, header and notation of a week gives the same plan."""

from __future__ import annotations

import codecs

import numpy as np
import pytest

from kaopt import api
from kaopt.errors import InputError
from tests.test_cli import corner, kaopt

PLAIN = "account,sku,week,weeks,treatment,reason\nA,tea,1,2,cut,last year\nB,cola,4,1,stack,\n"
CHINESE = "客户,品项,周,周数,机制,原因\nA,tea,1,2,cut,去年\nB,cola,4,1,stack,\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets")
    corner(folder / "corner")
    return api.load(folder / "corner")


def read(world, tmp_path, data: bytes, name: str = "plan.csv"):
    (tmp_path / name).write_bytes(data)
    plan = api.load_plan(world, tmp_path / name)
    columns = (plan.account, plan.sku, plan.week, plan.weeks, plan.treatment)
    return [tuple(int(one) for one in row) for row in np.array(columns).T]


EVENTS = [(0, 0, 0, 2, 0), (1, 1, 3, 1, 1)]
SAVED = {
    "plain": PLAIN.encode(),
    "with a mark": codecs.BOM_UTF8 + PLAIN.encode(),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "semicolons with a mark": codecs.BOM_UTF8 + PLAIN.replace(",", ";").encode(),
    "Windows lines": PLAIN.replace("\n", "\r\n").encode(),
    "old Mac lines": PLAIN.replace("\n", "\r").encode(),
    "quotes": b'"account","sku","week","weeks","treatment"\n"A","tea","1","2","cut"\n"B","cola","4","1","stack"\n',
    "Chinese headers": CHINESE.encode(),
    "Chinese headers as GB18030": CHINESE.encode("gb18030"),
    "Chinese, GB18030, tabs": CHINESE.replace(",", "\t").encode("gb18030"),
    "empty lines behind": (PLAIN + "\n,,,,,\n\n,,,,,\n").encode(),
    "empty columns behind": PLAIN.replace("\n", ",,\n").encode(),
    "an empty line before": ("\n" + PLAIN).encode(),
    "no line end": PLAIN.rstrip("\n").encode(),
    "blanks around": PLAIN.replace(",", " , ").encode(),
    "capital headers": PLAIN.replace("account,sku", "Account,SKU").encode(),
    "further columns": b"sku,trade_spend,account,treatment,week,weeks\ntea,12.5,A,cut,1,2\ncola,,B,stack,4,1\n",
    "dates": PLAIN.replace("A,tea,1", "A,tea,2027-01-04").replace("B,cola,4", "B,cola,2027-01-25").encode(),
    "dates with slashes": PLAIN.replace("A,tea,1", "A,tea,2027/1/4").replace("B,cola,4", "B,cola,2027/1/25").encode(),
    "Chinese dates": PLAIN.replace("A,tea,1", "A,tea,2027年1月4日").replace("B,cola,4", "B,cola,4").encode("gb18030"),
    "weeks by letter": PLAIN.replace("A,tea,1", "A,tea,W1").replace("B,cola,4", "B,cola,W4").encode(),
    "weeks with a point": PLAIN.replace("A,tea,1", "A,tea,1.0").encode(),
}


@pytest.mark.parametrize("how", SAVED)
def test_the_same_plan_however_it_was_saved(world, tmp_path, how):
    assert read(world, tmp_path, SAVED[how]) == EVENTS


def test_one_week_is_meant_where_no_length_is_given(world, tmp_path):
    assert read(world, tmp_path, b"account,sku,week,treatment\nA,tea,3,cut\n") == [(0, 0, 2, 1, 0)]


@pytest.mark.parametrize("day", ["2027-01-03", "2027-03-01", "4/1/2027"])
def test_a_day_outside_the_horizon_or_of_two_readings_is_told(world, tmp_path, day):
    """Week 1 begins on 4 January 2027; eight weeks end on 28 February."""
    (tmp_path / "plan.csv").write_text(f"account,sku,week,treatment\nA,tea,{day},cut\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        api.load_plan(world, tmp_path / "plan.csv")
    assert [(one.line, one.column) for one in told.value.faults] == [(2, "week")]


def test_any_day_of_a_week_stands_for_it(world, tmp_path):
    for day, week in (("2027-01-10", 0), ("2027-01-11", 1), ("2027-02-28", 7)):
        assert read(world, tmp_path, f"account,sku,week,treatment\nA,tea,{day},cut\n".encode()) == [(0, 0, week, 1, 0)]


def test_an_empty_plan_is_a_plan(world, tmp_path):
    assert read(world, tmp_path, b"account,sku,week,weeks,treatment\n") == []


def test_every_fault_is_told_with_its_line(world, tmp_path):
    wrong = (
        "account,sku,week,weeks,treatment\nA,tee,1,1,cut\nC,tea,1,1,cut\nA,tea,9,1,cut\nA,tea,1,0,cut\nA,tea,1,1,cutt\n"
    )
    (tmp_path / "plan.csv").write_text(wrong, encoding="utf-8")
    with pytest.raises(InputError) as told:
        api.load_plan(world, tmp_path / "plan.csv")
    assert [(one.line, one.column) for one in told.value.faults] == [
        (2, "sku"), (3, "account"), (4, "week"), (5, "weeks"), (6, "treatment"),
    ]  # fmt: skip
    assert told.value.faults[0].remedy == "Known: cola, tea"


def test_a_sum_below_the_rows_is_no_event(world, tmp_path):
    (tmp_path / "plan.csv").write_text(PLAIN + "合计,,,,,\n", encoding="utf-8")
    with pytest.raises(InputError, match="not its sum"):
        api.load_plan(world, tmp_path / "plan.csv")


def test_evaluate_takes_such_a_plan(world, tmp_path):
    data = SAVED["Chinese, GB18030, tabs"]
    (tmp_path / "方案.csv").write_bytes(data)
    said = kaopt("evaluate", world.folder, "--plan", tmp_path / "方案.csv", "--json", cwd=tmp_path)
    assert said.code == 0, said.err
    (tmp_path / "plan.csv").write_text(PLAIN, encoding="utf-8")
    plan = api.load_plan(world, tmp_path / "plan.csv")
    assert said.json["objective"] == api.evaluate(world, plan).objective
