"""A plan that is there already: what stands beside its events, and whether a search may start from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from kaopt.allocation import allocate as verb
from kaopt.allocation.allocate import allocate, at_hand, gated_of
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import Problem, plan_of, problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.settle import fills_single_rows, remaining, settle
from kaopt.allocation.solver.exact import worth
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.settings import Solve
from tests.allocation.case import closed, line, plain
from tests.allocation.cases_money import fee
from tests.allocation.programs import program
from tests.worlds import plan

INF = np.inf
SHAPE = (1, 2, 3)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def beside(seed: int) -> Program:
    """Three events; then two switches and a column up to 2 that rows tie to them and to each other."""
    luck = np.random.default_rng(seed)
    body = luck.integers(-2, 3, (4, 6)).astype(float)
    high = luck.integers(0, 4, 4).astype(float)
    low = np.where(luck.random(4) < 0.3, high - 2, -INF)
    return program(luck.normal(0, 4, 6).round(2), body, low=low, high=high, upper=[1, 1, 1, 1, 1, 2])


def best_beside(one: Program, events: tuple[int, ...]) -> float:
    """The most that any columns beside these events are worth, by trying them all; -inf where none fit."""
    body, found = one.matrix.toarray(), -INF
    for more in product((0, 1), (0, 1), (0, 1, 2)):
        x = np.array([*events, *more], dtype=float)
        if np.all((body @ x <= one.row_high + 1e-9) & (body @ x >= one.row_low - 1e-9)):
            found = max(found, float(one.cost @ x))
    return found


# columns beside the events


def test_settled_columns_are_the_best_by_enumeration(child: Child) -> None:
    """Whatever stood beside the events before, and though the solver sees the small program only."""
    settled = none = 0
    for seed in range(12):
        one = beside(seed)
        for events in ((0, 0, 0), (1, 0, 1), (1, 1, 1)):
            truth = best_beside(one, events)
            found = settle(one, np.array([*events, 1.0, 0.0, 2.0]), 3, child)
            if found is None:
                none += 1
                assert truth == -INF
            else:
                settled += 1
                assert found[:3].tolist() == list(events)
                assert worth(one, found) == pytest.approx(truth, abs=1e-5 * (1 + abs(truth)))
    assert settled >= 12 and none >= 5


def test_what_single_rows_miss_needs_no_solver() -> None:
    """Three cases asked for, an event brings 2 and another 4; a column each for what is missing and over.

    The solver's process is not even there to be asked.
    """
    one = program([5.0, 6.0, -1.0, -1.0], [[2, 4, 1, -1]], low=3.0, high=3.0, upper=[1, 1, INF, INF])
    one = replace(one, integer=np.array([True, True, False, False]))
    nobody: Any = None
    cases = {(0, 0): (3, 0, -3.0), (1, 0): (1, 0, 4.0), (0, 1): (0, 1, 5.0), (1, 1): (0, 3, 8.0)}
    for events, (short, over, value) in cases.items():
        found = settle(one, np.array([*events, 7.0, 7.0]), 2, nobody)
        assert found is not None
        assert found.tolist() == [*events, short, over]
        assert worth(one, found) == pytest.approx(value)


def test_events_nearly_whole_are_taken_as_whole(child: Child) -> None:
    """0.9999999 of an event opens the whole fee: 5 - 2."""
    one = program([5.0, -2.0], [[1, -1]], high=0.0)
    found = settle(one, np.array([0.9999999, 0.0]), 1, child)
    assert found is not None
    assert found.tolist() == [1.0, 1.0]


def test_events_that_break_a_row_of_their_own_are_refused(child: Child) -> None:
    """Both events in one week: no switch can help; nor may the fee be opened where it is shut."""
    one = program([5.0, 5.0, -2.0], [[1, 1, 0], [1, 1, -2]], high=[1.0, 0.0])
    assert settle(one, np.array([1.0, 1.0, 1.0]), 2, child) is None
    assert settle(one, np.array([1.0, 0.0, 0.0]), 2, child) is not None
    shut = replace(one, high=np.array([1.0, 1.0, 0.0]))
    assert settle(shut, np.array([1.0, 0.0, 1.0]), 2, child) is None


def test_when_arithmetic_is_enough() -> None:
    """Two events, two columns beside: continuous and alone in their rows; whole; in two rows; and none at all."""
    one = program([0.0] * 4, [[1, 1, 1, 0], [1, 0, 0, 1]])
    soft = replace(one, integer=np.array([True, True, False, False]))
    assert fills_single_rows(soft, 2)
    assert not fills_single_rows(one, 2)
    assert not fills_single_rows(replace(soft, matrix=sp.csr_matrix([[1.0, 1, 1, 0], [1, 0, 1, 1]])), 2)
    assert fills_single_rows(one, 4)


def test_the_remaining_program_by_hand() -> None:
    """x0 = 1, x1 = 0: 3 of at most 5 are used in the first row; the second has no column left, the third all."""
    one = program([9.0, 8, 7, 6], [[3, 4, 1, 0], [1, 1, 0, 0], [0, 0, 2, 1]], low=[-INF, 0, 1], high=[5, 1, 2])
    small = remaining(one, np.array([1.0, 0, 1, 1]), np.array([2, 3]))
    assert small.cost.tolist() == [7, 6]
    assert small.offset == 9  # what is fixed is worth
    assert small.matrix.toarray().tolist() == [[1, 0], [2, 1]]
    assert (small.row_low.tolist(), small.row_high.tolist()) == ([-INF, 1], [2, 2])


# the scenario's own plan


def own(*events: tuple[int, ...]) -> tuple[Lock, ...]:
    """The scenario's plan: one week of `show` at account 0 for (SKU, week)."""
    return tuple(Lock(0, sku, week, 1, 0, "given") for sku, week in events)


def handed(world: Scenario, child: Child) -> tuple[Floats | None, Problem, Program]:
    """What the search would start from."""
    problem = problem_of(world)
    one = gated_of(world, problem, RULES).program
    return at_hand(world, problem, one, child), problem, one


def test_the_plan_of_a_scenario_is_what_a_search_starts_from(child: Child) -> None:
    """Three events of 2 000 each, one of them in a week of its own."""
    x, problem, one = handed(plain(SHAPE, given=own((0, 0), (1, 0), (1, 2))), child)
    assert x is not None
    chosen = plan_of(problem.offers, x)
    assert list(zip(chosen.sku.tolist(), chosen.week.tolist(), strict=True)) == [(0, 0), (1, 0), (1, 2)]
    assert worth(one, x) == pytest.approx(6000.0)


def test_without_a_plan_there_is_nothing_at_hand(child: Child) -> None:
    assert handed(plain(SHAPE), child)[0] is None


@pytest.mark.parametrize("amount", [700.0, 2500.0])
def test_fees_that_the_plan_opens_are_paid(amount: float, child: Child) -> None:
    """Two events bring 4 000; the fee of the year is due once, even where another plan would be worth more."""
    here = plain(SHAPE, given=own((0, 0), (1, 2)), fees=(fee(SHAPE, amount),))
    x, problem, one = handed(here, child)
    assert x is not None
    assert worth(one, x) == pytest.approx(4000.0 - amount)
    judged = evaluate(here, plan_of(problem.offers, x))
    assert not judged.breaches
    assert judged.objective == pytest.approx(worth(one, x))


def test_a_plan_over_its_budget_is_no_start(child: Child) -> None:
    """Each event spends 500: two are within 1 000, three are not; nor is one where two must be paid for."""
    def under(low: float, high: float, *events: tuple[int, int]) -> bool:
        here = plain(SHAPE, given=own(*events), budget=(line(SHAPE, low=low, high=high),))
        return handed(here, child)[0] is not None

    assert under(0, 1000, (0, 0), (1, 1))
    assert not under(0, 1000, (0, 0), (1, 1), (1, 2))
    assert not under(1000, INF, (0, 0))
    assert under(1000, INF, (0, 0), (0, 1))


@pytest.mark.parametrize(
    "given",
    [
        {"eligible": closed(SHAPE, 1)},
        {"locks": (Lock(0, 1, 1, 1, 0, "forbidden"),)},
        {"listed": np.array([[True, False]])},
    ],
    ids=["closed", "forbidden", "not listed"],
)
def test_an_event_that_cannot_be_chosen_any_more_spoils_the_plan(given: dict[str, Any], child: Child) -> None:
    """The rest alone would keep every rule; it is not the scenario's plan, so nothing is at hand."""
    whole, rest = own((0, 0), (1, 1)), own((0, 0))
    assert handed(plain(SHAPE, given=whole), child)[0] is not None
    assert handed(plain(SHAPE, given=whole, **given), child)[0] is None
    assert handed(plain(SHAPE, given=rest, **given), child)[0] is not None


def test_a_length_that_is_not_offered_spoils_the_plan(child: Child) -> None:
    """Two weeks of `show` where it runs one."""
    assert handed(plain(SHAPE, given=(Lock(0, 0, 0, 2, 0, "given"),)), child)[0] is None


def test_what_is_signed_must_be_in_the_plan(child: Child) -> None:
    """The signed event stands: a plan without it is no start, one with it is."""
    signed = {"locks": (Lock(0, 0, 1, 1, 0, "committed"),)}
    assert handed(plain(SHAPE, given=own((1, 0)), **signed), child)[0] is None
    x, problem, _ = handed(plain(SHAPE, given=own((0, 1), (1, 0)), **signed), child)
    assert x is not None
    assert len(plan_of(problem.offers, x)) == 2


def test_the_verb_hands_the_plan_to_its_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search is given the plan of two events in a budget for two, and ends at the same worth: 4 000."""
    true_search, starts = verb.search, []

    def spy(one: Program, aim: Aim, child: Child) -> Search:
        starts.append(None if aim.start is None else worth(one, aim.start))
        return true_search(one, aim, child)

    monkeypatch.setattr(verb, "search", spy)
    here = plain(SHAPE, budget=(line(SHAPE, high=1000.0),), solve=Solve(gap=1e-7, time_limit=30.0))
    for given in (own((0, 1), (1, 2)), own((0, 1)), own((0, 1), (1, 2), (1, 0))):
        found = allocate(replace(here, given=given))
        assert found.certificate is not None
        assert found.certificate.objective == pytest.approx(4000.0)
    assert starts[2] is None
    assert starts[:2] == [pytest.approx(4000.0), pytest.approx(2000.0)]


def test_a_start_is_kept_where_nothing_better_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that does not get to work returns the plan at hand, as judged: 2 000 of the 12 000 to be had."""
    monkeypatch.setattr("kaopt.allocation.search.search.run", lambda found: None)
    found = allocate(plain(SHAPE, given=own((1, 2))))
    assert found.certificate is not None
    assert found.certificate.objective == pytest.approx(2000.0)
    same = plan((0, 1, 2, 1, 0))
    assert (found.sku.tolist(), found.week.tolist()) == (same.sku.tolist(), same.week.tolist())
