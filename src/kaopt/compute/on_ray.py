"""Work on Ray: a cluster that runs already, or one that is begun on this machine and ended with the work."""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kaopt.compute.where import Desk, Perform, Where, in_order, package, unreachable
from kaopt.errors import EnvironmentFault

SECONDS = 10.0  # until a cluster's machine must have answered


@contextmanager
def ray_crew(work: Callable[[Any, Any], Any], shared: Any, where: Where) -> Iterator[Perform[Any, Any]]:
    """Tasks as Ray's own remote calls; what is shared lies once in each machine's object store.

    A session that the program has already begun is used and left as it is.
    """
    ray = package("ray", "ray")
    own = not ray.is_initialized()
    if own:
        begin(ray, where)
    try:
        desk = desk_of(ray, work, ray.put(shared))
        yield lambda tasks: in_order(desk, tasks, where.workers)
    finally:
        if own:
            ray.shutdown()


def begin(ray: Any, where: Where) -> None:
    """Join the cluster at the address, or begin one here with as many processors as workers."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing about the work is told to anybody
    place = {"address": where.address} if where.address else {"address": "local", "num_cpus": where.workers}
    quiet = {"logging_level": logging.CRITICAL, "log_to_driver": False}
    try:
        knock(where.address)
        ray.init(**place, **quiet, **({} if where.address else {"include_dashboard": False}))
    except (ConnectionError, TimeoutError, OSError, ValueError, RuntimeError) as fault:
        raise unreachable(where, fault) from fault


def knock(address: str) -> None:
    """Raise OSError where nobody listens at an address with a port: Ray itself would try for many minutes."""
    host, _, port = address.rpartition("://")[2].partition("/")[0].rpartition(":")
    if port.isdecimal():
        socket.create_connection((host, int(port)), timeout=SECONDS).close()


def desk_of(ray: Any, work: Callable[[Any, Any], Any], shared: Any) -> Desk:
    """Remote calls, their results, and their end."""
    call = ray.remote(num_cpus=1)(written)

    def fetch(sent: Any) -> Any:
        try:
            return pickle.loads(ray.get(sent))
        except ray.exceptions.RayTaskError as fault:
            raise fault.cause from None
        except ray.exceptions.RayError as fault:
            raise EnvironmentFault(f"a Ray worker was lost, perhaps for want of memory: {fault}") from fault

    def drop(sent: Any) -> None:
        if ray.is_initialized():  # asked of a closed session, Ray would begin another one
            with suppress(ray.exceptions.RayError):
                ray.cancel(sent, force=True)

    return Desk(lambda task: call.remote(work, shared, task), fetch, drop)


def written(work: Callable[[Any, Any], Any], shared: Any, task: Any) -> bytes:
    """The result as bytes: read back, its arrays are the reader's own, as from any other engine."""
    return pickle.dumps(work(shared, task), protocol=pickle.HIGHEST_PROTOCOL)
