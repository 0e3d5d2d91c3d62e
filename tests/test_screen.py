"""What stands on stderr and stdout: one line per event, one line per error, one JSON document."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kaopt.errors import ContradictionError, EnvironmentFault, Fault, InfeasibleError, InputError, NoPlanError
from kaopt.progress import Progress
from kaopt.screen import Screen, describe, print_json, report_error

FAULT = Fault("a.csv", 2, "depth", "2", "must be below 1", "Write 20%")


@pytest.fixture(autouse=True)
def reports_here(tmp_path, monkeypatch):
    """Bug reports go where the test can look at them."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


# --- progress


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"best": 1234.6}, "best 1,235"),
        ({"bound": 9458.2}, "bound 9,458"),
        ({"gap": 0.0159}, "gap 1.59%"),
        ({"done": 3, "total": 20}, "3/20"),
    ],
)
def test_an_event_shows_what_it_knows_and_nothing_else(given, shown):
    words = describe(Progress(stage="solve", seconds=1.25, message="searching"))
    assert words.split() == ["1.2", "s", "solve", "searching"]
    more = describe(Progress(stage="solve", seconds=1.25, message="searching", **given))
    assert more == f"{words}  {shown}"


def test_done_without_a_total_stands_alone():
    assert describe(Progress(stage="rules", seconds=0.0, message="rows", done=312)).endswith("rows  312")


def test_a_gap_of_nothing_is_shown():
    assert "gap 0.00%" in describe(Progress(stage="solve", seconds=0.0, message="", gap=0.0, best=0.0))


def test_progress_goes_to_stderr_a_line_per_stage_and_per_better_plan(capsys):
    with Screen() as screen:
        screen(Progress(stage="simulate", seconds=0.0, message="year", done=1, total=3))
        screen(Progress(stage="simulate", seconds=0.1, message="year", done=2, total=3))
        screen(Progress(stage="solve", seconds=0.2, message="a", best=1.0))
        screen(Progress(stage="solve", seconds=0.3, message="b", best=2.0))
        screen(Progress(stage="solve", seconds=0.4, message="c"))
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert [line.split("  ")[-1] for line in lines] == ["1/3", "best 1", "best 2"]


def test_square_brackets_in_a_message_are_no_markup(capsys):
    with Screen() as screen:
        screen(Progress(stage="rules", seconds=0.0, message="[bold]x[/bold]"))
    assert "[bold]x[/bold]" in capsys.readouterr().err


def test_the_screen_lets_errors_pass():
    with pytest.raises(ZeroDivisionError), Screen():
        raise ZeroDivisionError


# --- JSON


def test_json_is_one_document_and_keeps_chinese_readable(capsys):
    print_json({"name": "万家", "value": 0.1, "none": None})
    text = capsys.readouterr().out
    assert json.loads(text) == {"name": "万家", "value": 0.1, "none": None}
    assert "万家" in text and text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_none_is_never_printed_as_a_number(value):
    with pytest.raises(ValueError, match="JSON compliant"):
        print_json({"value": value})


# --- errors


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError([FAULT]), 2, str(FAULT)),
        (InfeasibleError("budget + locks"), 3, "budget + locks"),
        (NoPlanError("no plan"), 4, "no plan"),
        (EnvironmentFault("disk is full"), 6, "disk is full"),
        (ContradictionError("two things"), 7, "two things"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (PermissionError(13, "Permission denied"), 6, "the machine refused: [Errno 13] Permission denied"),
        (MemoryError(), 6, "the machine refused: out of memory"),
    ],
)
def test_every_error_is_its_words_and_its_code(error, code, words, capsys):
    assert report_error(error, as_json=False) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", words + "\n")


def test_bad_input_as_json_is_the_contracts_list(capsys):
    report_error(InputError([FAULT]), as_json=True)
    assert json.loads(capsys.readouterr().out) == {"errors": [FAULT.as_dict()]}


def test_a_conflict_as_json_names_the_rules(capsys):
    report_error(InfeasibleError("x", (("budget", "locks"), ("spacing", "locks"))), as_json=True)
    expected = {"conflicts": [["budget", "locks"], ["spacing", "locks"]], "repairs": []}
    assert json.loads(capsys.readouterr().out) == expected


@pytest.mark.parametrize("error", [NoPlanError("no plan"), EnvironmentFault("no disk"), ContradictionError("two")])
def test_other_errors_as_json_have_the_same_shape(error, capsys):
    report_error(error, as_json=True)
    shown = capsys.readouterr()
    (one,) = json.loads(shown.out)["errors"]
    assert set(one) == set(FAULT.as_dict())
    assert one["found"] == str(error) == shown.err.strip()


def test_a_bug_is_one_line_and_a_report_in_a_file(capsys, tmp_path):
    try:
        raise ZeroDivisionError("the secret detail")
    except ZeroDivisionError as error:
        assert report_error(error, as_json=True) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert "ZeroDivisionError" in shown.err and "Traceback" not in shown.err
    (path,) = re.findall(r"\S+\.txt", shown.err)
    assert Path(path).parent == tmp_path
    report = Path(path).read_text(encoding="utf-8")
    assert "Traceback" in report and "the secret detail" in report
