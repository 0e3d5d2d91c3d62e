"""Cases by account, SKU and week: the same cases as in every other result, and nothing counted where nobody asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment import weekly
from kaopt.fulfilment.fields import MISSED
from kaopt.fulfilment.replicate import count_block, live_block
from kaopt.fulfilment.simulate import simulate
from kaopt.fulfilment.weekly import Tally, summed, together
from kaopt.fulfilment.world import live_through
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.service import FINE_CAUSES, ByWeek, Service
from tests.fulfilment.helpers import calm, exactly, ready

C = len(FINE_CAUSES)


def short() -> Scenario:
    """Two accounts and three SKUs; pickers are slow, a driver in three is late, some paper is wrong."""
    supply = {"pick_crews": 1, "pick_rate": 9.0, "unfamiliar": 0.3, "unfamiliar_minutes": 300, "trip_cv": 0.3}
    return calm(2, 3, 8, supply=supply, account_columns={"mismatch": 0.1}, sku_columns={"demand_cv": 0.3})


def cube(found: ByWeek) -> np.ndarray:
    """[A, W, S, C] cases lost."""
    whole = np.zeros((*found.ordered.shape, C))
    whole.ravel()[found.cell] = found.lost
    return whole


def lived(world: Scenario, years: int = 3) -> Service:
    supply = world.supply.model_copy(update={"replications": exactly(years)})
    return simulate(replace(world, supply=supply), Plan.nothing())


@pytest.fixture(scope="module")
def done() -> Service:
    return lived(short())


def test_the_table_holds_the_cases_of_all_other_results(done: Service) -> None:
    found = done.by_week
    assert found is not None and found.ordered.shape == (2, 8, 3)
    lost = cube(found)
    assert lost.sum() > 0 and (lost <= found.ordered[..., None] + 1e-9).all() and (found.lost > 0).all()
    assert found.ordered.sum(axis=2) == pytest.approx(done.ordered_cases.mean(axis=0))
    accepted = found.ordered.sum(axis=2) - lost.sum(axis=(2, 3))
    assert accepted == pytest.approx(done.accepted_cases.mean(axis=0))
    assert lost.sum(axis=1) == pytest.approx(done.lost_cases_by_sku)
    assert done.ordered_cases_by_sku is not None
    assert found.ordered.sum(axis=1) == pytest.approx(done.ordered_cases_by_sku)


def test_value_by_week_and_cause_is_the_same_cases_at_their_price(done: Service) -> None:
    assert done.by_week is not None
    value = np.einsum("awsc,as->awc", cube(done.by_week), short().net_per_case)
    assert value == pytest.approx(done.lost_value.mean(axis=0))


def test_accounts_are_one_row_where_cells_would_be_too_many(monkeypatch: pytest.MonkeyPatch, done: Service) -> None:
    monkeypatch.setattr(weekly, "MOST", 2 * 8 * 3 - 1)
    small, whole = lived(short()).by_week, done.by_week
    assert small is not None and whole is not None
    assert small.ordered == pytest.approx(whole.ordered.sum(axis=0, keepdims=True))
    assert cube(small) == pytest.approx(cube(whole).sum(axis=0, keepdims=True))
    monkeypatch.setattr(weekly, "MOST", 2 * 8 * 3)
    again = lived(short()).by_week
    assert again is not None and again.ordered.shape[0] == 2


def test_nothing_is_counted_where_nobody_asks_and_asking_changes_nothing() -> None:
    inputs = ready(short())
    plain, asked = (live_through(one, 0) for one in (inputs, replace(inputs, by_week=True)))
    assert plain.ledger.weekly.shape[0] == 0 == plain.counters[MISSED] < asked.counters[MISSED]
    for name in plain.ledger._fields:
        if name not in ("weekly", "missed"):
            assert np.array_equal(getattr(plain.ledger, name), getattr(asked.ledger, name)), name


def test_blocks_add_up_whatever_their_size() -> None:
    inputs = replace(ready(short()), by_week=True)
    parts = [count_block(inputs, range(n, n + 1)) for n in range(3)]
    years, sums = count_block(inputs, range(3))
    added = together(together(parts[0][1], parts[1][1]), parts[2][1])
    assert all(np.array_equal(getattr(sums, name), getattr(added, name)) for name in ("ordered", "cell", "lost"))
    plain = live_block(inputs, range(3))
    assert [one.fill for one in years] == [one.fill for one in plain] == [one.fill for part in parts for one in part[0]]


def test_sums_by_hand() -> None:
    ordered: Any = np.array([[[5, 0]]])
    one = Tally(ordered, *summed(np.array([7, 2, 7]), np.array([1, 4, 2])))
    both = together(one, Tally(ordered, np.array([2, 3]), np.array([10, 20])))
    assert one.cell.tolist() == [2, 7] and one.lost.tolist() == [4, 3]
    assert both.cell.tolist() == [2, 3, 7] and both.lost.tolist() == [14, 20, 3]
    assert both.ordered.tolist() == [[[10, 0]]]
    mean = weekly.by_week(both, 4)
    assert mean.lost.tolist() == [3.5, 5.0, 0.75] and mean.ordered.tolist() == [[[2.5, 0]]]
