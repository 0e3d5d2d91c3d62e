"""The solver's process under watch: what hangs, dies, lies or is interrupted costs the best plan so far nothing."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.relax import relax
from kaopt.allocation.solver.exact import broken, feasible, snapped, worth
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, relative_gap, solve
from kaopt.errors import ContradictionError, EnvironmentFault
from kaopt.progress import Progress
from tests.allocation.programs import packing_program, program, try_everything

ANSWER = """
import os, pickle, sys, time
import numpy as np
pickle.load(sys.stdin.buffer)
job = pickle.load(sys.stdin.buffer)
out = os.fdopen(os.dup(1), "wb")
def send(**message):
    pickle.dump(message, out); out.flush()
def improved(*x):
    send(kind="improved", x=np.array(x, dtype=float), objective=0.0, bound=-100.0)
def done(**more):
    send(**dict(dict(kind="done", status="optimal", x=None, objective=None, bound=-4.0, nodes=0, accepted=True,
                     cpu=0.0, solver="a stand-in"), **more))
"""


def stand_in(script: str, **options: float) -> Child:
    """A child that runs this script instead of the solver."""
    return Child(code=ANSWER + script, **options)


def knapsack() -> Program:
    """Values 3, 2, 2 for weights 3, 2, 2 of 4: the best is 4 (the last two)."""
    return program([3.0, 2.0, 2.0], [[3.0, 2.0, 2.0]], high=4.0)


def hard(size: int = 40) -> Program:
    """A market split: no solver proves anything about it in seconds, and plans are easy."""
    rng = np.random.default_rng(1)
    body = rng.integers(1, 100, (6, size)).astype(float)
    half = np.floor(body.sum(axis=1) / 2)
    loose = np.hstack([body, np.eye(6) * 200, -np.eye(6) * 200])
    one = program(np.concatenate([np.zeros(size), -np.ones(12)]), loose, low=half, high=half)
    return replace(one, high=np.concatenate([np.ones(size), np.full(12, 60.0)]), integer=np.arange(size + 12) < size)


def test_a_child_that_hangs_is_ended_and_the_best_is_kept() -> None:
    saved: list[list[float]] = []
    with stand_in("improved(1, 0, 0); improved(0, 1, 1); improved(0, 0, 1); time.sleep(600)", grace=0.3) as child:
        found = solve(knapsack(), Limits(seconds=0.2), child=child, save=lambda x: saved.append(x.tolist()))
        assert not child.running
    assert (found.status, found.objective, found.x.tolist()) == ("stopped", 4.0, [0.0, 1.0, 1.0])
    assert saved == [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    assert "overran" in found.detail


@pytest.mark.parametrize("script", ["os._exit(9)", "os.kill(os.getpid(), 11)", "sys.stderr.write('oh no'); 1 / 0"])
def test_a_child_that_dies_leaves_the_best(script: str) -> None:
    with stand_in(f"improved(1, 0, 0); {script}") as child:
        found = solve(knapsack(), Limits(seconds=20), child=child)
    assert (found.status, found.objective) == ("stopped", 3.0)
    assert "ended with code" in found.detail
    assert "oh no" in found.detail or "oh no" not in script


def test_a_child_that_dies_is_started_again() -> None:
    with Child() as child:
        assert solve(knapsack(), Limits(), child=child).objective == 4.0
        first = child.pid
        os.kill(first, signal.SIGKILL)
        time.sleep(0.2)
        assert solve(knapsack(), Limits(), child=child).objective == 4.0
        assert child.pid != first
        assert child.cpu > 0


def test_no_memory_is_said_in_words() -> None:
    with Child(memory_gb=0.05) as child:
        found = solve(packing_program(1, blocks=30, weeks=40), Limits(seconds=30), child=child)
    assert found.status == "stopped"
    assert found.x is None
    assert found.detail


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("done(status='infeasible')", "claims that no plan exists"),
        ("done(status='infeasible_or_unbounded')", "claims that no plan exists"),
        ("done(x=np.array([1.0, 0, 0]), bound=-3.5)", "nothing exceeds 3.5"),
        ("done(accepted=False)", "refused the plan to start from"),
        ("done(status='unbounded')", "cannot be"),
        ("done(status='Solve error')", "cannot be"),
    ],
)
def test_a_solver_that_contradicts_itself(script: str, words: str) -> None:
    with stand_in(script) as child, pytest.raises(ContradictionError, match=words):
        solve(knapsack(), Limits(), start=np.array([0.0, 1.0, 1.0]), child=child)


def test_a_plan_that_breaks_a_row_is_never_taken() -> None:
    with stand_in("improved(1, 1, 1); done(x=np.array([1.0, 1, 1]), bound=-7.0)") as child:
        found = solve(knapsack(), Limits(), child=child)
    assert found.x is None
    assert found.status == "stopped"
    assert "breaks a row" in found.detail


def test_an_optimum_without_a_plan_is_no_answer() -> None:
    with stand_in("done()") as child, pytest.raises(ContradictionError, match="shows none"):
        solve(knapsack(), Limits(), child=child)


def test_a_start_that_breaks_a_row_is_refused() -> None:
    with pytest.raises(ContradictionError, match="start from breaks a row"):
        solve(knapsack(), Limits(), start=np.ones(3))


@pytest.mark.parametrize(
    "options", [{"nonsense": 1}, {"threads": "two"}, {"mip_rel_gap": -1.0}, {"presolve": "maybe"}, {"threads": 1.5}]
)
def test_options_that_the_solver_does_not_take(options: dict[str, object]) -> None:
    with pytest.raises(EnvironmentFault, match=next(iter(options))):
        solve(knapsack(), Limits(options=options))


def test_the_time_limit_keeps_the_best() -> None:
    heard: list[Progress] = []
    found = solve(gate(hard()).program, Limits(seconds=2.5, gap=0.0), listener=heard.append)
    assert found.status == "stopped"
    assert found.x is not None
    assert found.objective == worth(gate(hard()).program, found.x)
    assert found.claimed_bound >= found.objective
    assert found.seconds > 1.0
    best = [event.best for event in heard if event.best is not None]
    assert best == sorted(best)
    assert best[-1] <= found.objective


def test_ctrl_c_keeps_the_best() -> None:
    timer = threading.Timer(1.5, _thread.interrupt_main)
    timer.start()
    with Child() as child:
        found = solve(gate(hard()).program, Limits(seconds=60, gap=0.0), child=child)
        assert not child.running
    timer.join()
    assert found.status == "interrupted"
    assert found.x is not None


def test_ctrl_c_while_an_improvement_is_saved() -> None:
    def save(x: np.ndarray) -> None:
        raise KeyboardInterrupt

    with stand_in("improved(1, 0, 0); time.sleep(600)") as child:
        found = solve(knapsack(), Limits(), child=child, save=save)
    assert (found.status, found.objective) == ("interrupted", 3.0)


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time, threading\n"
        "from kaopt.allocation.solver.process import Child\n"
        "from kaopt.allocation.solver.solve import Limits, solve\n"
        "from tests.allocation.test_solve import hard\n"
        "from kaopt.allocation.search.gate import gate\n"
        "child = Child()\n"
        "def tell():\n"
        "    while not child.running: time.sleep(0.05)\n"
        "    print(child.pid, flush=True)\n"
        "threading.Thread(target=tell).start()\n"
        "solve(gate(hard()).program, Limits(seconds=120, gap=0.0), child=child)\n"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        time.sleep(0.5)
        parent.kill()
    for _ in range(50):
        if not alive(pid):
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} lives on")


def alive(pid: int) -> bool:
    """True for a process that runs (a zombie does not)."""
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_the_same_answer_twice() -> None:
    one = gate(packing_program(7, blocks=8, weeks=10)).program
    first, second = (solve(one, Limits(gap=0.01)) for _ in range(2))
    assert first.x is not None
    assert second.x is not None
    assert first.x.tobytes() == second.x.tobytes()
    assert first.claimed_bound == second.claimed_bound


def test_a_target_is_enough() -> None:
    one = gate(packing_program(7, blocks=8, weeks=10)).program
    best = solve(one, Limits(gap=1e-9))
    enough = solve(one, Limits(gap=0.0, target=0.8 * best.objective))
    assert 0.8 * best.objective <= enough.objective <= best.objective


def test_relaxation_duals_price_the_rows() -> None:
    """A plain knapsack: the row's price is the value per weight of the item that does not fit whole."""
    one = program([6.0, 5.0, 3.0], [[2.0, 2.0, 2.0]], high=3.0)
    found = relax(one, Limits())
    assert found.status == "optimal"
    assert found.value == pytest.approx(8.5)
    assert found.x == pytest.approx([1.0, 0.5, 0.0])
    assert found.duals == pytest.approx([2.5])
    assert found.reduced_costs == pytest.approx([1.0, 0.0, -2.0])
    assert relax(program([1.0], [[1.0]], low=2.0), Limits()).status == "infeasible"


def test_exact_checks() -> None:
    """0.1 ten times is 0.9999… in floating point and 1 when added exactly: both sides of a limit of 1 accept it."""
    tenth = program(np.ones(10), np.full((2, 10), 0.1), low=[1.0, -np.inf], high=[np.inf, 1.0])
    assert len(broken(tenth, np.ones(10))) == 0
    tight = replace(tenth, row_high=np.array([np.inf, 1.0 - 1e-8]))
    assert broken(tight, np.ones(10)).tolist() == [1]
    assert snapped(tenth, np.full(10, 0.5)) is None
    assert snapped(tenth, np.full(10, 1 - 1e-7)).tolist() == [1.0] * 10
    assert snapped(tenth, np.full(10, 1.5)) is None
    assert snapped(tenth, np.full(10, np.nan)) is None
    assert feasible(tenth, None) is None
    assert worth(replace(tenth, offset=2.0), np.ones(10)) == 12.0


def test_checks_agree_with_everything_tried() -> None:
    one = packing_program(5, blocks=2, weeks=3, kinds=2)
    best, x = try_everything(one)
    held = feasible(gate(one).program, x)
    assert held is not None
    assert worth(one, held) == pytest.approx(best)


def test_gaps() -> None:
    assert relative_gap(110.0, 100.0) == pytest.approx(0.1)
    assert relative_gap(-90.0, -100.0) == pytest.approx(0.1)
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(1.0, 0.0) == np.inf
    assert relative_gap(99.0, 100.0) == 0.0
