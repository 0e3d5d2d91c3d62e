"""The solver's own process: reads jobs, lets HiGHS work, tells every improvement at once. The only user of HiGHS.

Jobs and answers are dictionaries of arrays (see `solve`); the process ends when its parent does.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

import highspy
import numpy as np

Message = dict[str, Any]
Send = Callable[[Message], None]
EVENT = highspy.cb.HighsCallbackType
STATUS = highspy.HighsModelStatus
WORDS = {
    STATUS.kOptimal: "optimal",
    STATUS.kInfeasible: "infeasible",
    STATUS.kUnboundedOrInfeasible: "infeasible_or_unbounded",
    STATUS.kUnbounded: "unbounded",
    STATUS.kObjectiveTarget: "target",
    STATUS.kObjectiveBound: "limit",
    STATUS.kTimeLimit: "limit",
    STATUS.kIterationLimit: "limit",
    STATUS.kSolutionLimit: "limit",
    STATUS.kInterrupt: "interrupted",
    STATUS.kHighsInterrupt: "interrupted",
    STATUS.kMemoryLimit: "memory",
}
EVERY = 1.0  # seconds between two reports of progress


def main() -> None:
    """Serve jobs from standard input until it closes; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(pickle.load(sys.stdin.buffer)["memory_gb"])
    jobs: queue.Queue[Message] = queue.Queue()
    stop = threading.Event()
    threading.Thread(target=listen, args=(sys.stdin.buffer, jobs, stop), daemon=True).start()

    def send(message: Message) -> None:
        pickle.dump(message, out, protocol=5)
        out.flush()

    loaded: dict[int, Any] = {}
    while True:
        job = jobs.get()
        stop.clear()
        try:
            answer = JOBS[job["kind"]](job, loaded, send, stop)
            send({"kind": "done", **answer, "cpu": time.process_time()})
        except Exception as error:  # told to the parent, which decides
            send({"kind": "failed", "text": f"{type(error).__name__}: {error}"})


def listen(pipe: IO[bytes], jobs: queue.Queue[Message], stop: threading.Event) -> None:
    """Take jobs while HiGHS works; a lost parent ends the process."""
    with suppress(EOFError, OSError):
        while True:
            message = pickle.load(pipe)
            if message["kind"] == "stop":
                stop.set()
            else:
                jobs.put(message)
    os._exit(3)


def limit_memory(gigabytes: float) -> None:
    """Ask the system to refuse more memory than this, where it can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        size = int(gigabytes * 2**30)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (size if hard < 0 else min(size, hard), hard))


def set_option(highs: Any, name: str, value: Any) -> None:
    """Set an option and read it back: HiGHS ignores unknown names and wrong values in silence."""
    done = highs.setOptionValue(name, value)
    status, found = highs.getOptionValue(name)
    if done != highspy.HighsStatus.kOk or status != highspy.HighsStatus.kOk or found != value:
        raise ValueError(f"HiGHS does not take the option {name} = {value!r}")


def make(model: Message, options: Message) -> Any:
    """A HiGHS with checked options that holds the model: minimise cost @ x over the rows and boxes."""
    highs = highspy._core._Highs()
    set_option(highs, "output_flag", False)
    for name, value in options.items():
        set_option(highs, name, value)
    rows, columns = model["shape"]
    whole = np.zeros(columns, np.int32) if model["integer"] is None else model["integer"].astype(np.int32)
    colwise, minimise = int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize)
    no_squares = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
    passed = highs.passModel(
        *(columns, rows, len(model["value"]), 0, colwise, 1, minimise, model["offset"], model["cost"]),
        *(model["low"], model["high"], model["row_low"], model["row_high"]),
        *(model["start"], model["index"], model["value"], *no_squares, whole),
    )
    if passed != highspy.HighsStatus.kOk:
        raise ValueError("HiGHS does not take the model as it stands")
    return highs


def solve_mip(job: Message, _: dict[int, Any], send: Send, stop: threading.Event) -> Message:
    """Solve a mixed-integer program from a start, telling every improvement."""
    highs = make(job["model"], job["options"])
    accepted = None if job["start"] is None else give_start(highs, job["start"])
    watch(highs, send, stop)
    highs.run()
    info, status = highs.getInfo(), highs.getModelStatus()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return {
        "status": WORDS.get(status, highs.modelStatusToString(status)),
        "x": np.array(highs.getSolution().col_value) if found else None,
        "objective": float(info.objective_function_value) if found else None,
        "bound": float(info.mip_dual_bound),
        "nodes": int(info.mip_node_count),
        "accepted": accepted,
        "solver": f"HiGHS {highs.version()}",
    }


def give_start(highs: Any, start: Any) -> bool:
    """Hand HiGHS a plan to start from; True where it took it."""
    solution = highspy.HighsSolution()
    solution.col_value = start
    return bool(highs.setSolution(solution) == highspy.HighsStatus.kOk)


def watch(highs: Any, send: Send, stop: threading.Event) -> None:
    """Report improvements at once and progress now and then; give way when asked to stop."""
    said = [time.monotonic()]

    def hear(event: Any, _: str, out: Any, answer: Any, __: Any) -> None:
        if event == EVENT.kCallbackMipImprovingSolution:
            x = np.array(out.mip_solution)
            send({"kind": "improved", "x": x, "objective": out.objective_function_value, "bound": out.mip_dual_bound})
        elif time.monotonic() - said[0] > EVERY:
            said[0] = time.monotonic()
            send({"kind": "progress", "best": out.mip_primal_bound, "bound": out.mip_dual_bound})
        if event == EVENT.kCallbackMipInterrupt and stop.is_set():
            answer.user_interrupt = True

    highs.setCallback(hear, None)
    highs.startCallback(EVENT.kCallbackMipImprovingSolution)
    highs.startCallback(EVENT.kCallbackMipInterrupt)


def load_lp(job: Message, loaded: dict[int, Any], _: Send, __: threading.Event) -> Message:
    """Keep a linear program under a key, for many solves that differ in bounds."""
    loaded[job["key"]] = highs = make(job["model"], job["options"])
    if job.get("basis") is not None:
        start_from(highs, *job["basis"])
    return {}


def solve_lp(job: Message, loaded: dict[int, Any], _: Send, __: threading.Event) -> Message:
    """Solve a kept program within new bounds, warm from its last basis."""
    highs = loaded[job["key"]]
    rows, columns = job.get("rows"), job.get("columns")
    if rows is not None:
        highs.changeRowsBounds(len(rows[0]), *rows)
    if columns is not None:
        highs.changeColsBounds(len(columns[0]), *columns)
    if "cost" in job:
        places = np.arange(len(job["cost"]), dtype=np.int32)
        highs.changeColsCost(len(places), places, job["cost"])
    highs.run()
    return lp_answer(highs)


def relax(job: Message, _: dict[int, Any], __: Send, ___: threading.Event) -> Message:
    """Solve one linear program, from a basis where one is given."""
    highs = make(job["model"], job["options"])
    if job.get("from") is not None:
        start_from(highs, *job["from"])
    highs.run()
    return lp_answer(highs) | {"basis": basis_of(highs) if job.get("basis") else None}


def basis_of(highs: Any) -> Any:
    """The last basis as two arrays, columns and rows, from which another solve can go on; None where there is none."""
    basis = highs.getBasis()
    if not basis.valid:
        return None
    return tuple(np.array([int(one) for one in part], dtype=np.int8) for part in (basis.col_status, basis.row_status))


def start_from(highs: Any, columns: Any, rows: Any) -> None:
    """Go on from a basis that `basis_of` gave."""
    kinds = {int(kind): kind for kind in highspy.HighsBasisStatus.__members__.values()}
    basis = highspy.HighsBasis()
    basis.col_status = [kinds[int(one)] for one in columns]
    basis.row_status = [kinds[int(one)] for one in rows]
    if highs.setBasis(basis) != highspy.HighsStatus.kOk:
        raise ValueError("HiGHS does not take the basis")


def lp_answer(highs: Any) -> Message:
    """What came of a linear program: status, solution, duals, and a ray that proves infeasibility."""
    status, solution = highs.getModelStatus(), highs.getSolution()
    ray = None
    if status in (STATUS.kInfeasible, STATUS.kUnboundedOrInfeasible):
        ray = dual_ray(highs)
    return {
        "status": WORDS.get(status, highs.modelStatusToString(status)),
        "value": float(highs.getInfo().objective_function_value),
        "x": np.array(solution.col_value),
        "duals": np.array(solution.row_dual),
        "ray": ray,
        "solver": f"HiGHS {highs.version()}",
    }


def dual_ray(highs: Any) -> Any:
    """A dual ray, solving once more without presolve where the first solve left none."""
    for attempt in range(2):
        answer = highs.getDualRay()
        if len(answer) > 2 and answer[1] and answer[2] is not None:
            return np.array(answer[2])
        if attempt == 0:
            set_option(highs, "presolve", "off")
            set_option(highs, "solver", "simplex")
            highs.run()
    return None


JOBS: dict[str, Callable[[Message, dict[int, Any], Send, threading.Event], Message]] = {
    "mip": solve_mip,
    "relax": relax,
    "load": load_lp,
    "lp": solve_lp,
}

if __name__ == "__main__":
    main()
