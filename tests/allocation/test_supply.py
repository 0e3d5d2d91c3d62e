"""Supply: runs of weeks say exactly whether production and stock can serve demand; a flow says the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rows import widened
from kaopt.allocation.rules import supply
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from tests.allocation.brute import decided, plan_of
from tests.allocation.case import SETTINGS, plain
from tests.allocation.test_rule_rows import broken, rows_of

INF = np.inf


def flows(demand: np.ndarray, made: np.ndarray, fresh: int) -> bool:
    """Whether cases made in week v (0 is opening stock) can serve every week w with v <= w + 1 <= v + fresh."""
    pairs = [(v, w) for w in range(len(demand)) for v in range(len(made)) if 0 <= w + 1 - v <= fresh]
    if not pairs:
        return bool((demand == 0).all())
    serve = np.array([[float(w == t) for _, w in pairs] for t in range(len(demand))])
    limited = [v for v in range(len(made)) if np.isfinite(made[v])]
    take = np.array([[float(u == v) for u, _ in pairs] for v in limited]).reshape(len(limited), len(pairs))
    found = linprog(
        np.zeros(len(pairs)),
        A_eq=serve,
        b_eq=demand,
        A_ub=take if limited else None,
        b_ub=made[limited] if limited else None,
    )
    return bool(found.status == 0)


@dataclass(frozen=True)
class Runs:
    """The rows of runs of weeks in offers alone: demand so far is what the events make it."""

    scopes: tuple[str, ...]
    matrix: np.ndarray
    used_without: np.ndarray
    high: np.ndarray


def runs_of(world: Scenario) -> Runs:
    """Put the rows that define demand so far into those that limit its differences."""
    offers = decided(world)
    rows = supply.rows(world, offers, SETTINGS["supply"]())
    body, count = widened(rows, offers.columns).matrix.toarray(), len(offers)
    defines = np.array(["to_week=" in scope for scope in rows.scopes], dtype=bool)
    events, so_far = body[defines, :count], body[defines, count:]
    limits = body[~defines, count:]
    assert (rows.low[defines] == rows.high[defines]).all() and (body[~defines, :count] == 0).all()
    assert np.allclose(np.linalg.solve(so_far, rows.high[defines]), offers.switches.nothing)
    return Runs(
        tuple(scope for scope in rows.scopes if "to_week=" not in scope),
        -limits @ np.linalg.solve(so_far, events),
        limits @ offers.switches.nothing,
        rows.high[~defines],
    )


def supplied(demand: list[int], made: list[float], fresh: int, opening: int) -> Scenario:
    """A world that sells these cases with no event, with goods that live so many whole weeks."""
    return plain(
        (1, 1, len(demand)),
        base_cases=np.array([[demand]], float),
        capacity=np.array([made], float),
        sku_columns={"shelf_life": 7 * fresh + 3, "opening_cases": float(opening)},
    )


WEEKS = st.integers(1, 6)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_runs_of_weeks_are_as_good_as_the_flow(data: st.DataObject) -> None:
    """Hall's condition over runs of weeks against a linear program over all flows; whole cases, so no rounding."""
    weeks = data.draw(WEEKS)
    demand = data.draw(st.lists(st.integers(0, 9), min_size=weeks, max_size=weeks))
    limits = st.one_of(st.integers(0, 12).map(float), st.just(INF))
    made = data.draw(st.lists(limits, min_size=weeks, max_size=weeks))
    fresh, opening = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 10))
    world = supplied(demand, made, fresh, opening)
    told = broken("supply", world)
    assert (told == ()) == flows(np.array(demand, float), np.array([opening, *made], float), fresh)


@pytest.mark.parametrize(
    ("demand", "made", "fresh", "opening", "expected"),
    [
        ([5, 5], [5, 5], 0, 0, []),
        ([5, 6], [6, 5], 1, 0, []),
        ([5, 6], [6, 5], 0, 0, [("2-2", 6, 5)]),  # made for the week itself only
        ([5, 5], [0, 5], 1, 5, []),  # opening stock is fresh in the first week
        ([5, 5], [0, 5], 0, 5, [("1-1", 5, 0), ("1-2", 10, 5)]),  # too old already
        ([0, 0, 9], [9, 0, 0], 2, 0, []),
        ([0, 0, 9], [9, 0, 0], 1, 0, [("3-3", 9, 0)]),
        ([1, 9, 1], [5, 5, INF], 3, 0, []),
        ([2, 9, 1], [5, 5, INF], 3, 0, [("1-2", 11, 10)]),
    ],
)
def test_runs_by_hand(
    demand: list[int], made: list[float], fresh: int, opening: int, expected: list[tuple[str, float, float]]
) -> None:
    told = broken("supply", supplied(demand, made, fresh, opening))
    assert [(b.scope, b.used, b.limit) for b in told] == [(f"sku=S1 weeks={w}", u, x) for w, u, x in expected]


def test_rows_hold_the_demand_of_all_accounts_and_only_where_it_could_be_short() -> None:
    """Two accounts of 100 a week; an event adds 100. 250 a week made, alive for two weeks: no one week is safe."""
    world = plain((2, 1, 3), capacity=np.full((1, 3), 250.0), sku_columns={"shelf_life": 8})
    rows = runs_of(world)
    assert rows.scopes == tuple(f"sku=S1 weeks={w}" for w in ("1-1", "1-2", "1-3", "2-3"))
    assert rows.used_without.tolist() == [200, 400, 600, 400]
    assert rows.high.tolist() == [250, 500, 750, 750]
    # week 2 alone may use 500, more than its 400 at most; week 3 alone likewise
    assert rows.matrix.round(9).tolist() == [[100, 0, 0] * 2, [100, 100, 0] * 2, [100, 100, 100] * 2, [0, 100, 100] * 2]


def test_nothing_is_scarce_without_a_limit() -> None:
    world = plain((1, 2, 3))
    assert len(rows_of("supply", world)) == 0 and broken("supply", world, (0, 0, 0, 1, 0)) == ()
    open_ended = replace(world, capacity=np.full((2, 3), INF))
    assert len(rows_of("supply", open_ended)) == 0 and broken("supply", open_ended, (0, 0, 0, 1, 0)) == ()
    unsold = replace(world, capacity=np.zeros((2, 3)), listed=np.array([[False, True]]))
    scopes = decided(unsold).switches.scope
    assert scopes and all("sku=S2" in scope for scope in scopes)


@pytest.mark.parametrize(
    ("age", "life", "weeks"), [(1.0, 6, 0), (1.0, 7, 1), (1 / 3, 21, 1), (0.5, 29, 2), (0.7, 10, 1)]
)
def test_freshness_in_whole_weeks(age: float, life: int, weeks: int) -> None:
    """A third of 21 days is a week, though not in floats; what an account does not list does not count."""
    columns = {"acceptance_age": [age, 0.01]}
    world = plain(
        (2, 1, 1), account_columns=columns, sku_columns={"shelf_life": life}, listed=np.array([[True], [False]])
    )
    assert supply.fresh_weeks(world, 0) == weeks


@given(st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_a_row_is_left_out_only_where_no_plan_needs_it(seed: int) -> None:
    """Every plan with one event at a time: it breaks a row if and only if the judge finds a breach."""
    luck = np.random.default_rng(seed)
    world = plain(
        (2, 1, 3),
        base_cases=luck.integers(1, 100, (2, 1, 3)).astype(float),
        capacity=luck.integers(50, 300, (1, 3)).astype(float),
        sku_columns={"shelf_life": int(luck.integers(3, 20)), "opening_cases": float(luck.integers(0, 80))},
        response_columns={"dip": 0.4, "dip_weeks": 1},
    )
    offers = make_offers(world)
    rows = runs_of(world)
    for _ in range(8):
        chosen = luck.integers(0, 2, len(offers))
        over = rows.matrix @ chosen + rows.used_without > rows.high + 1e-6
        told = evaluate(world, plan_of(offers, chosen)).breaches
        assert {b.scope for b in told} == {scope for scope, bad in zip(rows.scopes, over, strict=True) if bad}
    assert evaluate(world, Plan.nothing()).ledger.cases.sum() == world.base_cases.sum()
