"""Work in processes of this machine, and a process beside the work; none of them outlives its parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from kaopt.compute.where import Desk, Perform, in_order
from kaopt.errors import EnvironmentFault

Task = TypeVar("Task")

_shared: list[Any] = []  # in a worker process: what all of its tasks share, sent once


@contextmanager
def process_crew(work: Callable[[Any, Any], Any], shared: Any, workers: int) -> Iterator[Perform[Any, Any]]:
    """Tasks by fresh processes (spawn) that were sent what is shared when they began; one worker is this process."""
    if workers <= 1:
        yield lambda tasks: (work(shared, task) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(shared,))

    def send(task: Any) -> Future[Any]:
        with deaf():  # a process may begin here
            return pool.submit(_run, work, task)

    desk = Desk(send, Future.result, Future.cancel)
    try:
        yield lambda tasks: in_order(desk, tasks, workers)
    except BrokenProcessPool as fault:
        raise EnvironmentFault("a worker process ended early; fewer workers need less memory") from fault
    finally:
        _stop(pool)


@contextmanager
def beside(work: Callable[[Task], object], task: Task) -> Iterator[Callable[[], None]]:
    """`work(task)` in a process of its own while the block goes on; yields what waits for its end.

    For preparations that no result depends on: a fault there is nobody's, and what is not done when the block ends is
    stopped.
    """
    process = multiprocessing.get_context("spawn").Process(target=_alone, args=(work, task), daemon=True)
    try:
        with deaf():
            process.start()
    except OSError:  # no room for another process
        yield lambda: None
        return
    try:
        yield process.join
    finally:
        process.terminate()
        process.join()


def _alone(work: Callable[[Task], object], task: Task) -> None:
    """In the new process: without a word, and not longer than the parent."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 open until the process ends
    _start(None)
    with suppress(Exception):
        work(task)


@contextmanager
def deaf() -> Iterator[None]:
    """A process that begins here does not hear Ctrl-C from its first moment on."""
    if threading.current_thread() is not threading.main_thread():  # others may not touch signals
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _start(shared: Any) -> None:
    """In a new worker: keep what is shared; Ctrl-C is for the parent alone, and nobody outlives the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()
    _shared[:] = [shared]


def _follow() -> None:
    """End with the parent, even where it was killed and could tell nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _run(work: Any, task: Any) -> Any:
    return work(_shared[0], task)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Nothing is left running, whether the work was finished, cut short or interrupted."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
