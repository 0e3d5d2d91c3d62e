"""Peer SCIP, with its own defaults, exact to 1e-9, on one thread; it keeps a limit of CPU time itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyscipopt
import scipy.sparse as sp
from pyscipopt import SCIP_EVENTTYPE, Eventhdlr

from benchmarks.peers.worker import Asked, Message, Teller

TOLD = SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.NODESOLVED, SCIP_EVENTTYPE.LPSOLVED


class Hears(Eventhdlr):  # type: ignore[misc]
    """Tells every better plan and bound."""

    def __init__(self, teller: Teller, columns: list[Any]) -> None:
        self._teller, self._columns = teller, columns

    def eventinit(self) -> None:
        """Begin to listen."""
        for kind in TOLD:
            self.model.catchEvent(kind, self)

    def eventexit(self) -> None:
        """Listen no more."""
        for kind in TOLD:
            self.model.dropEvent(kind, self)

    def eventexec(self, event: Any) -> None:
        """One word from SCIP."""
        if event.getType() == SCIP_EVENTTYPE.BESTSOLFOUND:
            self._teller.improved(values(self.model, self._columns))
        told(self.model, self._teller)


def solve(model: Message, asked: Asked, teller: Teller) -> Message:
    """Minimise."""
    scip, columns = made(model)
    scip.setParams(
        {
            "timing/clocktype": 1,  # CPU
            "limits/time": asked.seconds,
            "limits/gap": asked.gap,
            "randomization/randomseedshift": asked.seed,
            "numerics/feastol": 1e-9,
            "display/verblevel": 0,
        }
    )
    scip.includeEventhdlr(Hears(teller, columns), "hears", "tells every better plan and bound")
    teller.start()
    scip.optimize()
    told(scip, teller)
    return {"status": scip.getStatus(), "solver": f"SCIP {scip.version()}"}


def made(model: Message) -> tuple[Any, list[Any]]:
    """SCIP with the program, and its columns."""
    scip = pyscipopt.Model()
    whole = model["integer"]
    columns = [
        scip.addVar(vtype="I" if whole[j] else "C", lb=float(low), ub=float(high), obj=float(cost))
        for j, (low, high, cost) in enumerate(zip(model["low"], model["high"], model["cost"], strict=True))
    ]
    scip.addObjoffset(float(model["offset"]))
    body = sp.csr_matrix(sp.csc_matrix((model["value"], model["index"], model["start"]), shape=model["shape"]))
    for i, (low, high) in enumerate(zip(model["row_low"], model["row_high"], strict=True)):
        row = slice(body.indptr[i], body.indptr[i + 1])
        places, data = body.indices[row].tolist(), body.data[row].tolist()
        held = scip.addCons(-scip.infinity() <= (0 * columns[0] <= scip.infinity()))
        for j, value in zip(places, data, strict=True):
            scip.addCoefLinear(held, columns[j], value)
        scip.chgLhs(held, None if np.isneginf(low) else float(low))
        scip.chgRhs(held, None if np.isposinf(high) else float(high))
    return scip, columns


def values(scip: Any, columns: list[Any]) -> np.ndarray:
    """[N] the best plan so far."""
    best = scip.getBestSol()
    return np.array([scip.getSolVal(best, one) for one in columns])


def told(scip: Any, teller: Teller) -> None:
    """Tell SCIP's bound where it has one."""
    bound = float(scip.getDualbound())
    if abs(bound) < scip.infinity():
        teller.proved(-bound)
