"""Where work is done, and in which order its results come: what every engine of `kaopt.compute` agrees on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeVar

from kaopt.errors import EnvironmentFault

Task = TypeVar("Task")
Result = TypeVar("Result")
Perform = Callable[[Iterable[Task]], Iterator[Result]]  # tasks -> their results, in order
AHEAD = 2  # tasks per worker that are out at once: nobody waits for the next while a slow one holds up the order


@dataclass(frozen=True)
class Where:
    """Processes here, or a cluster that an engine of its own runs; without an address that cluster is this machine."""

    on: Literal["processes", "ray", "dask"] = "processes"
    workers: int = 1  # tasks at the same time; one process is this one
    address: str = ""  # of the cluster's head: ray://host:10001, tcp://host:8786


HERE = Where()


@dataclass(frozen=True)
class Desk:
    """How an engine takes a task, gives its result, and forgets a task that nobody waits for any more."""

    send: Callable[[Any], Any]
    fetch: Callable[[Any], Any]
    drop: Callable[[Any], object]


def in_order(desk: Desk, tasks: Iterable[Any], workers: int) -> Iterator[Any]:
    """Results in the order of the tasks; a few tasks ahead are read, and who stops reading has the rest dropped."""
    waiting: deque[Any] = deque()
    try:
        for task in tasks:
            waiting.append(desk.send(task))
            if len(waiting) >= AHEAD * workers:
                yield desk.fetch(waiting.popleft())
        while waiting:
            yield desk.fetch(waiting.popleft())
    finally:
        for one in waiting:
            desk.drop(one)


def package(name: str, extra: str) -> Any:
    """The engine's package. Raises EnvironmentFault with the command that installs it."""
    try:
        return import_module(name)
    except ImportError as fault:
        words = f"work on {extra} needs the package {name.partition('.')[0]}, which is not installed"
        raise EnvironmentFault(f"{words}: pip install 'kaopt[{extra}]'") from fault


def unreachable(where: Where, fault: BaseException) -> EnvironmentFault:
    """The fault of a cluster that does not answer."""
    name = where.on.capitalize()
    what = f"the {name} cluster at {where.address}" if where.address else f"{name} on this machine"
    return EnvironmentFault(f"{what} cannot be used: {fault}. Check the address, and that it runs the same Python")
