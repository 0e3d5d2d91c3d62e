"""Peer HiGHS: the whole program at once, with the options that kaopt relies on."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from benchmarks.peers.worker import Asked, Message, Teller
from kaopt.allocation.solver.solve import Limits, mip_options
from kaopt.allocation.solver.worker import EVENT, WORDS, make

NO_LIMIT = 1e7  # wall seconds


def solve(model: Message, asked: Asked, teller: Teller) -> Message:
    """Minimise; HiGHS measures wall time only, so the limit of CPU time is kept by interrupting it."""
    highs = make(model, mip_options(Limits(seconds=NO_LIMIT, gap=asked.gap, seed=asked.seed)))

    def hear(event: Any, _: str, out: Any, answer: Any, __: Any) -> None:
        if event == EVENT.kCallbackMipImprovingSolution:
            teller.improved(np.array(out.mip_solution))
        if event != EVENT.kCallbackSimplexInterrupt and abs(out.mip_dual_bound) < 1e29:
            teller.proved(-out.mip_dual_bound)
        if event != EVENT.kCallbackMipImprovingSolution and teller.cpu > asked.seconds:
            answer.user_interrupt = True

    highs.setCallback(hear, None)
    for event in (EVENT.kCallbackMipImprovingSolution, EVENT.kCallbackMipInterrupt, EVENT.kCallbackSimplexInterrupt):
        highs.startCallback(event)
    teller.start()
    highs.run()
    info, status = highs.getInfo(), highs.getModelStatus()
    bound = -float(info.mip_dual_bound)
    teller.proved(bound if abs(bound) < 1e29 else inf)
    word = WORDS.get(status, highs.modelStatusToString(status))
    return {"status": word, "solver": f"HiGHS {highs.version()}"}
