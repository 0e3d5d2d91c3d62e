"""Shapley adds up exactly, agrees with hand-made games and with a world in which late trucks age the goods."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt import api
from kaopt.causes.attribute import Causes, attribute, between
from kaopt.causes.show import as_dict, text_of
from kaopt.causes.spare import SPARABLE, spare
from kaopt.fulfilment.world import live_through
from kaopt.plan import Plan
from kaopt.service import CAUSES, FINE_CAUSES
from kaopt.statistics.interval import paired
from tests.fulfilment.helpers import fill, lost, ready, unhurried
from tests.fulfilment.test_simulate import rough
from tests.fulfilment.test_year import flat


def game(values: np.ndarray) -> Causes:
    """A made-up fill for every set of causes; one year, one scope."""
    count = int(np.log2(len(values)))
    return Causes(SPARABLE[:count], values[:, None, None], np.zeros((1, 1, count)), np.zeros((1, 1)))


@unhurried
@given(st.integers(0, 4).flatmap(lambda g: st.lists(st.floats(0, 1), min_size=2**g, max_size=2**g)))
def test_shapley_is_the_mean_over_every_order_and_adds_up(values: list[float]) -> None:
    """Against the definition itself: average the gain of each cause over all orders of taking causes away."""
    found = game(np.array(values))
    count, table = len(found.groups), np.array(values)
    mean = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        gone = 0
        for g in order:
            mean[g] += (table[gone | 1 << g] - table[gone]) / len(orders)
            gone |= 1 << g
    assert found.shapley[0, 0] == pytest.approx(mean, abs=1e-12)
    assert found.shapley.sum() == pytest.approx(table[-1] - table[0], abs=1e-12)


def test_two_causes_by_hand() -> None:
    """50 %; 80 % without the first, 60 % without the second, 100 % without both: 35 and 15 points; alone 30 and 10."""
    found = game(np.array([0.5, 0.8, 0.6, 1.0]))
    assert found.shapley[0, 0] == pytest.approx([0.35, 0.15])
    assert found.alone[0, 0] == pytest.approx([0.30, 0.10])
    assert list(between(("a", "b", "c"))) == [("a",), ("b",), ("a", "b"), ("c",), ("a", "c"), ("b", "c")]


def test_a_rough_world_adds_up_in_every_year() -> None:
    """First causes and what is left add up to what was lost; without any cause everything is accepted; case 17."""
    found = attribute(rough(6), Plan.nothing(), years=4)
    assert found.groups == SPARABLE and found.fill.shape == (32, 4, 4)
    assert (found.fill[-1] == 1).all()
    assert found.shapley.sum(axis=-1) == pytest.approx(found.gap, abs=1e-12)
    assert found.first.sum(axis=-1) + found.left == pytest.approx(1 - found.fill[0], abs=1e-12)
    assert (found.gap > 0).all()


@pytest.mark.parametrize("group", SPARABLE)
@pytest.mark.parametrize("gate", [True, False])
def test_what_is_spared_never_happens(group: str, gate: bool) -> None:
    inputs = ready(rough(8, supply={"gate": gate}))
    without = lost(live_through(spare(inputs, (group,)), 0))
    fine = [n for n, one in enumerate(FINE_CAUSES) if one in CAUSES[group]]
    assert without[fine].sum() == 0
    if group == "age":
        assert without[FINE_CAUSES.index("stock_too_old")] == 0
    assert without.sum() > 0  # the other causes still do


def test_sparing_nothing_changes_nothing() -> None:
    inputs = ready(rough(6))
    plain, spared = live_through(inputs, 0), live_through(spare(inputs, ()), 0)
    assert all(np.array_equal(a, b) for a, b in zip(plain.ledger, spared.ledger, strict=True))
    assert inputs.terms.age.max() < 10**6  # and the inputs stay as they were
    spare(inputs, SPARABLE)
    assert inputs.terms.age.max() < 10**6 and inputs.terms.account_rate.sum() > 0


def test_lateness_bears_what_it_brings_about() -> None:
    """Refused trucks come home, their goods age or lack elsewhere: lateness costs more than it is booked for."""
    found = attribute(rough(), Plan.nothing(), years=6)
    late, short = found.groups.index("late"), found.groups.index("shortage")
    first, real = found.first[:, -1], found.shapley[:, -1]
    assert paired(real[:, late], first[:, late]).low > 0
    assert paired(first[:, short], real[:, short]).low > 0


@pytest.mark.thorough
def test_near_the_cliff_the_customers_list_blames_freshness_for_the_trucks() -> None:
    """Customer W of the order penalties with lots of 9.6 weeks instead of 12: goods reach its dock just young enough.

    A refused truck comes home and its goods are too old the next time. W books more than 8 points for age, of which
    less than two thirds are its own; lateness alone gives more than it is booked for. Farther from the cliff, where
    lots are too old by themselves, nothing of this kind is seen.
    """
    world = api.load("scenarios/case2_order_penalties")
    assert world.plan_file is not None
    slow = np.array([name.startswith("slow") for name in world.skus.sku])
    lots = world.skus.lot_cover_weeks * np.where(slow, 0.8, 1.0)
    near = replace(world, skus=replace(world.skus, lot_cover_weeks=lots))
    found = attribute(near, api.load_plan(world, world.plan_file), years=8)
    w = world.accounts.account.index("W")
    late, age = found.groups.index("late"), found.groups.index("age")
    first, real, alone = found.first[:, w], found.shapley[:, w], found.alone[:, w]
    assert paired(first[:, age], real[:, age]).low > first[:, age].mean() / 3
    assert paired(alone[:, late], first[:, late]).low > 0
    assert real.sum(axis=1) == pytest.approx(found.gap[:, w], abs=1e-12)


def test_goods_that_appear_are_counted_as_made() -> None:
    """Nothing is ever produced; without shortage every case appears, is accepted, and the balance still holds."""
    inputs = ready(flat(sku_columns={"safety_weeks": -5.0}))
    assert fill(live_through(inputs, 0)) == 0
    year = live_through(spare(inputs, ("shortage",)), 0)
    assert fill(year) == 1 and year.ledger.met[0, 1:].sum() == 0  # and fresh


def test_the_table_and_the_data_say_the_same() -> None:
    found = game(np.array([0.5, 0.8, 0.6, 1.0]))
    assert text_of(found).splitlines()[3].split() == ["shortage", "0.0", "30.0", "35.0"]
    assert "货龄" in text_of(found, language="zh")
    data = as_dict(found, ())["total"]
    assert data["causes"]["age"]["shapley"] == {"mean": pytest.approx(0.15), "low": None, "high": None}
    assert data["gap"]["mean"] == pytest.approx(0.5)


@pytest.mark.thorough
def test_workers_change_nothing() -> None:
    one, two = (attribute(rough(3), Plan.nothing(), years=9, workers=n) for n in (1, 2))
    assert np.array_equal(one.fill, two.fill) and one.groups == two.groups
