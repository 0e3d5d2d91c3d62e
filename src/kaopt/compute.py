"""Work spread over processes: the same results, in the same order, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from kaopt.errors import EnvironmentFault

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

_shared: list[Any] = []  # in a worker process: what all of its tasks share, sent once


def map_ordered(
    work: Callable[[Shared, Task], Result], shared: Shared, tasks: Iterable[Task], *, workers: int = 1
) -> Generator[Result, None, None]:
    """`work(shared, task)` for each task, in the order of the tasks; stop reading and the rest is not done.

    `work` is a module-level function; `shared`, tasks and results can be pickled. Workers are fresh processes (spawn),
    so a script that asks for more than one needs `if __name__ == "__main__":`.
    """
    if workers <= 1:
        for task in tasks:
            yield work(shared, task)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(shared,))
    try:
        yield from _in_order(pool, work, iter(tasks), workers)
    except BrokenProcessPool as fault:
        raise EnvironmentFault("a worker process ended early; fewer workers need less memory") from fault
    finally:
        _stop(pool)


def _in_order(pool: ProcessPoolExecutor, work: Any, tasks: Iterator[Any], workers: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for task in tasks:
        waiting.append(pool.submit(_run, work, task))
        if len(waiting) > workers:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _start(shared: Any) -> None:
    """In a new worker: keep what is shared; Ctrl-C is for the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared[:] = [shared]


def _run(work: Any, task: Any) -> Any:
    return work(_shared[0], task)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Nothing is left running, whether the work was finished, cut short or interrupted."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
