"""The allocation benchmark's command: the contract's fields, every engine, how a search went, no plan in time."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from benchmarks.generator import draw, read, write
from benchmarks.measure import CLAIMED, OURS, Log
from benchmarks.measure import main as measure
from benchmarks.trajectory import from_lists, gaps

import kaopt as ka
from benchmarks import allocation
from kaopt.allocation.evaluate import evaluate
from kaopt.plan import Plan
from kaopt.progress import Progress
from kaopt.scenario.settings import Solve
from tests.benchmarks.test_peers import PACKAGES

KEYS = [
    *("size", "seed", "engine", "gap", "objective", "bound"),
    *("cpu_seconds", "peak_mb", "breaches", "build_seconds"),
]
ACCEPTED = [one for one in OURS if one in get_args(Solve.model_fields["engine"].annotation)]


def measured(engine: str, folder: Path) -> int:
    """Solve S1, seed 4, in this process (a peer in its own)."""
    write(draw("S1", 4), folder / "world")
    return measure([str(folder / "world"), "--engine", engine, "--gap", "0.1", "--trace", str(folder / "trace.json")])


def check(said: str, folder: Path, engine: str) -> dict[str, Any]:
    """The fields are those of the contract and agree with each other and with how the search went."""
    found: dict[str, Any] = {"size": "S1", "seed": 4, "engine": engine} | json.loads(said)
    points = from_lists(json.loads((folder / "trace.json").read_text())["trajectory"])
    assert set(found) == set(KEYS) and found["breaches"] == 0
    assert found["gap"] == pytest.approx((found["bound"] - found["objective"]) / found["objective"])
    assert found["gap"] <= 0.1 + 1e-9
    assert 0 < found["build_seconds"] < found["cpu_seconds"] and found["peak_mb"] > 50
    objectives = [one.objective for one in points if one.objective is not None]
    bounds = [one.bound for one in points if one.bound is not None]
    assert max(objectives) == pytest.approx(found["objective"], rel=1e-9)
    assert min(bounds) == pytest.approx(found["bound"], rel=1e-9)
    assert [*gaps(points)][-1].gap == pytest.approx(found["gap"], abs=1e-9)
    assert all(0 < one.cpu <= found["cpu_seconds"] + 0.05 for one in points)
    return found


def test_a_written_scenario_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured("arrays", tmp_path) == 0
    check(capsys.readouterr().out, tmp_path, "arrays")


@pytest.mark.thorough
@pytest.mark.parametrize("engine", [*ACCEPTED, *PACKAGES])
def test_every_engine_solves_the_smallest_size(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(engine, tmp_path) == 0
    found = check(capsys.readouterr().out, tmp_path, engine)
    draft = draw("S1", 4)
    reference = evaluate(read(draft), Plan(*(getattr(draft.reference, one.name) for one in fields(draft.reference))))
    assert found["bound"] >= reference.objective  # nobody proves that a plan at hand cannot be


@pytest.mark.thorough
def test_without_a_plan_in_time_nothing_is_claimed(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole command, which draws in one process and solves in another."""
    assert allocation.main(["S1", "--seed", "4", "--engine", "highs", "--time-limit", "0.02", "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS
    assert (found["size"], found["seed"], found["engine"], found["breaches"]) == ("S1", 4, "highs", 0)
    assert found["gap"] is None and found["objective"] is None


def test_a_scenario_that_cannot_be_read_is_told_by_its_own_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measure([str(tmp_path / "nothing")]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "nothing" in said.err


def test_a_claim_about_some_columns_is_no_bound() -> None:
    log = Log()
    log.hear(Progress("offers", "events", done=5))
    assert log.built is None
    log.hear(Progress("rules", "rows", done=9))
    built = log.built
    log.hear(Progress("relax", "bound proven", bound=10.0))
    log.hear(Progress("solve", CLAIMED, best=4.0, bound=5.0, gap=0.25))
    assert [(one.objective, one.bound) for one in log.points] == [(None, 10.0), (4.0, None)]
    assert built is not None and log.built == built


def test_an_engine_that_tells_no_rows_has_made_them_by_its_first_word() -> None:
    log = Log()
    log.hear(Progress("prices", "bound proven", bound=10.0))
    assert log.built is not None


def test_a_scenario_is_written_instead_of_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert allocation.main(["S1", "--seed", "1", "--write", str(tmp_path / "x"), "--json"]) == 0
    assert capsys.readouterr().out == ""
    here, there = ka.load(tmp_path / "x"), read(draw("S1", 1))
    for name in ("listed", "base_cases", "base_price", "eligible"):
        assert np.array_equal(getattr(here, name), getattr(there, name))
    for one in fields(type(here.response)):
        assert np.array_equal(getattr(here.response, one.name), getattr(there.response, one.name))
    assert [(b.scope, b.high) for b in here.budget] == [(b.scope, b.high) for b in there.budget]


def test_an_unknown_size_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        allocation.main(["S9"])
    assert stop.value.code == 2 and "S9" in capsys.readouterr().err
