"""YAML as text with places: every value a string, every line remembered; checked against ruamel's own reading."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kaopt.errors import Fault
from kaopt.scenario.sources import Origin
from kaopt.scenario.yaml_file import DEEPEST, Node, parse_value, parse_yaml


def node(text: str) -> Node:
    faults: list[Fault] = []
    found = parse_yaml(text, "f.yaml", faults)
    assert faults == []
    assert found is not None
    return found


def faults_of(text: str) -> list[Fault]:
    faults: list[Fault] = []
    parse_yaml(text, "f.yaml", faults)
    return faults


def test_every_value_is_text() -> None:
    text = "a: 010\nb: yes\nc: 1e3\nd: 12:30\ne: 2027-01-04\nf: .inf\ng: 'x: y'\nh: |\n  two\n  lines\n"
    assert node(text).plain() == {
        "a": "010",
        "b": "yes",
        "c": "1e3",
        "d": "12:30",
        "e": "2027-01-04",
        "f": ".inf",
        "g": "x: y",
        "h": "two\nlines\n",
    }


def test_every_value_knows_its_line() -> None:
    text = "# first\na: 1\nb:\n  c: {d: 2,\n      e: 3}\n  f:\n    - 4\n    - g: 5\n"
    places = {".".join(path): one.origin.line for path, one in node(text).leaves()}
    assert places == {"a": 2, "b.c.d": 4, "b.c.e": 5, "b.f.0": 7, "b.f.1.g": 8}
    assert str(node(text).at(("b", "f", "1", "g")).origin) == "f.yaml:8"


def test_the_way_to_a_value_and_as_far_as_it_goes() -> None:
    whole = node("a: {b: [x, {c: y}]}\n")
    assert whole.at(("a", "b", "1", "c")).value == "y"
    assert whole.reach(("a", "b", "1", "c")) == ("a", "b", "1", "c")
    assert whole.reach(("a", "b", "2")) == ("a", "b")
    assert whole.reach(("a", "b", "1", "c", "deeper")) == ("a", "b", "1", "c")
    assert whole.at(("nothing",)) is whole


@pytest.mark.parametrize(
    ("text", "shown"), [("a: x", "x"), ("a: {b: 1}", "a mapping"), ("a: [1]", "a list"), ("a: ~", "null")]
)
def test_how_a_value_is_shown(text: str, shown: str) -> None:
    assert node(text).at(("a",)).shown == shown


def test_yaml_1_2_knows_no_norway_problem_and_no_sexagesimals() -> None:
    assert node("country: NO\ntime: 8:30:00\n").plain() == {"country": "NO", "time": "8:30:00"}


def test_a_byte_order_mark_and_windows_lines() -> None:
    assert node("\ufeffa: 1\r\nb: 2\r\n").plain() == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a", "given twice, first in line 1"),
        ("x:\n  a: 1\n  a: 2\n", 3, "x.a", "given twice, first in line 2"),
        ("x: {a: 1, a: 2}\n", 1, "x.a", "given twice"),
        ("a:\nb: 1\n", 1, "a", "must have a value"),
        ("a:\n  - \n", 2, "a", "must have a value"),
        ("a: &b 1\n", 1, "a", "anchors"),
        ("a: *b\n", 1, "column 4", "aliases"),
        ("a: !!int 1\n", 1, "a", "tags"),
        ("!local {a: 1}\n", 1, "column 1", "tags"),
        ("a: 1\n---\nb: 2\n", 2, "column 1", "one document"),
        ("a: 'x\n", 2, "column 1", "YAML 1.2"),
        ("a: b: c\n", 1, "column 5", "YAML 1.2"),
        ("a: 1\n b: 2\n", 2, "column 3", "YAML 1.2"),
        ("a: [1, 2\nb: 3\n", 2, "column 2", "YAML 1.2"),
        ("\ta: 1\n", 1, "column 1", "YAML 1.2"),
        ("a: \x01\n", None, None, "YAML 1.2"),
        ("just text\n", 1, None, "mapping of settings"),
        ("[a, b]: 1\n", 1, "column 1", "single name"),
        ("# nothing\n", None, None, "must hold settings"),
    ],
)
def test_what_is_refused(text: str, line: int | None, column: str | None, words: str) -> None:
    (fault,) = faults_of(text)
    assert (fault.file, fault.line, fault.column) == ("f.yaml", line, column)
    assert words in fault.expected


def test_faults_of_one_file_are_told_together() -> None:
    assert [one.line for one in faults_of("a: &x 1\nb:\na: 2\nc: !t 3\n")] == [1, 2, 3, 4]


def test_depth_is_limited() -> None:
    inside = "{x: " * (DEEPEST + 5) + "1" + "}" * (DEEPEST + 5)
    assert any("deeper than" in one.expected for one in faults_of(f"a: {inside}\n"))
    fine = "{x: " * (DEEPEST - 2) + "1" + "}" * (DEEPEST - 2)
    assert faults_of(f"a: {fine}\n") == []


def test_a_hundred_thousand_brackets_do_no_harm() -> None:
    assert any("deeper than" in one.expected for one in faults_of("a: " + "[" * 100_000))


@pytest.mark.parametrize(
    ("text", "value"), [("5", "5"), ("[1, 2]", ["1", "2"]), ("{a: 1}", {"a": "1"}), ("null", None), ('""', "")]
)
def test_single_values(text: str, value: Any) -> None:
    found = parse_value(text, "x", [])
    assert found is not None
    assert found.plain() == value


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=8)
KEYS = PLAIN.filter(lambda text: text.strip() == text and text != "")
DATA = st.recursive(
    PLAIN | st.integers(-5, 5) | st.booleans(),
    lambda below: st.lists(below, min_size=1, max_size=3) | st.dictionaries(KEYS, below, min_size=1, max_size=3),
    max_leaves=8,
)


def as_text(data: Any) -> Any:
    """What ruamel wrote, with every single value as the text in the file."""
    if isinstance(data, dict):
        return {str(key): as_text(one) for key, one in data.items()}
    if isinstance(data, list):
        return [as_text(one) for one in data]
    return str(data).lower() if isinstance(data, bool) else str(data)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=4), st.booleans())
def test_what_ruamel_writes_is_read_as_it_was_meant(data: dict[str, Any], flow: bool) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    yaml.width = 10_000
    out = io.StringIO()
    yaml.dump(data, out)
    try:
        assume(YAML(typ="safe", pure=True).load(out.getvalue()) == data)  # it does not always read what it wrote: ?0
    except YAMLError:
        reject()
    faults: list[Fault] = []
    found = parse_yaml(out.getvalue(), "f", faults)
    assert faults == []
    assert found is not None
    assert found.plain() == as_text(data)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_any_text_is_a_value_or_a_fault(text: str) -> None:
    faults: list[Fault] = []
    assert (parse_value(text, "f", faults) is None) <= bool(faults)


@given(st.lists(st.integers(0, 3), max_size=30))
def test_lines_are_those_of_the_text(blanks: list[int]) -> None:
    """Key number i stands after i lines and the blank ones above it."""
    text, expected, line = "", {}, 1
    for i, blank in enumerate(blanks):
        text += "\n" * blank + f"k{i}: v\n"
        expected[f"k{i}"] = line + blank
        line += blank + 1
    if text:
        assert {path[0]: one.origin.line for path, one in node(text).leaves()} == expected


def test_an_origin_without_a_line() -> None:
    assert str(Origin("--set a=1")) == "--set a=1"
    assert (
        str(Origin("a.csv", 3).fault("c", "1.7", "must be less", "Do it.")) == "a.csv:3 c = 1.7: must be less. Do it."
    )
