"""A state is lent to the loops: who reads it from Python keeps what he has read, and nothing is left behind."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.runtime import _nrt_python as counting
from numba.core.runtime import rtsys

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.loops.slots import more_losses, more_slots
from kaopt.fulfilment.state import goods_of, ledger_of, orders_of
from tests.fulfilment.helpers import calm, ready


def fresh() -> Any:
    """The first minute of a calm world."""
    return begin(ready(calm()), 0)


def alive() -> int:
    """Pieces of memory that somebody still counts on."""
    stats = rtsys.get_allocation_stats()
    return int(stats.mi_alloc - stats.mi_free)


def test_what_python_has_read_outlives_the_state() -> None:
    state = fresh()
    flow, ledger = goods_of(state).flow, ledger_of(state)
    flow[0, 0] = 4711
    del state
    assert flow[0, 0] == 4711
    assert ledger.counts.sum() == 0


def test_reading_is_looking_at_the_state_itself() -> None:
    state = fresh()
    goods_of(state).flow[1, 0] = 17
    assert goods_of(state).flow[1, 0] == 17


def test_an_array_that_was_replaced_stays_with_who_read_it() -> None:
    state = fresh()
    before = orders_of(state).order
    before[:] = np.arange(before.size).reshape(before.shape)
    more_slots(state)
    after = orders_of(state).order
    assert len(after) == 2 * len(before)
    assert np.array_equal(after[: len(before)], before)
    after[0, 0] = -1
    assert before[0, 0] == 0


def test_states_that_come_and_go_leave_no_memory_behind() -> None:
    def come_and_go() -> None:
        state = fresh()
        more_slots(state)
        more_losses(state, 1000)
        orders_of(state), ledger_of(state)

    come_and_go()
    counting.memsys_enable_stats()
    try:
        before = alive()
        kept = fresh()
        assert alive() > before
        for _ in range(5):
            come_and_go()
        del kept
        assert alive() == before
    finally:
        counting.memsys_disable_stats()
