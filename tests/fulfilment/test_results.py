"""What a simulation hands on beyond fill: ages by hand, what failed first, what came home, every fill definition."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from kaopt.fulfilment.profiles import AGE_BINS, of_life, past
from kaopt.fulfilment.replicate import live_block
from kaopt.fulfilment.simulate import service_of
from kaopt.scenario.model import Scenario
from kaopt.scorecard.reconciliation import LEVELS, reconcile
from kaopt.service import Service
from tests.fulfilment.helpers import calm, live, ready
from tests.fulfilment.test_simulate import rough, service
from tests.fulfilment.test_year import flat

EVERYBODY = np.arange(3)
# case-nights a week by age in days, and cases delivered a week by age; see `test_a_calm_year_is_the_hand_calculation`
NIGHTS = {5: 30, 6: 30, 7: 30, 8: 30, 9: 25, 10: 25, 11: 15, 12: 15, 13: 15, 14: 5, 15: 5}
MET = {9: 5, 11: 10, 14: 10, 16: 5}


def aged() -> Scenario:
    """The calm year with a life of 100 days, so that a bin is five days."""
    skus = {"lot_cover_weeks": 0.01, "shelf_life": 100}
    return flat(sku_columns=skus, supply={"gate": False, "position": "all"}, account_columns={"acceptance_age": 0.5})


def once(world: Scenario) -> Service:
    inputs = ready(world)
    return service_of(inputs, live_block(inputs, range(1)))


def in_bins(by_age: dict[int, int], weeks: int = 8) -> list[int]:
    found = np.zeros(AGE_BINS + 1, dtype=int)
    for age, cases in by_age.items():
        found[age // 5] += weeks * cases
    return found.tolist()


def test_the_age_profiles_of_a_calm_year_are_the_hand_calculation() -> None:
    done = once(aged())
    assert done.ages is not None
    assert done.ages.stock[0].tolist() == in_bins(NIGHTS)
    assert done.ages.met[0, 0].tolist() == in_bins(MET)
    assert done.ages.past_limit[0, 0].tolist() == [0, 8 * 225]


@pytest.mark.parametrize("limit", [0, 7, 12, 15, 99])
def test_stock_past_a_limit_by_hand(limit: int) -> None:
    dwell = live(aged()).ledger.dwell
    old = sum(8 * cases for age, cases in NIGHTS.items() if age > limit)
    assert past(dwell, np.array([[limit]]), np.array([[True]])).tolist() == [[old, 8 * 225]]
    assert past(dwell, np.array([[limit]]), np.array([[False]])).tolist() == [[0, 0]]


def test_goods_on_the_border_of_a_bin_belong_to_the_older_one_whatever_their_life() -> None:
    """Age a of life l is in bin floor(20 a / l), in exact arithmetic; what is past its life is in the last."""
    for life in (1, 7, 30, 60, 90, 270, 365, 2500):
        dwell = np.ones((1, 2002), dtype=np.int64)
        expected = np.bincount([min(20 * age // life, 20) for age in range(2002)], minlength=21)
        assert of_life(dwell, np.array([life])).tolist() == expected.tolist()


def test_the_profiles_are_those_of_the_books() -> None:
    """Case-nights of the profile are the stock that was counted; what met an inspector was accepted or refused."""
    year = live(rough())
    assert np.array_equal(year.ledger.dwell.sum(axis=1), year.goods.days[0].sum(axis=0))
    ages = np.arange(year.ledger.dwell.shape[1])
    assert np.array_equal(year.ledger.dwell @ ages, year.goods.days[1].sum(axis=0))
    refused = year.ledger.lost[:, :, [5, 6]].sum() + year.ledger.cases[:, :, 1].sum()
    assert refused <= year.ledger.met.sum() <= year.ledger.cases[:, :, 0].sum()


def test_what_is_refused_for_paper_comes_home_every_time() -> None:
    """24 orders of 10 cases at 50, all refused: 240 cases came home; damaged ones do not."""
    done = once(flat(account_columns={"mismatch": 1.0}))
    assert done.returned_cases is not None and done.returned_value is not None
    assert done.returned_cases.tolist() == [[240]] and done.returned_value.tolist() == [[12_000]]
    broken = once(flat(supply={"damage": 1.0}))
    assert broken.returned_cases is not None and broken.returned_cases.sum() == 0


def test_every_failed_line_and_order_is_blamed_once() -> None:
    for replication in range(3):
        ledger = live(rough(), None, replication).ledger
        counts, blamed = ledger.counts, ledger.blamed.sum(axis=2)
        assert np.array_equal(blamed[:, 0], counts[:, 0] - counts[:, 1])
        assert np.array_equal(blamed[:, 1], counts[:, 2] - counts[:, 3])
        assert np.array_equal(blamed[:, 2], counts[:, 2] - counts[:, 4])


def test_fills_by_hand() -> None:
    """Two SKUs of 30 cases a week; the one of 100 is never made, the one of 50 always arrives.

    No order is full, half of the lines and of the cases are, and a third of the value: 1500 of 4500.
    """
    skus = {"safety_weeks": [0.5, -5.0], "list_price": [50.0, 100.0]}
    found = reconcile(once(calm(1, 2, 8, base_cases=np.full((1, 2, 8), 30.0), sku_columns=skus)), np.array([0]))
    assert found is not None
    assert found.promised == pytest.approx([0, 0, 1 / 2, 1 / 2, 1 / 3])
    assert found.failed[:, 0] == pytest.approx([1, 1, 1 / 2, 1 / 2, 2 / 3]) and found.failed[:, 1:].sum() == 0
    assert found.steps[:, 0] == pytest.approx([0, 1 / 2, 0, -1 / 6])


def test_the_reconciliation_adds_up() -> None:
    """Levels from the causes are the fills from the counts; steps lead from the first level to the last."""
    done = service(rough(), 3)
    found = reconcile(done, EVERYBODY)
    assert found is not None
    orders, lines = done.orders.sum(axis=(0, 1)), done.lines.sum(axis=(0, 1))
    cases, value = done.accepted_cases.sum() / done.ordered_cases.sum(), done.accepted_value / 1
    counted = [orders[2] / orders[0], orders[1] / orders[0], lines[1] / lines[0], cases]
    assert found.promised == pytest.approx([*counted, value.sum() / done.ordered_value.sum()], abs=1e-12)
    assert found.promised[0] + found.steps.sum() == pytest.approx(found.promised[-1], abs=1e-12)
    assert found.failed[0] - found.steps.sum(axis=0) == pytest.approx(found.failed[-1], abs=1e-12)
    assert len(LEVELS) == len(found.failed) and np.array_equal(found.requested, found.promised)


def test_a_year_of_service_stays_small() -> None:
    """What a worker sends back of one year: a few thousand numbers, not lines or lots."""
    world = rough(52)
    assert len(pickle.dumps(service(world, 2))) < 120_000
