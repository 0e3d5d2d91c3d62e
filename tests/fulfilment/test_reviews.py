"""Reviews every morning, fixed levels, lead times by chance, goods that come in whatever is planned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import BATCHES, BORN_ON, COUNTED, FREE_ON, PLANNED, STANDSTILL
from kaopt.fulfilment.loops import batches, plants, production
from kaopt.fulfilment.state import count_of, goods_of
from kaopt.scenario.network import Network
from kaopt.scenario.sites import LEAD_LAWS, Plants
from tests.fulfilment.helpers import calm, live, ready
from tests.fulfilment.test_production import HERE, MONDAY, daily, made, state
from tests.worlds import table


def factory(**columns: Any) -> Network:
    """One plant."""
    return Network(plants=table(Plants, 1, plant=("P",), **columns))


def every_morning(**given: Any) -> Any:
    rules = {"daily": True} | given.pop("production", {})
    supply = {"production": rules} | given.pop("supply", {})
    return daily(supply=supply, **given)


def test_a_daily_review_is_every_morning_from_the_first_on() -> None:
    opened = begin(ready(every_morning()), 0)
    days = [day for day in range(-14, 28) if plants.reviews(opened, 0, day)]
    assert days == list(range(-14, 28))


def test_the_target_of_a_daily_review_covers_lead_and_a_day() -> None:
    """5 days of lead and a day until the next review, ten cases each."""
    world = every_morning(sku_columns={"safety_weeks": 0.0})
    assert production.target(state(world), HERE, MONDAY) == pytest.approx(60)


def test_a_year_of_daily_reviews_makes_each_day_what_was_picked_the_day_before() -> None:
    """Base stock 60: each morning ten are missing, and the fifty on order come in turn; ten lie there at midnight."""
    columns = {"safety_weeks": 0.0, "lot_cover_weeks": 0.0}
    year = live(every_morning(sku_columns=columns, supply={"position": "all"}))
    assert year.goods.output[0, PLANNED] == 8 * 70
    assert year.goods.days[0, 0, 0] == 8 * 70
    assert year.ledger.cases[0, :, 1].tolist() == [70] * 8


def test_a_day_has_its_part_of_a_weeks_capacity() -> None:
    """70 cases a week on five days: 14 on a working day, none on the others."""
    network = factory(capacity=70.0, works=((1, 2, 3, 4, 5),), lead_days=1.0)
    world = every_morning(network=network, sku_columns={"lot_cover_weeks": 0.0})
    assert made(world, 0) == [14]
    assert made(world, 0, MONDAY + 5) == []
    year = live(world)
    assert year.goods.output[0, PLANNED] == 8 * 70 and year.goods.output[0, STANDSTILL] == 0


@pytest.mark.parametrize(("stock", "cases"), [(0, [25]), (24, [1]), (25, [])])
def test_a_fixed_level_is_the_target_whatever_the_forecast(stock: int, cases: list[int]) -> None:
    columns = {"level_cases": 25.0, "lot_cover_weeks": 0.0, "safety_weeks": 9.0}
    for supply in ({}, {"production": {"safety": {"rule": "sigma"}, "prebuild_weeks": 2}}):
        assert made(daily(sku_columns=columns, supply=supply), stock) == cases


def test_other_skus_keep_their_forecast() -> None:
    """An empty level is none: the target of the first SKU is 25, of the second as ever."""
    columns = {"level_cases": [25.0, np.nan], "safety_weeks": 0.5}
    base = np.full((1, 2, 8), 70.0)
    opened = begin(
        ready(
            calm(1, 2, base_cases=base, account_columns={"order_days": ((1, 2, 3, 4, 5, 6, 7),)}, sku_columns=columns)
        ),
        0,
    )
    assert production.target(opened, (0, 0), MONDAY) == pytest.approx(25)
    assert production.target(opened, (0, 1), MONDAY) == pytest.approx(120 + 35)


# lead times by chance ------------------------------------------------------------------------------------------------


def leads(law: str, cv: float = 0.0, count: int = 2000) -> np.ndarray:
    """Days from start to free of the lots of so many days, mean 100."""
    world = every_morning(network=factory(lead_days=100.0, lead_law=(law,), lead_cv=cv))
    opened = begin(ready(world), 0)
    for day in range(count):
        batches.make(opened, HERE, day, 1)
    batch = goods_of(opened).batch[: count_of(opened)[BATCHES]]
    return np.asarray(batch[:, FREE_ON] - batch[:, BORN_ON])


def test_a_fixed_lead_time_is_fixed() -> None:
    assert (leads("fixed", 0.5, 50) == 100).all()


@pytest.mark.parametrize(
    ("law", "cv", "spread"), [("lognormal", 0.4, 40), ("uniform", 0.4, 40), ("exponential", 0, 100)]
)
def test_lead_times_by_chance_have_their_mean_and_spread(law: str, cv: float, spread: float) -> None:
    found = leads(law, cv)
    assert abs(found.mean() - 100) <= 4 * spread / len(found) ** 0.5
    assert found.std() == pytest.approx(spread, rel=0.1)
    assert found.min() >= 0


def test_a_uniform_lead_time_keeps_within_its_bounds() -> None:
    """Mean 100, cv 0.4: 100 ± 100 x 0.4 x sqrt(3)."""
    found = leads("uniform", 0.4)
    assert found.min() == 31 and found.max() == 169


def test_lots_may_overtake_each_other() -> None:
    """Goods are conserved and the books balance (proven at the end of every year) whatever comes first."""
    for law in LEAD_LAWS:
        network = factory(lead_days=20.0, lead_law=(law,), lead_cv=0.8)
        year = live(every_morning(network=network, sku_columns={"lot_cover_weeks": 0.0, "safety_weeks": 3.0}))
        assert year.ledger.cases[0, :, 1].sum() > 0


# what comes in whatever is planned -----------------------------------------------------------------------------------


@pytest.mark.parametrize("weekly", [3.5, 7000.0])
def test_intake_is_a_poisson_number(weekly: float) -> None:
    """By inversion where it is small (half a case a day), normal where it is large (a thousand)."""
    world = every_morning(sku_columns={"intake_cases": weekly, "level_cases": 0.0})
    opened, mean = state(world), weekly / 7
    goods_of(opened).report[COUNTED] = 10**6
    drawn = np.array([batches.intake(opened, 0, day) for day in range(4000)])
    assert abs(drawn.mean() - mean) <= 4 * (mean / len(drawn)) ** 0.5
    assert drawn.var() == pytest.approx(mean, rel=0.1)
    assert drawn.min() >= 0


def test_intake_adds_to_what_is_planned() -> None:
    columns = {"intake_cases": 70.0, "level_cases": 25.0, "lot_cover_weeks": 0.0}
    opened = state(daily(sku_columns=columns), 0)
    came = batches.intake(opened, 0, MONDAY)
    assert came > 0 and made(daily(sku_columns=columns), 0) == [25 + came]
