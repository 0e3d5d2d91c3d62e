"""The stories of the order fill rate: golden results by variant, a page of figures, figures that tell the story."""

from __future__ import annotations

import importlib
import json
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
HOME, SCENARIOS = ROOT / "docs" / "fulfilment_stories", ROOT / "scenarios"
FIGURES: dict[str, Any] = json.loads((HOME / "figures.json").read_text(encoding="utf-8"))
CASE2, LOADING, PEAK, AGE = (FIGURES[one] for one in FIGURES)
GOLDEN = [
    (name, variant, gold)
    for name in ("forward_loading", "month_end_peak", "acceptance_age")
    for variant, gold in tomllib.loads((SCENARIOS / name / "expected.toml").read_text("utf-8"))["service"].items()
]


@pytest.fixture(scope="module")
def home():
    ways = [str(HOME), str(ROOT / "docs" / "stories")]
    sys.path[:0] = ways
    yield importlib.import_module
    for one in ways:
        sys.path.remove(one)


def mean(one: dict[str, float]) -> float:
    return one["mean"]


def surely_more(one: dict[str, float]) -> bool:
    return one["low"] > 0


def test_the_page_shows_these_figures(home) -> None:
    shown = home("service_page").page(FIGURES)
    assert shown == (ROOT / "docs/fulfilment_stories.md").read_text("utf-8"), (
        "run `python docs/fulfilment_stories page`"
    )
    charts = [f"fulfilment_stories/{name}.png" for name in FIGURES]
    assert all((ROOT / "docs" / one).is_file() and f"({one})" in shown for one in charts)


@pytest.mark.parametrize(("name", "variant", "gold"), GOLDEN, ids=[f"{name}-{variant}" for name, variant, _ in GOLDEN])
def test_the_golden_years_are_lived_again(home, name: str, variant: str, gold: dict[str, Any]) -> None:
    module = home("service_golden")
    assert gold["years"] == module.YEARS
    again = module.golden(name, "" if variant == "as_it_is" else variant)
    for measure in module.MEASURED:
        told, low, high = gold[measure]
        assert low <= told <= high
        assert low - 1e-6 * abs(low) <= again[measure].mean <= high + 1e-6 * abs(high), measure
        assert again[measure].high - again[measure].low <= 2 * (high - low) + 1e-6, measure


@pytest.mark.thorough
@pytest.mark.parametrize("name", FIGURES)
def test_a_run_gives_the_figures(home, name: str) -> None:
    alike(FIGURES[name], home("service_figures").STORIES[name]())


def alike(known: Any, again: Any) -> None:
    """Means stay in the intervals that are told; what has no interval stays near."""
    if isinstance(known, dict) and "low" in known:
        slack = 1e-6 + 0.5 * (known["high"] - known["low"])
        assert known["low"] - slack <= again["mean"] <= known["high"] + slack
    elif isinstance(known, dict):
        assert set(known) == set(again)
        for key in known:
            alike(known[key], again[key])
    elif isinstance(known, list):
        assert len(known) == len(again)
        for one, other in zip(known, again, strict=True):
            alike(one, other)
    else:
        assert again == pytest.approx(known, rel=0.1, abs=1e-6) if isinstance(known, float) else again == known


# the order penalties ------------------------------------------------------------------------------------------------


def test_before_and_after_are_what_the_source_tells() -> None:
    before, after = CASE2["policies"]["before"], CASE2["policies"]["after"]
    assert mean(before["fill"]) == pytest.approx(0.65, abs=0.01)
    assert mean(after["fill"]) == pytest.approx(0.90, abs=0.01)
    assert mean(before["penalties"]) == pytest.approx(150e3, abs=6e3)
    shares = before["penalty_shares"]
    assert shares["late"] == pytest.approx(0.4, abs=0.02)
    assert shares["age"] == pytest.approx(0.3, abs=0.02)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-6)


def test_every_ordered_yuan_of_w_is_accepted_or_lost_to_a_cause() -> None:
    for one in CASE2["policies"].values():
        parts = ("fill", "lost_late", "lost_age", "lost_shortage", "lost_paper")
        assert sum(mean(one[part]) for part in parts) == pytest.approx(1, abs=1e-6)


def test_every_lever_helps_and_none_does_it_alone() -> None:
    found = CASE2["policies"]
    levers = [name for name in found if name not in ("before", "after")]
    assert len(levers) == 7
    assert all(surely_more(found[one]["fill"]["gain"]) for one in levers)
    assert all(mean(found[one]["fill"]) < mean(found["after"]["fill"]) - 0.05 for one in levers)
    assert all(found[one]["penalties"]["gain"]["high"] < 0 for one in levers)


@pytest.mark.parametrize("where", ["as found", "near the cliff"])
def test_fair_shares_add_up_to_the_gap(where: str) -> None:
    views, gap = CASE2["causes"][where]["views"], CASE2["causes"][where]["gap"]
    assert sum(map(mean, views["shapley"].values())) == pytest.approx(mean(gap), abs=1e-6)
    assert set(views["first"]) == set(views["alone"]) == set(views["shapley"]) == {"late", "age", "shortage", "paper"}


def test_age_is_a_cause_of_its_own_on_long_lots_and_a_consequence_near_the_cliff() -> None:
    views = {where: one["views"] for where, one in CASE2["causes"].items()}
    part = {where: mean(one["shapley"]["age"]) / mean(one["first"]["age"]) for where, one in views.items()}
    assert part["near the cliff"] < 0.7 < 0.9 < part["as found"] < 1.1
    near = views["near the cliff"]
    assert mean(near["shapley"]["late"]) > mean(views["as found"]["shapley"]["late"])


# uneven selling ----------------------------------------------------------------------------------------------------


def test_loading_ages_stock_and_brings_goods_back_while_sales_stay_what_they_were() -> None:
    level, told, blind = (LOADING["policies"][one] for one in ("level", "told", "not told"))
    assert mean(told["all_stock_age"]) > 2 * mean(level["all_stock_age"])
    assert surely_more(told["all_write_off"]["gain"])
    assert mean(level["unsold_value"]) == 0 < told["unsold_value"]["low"] and "unsold_value" not in blind
    assert level["sent_back"] == 0 < told["sent_back"] < 0.25 and level["held_weeks"] == 0
    assert mean(blind["all_fill"]) < mean(level["all_fill"]) - 0.3
    # what is ordered more is what came back and what is on the customers' shelves at the end beyond the beginning
    total = {name: sum(map(sum, one)) for name, one in LOADING["ordered"].items()}
    assert total["told"] / total["level"] - 1 == pytest.approx(told["sent_back"], abs=0.1)


def test_customers_take_turns() -> None:
    weekly = LOADING["ordered"]["told"]
    peaks = {
        name: {week for week, cases in enumerate(row, 1) if cases > 8 * sum(row) / len(row)}
        for name, row in zip(LOADING["accounts"], weekly, strict=True)
    }
    assert peaks["W"] == peaks["Y"] and peaks["X"] == peaks["Z"]
    assert all(peaks.values()) and not peaks["W"] & peaks["X"]


def test_the_peak_costs_fill_unless_production_knows_it() -> None:
    level, peak, told = (PEAK["policies"][one] for one in ("level", "peak", "told"))
    assert peak["orders_by_week"] == pytest.approx([0.1, 0.1, 0.1, 0.7], abs=0.03)
    assert level["orders_by_week"] == pytest.approx([0.25] * 4, abs=0.03)
    assert peak["all_fill"]["gain"]["high"] < -0.05
    assert peak["fill_by_week"][3] == min(peak["fill_by_week"]) < min(peak["fill_by_week"][:3]) - 0.1
    assert abs(mean(told["all_fill"]["gain"])) < 0.03
    assert mean(told["all_stock"]) > mean(level["all_stock"])


def test_the_level_month_is_the_mended_warehouse_of_case_2() -> None:
    for measure in ("fill", "penalties", "lost_late", "lost_shortage"):
        after, level = CASE2["policies"]["after"][measure], PEAK["policies"]["level"][measure]
        assert mean(level) == pytest.approx(mean(after), rel=1e-6), measure


# acceptance age ----------------------------------------------------------------------------------------------------


def test_there_is_a_cliff_and_a_gate_turns_refusals_into_shortage() -> None:
    free, gated = AGE["lots"]["none"], AGE["lots"]["gate"]
    assert list(free) == list(gated) and len(free) == 7
    short, long = min(free, key=float), max(free, key=float)
    assert mean(free[short]["lost_age"]) < 0.01 < 0.08 < mean(free[long]["lost_age"])
    assert mean(free[short]["write_off"]) < 0.1 * mean(free[long]["write_off"])
    age = {float(day): mean(one["lost_age"]) for day, one in free.items()}
    assert all(early <= later + 0.001 for early, later in pairwise(age.values()))
    assert age[49] < 0.05 * age[112] < 0.8 * age[112] < age[70]  # over the cliff within three weeks of lot cover
    assert all(mean(gated[day]["lost_age"]) < 0.25 * mean(free[long]["lost_age"]) for day in gated)
    assert mean(gated[long]["lost_shortage"]) > mean(gated[short]["lost_shortage"]) + 0.05


@pytest.mark.parametrize("where", ["as found", "near the cliff"])
def test_every_day_of_age_has_a_price(where: str) -> None:
    ages = AGE["ages"][where]
    assert [int(day) for day in ages] == [90, 94, 99, 108, 121]
    fill, fines = ([mean(one[what]) for one in ages.values()] for what in ("fill", "penalties"))
    assert fill == sorted(fill) and fines == sorted(fines, reverse=True)
    assert all(surely_more(one["fill"]["gain"]) for one in list(ages.values())[1:])


def test_near_the_cliff_the_first_days_bring_most() -> None:
    fill = {where: [mean(one["fill"]) for one in ages.values()] for where, ages in AGE["ages"].items()}
    part = {where: (row[3] - row[0]) / (row[4] - row[0]) for where, row in fill.items()}  # of it in the first 18 days
    assert part["as found"] < 0.6 < 0.9 < part["near the cliff"]
