"""What plants, room and aged stock come to, by hand: figures with their intervals, in the table and on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from kaopt.plan import Plan
from kaopt.report import numbers
from kaopt.report.supply_view import Figures, busy, figures_frame
from kaopt.scenario.model import Scenario
from kaopt.service import Aged, Plants, Service
from tests import worlds
from tests.report import samples


def world() -> Scenario:
    return worlds.world(2, 2, 12)


def busy_service() -> Service:
    """Three years of one plant; what was aged went two ways."""
    service = samples.run(world(), Plan.nothing()).service
    assert service is not None
    years = len(service.stock_cases)
    steady = np.ones((years, 1))
    plants = Plants(
        made=900 * steady,
        cut=0 * steady,
        lots=9 * steady,
        capacity=np.array([1200.0]),
        used=np.linspace(0.7, 0.9, years)[:, None],
        broken=0 * steady,
        outside=5 * steady,
    )
    cases = np.tile(np.array([[[3.0, 4.0], [5.0, 0.0]]]), (years, 1, 1))
    aged = Aged(("markdown", "donate"), cases, np.tile([70.0, 0.0], (years, 1)), np.tile([30.0, 40.0], (years, 1)))
    return replace(service, plants=plants, aged=aged)


def told(service: Service, scope: str, figure: str) -> list[tuple[str, float]]:
    frame = figures_frame(world(), service)
    rows = frame[(frame["scope"] == scope) & (frame["figure"] == figure)]
    return list(zip(rows["name"], rows["mean"], strict=True))


def test_figures_by_hand() -> None:
    service = busy_service()
    assert told(service, "plant", "made") == [("", 900)] and told(service, "plant", "capacity") == [("", 1200)]
    assert told(service, "plant", "capacity_used") == [("", pytest.approx(0.8))]
    assert told(service, "warehouse", "without_room") == [("", 5)]
    assert told(service, "sku", "given_away") == [("S1", 5), ("S2", 0)]
    assert told(service, "sku", "sold_aged") == [("S1", 3), ("S2", 4)]
    assert told(service, "sku", "aged_proceeds") == [("S1", 30), ("S2", 40)]
    assert told(service, "aged_stock", "cases") == [("1 markdown", 7), ("2 donate", 5)]
    assert told(service, "aged_stock", "proceeds") == [("1 markdown", 70), ("2 donate", 0)]


def test_waits_are_told_for_both_sides() -> None:
    """Two accounts together: 40 trucks that waited 100 minutes in all, one of them long; nobody came to a customer."""
    service = busy_service()
    waits = np.zeros((len(service.stock_cases), 2, 6))
    waits[:, 0, :3], waits[:, 1, :3] = (30, 100, 1), (10, 0, 0)
    service = replace(service, waits=waits)
    assert told(service, "trucks", "loading_wait") == [("", 2.5)]
    assert told(service, "trucks", "loading_long") == [("", 1 / 40)]
    assert told(service, "trucks", "customer_wait") == []
    rows = [
        (str(name), str(value)) for name, value in busy(replace(samples.run(world(), Plan.nothing()), service=service))
    ]
    assert ["minutes" in value for name, value in rows if "mean wait" in name] == [True]


def test_a_plant_without_a_limit_has_no_capacity() -> None:
    service = busy_service()
    assert service.plants is not None
    endless = replace(service.plants, capacity=np.array([np.inf]), used=np.full_like(service.plants.used, np.nan))
    assert told(replace(service, plants=endless), "plant", "capacity_used") == []
    assert told(replace(service, plants=endless), "plant", "made") == [("", 900)]


def test_the_interval_is_students() -> None:
    values = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    mean, low, high = Figures("plant", ("x", "y"), "made", "case", values).bounds(0.95)
    half = stats.t.ppf(0.975, 2) / 3**0.5
    assert mean.tolist() == [2, 5] and high == pytest.approx([2 + half, 5]) and low == pytest.approx([2 - half, 5])
    assert np.isnan(Figures("plant", ("x", "y"), "made", "case", values[:1]).bounds(0.95)[1]).all()


def test_the_page_tells_what_is_not_zero_in_both_languages() -> None:
    result = replace(samples.run(world(), Plan.nothing()), service=busy_service())
    rows = [(str(name), str(value)) for name, value in busy(result)]
    text = " ".join(name + " " + value for name, value in rows)
    assert len(rows) == 8  # made, lots, capacity, used, no room; cases of two steps, proceeds of one
    assert "capacity used" in text and "产能利用率" in text and "1 donate" not in text and "2 donate" in text
    assert numbers.percent(0.8, 1) in text and "pallet-days" in text and "breakdowns" not in text
    bare = replace(result.service, plants=None, aged=None)  # type: ignore[type-var]
    assert busy(replace(result, service=bare)) == ()
    assert busy(replace(result, service=None)) == ()
