"""From folders and scorecards to plans with names: what is read, what is numbered, and every fault at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaopt.comparison import compared
from kaopt.comparison.differences import Event
from kaopt.comparison.read import distinct, events_in, short, side_of, sides_from, sides_of
from kaopt.errors import InputError
from kaopt.runs import open_run
from kaopt.scorecard import score
from tests.comparison.cards import card, side
from tests.planning.small import small
from tests.worlds import plan

PLAN = "account,sku,week,weeks,treatment,reason\nW,cola,3,2,cut,\nX,tea,10,1,show,yes\n"
FIGURES = {"sales": 120.0, "index": 1.0, "promotions": 30.0, "profit": 60.0}


def run(folder: Path, *, name: object = "North", text: str = PLAN, without: str = "", **scenario: object) -> Path:
    """A finished run's folder with just what a comparison reads; one file may be missing."""
    folder.mkdir(parents=True)
    manifest = {"scenario": {"name": name, **scenario}, "inputs": {"tables/base.csv": "1"}, "status": "done"}
    files = {
        "run.json": json.dumps(manifest),
        "scorecard.json": json.dumps(card(**FIGURES)),
        "certificate.json": json.dumps({"objective": 12.0}),
        "plan.csv": text,
    }
    for file, content in files.items():
        if file != without:
            (folder / file).write_text(content, encoding="utf-8")
    return folder


def test_a_run_is_read_from_its_files(tmp_path):
    folder = run(tmp_path / "20270101T000000Z-north-abc123", currency="CNY")
    found = side_of("", folder)
    assert (found.name, found.scenario, found.run) == ("North abc123", "North", str(folder))
    assert found.scorecard == card(**FIGURES)
    assert found.certificate == {"objective": 12.0}
    assert found.events == (Event("W", "cola", 3, 2, "cut"), Event("X", "tea", 10, 1, "show"))
    assert (found.settings["currency"], found.inputs) == ("CNY", {"tables/base.csv": "1"})


def test_a_run_that_is_open_and_a_path_in_words_are_the_same_plan(tmp_path):
    folder = run(tmp_path / "one")
    names = [side_of("n", given).run for given in (folder, str(folder), open_run(folder))]
    assert names == [str(folder)] * 3


@pytest.mark.parametrize(
    ("said", "title"),
    [({"en": "North", "zh": "北方"}, "North"), ({"zh": "北方"}, "北方"), ({}, ""), (None, ""), ("Plain", "Plain")],
)
def test_the_scenarios_name_in_whatever_language_it_has(tmp_path, said, title):
    assert side_of("", run(tmp_path / "r", name=said)).scenario == title


@pytest.mark.parametrize(
    ("folder", "title", "name"),
    [
        ("20270101T000000Z-north-east-7f3", "North", "North 7f3"),
        ("mine", "North", "mine"),  # a name that somebody gave
        ("20270101-7f3", "", "20270101-7f3"),  # no title to put before it
    ],
)
def test_a_run_without_a_name_is_called_by_scenario_and_digest(folder, title, name):
    assert short(folder, title) == name


def test_the_certificate_may_be_missing_but_scorecard_and_plan_may_not(tmp_path):
    assert side_of("", run(tmp_path / "free", without="certificate.json")).certificate is None
    folders = [run(tmp_path / file, without=file) for file in ("scorecard.json", "plan.csv", "run.json")]
    with pytest.raises(InputError) as told:
        sides_of([*folders, run(tmp_path / "good")])
    assert sorted(fault.found for fault in told.value.faults) == ["no plan.csv", "no run.json", "no scorecard.json"]


def test_a_plan_from_a_spreadsheet_with_a_mark_in_front_and_names_in_quotes(tmp_path):
    """Byte order mark, comma within a name, another order of columns: names decide."""
    text = '\ufeffweek,weeks,treatment,account,sku\n7,1,"cut, deep",W,"a ""b"""\n'
    found = side_of("", run(tmp_path / "r", text=text))
    assert found.events == (Event("W", 'a "b"', 7, 1, "cut, deep"),)
    assert events_in("account,sku,week,weeks,treatment\n") == ()


def test_names_that_are_there_twice_are_numbered_and_others_are_left():
    sides = [side(name, **FIGURES) for name in ("a", "b", "a", "a")]
    assert [one.name for one in distinct(sides)] == ["a 1", "b", "a 2", "a 3"]


def test_given_names_come_before_those_of_folders(tmp_path):
    first, second = run(tmp_path / "one"), run(tmp_path / "two")
    assert [one.name for one in sides_of({"mine": first, "yours": second})] == ["mine", "yours"]
    assert [one.name for one in sides_from([("", first), ("mine", second), ("mine", first)])] == [
        "one",
        "mine 1",
        "mine 2",
    ]


def test_a_scorecard_in_memory_has_no_run_and_unknown_events():
    here = small()
    found = side_of("hand", score(here, plan((0, 0, 1, 1, 0))))
    assert (found.name, found.run, found.events, found.scenario) == ("hand", "", None, "test world")
    assert found.scorecard["total"]["execution"]["promotions"]["planned"] == 1


def test_two_runs_of_one_world_with_other_plans_need_no_warning(tmp_path):
    """One event moves by a week, the other stays."""
    later = PLAN.replace("W,cola,3,2", "W,cola,4,2")
    found = compared(sides_of([run(tmp_path / "a"), run(tmp_path / "b", text=later)]))
    assert found.warnings == ()
    assert (len(found.calendar[0].same), len(found.calendar[0].moved)) == (1, 1)
    assert found.dominated == {}
