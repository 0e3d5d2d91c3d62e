"""Every measure of a year against arithmetic on a small service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.experiments.measures import MEASURES
from kaopt.report.words_experiment import EXPERIMENT_WORDS
from kaopt.service import CAUSES, FINE_CAUSES, Aged, Plants, Service

BOTH, FIRST = np.array([0, 1]), np.array([0])


def service() -> Service:
    """Two years, two accounts, 26 weeks of which the first two have orders."""
    r, a, w, c = 2, 2, 26, len(FINE_CAUSES)
    ordered = np.zeros((r, a, w))
    ordered[:, 0, :2], ordered[:, 1, 0] = 100.0, 50.0
    lost = np.zeros((r, a, w, c))
    lost[1, 0, 0, FINE_CAUSES.index("no_stock")] = 20.0
    lost[1, 0, 1, FINE_CAUSES.index("pick_cut")] = 5.0
    lost[1, 1, 0, FINE_CAUSES.index("late_dock")] = 50.0
    given: dict[str, Any] = {
        "ordered_value": ordered,
        "accepted_value": ordered - lost.sum(axis=3),
        "lost_value": lost,
        "ordered_cases": ordered / 10,
        "accepted_cases": (ordered - lost.sum(axis=3)) / 10,
        "lost_cases_by_sku": np.zeros((a, 2, c)),
        "lines": np.array([[[8, 8], [4, 4]], [[8, 6], [4, 0]]], dtype=float),
        "orders": np.array([[[4, 4, 4], [2, 2, 2]], [[4, 3, 2], [2, 1, 0]]], dtype=float),
        "penalties": np.stack([np.zeros((a, c)), np.full((a, c), 2.0)]),
        "write_off_cases": np.zeros((r, 2)),
        "write_off_value": np.array([0.0, 70.0]),
        "stock_age": np.array([[10.0, 20.0], [5.0, 7.0]]),
        "stock_cases": np.array([[30.0, 10.0], [0.0, 0.0]]),
        "use": {"pick": np.array([0.5, 0.6]), "dock": np.array([0.1, 0.2]), "truck": np.array([0.3, 0.4])},
    }
    cases = np.zeros((2, 3, 2))
    cases[1] = [[2, 3], [4, 3], [9, 9]]
    money = np.array([[0.0, 0, 0], [80, 0, 0]])
    given["aged"] = Aged(("markdown", "donate", "scrap"), cases, money, money[:, :2])
    return Service(**given, plants=plants([100.0, np.inf]), warmup_weeks=0)


def plants(capacity: list[float]) -> Plants:
    """Two plants in two years, the first of which used a quarter and then a half of what it can."""
    none, used = np.zeros((2, 2)), np.array([[0.25, np.nan], [0.5, np.nan]])
    return Plants(made=none, cut=none, lots=none, capacity=np.array(capacity), used=used, broken=none, outside=none)


@pytest.mark.parametrize(
    ("measure", "both", "first"),
    [
        ("fill", [1.0, 175 / 250], [1.0, 175 / 200]),
        ("case_fill", [1.0, 175 / 250], [1.0, 175 / 200]),
        ("line_fill", [1.0, 6 / 12], [1.0, 6 / 8]),
        ("order_fill", [1.0, 4 / 6], [1.0, 3 / 4]),
        ("otif", [1.0, 2 / 6], [1.0, 2 / 4]),
        ("penalties", [0.0, 2 * 2.0 * 2 * len(FINE_CAUSES)], [0.0, 2 * 2.0 * len(FINE_CAUSES)]),
        ("lost_shortage", [0.0, 25 / 250], [0.0, 25 / 200]),
        ("lost_late", [0.0, 50 / 250], [0.0, 0.0]),
        ("lost_age", [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_by_hand(measure: str, both: list[float], first: list[float]) -> None:
    """26 weeks: money of a year is twice that of the horizon."""
    assert MEASURES[measure].read(service(), BOTH).tolist() == pytest.approx(both)
    assert MEASURES[measure].read(service(), FIRST).tolist() == pytest.approx(first)


@pytest.mark.parametrize(
    ("measure", "found"),
    [
        ("write_off", [0.0, 140.0]),
        ("cost", [0.0, 140.0 + 8.0 * len(FINE_CAUSES)]),
        ("stock", [40.0, 0.0]),
        ("stock_age", [12.5, 0.0]),
        ("aged_proceeds", [0.0, 160.0]),
        ("given_away", [0.0, 14.0]),
        ("capacity_used", [0.25, 0.5]),
        ("use_pick", [0.5, 0.6]),
        ("use_dock", [0.1, 0.2]),
        ("use_truck", [0.3, 0.4]),
    ],
)
def test_of_the_whole_warehouse(measure: str, found: list[float]) -> None:
    assert MEASURES[measure].read(service(), BOTH).tolist() == pytest.approx(found)
    assert not MEASURES[measure].by_account


def test_a_year_without_a_ladder_or_a_limit_has_none_of_them() -> None:
    for bare in (replace(service(), aged=None, plants=None), replace(service(), plants=plants([np.inf, np.inf]))):
        assert MEASURES["capacity_used"].read(bare, BOTH).tolist() == [0.0, 0.0]
    for name in ("aged_proceeds", "given_away"):
        assert MEASURES[name].read(replace(service(), aged=None), BOTH).tolist() == [0.0, 0.0]


def test_losses_and_fill_are_everything() -> None:
    lost = sum(MEASURES[f"lost_{cause}"].read(service(), BOTH) for cause in CAUSES)
    assert MEASURES["fill"].read(service(), BOTH) + lost == pytest.approx(1.0)


def test_where_nothing_is_ordered_all_is_filled_and_nothing_lost() -> None:
    whole = service()
    empty = np.array([], dtype=np.int64)
    assert MEASURES["fill"].read(whole, empty).tolist() == [1.0, 1.0]
    assert MEASURES["lost_late"].read(whole, empty).tolist() == [0.0, 0.0]


def test_every_measure_has_words_in_both_languages() -> None:
    assert {f"m_{name}" for name in MEASURES} == {key for key in EXPERIMENT_WORDS if key.startswith("m_")}
