"""Whatever a file holds, the answer is a world or a list of faults; never another error, never a silent NaN."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.plan_file import load_plan
from kaopt.scenario.bundled import bundled
from kaopt.scenario.model import Scenario
from tests.scenario.files import FILES, RULES, overlay, read, write

SCRAPS = (
    "",
    ",",
    '"',
    "\n",
    "\t",
    "*",
    "-",
    "nan",
    "1e999",
    "W",
    "，",
    "\x00",
    "\ufeff",
    "9" * 30,
    "[",
    "{",
    ": ",
    "- ",
    "%",
    "&a ",
    "null",
)
TEXTS = {"scenario" if path == "scenario.yaml" else Path(path).stem: text for path, text in FILES.items()}


def outcome(folder: Path) -> Scenario | InputError:
    try:
        return read(folder)
    except InputError as error:
        assert error.faults
        assert all(one.file and one.expected for one in error.faults)
        return error


def is_sound(world: Scenario) -> bool:
    finite = (
        world.base_cases,
        world.base_price,
        world.response.elasticity,
        world.skus.list_price,
        world.accounts.compliance,
    )
    return all(np.isfinite(one).all() for one in finite) and bool(
        (world.base_cases >= 0).all() and (world.base_price > 0).all()
    )


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(TEXTS)),
    st.integers(0, 10_000),
    st.integers(0, 30),
    st.sampled_from(SCRAPS) | st.text(max_size=5),
)
def test_any_text_with_a_piece_replaced(name: str, at: int, cut: int, scrap: str) -> None:
    text = TEXTS[name]
    at %= len(text) + 1
    with TemporaryDirectory() as place:
        broken = (text[:at] + scrap + text[at + cut :]).encode("utf-8", errors="surrogatepass")
        found = outcome(write(Path(place), **{name: broken}))
    assert isinstance(found, InputError) or is_sound(found)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.binary(max_size=60))
@example("scenario", b"kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 4}\n" * 2)
@example("base", "account,sku,cases\nW,cola,1\n".encode("utf-16"))
def test_any_bytes_for_a_file(name: str, content: bytes) -> None:
    with TemporaryDirectory() as place:
        found = outcome(write(Path(place), **{name: content}))
    assert isinstance(found, InputError) or is_sound(found)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(TEXTS)), st.integers(0, 9)), min_size=1, max_size=6))
def test_lines_left_out(gone: list[tuple[str, int]]) -> None:
    texts = {name: text.splitlines() for name, text in TEXTS.items()}
    for name, at in gone:
        if texts[name]:
            texts[name].pop(at % len(texts[name]))
    with TemporaryDirectory() as place:
        found = outcome(write(Path(place), **{name: "\n".join(lines) + "\n" for name, lines in texts.items()}))
    assert isinstance(found, InputError) or is_sound(found)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30))
@example("solve.gap=1%")
@example("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o=1")
@example("solve=[1]")
@example("rules=true")
@example("horizon=null")
@example("budget.nodes.9.max=1")
def test_any_override(text: str) -> None:
    with TemporaryDirectory() as place:
        folder = write(Path(place))
        try:
            assert is_sound(read(folder, text))
        except InputError as error:
            assert error.faults


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet='abW,;\t"\n1 é客', max_size=60))
def test_any_plan(text: str) -> None:
    with TemporaryDirectory() as place:
        world = read(write(Path(place)))
        file = Path(place) / "plan.csv"
        file.write_text(text, encoding="utf-8")
        try:
            assert len(load_plan(world, file)) == 0
        except InputError as error:
            assert error.faults


@pytest.mark.parametrize("table", ["accounts", "skus", "mechanics", "base", "response"])
def test_a_table_with_a_header_only(tmp_path: Path, table: str) -> None:
    found = outcome(write(tmp_path, **{table: TEXTS[table].splitlines()[0] + "\n"}))
    assert isinstance(found, InputError)


@pytest.mark.parametrize("table", ["accounts", "skus", "mechanics", "base"])
def test_a_folder_in_the_place_of_a_table(tmp_path: Path, table: str) -> None:
    folder = write(tmp_path, **{table: None})
    (folder / "tables" / f"{table}.csv").mkdir(parents=True)
    found = outcome(folder)
    assert isinstance(found, InputError)
    assert any(one.file == f"tables/{table}.csv" for one in found.faults)


def test_every_cell_of_the_starter_emptied_in_turn(tmp_path: Path) -> None:
    """A required cell that is empty is told with its line; any other takes the default."""
    source = bundled("scenarios") / "starter"
    lines = (source / "tables" / "skus.csv").read_text(encoding="utf-8").splitlines()
    required = {"sku", "list_price", "unit_cost"}
    header = lines[0].split(",")
    folder = tmp_path / "scenarios" / "one"
    for at, column in enumerate(header):
        cells = lines[1].split(",")
        cells[at] = ""
        changed = [lines[0], ",".join(cells), *lines[2:]]
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        for path in source.glob("tables/*.csv"):
            (folder / "tables" / path.name).write_bytes(path.read_bytes())
        (folder / "tables" / "skus.csv").write_text("\n".join(changed) + "\n", encoding="utf-8")
        (folder / "scenario.yaml").write_text(
            "kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 13}\nbudget: {by_account: tables/budgets.csv}\n"
        )
        found = outcome(folder)
        if column in required:
            assert isinstance(found, InputError), column
            assert any((one.file, one.line, one.column) == ("tables/skus.csv", 2, column) for one in found.faults)
        else:
            assert isinstance(found, Scenario), (column, str(found))


def test_rules_injected_are_the_only_rules(tmp_path: Path) -> None:
    write(tmp_path)
    folder = overlay(tmp_path, "more", "extends: ../small\nrules: {profit_floor: {min: 5}}\n")
    found = outcome(folder)
    assert "profit_floor" not in RULES
    assert isinstance(found, InputError)
    assert found.faults[0].column == "rules.profit_floor"
