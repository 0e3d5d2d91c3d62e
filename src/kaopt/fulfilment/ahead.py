"""The loops compiled while the search still runs: the first time on a machine, and after an update.

They take half a minute of one core; a search needs another one. Only machine code is kept of it, never a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kaopt import compute
from kaopt.fulfilment.compiled import compiled
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.fulfilment.inputs import Inputs


@compiled
def mark() -> bool:
    """Compiled after a year was lived through: what lies on disk with this is whole."""
    return True


def is_ready() -> bool:
    """Whether this machine has compiled these loops before."""
    return mark._cache.load_overload((), mark.targetctx) is not None


@contextmanager
def compiling(world: Scenario, listener: Listener) -> Iterator[Callable[[], None]]:
    """Compile what is missing beside the block; yields what waits for it. Does nothing on a machine that is ready."""
    if is_ready() or (os.cpu_count() or 1) < 2:
        yield lambda: None
        return
    from kaopt.fulfilment.inputs import prepare

    inputs = prepare(replace(world, own_policies={}), Plan.nothing(), world.supply.seed)
    with compute.beside(_a_year, inputs) as wait:
        yield partial(_help, wait, listener)


def _a_year(inputs: Inputs) -> None:
    """Compile whatever a year without promotions calls, in its order."""
    from kaopt.fulfilment.world import live_through

    live_through(inputs, 0)
    mark()


def _help(wait: Callable[[], None], listener: Listener) -> None:
    """Compile the dock, a third of all and the last in a year's order, while the other process does the rest."""
    listener(Progress("compile", "the warehouse, once for this machine"))
    from numba.core import types

    from kaopt.fulfilment.loops.receipt import ship
    from kaopt.fulfilment.state import TYPE

    ship.compile((TYPE, types.int64, types.int64))
    wait()
