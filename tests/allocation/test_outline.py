"""The outline of a year against the relaxation solved from nothing, on planning days with much and little settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kaopt.allocation.plans.bench import bench_of, with_row
from kaopt.allocation.plans.fences import months, year_today
from kaopt.allocation.plans.outline import outlined, worthwhile
from kaopt.allocation.problem import problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.search.relax import relax
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import NoPlanError
from kaopt.scenario.settings import Rolling
from tests.allocation.explain.test_prices import rich

LIMITS = Limits(seconds=20.0)


@pytest.fixture(scope="module")
def bench():
    here = replace(rich(budget=3000.0), planned_on=date(2026, 12, 7), rolling=Rolling(every=2, ahead=6))
    with Child() as child:
        yield bench_of(here, problem_of(here), RULES, child, lambda _: None)


@pytest.fixture(scope="module")
def root(bench):
    return relax(bench.program, LIMITS, child=bench.child)


def test_with_nothing_settled_it_is_the_relaxation_of_the_year(bench, root) -> None:
    found = outlined(bench, bench.program, root, 20.0)
    assert float(bench.program.cost @ found) == pytest.approx(root.value - bench.program.offset)


@pytest.mark.parametrize("month", range(4))
@pytest.mark.parametrize("warm", [True, False])
def test_with_some_settled_it_is_as_good_as_solved_from_nothing(bench, root, month: int, warm: bool) -> None:
    """What stood before: a part of the relaxation's events, as the months before would have left them."""
    before = (root.x[: bench.problem.offers.columns] > 0.999).astype(float)
    today = year_today(bench, months(bench.world, bench.problem)[month], before)
    x = outlined(bench, today.program, root if warm else replace(root, basis=None), 20.0)
    best = relax(today.program, LIMITS, child=bench.child)
    assert float(today.program.cost @ x) == pytest.approx(best.value - today.program.offset, rel=1e-6)
    used = today.program.matrix @ x
    assert (used >= today.program.row_low - 1e-6).all() and (used <= today.program.row_high + 1e-6).all()
    assert (x >= today.program.low).all() and (x <= today.program.high).all()


def test_where_the_best_offers_cannot_keep_a_row_all_are_asked(bench, root, monkeypatch) -> None:
    """A row wants an offer that the year's prices would never look at (of few offers they look at all: not here)."""
    fits = bench.program.high[: len(bench.problem.offers)] == 1
    worst = int(np.argmin(np.where(fits, root.reduced_costs[: len(fits)], np.inf)))
    monkeypatch.setattr("kaopt.allocation.plans.outline.in_question", lambda *_: np.flatnonzero(root.x > 0))
    entries = np.zeros(bench.program.matrix.shape[1])
    entries[worst] = 1.0
    must = with_row(bench.program, "must", entries, low=1.0)
    assert outlined(replace(bench, program=must), must, root, 20.0)[worst] == pytest.approx(1.0)


def test_minima_that_nothing_can_reach_give_way_as_little_as_can_be(bench, root) -> None:
    """An event is asked for twice: it is outlined once, and every other row is kept."""
    entries = np.zeros(bench.program.matrix.shape[1])
    best = int(np.argmax(root.x[: len(bench.problem.offers)]))
    entries[best] = 1.0
    program = with_row(bench.program, "two of one", entries, low=2.0)
    x = outlined(bench, program, root, 20.0)
    assert x[best] == pytest.approx(1.0) and len(x) == len(entries)
    assert (bench.program.matrix @ x <= bench.program.row_high + 1e-6).all()


def test_settled_and_basic_columns_are_always_looked_at(bench, root) -> None:
    low = bench.program.low.copy()
    worst = int(np.argmin(root.reduced_costs[: len(bench.problem.offers)]))
    low[worst] = 1.0
    columns = worthwhile(bench, replace(bench.program, low=low), root)
    assert worst in columns and set(np.flatnonzero(root.basis[0] == 1)) <= set(columns.tolist())


def test_no_time_is_told() -> None:
    here = replace(rich(), rolling=Rolling())
    with Child() as child:
        other = bench_of(here, problem_of(here), RULES, child, lambda _: None)
        root = relax(other.program, LIMITS, child=child)
        stopped = replace(other, child=Halted())
        with pytest.raises(NoPlanError, match="outline"):
            outlined(stopped, other.program, root, 0.0)


class Halted:
    """A helper whose solver stops at once."""

    cpu = 0.0

    def ask(self, job, *, limit):
        none = np.zeros(0)
        return {"status": "time_limit", "duals": none, "x": none, "value": 0.0, "ray": None, "solver": "HiGHS"}
