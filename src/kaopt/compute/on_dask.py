"""Work on Dask: a cluster that runs already, or one that is begun on this machine and ended with the work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from kaopt.compute.processes import deaf
from kaopt.compute.where import Desk, Perform, Where, in_order, package, unreachable
from kaopt.errors import EnvironmentFault


@contextmanager
def dask_crew(work: Callable[[Any, Any], Any], shared: Any, where: Where) -> Iterator[Perform[Any, Any]]:
    """Tasks as Dask's own futures; what is shared goes to every worker before the first of them."""
    dask = package("distributed", "dask")
    with ExitStack() as stack:
        client = joined(dask, where, stack)
        there = client.scatter([shared], broadcast=True, hash=False)[0]

        def fetch(sent: Any) -> Any:
            try:
                return sent.result()
            except (dask.KilledWorker, dask.CancelledError, dask.comm.CommClosedError) as fault:
                raise EnvironmentFault(f"a Dask worker was lost, perhaps for want of memory: {fault}") from fault

        def drop(sent: Any) -> None:
            if client.status == "running":
                sent.cancel()

        desk = Desk(lambda task: client.submit(work, there, task, pure=False), fetch, drop)
        yield lambda tasks: in_order(desk, tasks, where.workers)


def joined(dask: Any, where: Where, stack: ExitStack) -> Any:
    """A client of the cluster at the address, or of one begun here; what is begun here ends with the stack."""
    try:
        place = where.address or stack.enter_context(begun(dask, where.workers))
        return stack.enter_context(dask.Client(place))
    except (ConnectionError, TimeoutError, OSError, ValueError, RuntimeError) as fault:
        raise unreachable(where, fault) from fault


def begun(dask: Any, workers: int) -> Any:
    """A cluster on this machine that leaves Ctrl-C to its parent."""
    quiet = {"dashboard_address": None, "silence_logs": logging.CRITICAL}
    with deaf():
        return dask.LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=0, **quiet)
