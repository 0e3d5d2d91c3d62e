"""One worker, two, a Ray or a Dask cluster of this machine: the same plan and bound, to the last bit."""

from __future__ import annotations

import multiprocessing
import pickle
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.generator import draw, read

from kaopt import pipeline
from kaopt.allocation.large import engine, verb
from kaopt.allocation.large.engine import looked_at, searched
from kaopt.allocation.large.quest import Found, Quest
from kaopt.allocation.large.streams import Sifted, Task, Told, sifted, sifters
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import NoPlanError
from kaopt.options import Options
from kaopt.progress import Progress
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Compute

ROOT = Path(__file__).parents[3]
PLANNED = "12x40"  # accounts x SKUs


@cache
def drawn(size: str) -> Scenario:
    return read(draw(size, 1))


def told_on(size: str, **where: Any) -> Told:
    """A drawn scenario with `solve.compute`."""
    world = drawn(size)
    return Told(replace(world, solve=world.solve.model_copy(update={"compute": Compute(**where)})), RULES)


def found_on(size: str, **where: Any) -> Found:
    return searched(Quest(told_on(size, **where), Limits(seconds=300.0), 0.0))


def same(one: Found, other: Found) -> bool:
    """To the last bit."""
    plans = [None if it.plan is None else [it.plan.account.tobytes(), it.plan.sku.tobytes()] for it in (one, other)]
    weeks = [None if it.plan is None else [it.plan.week.tobytes(), it.plan.treatment.tobytes()] for it in (one, other)]
    figures = [(it.objective.hex(), it.bound.hex(), it.events, it.prices) for it in (one, other)]
    return plans[0] == plans[1] and weeks[0] == weeks[1] and figures[0] == figures[1]


def looks(told: Told) -> list[Sifted]:
    tasks = [Task(account, {}, 3, 1.0, 0.1) for account in range(told.world.shape[0])]
    with sifters(told) as perform:
        return list(perform(tasks))


def test_two_workers_see_what_one_sees_account_by_account() -> None:
    alone, together = looks(told_on("S1")), looks(told_on("S1", workers=2))
    assert len(alone) == len(together) == 3
    for one, other in zip(alone, together, strict=True):
        assert pickle.dumps(one.prices) == pickle.dumps(other.prices)
        assert one.above.value == other.above.value and np.array_equal(one.above.on, other.above.on)
        for name in ("account", "sku", "week", "cost", "start", "row", "value", "first"):
            assert np.array_equal(getattr(one.shard.columns, name), getattr(other.shard.columns, name))
    assert multiprocessing.active_children() == []


@pytest.mark.thorough
def test_two_workers_find_the_plan_and_the_bound_of_one() -> None:
    one = found_on(PLANNED)
    assert np.isfinite(one.bound) and one.prices
    assert same(one, found_on(PLANNED, workers=2))


@pytest.mark.cluster
@pytest.mark.parametrize(("on", "package"), [("ray", "ray"), ("dask", "distributed")])
def test_a_cluster_finds_the_plan_and_the_bound_of_one(on: str, package: str) -> None:
    pytest.importorskip(package)
    assert same(found_on(PLANNED), found_on(PLANNED, on=on, workers=2))


def test_what_comes_back_of_an_account_is_what_was_kept() -> None:
    told = told_on("S2")
    shard, back = told.shard(0), sifted(told, Task(0, {}, 20, near=0.02))
    assert back.events == len(shard.columns)
    assert 0 < len(back.shard.columns) < 0.2 * back.events
    assert len(pickle.dumps(back)) < 0.25 * len(pickle.dumps(shard))


def test_accounts_are_looked_at_in_their_order_by_whoever_performs() -> None:
    told, heard = told_on("S1"), []
    asked: list[int] = []

    def perform(tasks: Any) -> Any:
        for task in tasks:
            asked.append(task.account)
            yield sifted(told, task)

    def hear(progress: Progress) -> None:
        heard.append((progress.stage, progress.done))

    quest = Quest(told, Limits(seconds=60.0), 0.0, hear, perform=perform)
    parts = looked_at(quest, Found(), {}, engine.Look(2, 0.1))
    assert asked == [0, 1, 2]
    assert heard == [("sift", 1), ("sift", 2), ("sift", 3)]
    assert [set(one.shard.columns.account.tolist()) for one in parts] == [{0}, {1}, {2}]


def test_an_interruption_stops_the_workers_and_keeps_what_there_is() -> None:
    def hear(progress: Progress) -> None:
        if (progress.stage, progress.done) == ("sift", 2):
            raise KeyboardInterrupt

    found = searched(Quest(told_on("S1", workers=2), Limits(seconds=60.0), 0.0, hear))
    assert found.interrupted and found.plan is None
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("where", "kept"), [({}, 3), ({"workers": 2}, 0), ({"on": "dask"}, 0)])
def test_shards_are_kept_at_hand_only_where_nobody_else_makes_them(
    monkeypatch: pytest.MonkeyPatch, where: dict[str, Any], kept: int
) -> None:
    seen: list[int] = []

    def nothing(quest: Quest) -> Found:
        seen.append(len(quest.told.shards))
        return Found()

    monkeypatch.setattr(verb, "searched", nothing)
    with pytest.raises(NoPlanError):
        verb.planned(told_on("S1", **where).world, RULES)
    assert seen == [kept]


def test_workers_of_the_command_line_win_and_are_no_setting_of_the_scenario() -> None:
    loaded = partial(pipeline.read, str(ROOT / "scenarios" / "cheese"))
    plain, more = loaded(Options()), loaded(Options(workers=3))
    assert plain.solve.compute == Compute(on="processes", workers=1, address="")
    assert more.solve.compute == Compute(workers=3)
    assert dict(plain.resolved) == dict(more.resolved)
    said = ["solve.compute.on=ray", "solve.compute.workers=8", "solve.compute.address=head:6379"]
    assert loaded(Options(set=said)).solve.compute == Compute(on="ray", workers=8, address="head:6379")
    assert loaded(Options(set=said, workers=2)).solve.compute == Compute(on="ray", workers=2, address="head:6379")
