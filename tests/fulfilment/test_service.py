"""What a simulation hands on: shapes and sums, penalties and write-offs by hand, intervals, and when it stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kaopt.fulfilment import simulate as verb
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.replicate import BLOCK, USES, Outcome, blocks, count_block, live_block
from kaopt.fulfilment.simulate import service_of, simulate
from kaopt.fulfilment.weekly import Tally
from kaopt.plan import Plan
from kaopt.progress import Progress
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Replications
from kaopt.service import CAUSES, FINE_CAUSES, Service
from kaopt.statistics.interval import interval, paired
from tests.fulfilment.helpers import calm, ready, unhurried

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
C = len(FINE_CAUSES)


def busy_world(**given: Any) -> Scenario:
    """Two accounts and three SKUs where some of everything goes wrong."""
    columns = {"window_open": 510, "window_close": 600, "mismatch": 0.1, "penalty_rate": [0.03, 0.10]}
    supply = {"trip_cv": 0.6, "damage": 0.2, "disposal_cost": 4.0, "trucks": 1, "pick_crews": 1, "docks": 1}
    skus = {"unit_cost": [20.0, 25.0, 40.0], "list_price": [40.0, 50.0, 80.0], "demand_cv": 0.3}
    return calm(2, 3, 6, account_columns=columns, sku_columns=skus, supply=supply, **given)


@pytest.fixture(scope="module")
def told() -> tuple[Inputs, list[Outcome], Service]:
    inputs = ready(busy_world())
    outcomes = live_block(inputs, range(5))
    return inputs, outcomes, service_of(inputs, outcomes)


Told = tuple[Inputs, list[Outcome], Service]


def test_every_array_has_its_shape(told: Told) -> None:
    _, _, done = told
    shapes = {
        "ordered_value": (5, 2, 6),
        "accepted_value": (5, 2, 6),
        "lost_value": (5, 2, 6, C),
        "ordered_cases": (5, 2, 6),
        "accepted_cases": (5, 2, 6),
        "lost_cases_by_sku": (2, 3, C),
        "lines": (5, 2, 2),
        "orders": (5, 2, 3),
        "penalties": (5, 2, C),
        "write_off_cases": (5, 3),
        "write_off_value": (5,),
        "stock_age": (5, 3),
        "stock_cases": (5, 3),
    }
    assert {name: getattr(done, name).shape for name in shapes} == shapes
    assert {name: use.shape for name, use in done.use.items()} == dict.fromkeys(USES, (5,))
    assert done.replications == 5 and done.warmup_weeks == 8


def test_causes_of_the_customer_hold_each_fine_cause_once() -> None:
    assert sorted(FINE_CAUSES) == sorted({fine for many in CAUSES.values() for fine in many})


def test_years_stand_one_beside_the_other(told: Told) -> None:
    """Replication r of the service is the r-th year, with nothing mixed up between columns."""
    _, outcomes, done = told
    for r, one in enumerate(outcomes):
        assert np.array_equal(done.ordered_value[r], one.value[:, :, 0])
        assert np.array_equal(done.accepted_value[r], one.value[:, :, 1])
        assert np.array_equal(done.lost_value[r], one.value[:, :, 2:])
        assert np.array_equal(done.accepted_cases[r], one.cases[:, :, 1])
        assert np.array_equal(done.orders[r], one.counts[:, 2:]) and np.array_equal(done.lines[r], one.counts[:, :2])
        assert [done.use[name][r] for name in USES] == list(one.use)
        assert one.fill == pytest.approx(done.accepted_value[r].sum() / done.ordered_value[r].sum())
    assert done.lost_cases_by_sku == pytest.approx(sum(one.lost for one in outcomes) / 5)


def test_values_are_cases_at_net_price(told: Told) -> None:
    """Lost value by account and cause, once from the weeks and once from the cases of each SKU."""
    inputs, _, done = told
    from_cases = np.einsum("asc,as->ac", done.lost_cases_by_sku, inputs.terms.price)
    assert done.lost_value.mean(axis=0).sum(axis=1) == pytest.approx(from_cases)
    assert (done.ordered_value - done.accepted_value) == pytest.approx(done.lost_value.sum(axis=3))
    assert from_cases.sum() > 0


def test_penalties_are_a_share_of_what_failed(told: Told) -> None:
    _, _, done = told
    for a, rate in enumerate((0.03, 0.10)):
        assert done.penalties[:, a] == pytest.approx(rate * done.lost_value[:, a].sum(axis=1))
    assert done.penalties.sum() > 0


def test_a_penalty_by_hand() -> None:
    """8 weeks of 30 cases at 50, less 10 % on invoice and 5 % rebate = 42.50, all refused for papers: 2 % of 10 200."""
    columns = {"mismatch": 1.0, "penalty_rate": 0.02, "on_invoice": 0.10, "rebate": 0.05}
    world = calm(1, 1, 8, base_cases=np.full((1, 1, 8), 30.0), account_columns=columns)
    inputs = ready(world)
    done = service_of(inputs, live_block(inputs, range(1)))
    assert done.penalties[0, 0, CAUSE["paper"]] == pytest.approx(204.0)
    assert done.penalties.sum() == pytest.approx(204.0)


def test_write_offs_cost_the_goods_and_their_disposal(told: Told) -> None:
    _, outcomes, done = told
    each = np.array([24.0, 29.0, 44.0])
    assert done.write_off_value == pytest.approx([one.write_off @ each for one in outcomes])
    assert (done.write_off_value > 0).all()


def test_goods_that_nobody_accepts_any_more_are_written_off_the_day_after() -> None:
    """Life 15 days, FEFO, a lot of 30 each Monday, five of which are 15 days old on Tuesday (see the calm year).

    Their acceptance ends at 15 days, and on Wednesday they would be 16: unsold on Tuesday, they are gone that night.
    """
    gone = {"lot_cover_weeks": 0.01, "shelf_life": 15}
    world = calm(1, 1, 8, base_cases=np.full((1, 1, 8), 30.0), sku_columns=gone, supply={"position": "all"})
    inputs = ready(world)
    one = live_block(inputs, range(1))[0]
    assert one.write_off.sum() > 0
    longer = ready(replace(world, skus=replace(world.skus, shelf_life=np.array([16]))))
    assert live_block(longer, range(1))[0].write_off.sum() == 0


def test_the_gate_fears_the_day_after_where_the_grace_passes_midnight() -> None:
    """Goods of 15 days are picked for the 16th. A grace past midnight makes a 17th possible: they stay, and perish."""
    base, skus = np.full((1, 1, 8), 30.0), {"lot_cover_weeks": 0.01, "shelf_life": 16}
    for grace, wasted in ((0, False), (60, True)):
        columns = {"grace_minutes": grace}
        world = calm(1, 1, 8, base_cases=base, sku_columns=skus, account_columns=columns, supply={"position": "all"})
        inputs = ready(world)
        assert (live_block(inputs, range(1))[0].write_off.sum() > 0) == wasted


# intervals -----------------------------------------------------------------------------------------------------------

numbers = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=2, max_size=30)


@unhurried
@given(numbers, st.sampled_from([0.8, 0.95, 0.999]))
def test_intervals_are_scipys(values: list[float], confidence: float) -> None:
    found = interval(values, confidence)
    if np.ptp(values) == 0:
        assert found.half_width == pytest.approx(0, abs=1e-9)
        return
    low, high = stats.t.interval(confidence, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    assert found.mean == pytest.approx(np.mean(values), abs=1e-12)


@unhurried
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=20), st.integers(0, 5))
def test_paired_intervals_are_scipys_paired_test(pairs: list[tuple[int, int]], more: int) -> None:
    new, old = np.array(pairs, dtype=float).T
    found = paired(np.append(new, np.full(more, 1e6)), old)  # what the other has no partner for is left out
    if np.ptp(new - old) == 0:
        assert (found.low, found.high) == pytest.approx([new[0] - old[0]] * 2, abs=1e-9)
        return
    exact = stats.ttest_rel(new, old).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    back = paired(old, new)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


# stopping ------------------------------------------------------------------------------------------------------------


@unhurried
@given(st.integers(2, 60), st.integers(2, 60))
def test_blocks_are_the_replications_in_turn(least: int, most: int) -> None:
    made = list(blocks(Replications(min=least, max=most)))
    assert [r for block in made for r in block] == list(range(max(least, most)))
    assert all(1 <= len(block) <= BLOCK for block in made)
    assert least in {block.stop for block in made}  # the least number is asked, whatever it is


def stopped_at(monkeypatch: pytest.MonkeyPatch, fills: list[float], rule: Replications) -> tuple[int, list[Progress]]:
    """How many years are lived through where year r has this fill rate, and what was heard."""
    world = calm(1, 1, 4)
    (example,), sums = count_block(ready(world), range(1))

    def made_up(_: Inputs, replications: range) -> tuple[list[Outcome], Tally]:
        values = np.zeros((len(replications), *example.value.shape))
        for value, r in zip(values, replications, strict=True):
            value[0, 0, :3] = 1000.0, 1000.0 * fills[r], 1000.0 * (1 - fills[r])
        return [replace(example, value=value) for value in values], sums

    monkeypatch.setattr(verb, "count_block", made_up)
    heard: list[Progress] = []
    supply = world.supply.model_copy(update={"replications": rule})
    done = simulate(replace(world, supply=supply), Plan.nothing(), listener=heard.append)
    assert done.accepted_value.sum(axis=(1, 2)) == pytest.approx([1000 * f for f in fills[: done.replications]])
    return done.replications, heard


@pytest.mark.parametrize("half_width", [0.001, 0.01, 0.02, 0.05, 0.5])
def test_years_are_added_until_the_interval_is_narrow_enough(
    monkeypatch: pytest.MonkeyPatch, half_width: float
) -> None:
    fills = np.clip(np.random.default_rng(3).normal(0.8, 0.05, 40), 0, 1).tolist()
    ends = [6, 14, 22, 30, 38, 40]
    widths = {n: stats.t.ppf(0.975, n - 1) * stats.sem(fills[:n]) for n in ends}
    expected = next((n for n in ends if widths[n] <= half_width), 40)
    count, heard = stopped_at(monkeypatch, fills, Replications(min=6, max=40, half_width=half_width))
    assert count == expected
    assert [one.done for one in heard] == ends[: ends.index(expected) + 1]
    assert all(one.total == 40 and one.stage == "simulate" for one in heard)
    assert heard[-1].message.startswith(f"order fill {np.mean(fills[:count]):.1%} ± {widths[count]:.1%}")


def test_equal_years_stop_at_the_least_number_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight equal years say enough; but twenty were asked for."""
    assert stopped_at(monkeypatch, [0.9] * 60, Replications(min=20, max=60))[0] == 20
