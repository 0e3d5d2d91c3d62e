"""The warm-up that a scenario asks to be found: MSER-5 on a pilot's weekly loss, at least twice the longest lot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.fulfilment.simulate import simulate
from kaopt.fulfilment.warmup import floor, settled, weeks_of
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from tests.fulfilment.helpers import calm, exactly


def short_at_first() -> Scenario:
    """Goods are short in the first two weeks of the clock, and in no later one."""
    sku = {"safety_weeks": -0.9, "lot_cover_weeks": 1.0}
    supply = {"warmup": "auto", "warmup_weeks": 0, "replications": exactly(2)}
    return calm(1, 1, 13, sku_columns=sku, supply=supply)


@pytest.mark.parametrize(
    ("columns", "least"),
    [
        ({"lot_cover_weeks": [1.0, 5.4]}, 12),  # 2 x 5.4, whole weeks
        ({"lot_cases": [800.0, 10.0], "lot_cover_weeks": 0.0}, 16),  # 800 cases are 8 weeks of 100
        ({"lot_cover_weeks": 40.0, "shelf_life": 70}, 20),  # no lot lasts longer than its life
    ],
)
def test_at_least_twice_the_longest_lot(columns: dict[str, object], least: int) -> None:
    base = np.full((1, 2, 8), 100.0)
    world = calm(1, 2, base_cases=base, sku_columns=columns)
    assert floor(world) == least
    assert weeks_of(world, 3) == least  # nothing is lost in any week


def test_the_year_is_that_of_the_warm_up_which_was_found() -> None:
    """Twice the longest lot are two weeks; the loss has settled after the first batch of five."""
    world, plan = short_at_first(), Plan.nothing()
    by_hand, none = (
        replace(world, supply=world.supply.model_copy(update={"warmup": "given", "warmup_weeks": weeks}))
        for weeks in (5, 0)
    )
    found, wanted = simulate(world, plan, seed=3), simulate(by_hand, plan, seed=3)
    assert floor(world) == 2 and found.warmup_weeks == wanted.warmup_weeks == 5
    assert np.array_equal(found.accepted_value, wanted.accepted_value) and found.lost_value.sum() == 0
    assert simulate(none, plan, seed=3).lost_value.sum() > 0
    assert settled(by_hand, 3) is by_hand
