"""In which weeks customers order what consumers buy, and what promotions really sell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.demand import live
from kaopt.errors import InputError
from kaopt.fulfilment import luck
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.loops.demand import order
from kaopt.fulfilment.policies.ordering import cover, loaded, orders_expected
from kaopt.fulfilment.state import ledger_of, orders_of
from kaopt.scenario.demand_settings import Demand
from tests import worlds
from tests.fulfilment.helpers import calm, fill, ready, unhurried, years, z_score

LEVEL, PEAK = (0.25, 0.25, 0.25, 0.25), (0.1, 0.1, 0.1, 0.7)
EVENT = worlds.plan((0, 0, 3, 2, 0))


def ordered(world: Any, plan: Any = None, replication: int = 0) -> np.ndarray:
    """[A, T, S] what customers order in one replication."""
    return np.array(orders_of(begin(ready(world, plan), replication)).wanted)


def with_demand(accounts: int = 1, skus: int = 1, weeks: int = 8, **given: Any) -> Any:
    supply = {"warmup_weeks": 0, "demand": Demand(**given.pop("demand"))} | given.pop("supply", {})
    return calm(accounts, skus, weeks, base_cases=np.full((accounts, skus, weeks), 100.0), supply=supply, **given)


# phasing and forward loading -----------------------------------------------------------------------------------------


def test_level_orders_hold_nothing() -> None:
    assert not cover(Demand(), ("A",), range(-3, 9)).any()


def test_a_peak_at_the_end_of_the_month_by_hand() -> None:
    """10/10/10/70 of four weeks' sales: after the weeks .6, 1.2 and 1.8 are missing, so that 1.8 are held before."""
    held = cover(Demand(phasing=PEAK), ("A",), range(8))
    assert held[0] == pytest.approx([1.2, 0.6, 0.0, 1.8] * 2)
    orders = orders_expected(np.full((1, 1, 8), 100.0), held)[0, 0]
    # the first week begins with what its end shall hold; from then on shares of 400
    assert orders == pytest.approx([100, 40, 40, 280, 40, 40, 40, 280])


@given(
    raw=st.lists(st.integers(1, 20), min_size=4, max_size=4),
    start=st.integers(-9, 9),
)
def test_a_months_orders_have_the_shares_that_were_asked_for(raw: list[int], start: int) -> None:
    shares = tuple(one / sum(raw) for one in raw)
    weeks = range(4 * start, 4 * start + 12)
    orders = orders_expected(np.full((1, 1, 12), 50.0), cover(Demand(phasing=shares), ("A",), weeks))
    assert orders[0, 0, 4:8] / 200 == pytest.approx(shares)
    assert orders[0, 0, 8:] == pytest.approx(orders[0, 0, 4:8])


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.25, 0.25, 0.25, 0.2), ()])
def test_phasing_must_be_four_shares_of_a_month(shares: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="phasing"):
        cover(Demand(phasing=shares), ("A",), range(8))


def test_customers_are_loaded_in_turns() -> None:
    """Every second of the accounts that match, at the end of every second period of four weeks."""
    rules = Demand(loading_weeks=2, loading_every=4, loading_turns=2, loading_accounts=("K*",))
    marks = loaded(rules, ("K1", "X", "K2"), np.arange(8))
    assert np.flatnonzero(marks[0]).tolist() == [3]
    assert not marks[1].any()
    assert np.flatnonzero(marks[2]).tolist() == [7]


def test_forward_loading_moves_orders_and_never_sales() -> None:
    """Two weeks of sales more at the end of the month, none in the two weeks after it."""
    world = with_demand(demand={"loading_weeks": 2})
    inputs = ready(world)
    state = begin(inputs, 0)
    assert orders_of(state).wanted[0, :, 0].tolist() == [100, 100, 100, 300, 0, 0, 100, 300]
    shelf = ledger_of(state).shelf[0]
    assert shelf[:, 0].tolist() == [100] * 8
    assert shelf[:, 1].tolist() == [0, 0, 0, 200, 100, 0, 0, 200]


@unhurried
@given(
    sold=st.lists(st.integers(0, 40), min_size=12, max_size=12),
    weeks=st.lists(st.floats(0, 3), min_size=12, max_size=12),
    stale=st.integers(0, 5),
)
def test_every_case_that_comes_is_sold_sent_back_or_held(sold: list[int], weeks: list[float], stale: int) -> None:
    bought = np.array(sold, np.int64).reshape(1, 12, 1)
    base, held = np.full((1, 1, 12), 10.0), np.array([weeks])
    orders, shelf, unsold = bought.copy(), np.zeros((1, 12, 3), np.int64), np.zeros(1, np.int64)
    order(orders, base, held, (stale, 4), (shelf, unsold))
    opening = int(np.floor(held[0, 0] * 10 + 1e-9))
    came, gone = opening + np.cumsum(orders[0, :, 0]), np.cumsum(bought[0, :, 0] + shelf[0, :, 2])
    assert (came - gone == shelf[0, :, 1]).all() and (shelf >= 0).all() and (orders >= 0).all()
    assert (shelf[0, :, 0] == bought[0, :, 0]).all()
    assert unsold[0] == shelf[0, 4:, 2].sum()
    if stale == 0:
        assert not shelf[0, :, 2].any()
        assert (shelf[0, :, 1] >= np.floor(held[0] * 10 + 1e-9)).all()  # at least what shall be held


def test_what_lies_unsold_too_long_is_sent_back() -> None:
    """30 cases are loaded in week 0 and 5 are sold a week: after four weeks 15 are sold and 10 go back."""
    sold = np.array([5, 5, 5, 5, 5, 5], np.int64).reshape(1, 6, 1)
    held = np.array([[5.0, 4.0, 3.0, 2.0, 1.0, 0.0]])
    orders, shelf, unsold = sold.copy(), np.zeros((1, 6, 3), np.int64), np.zeros(1, np.int64)
    order(orders, np.full((1, 1, 6), 5.0), held, (3, 0), (shelf, unsold))
    # opening stock 25, five ordered in week 0: 30 came, 20 are sold by the end of week 3, and what came first goes back
    assert orders[0, :, 0].tolist()[:3] == [5, 0, 0]
    assert shelf[0, :3, 2].tolist() == [0, 0, 0]
    assert shelf[0, 3, 2] == 30 - 20
    assert unsold.tolist() == [shelf[0, :, 2].sum()]


def test_peaks_that_production_does_not_expect_cost_fill() -> None:
    """The same sales, ordered level, at the end of the month unseen, and at the end of the month foreseen."""
    few = {"sku_columns": {"safety_weeks": 0.3, "lot_cover_weeks": 0.2}, "weeks": 16}
    level, peak, foreseen = (
        np.mean([fill(year) for year in years(with_demand(demand=one, **few), 2)])
        for one in ({}, {"phasing": PEAK}, {"phasing": PEAK, "foreseen": True})
    )
    assert level == 1.0
    assert peak < 0.9 < foreseen


# what promotions really sell ----------------------------------------------------------------------------------------


def test_bias_scales_the_uplift_alone() -> None:
    expected = live(with_demand(demand={}), EVENT)
    wanted = ordered(with_demand(demand={"uplift_bias": 0.5}), EVENT)[0, :, 0]
    target = (expected.cases - 0.5 * expected.uplift)[0, 0]
    assert np.abs(wanted - target).max() < 1
    assert expected.uplift[0, 0, 3] > 50


def test_slippage_moves_a_promotion_by_one_week() -> None:
    """Certain slippage: the uplift of weeks 3 and 4 comes in weeks 4 and 5; no case is lost."""
    uplift = live(with_demand(demand={}), EVENT).uplift[0, 0]
    late = ordered(with_demand(demand={"slippage": 1.0}), EVENT)[0, :, 0]
    assert np.abs(late - (100 + np.roll(uplift, 1))).max() < 1
    assert uplift[3] > 50 and np.flatnonzero(uplift).tolist() == [3, 4]


def test_slippage_comes_as_often_as_it_should() -> None:
    world = with_demand(demand={"slippage": 0.3})
    late = [ordered(world, EVENT, r)[0, 3, 0] < 110 for r in range(600)]
    assert abs(z_score(late, 0.3)) <= 4


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, -0.2, 0.2), (0.64, 0.44, 0.8), (1.0, 0.99, 1.0)])
def test_accounts_share_the_markets_part_of_the_error(share: float, least: float, most: float) -> None:
    """Two accounts promote the same SKU in the same week: correlation of ln error = the share."""
    both = worlds.plan((0, 0, 3, 1, 0), (1, 0, 3, 1, 0))
    world = with_demand(2, 1, demand={"uplift_correlation": share}, supply={"uplift_cv": 0.4})
    errors = np.log([ordered(world, both, r)[:, 3, 0] - 100.0 for r in range(400)])
    assert least < np.corrcoef(errors.T)[0, 1] <= most
    assert abs(z_score(np.exp(errors[:, 0]), live(world, both).uplift[0, 0, 3])) <= 4


def test_a_stream_is_the_uniform_of_its_cells() -> None:
    key, who = np.uint64(7), np.uint64(2**63 + 11)
    start = luck.stream(key, who)
    assert [luck.level(start, cell) for cell in (-5, 0, 7)] == [luck.uniform(key, who, cell) for cell in (-5, 0, 7)]
