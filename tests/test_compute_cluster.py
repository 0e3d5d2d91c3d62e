"""The same work on a Ray and on a Dask cluster of this machine: order, rounds, early stops, faults, lost workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kaopt.compute import Where, crew, map_ordered
from kaopt.compute import where as where_page
from kaopt.errors import EnvironmentFault, Fault, InputError
from tests.test_compute import ctrl_c, times

ENGINES = {"ray": "ray", "dask": "distributed"}


@pytest.fixture(params=list(ENGINES), ids=str)
def engine(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(ENGINES[request.param])
    return str(request.param)


@dataclass(frozen=True)
class Counted:
    """Says in a file how often it was sent out."""

    path: Path
    values: Any

    def __reduce__(self) -> tuple[Any, ...]:
        return counted, (self.path, self.values)


def counted(path: Path, values: Any) -> Counted:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    return Counted(path, values)


def scaled(shared: Counted, task: int) -> tuple[int, np.ndarray]:
    return os.getpid(), shared.values * task


def fail_at_three(_: int, task: int) -> int:
    if task == 3:
        raise InputError([Fault("base.csv", 3, "cases", "x", "must be a number", "Write one")])
    return task


def die(_: int, task: int) -> int:
    os._exit(1)


def slow_first(_: int, task: int) -> int:
    time.sleep(0.3 if task == 0 else 0.0)
    return task


def mark(folder: Path, task: int) -> int:
    (folder / str(task)).touch()
    return task


@pytest.mark.cluster
def test_results_come_in_the_order_of_the_tasks(engine: str) -> None:
    assert list(map_ordered(slow_first, 0, iter(range(9)), Where(engine, 2))) == list(range(9))


@pytest.mark.cluster
def test_a_crew_does_one_list_after_the_other_away_from_here(engine: str, tmp_path: Path) -> None:
    values = np.arange(4.0)
    shared = Counted(tmp_path / "opened", values)
    with crew(scaled, shared, Where(engine, 2)) as perform:
        rounds = [list(perform(range(4))), list(perform(range(4, 9)))]
    results = [one for some in rounds for one in some]
    assert os.getpid() not in {who for who, _ in results}
    for task, (_, result) in enumerate(results):
        assert np.array_equal(result, values * task)
        result.fill(0.0)  # the reader's own
    assert np.array_equal(values, np.arange(4.0))


@pytest.mark.cluster
def test_on_dask_what_is_shared_is_opened_once_by_a_worker(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with crew(scaled, Counted(tmp_path / "opened", 1), Where("dask", 2)) as perform:
        done = list(perform(range(20)))
    opened = (tmp_path / "opened").read_text(encoding="utf-8").split()
    workers = {str(who) for who, _ in done}
    assert len(opened) == len(set(opened)) and workers <= set(opened)


@pytest.mark.cluster
def test_a_fault_comes_out_where_it_belongs_and_as_it_is(engine: str) -> None:
    run = map_ordered(fail_at_three, 0, range(9), Where(engine, 2))
    assert [next(run) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(InputError, match=r"base\.csv:3 cases = x: must be a number") as caught:
        next(run)
    assert type(caught.value) is InputError


@pytest.mark.cluster
def test_who_stops_reading_leaves_the_rest_undone(engine: str, tmp_path: Path) -> None:
    run = map_ordered(mark, tmp_path, iter(range(1000)), Where(engine, 2))
    assert [next(run), next(run)] == [0, 1]
    run.close()
    assert 2 <= len(list(tmp_path.iterdir())) <= 8


@pytest.mark.cluster
def test_an_interruption_ends_the_cluster_that_was_begun(engine: str) -> None:
    run = map_ordered(times, 1, range(1000), Where(engine, 2))
    next(run)
    with pytest.raises(KeyboardInterrupt):
        run.throw(KeyboardInterrupt())
    if engine == "ray":
        import ray

        assert not ray.is_initialized()
    assert list(map_ordered(times, 2, range(3), Where(engine, 2))) == [0, 2, 4]


@pytest.mark.cluster
@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a group")
def test_ctrl_c_is_for_the_parent_alone(engine: str, tmp_path: Path) -> None:
    assert ctrl_c(tmp_path, f"{engine!r}, 2") == ("interrupted\n", "")


@pytest.mark.cluster
def test_a_worker_that_dies_is_told_as_such(engine: str) -> None:
    with pytest.raises(EnvironmentFault, match="worker was lost"):
        list(map_ordered(die, 0, range(3), Where(engine, 2)))


@pytest.fixture
def cluster(engine: str) -> Iterator[str]:
    """The address of a cluster that somebody else has begun."""
    if engine == "ray":
        from ray.cluster_utils import Cluster

        there = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
        yield there.address
        there.shutdown()
    else:
        from distributed import LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as other:
            yield other.scheduler_address


@pytest.mark.cluster
def test_a_cluster_by_its_address_is_used_and_left_running(engine: str, cluster: str) -> None:
    for n in (1, 2):
        assert list(map_ordered(times, n, range(5), Where(engine, 2, cluster))) == [n * m for m in range(5)]


@pytest.mark.cluster
def test_a_ray_session_that_the_program_began_goes_on() -> None:
    ray = pytest.importorskip("ray")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        assert list(map_ordered(times, 3, range(5), Where("ray", 2))) == [0, 3, 6, 9, 12]
        assert ray.is_initialized()
    finally:
        ray.shutdown()


@pytest.mark.cluster
def test_a_cluster_that_is_not_there_is_told_with_its_address(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "dask":
        import dask

        monkeypatch.setitem(dask.config.config["distributed"]["comm"]["timeouts"], "connect", "1s")
    address = {"ray": "127.0.0.1:1", "dask": "tcp://127.0.0.1:1"}[engine]
    with pytest.raises(EnvironmentFault, match=rf"{engine.capitalize()} cluster at {address} cannot be used"):
        list(map_ordered(times, 1, range(3), Where(engine, 2, address)))


@pytest.mark.parametrize(("on", "asked"), [("ray", "ray"), ("dask", "distributed")])
def test_an_engine_that_is_not_installed_is_told_with_the_command(
    monkeypatch: pytest.MonkeyPatch, on: Any, asked: str
) -> None:
    def lacking(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(where_page, "import_module", lacking)
    with pytest.raises(EnvironmentFault, match=rf"{asked}, which is not installed: pip install 'kaopt\[{on}\]'"):
        list(map_ordered(times, 1, range(3), Where(on, 2)))
