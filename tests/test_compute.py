"""Work in processes: the order of the tasks, early stops, faults and interruptions."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from kaopt.compute import map_ordered
from kaopt.errors import EnvironmentFault


def times(shared: int, task: int) -> int:
    return shared * task


def fail_at_three(_: int, task: int) -> int:
    if task == 3:
        raise ValueError("three")
    return task


def die(_: int, task: int) -> int:
    os._exit(1)


def test_one_worker_is_this_process() -> None:
    assert list(map_ordered(times, 10, range(5))) == [0, 10, 20, 30, 40]


def test_workers_give_results_in_the_order_of_the_tasks() -> None:
    assert list(map_ordered(times, 10, iter(range(20)), workers=2)) == [10 * n for n in range(20)]
    assert multiprocessing.active_children() == []


def test_who_stops_reading_leaves_nothing_running() -> None:
    asked = []

    def tasks():  # type: ignore[no-untyped-def]
        for n in range(1000):
            asked.append(n)
            yield n

    run = map_ordered(times, 1, tasks(), workers=2)
    assert [next(run), next(run)] == [0, 1]
    run.close()
    assert multiprocessing.active_children() == []
    assert len(asked) < 10


def test_an_interruption_leaves_nothing_running() -> None:
    run = map_ordered(times, 1, range(1000), workers=2)
    next(run)
    with pytest.raises(KeyboardInterrupt):
        run.throw(KeyboardInterrupt())
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_comes_out_where_it_belongs(workers: int) -> None:
    run = map_ordered(fail_at_three, 0, range(9), workers=workers)
    assert [next(run) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(run)


def test_a_worker_that_dies_is_told_as_such() -> None:
    with pytest.raises(EnvironmentFault, match="worker"):
        list(map_ordered(die, 0, range(3), workers=2))
