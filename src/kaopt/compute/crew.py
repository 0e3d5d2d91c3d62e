"""One list of tasks after another by the same workers, wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from typing import TypeVar

from kaopt.compute.processes import process_crew
from kaopt.compute.where import HERE, Perform, Where

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")


def map_ordered(
    work: Callable[[Shared, Task], Result], shared: Shared, tasks: Iterable[Task], where: Where = HERE
) -> Generator[Result, None, None]:
    """`work(shared, task)` for each task, in the order of the tasks; stop reading and the rest is not done.

    `work` is a module-level function; `shared`, tasks and results can be pickled. Workers are fresh processes (spawn),
    so a script that asks for more than one, or for a cluster on its own machine, needs `if __name__ == "__main__":`.
    """
    with crew(work, shared, where) as perform:
        yield from perform(tasks)


def crew(
    work: Callable[[Shared, Task], Result], shared: Shared, where: Where = HERE
) -> AbstractContextManager[Perform[Task, Result]]:
    """As `map_ordered`, for work in rounds: `shared` goes out once, then one list of tasks after the other.

    Raises EnvironmentFault where a package is missing, a cluster cannot be reached, or a worker is lost.
    """
    if where.on == "ray":
        from kaopt.compute.on_ray import ray_crew

        return ray_crew(work, shared, where)
    if where.on == "dask":
        from kaopt.compute.on_dask import dask_crew

        return dask_crew(work, shared, where)
    return process_crew(work, shared, where.workers)
