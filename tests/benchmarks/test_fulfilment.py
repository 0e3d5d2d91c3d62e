"""The benchmark's three ways to live a year agree: the product and the compiled clock bit by bit, in every world."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.fulfilment import __main__ as command
from benchmarks.fulfilment import limit, obvious, worlds

import kaopt as ka
from kaopt.fulfilment.fields import WRONG_RECORD
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.state import goods_of, ledger_of
from kaopt.fulfilment.world import live_through
from kaopt.plan import Plan
from kaopt.scenario.network import Network
from kaopt.scenario.stock_settings import Records, Stock
from tests.fulfilment.docks import clauses, receiving
from tests.fulfilment.test_holidays import closed
from tests.fulfilment.test_simulate import rough

SCENARIOS = Path(__file__).parents[2] / "scenarios"
pytestmark = pytest.mark.thorough  # the clock has to be compiled


def same(inputs: Inputs, replication: int) -> None:
    """Ledger and stock of the two clocks are equal to the last bit."""
    year, state = live_through(inputs, replication), limit.live(inputs, replication)
    assert year.ledger.cases.sum() > 0
    for ours, bare in ((year.ledger, ledger_of(state)), (year.goods, goods_of(state))):
        for name, a, b in zip(ours._fields, ours, bare, strict=True):
            assert np.array_equal(a, b), name


@pytest.mark.parametrize("name", ["starter", "beverage", "case2_order_penalties"])
def test_the_compiled_clock_leaves_the_same_year(name: str) -> None:
    world = ka.load(SCENARIOS / name)
    given = Plan.nothing() if world.plan_file is None else ka.load_plan(world, world.plan_file)
    same(prepare(world, given, 7), 0)


def test_also_where_deliveries_are_tried_again_and_goods_come_home() -> None:
    rows = receiving(3, unfilled=["backorder", "lost", "backorder"], cancel_days=9)
    world = replace(rough(), network=Network(receiving=rows))
    for replication in range(3):
        same(prepare(world, Plan.nothing(), 11), replication)
        tried = live_through(prepare(world, Plan.nothing(), 11), replication).ledger.later.sum()
        assert tried > 0


def test_also_where_books_go_wrong_warehouses_close_and_fines_are_kept_back() -> None:
    fined = clauses({"account": "A*", "clause": "fill_below", "period": "month", "level": 0.95, "rate": 0.5})
    tables = replace(closed((9, 10), (30, 33)), clauses=fined, receiving=receiving(3, dispute_days=20))
    stock = Stock(records=Records(error=0.3, cv=0.4, count_days=20))
    world = replace(rough(), network=tables)
    inputs = prepare(replace(world, supply=world.supply.model_copy(update={"stock": stock})), Plan.nothing(), 11)
    for replication in range(2):
        same(replace(inputs, by_week=True), replication)
    year = live_through(inputs, 0)
    assert year.inputs.terms.shut.shape[1] > 0
    assert year.ledger.lost[:, :, WRONG_RECORD].sum() > 0 and len(year.inputs.terms.level) == 3


def test_the_yardstick_sells_what_the_product_sells() -> None:
    """Two programs of one world, written apart: the same orders to a hundredth, the same fill rate within luck."""
    world = worlds.world_of("small")
    inputs = prepare(world, Plan.nothing(), 3)
    values = [live_through(inputs, r).ledger.value.sum(axis=(0, 1)) for r in range(12)]
    fills = [value[1] / value[0] for value in values]
    books = obvious.Year(world, 3).run()
    assert books.ordered == pytest.approx(np.mean([value[0] for value in values]), rel=0.01)
    assert abs(books.accepted / books.ordered - np.mean(fills)) <= command.SPREAD * np.std(fills, ddof=1)
    assert books.events > 2 * books.lines
