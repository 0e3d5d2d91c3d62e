"""Work in processes: the order of the tasks, early stops, faults and interruptions."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kaopt.compute import Where, beside, crew, map_ordered
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
    assert list(map_ordered(times, 10, iter(range(20)), Where(workers=2))) == [10 * n for n in range(20)]
    assert multiprocessing.active_children() == []


def test_who_stops_reading_leaves_nothing_running() -> None:
    asked = []

    def tasks():  # type: ignore[no-untyped-def]
        for n in range(1000):
            asked.append(n)
            yield n

    run = map_ordered(times, 1, tasks(), Where(workers=2))
    assert [next(run), next(run)] == [0, 1]
    run.close()
    assert multiprocessing.active_children() == []
    assert len(asked) < 10


def test_an_interruption_leaves_nothing_running() -> None:
    run = map_ordered(times, 1, range(1000), Where(workers=2))
    next(run)
    with pytest.raises(KeyboardInterrupt):
        run.throw(KeyboardInterrupt())
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_comes_out_where_it_belongs(workers: int) -> None:
    run = map_ordered(fail_at_three, 0, range(9), Where(workers=workers))
    assert [next(run) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(run)


def test_a_worker_that_dies_is_told_as_such() -> None:
    with pytest.raises(EnvironmentFault, match="worker"):
        list(map_ordered(die, 0, range(3), Where(workers=2)))


# --- rounds


def pid(_: int, task: int) -> tuple[int, int]:
    return os.getpid(), task


@pytest.mark.parametrize("workers", [1, 2])
def test_a_crew_does_one_list_after_the_other_in_the_same_processes(workers: int) -> None:
    with crew(pid, 0, Where(workers=workers)) as perform:
        first, second = list(perform(range(4))), list(perform(range(4, 9)))
    assert [task for _, task in first + second] == list(range(9))
    assert len({who for who, _ in first + second}) <= workers
    assert multiprocessing.active_children() == []


def test_a_crew_whose_worker_dies_says_so() -> None:
    with pytest.raises(EnvironmentFault, match="ended early"), crew(die, 0, Where(workers=2)) as perform:
        list(perform(range(3)))


# --- beside


def write(path: Path) -> None:
    path.write_text(f"{os.getpid()}", encoding="utf-8")


def linger(path: Path) -> None:
    write(path)
    time.sleep(600)


def stumble(path: Path) -> None:
    write(path)
    print("a word")
    raise ValueError("stumbled")


def until_written(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)


def test_what_is_done_beside_is_done_by_another_process(tmp_path: Path) -> None:
    with beside(write, tmp_path / "who") as wait:
        wait()
        assert int((tmp_path / "who").read_text(encoding="utf-8")) != os.getpid()
    assert multiprocessing.active_children() == []


def test_what_stumbles_beside_says_nothing_and_stops_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with beside(stumble, tmp_path / "who") as wait:
        wait()
    assert (tmp_path / "who").exists()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("stop", [None, KeyboardInterrupt()])
def test_what_is_not_done_when_the_block_ends_is_stopped(tmp_path: Path, stop: BaseException | None) -> None:
    def block() -> None:
        with beside(linger, tmp_path / "who"):
            until_written(tmp_path / "who")
            if stop is not None:
                raise stop

    if stop is None:
        block()
    else:
        with pytest.raises(KeyboardInterrupt):
            block()
    assert multiprocessing.active_children() == []


def test_without_room_for_a_process_the_block_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.get_context("spawn").Process, "start", refuse)
    with beside(write, tmp_path / "who") as wait:
        wait()
    assert not (tmp_path / "who").exists()


@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a group")
def test_ctrl_c_from_the_first_moment_on_is_for_the_parent_alone(tmp_path: Path) -> None:
    root, who = str(Path(__file__).parents[1]), str(tmp_path / "who")
    (tmp_path / "beside.py").write_text(INTERRUPTED.format(root=root, who=who), encoding="utf-8")
    words = [sys.executable, "beside.py"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, start_new_session=True, check=False)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


def ctrl_c(folder: Path, where: str) -> tuple[str, str]:
    """What a program says that is interrupted, with all of its workers, while it hands out its third task."""
    root = str(Path(__file__).parents[1])
    (folder / "spread.py").write_text(SPREAD.format(root=root, where=where), encoding="utf-8")
    words = [sys.executable, "spread.py"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, start_new_session=True, check=False)
    return done.stdout, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a group")
def test_ctrl_c_while_workers_begin_is_for_the_parent_alone(tmp_path: Path) -> None:
    assert ctrl_c(tmp_path, "'processes', 2") == ("interrupted\n", "")


SPREAD = """
import os, signal, sys
sys.path.insert(0, {root!r})
from kaopt.compute import Where, map_ordered
from tests.test_compute import times

def tasks():
    yield from (1, 2)
    os.killpg(0, signal.SIGINT)
    yield from range(100)

if __name__ == "__main__":
    try:
        print(sum(map_ordered(times, 1, tasks(), Where({where}))))
    except KeyboardInterrupt:
        print("interrupted")
"""
INTERRUPTED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from kaopt.compute import beside
from tests.test_compute import write

if __name__ == "__main__":
    try:
        with beside(write, Path({who!r})) as wait:
            os.killpg(0, signal.SIGINT)
            wait()
    except KeyboardInterrupt:
        print("interrupted")
"""
ORPHANS = """
import os, sys
sys.path.insert(0, {root!r})
from kaopt.compute import Where, map_ordered
from tests.test_compute import pid

if __name__ == "__main__":
    run = map_ordered(pid, 0, range(1000), Where(workers=1 + 1))
    print(next(run)[0], next(run)[0], flush=True)
    os.kill(os.getpid(), 9)
"""


def alive(process: int) -> bool:
    """Running, and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_nobody_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[1])
    (tmp_path / "orphans.py").write_text(ORPHANS.format(root=root), encoding="utf-8")
    words = [sys.executable, "orphans.py"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        workers = [int(one) for one in process.stdout.readline().split()]
        assert process.wait() == -9 and workers
        end = time.monotonic() + 30
        while any(map(alive, workers)) and time.monotonic() < end:
            time.sleep(0.02)
        assert not any(map(alive, workers))
