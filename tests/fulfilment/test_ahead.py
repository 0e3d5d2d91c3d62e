"""Loops compiled while the search runs: nothing on a machine that is ready, the same results on one that is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kaopt import api, compute
from kaopt.fulfilment import ahead
from kaopt.fulfilment.inputs import Inputs
from kaopt.progress import silent
from kaopt.scenario.model import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
RUN = [sys.executable, "-c", "from kaopt.cli import main; main()", "run", str(SCENARIOS / "starter"), "--json"]


@pytest.fixture
def world() -> Scenario:
    return api.load(SCENARIOS / "starter")


def no_process(work: Callable[[object], object], task: object) -> None:
    raise AssertionError("a process was begun")


def test_on_a_machine_that_is_ready_nothing_is_begun(world: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead.mark()
    assert ahead.is_ready()
    monkeypatch.setattr(compute, "beside", no_process)
    with ahead.compiling(world, silent) as compiled:
        compiled()


def test_one_core_is_left_to_the_search(world: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "is_ready", lambda: False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(compute, "beside", no_process)
    with ahead.compiling(world, silent) as compiled:
        compiled()


def test_no_promotion_and_no_policy_of_the_users_own_runs_beside_a_search(
    world: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Inputs] = []

    @contextmanager
    def note(_: object, inputs: Inputs) -> Iterator[None]:
        given.append(inputs)
        yield

    monkeypatch.setattr(ahead, "is_ready", lambda: False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(compute, "beside", note)
    with ahead.compiling(replace(world, own_policies={"production": no_process}), silent):
        assert given[0].own_production is None
        assert not given[0].uplift.any() and given[0].base.any()


@pytest.mark.thorough
def test_a_cold_run_says_so_once_and_gives_what_a_warm_one_gives(tmp_path: Path) -> None:
    cold, warm = ran(tmp_path), ran(tmp_path)
    assert "once for this machine" in cold.stderr
    assert "once for this machine" not in warm.stderr
    assert unnamed(cold.stdout) == unnamed(warm.stdout)
    assert {line.split()[2] for line in cold.stderr.splitlines()} - {"compile"} == {
        line.split()[2] for line in warm.stderr.splitlines()
    }


def ran(folder: Path) -> subprocess.CompletedProcess[str]:
    """A run of the command line with a cache of machine code of its own."""
    env = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(RUN, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def unnamed(text: str) -> object:
    """The result without the run's folder and seconds."""
    found = json.loads(text)
    del found["run"], found["certificate"]["seconds"]
    return found
