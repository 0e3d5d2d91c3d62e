"""Knobs: where they turn, what they leave alone, and every way to state one wrongly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.calibration.knobs import Dial, dials_of, turned, value_at
from kaopt.errors import InputError
from kaopt.scenario.ledger_settings import Knob
from tests.calibration.small import KNOBS, asking, warehouse


def dial(**given: Any) -> Dial:
    said = {"setting": "supply.unfamiliar", "loss": "late", "low": 0.1, "high": 0.5} | given
    (found,) = dials_of(asking(warehouse(4), {"late": 0.1}, knobs=[said]))
    return found


def fault(**given: Any) -> str:
    with pytest.raises(InputError) as caught:
        dial(**given)
    (only,) = caught.value.faults
    assert only.column == "calibrate.knobs.0"
    return f"{only.expected} {only.remedy}"


def test_the_four_knobs_of_the_small_warehouse_and_where_they_stand() -> None:
    world = asking(warehouse(4), {})
    dials = dials_of(world)
    names = ["supply.unfamiliar", "skus.lot_cover_weeks of small* x", "skus.safety_weeks of hot*", "accounts.mismatch"]
    assert [one.name for one in dials] == names
    assert [value_at(world, one) for one in dials] == pytest.approx([0.2, 1.0, -0.3, 0.05])


def test_turning_changes_what_is_named_and_nothing_else() -> None:
    world = asking(warehouse(4), {})
    after = turned(world, dials_of(world), [0.3, 1.5, 0.25, 0.02])
    assert after.supply == world.supply.model_copy(update={"unfamiliar": 0.3})
    assert after.skus.lot_cover_weeks.tolist() == [1.0] * 4 + [15.0] * 4
    assert after.skus.safety_weeks.tolist() == [0.25] * 4 + [0.5] * 4
    assert after.accounts.mismatch.tolist() == [0.02, 0.02]
    assert after.skus.shelf_life is world.skus.shelf_life
    assert world.skus.lot_cover_weeks.tolist() == [1.0] * 4 + [10.0] * 4, "the input is as it was"
    with pytest.raises(ValueError, match="read-only"):
        after.accounts.mismatch[0] = 1.0


def test_a_mean_stands_for_rows_that_differ() -> None:
    one = dial(setting="skus.safety_weeks", loss="shortage", low=-1, high=1)
    assert value_at(warehouse(4), one) == pytest.approx(0.1)  # four of -0.3, four of 0.5


def test_whole_numbers_are_kept_whole() -> None:
    minutes = dial(setting="supply.unfamiliar_minutes", low=10, high=100)
    assert minutes.whole
    assert turned(warehouse(4), [minutes], [33.6]).supply.unfamiliar_minutes == 34
    travel = dial(setting="accounts.travel_minutes", of="W", low=10, high=100)
    after = turned(warehouse(4), [travel], [33.6])
    assert after.accounts.travel_minutes.tolist() == [34, 150]
    assert after.accounts.travel_minutes.dtype == np.int64


@given(st.floats(0, 1), st.sampled_from(["linear", "log"]))
def test_places_in_the_box_and_values_are_one_to_one(unit: float, scale: str) -> None:
    knob = Knob.model_validate({"setting": "x", "loss": "late", "low": 0.02, "high": 0.8, "scale": scale})
    one = Dial(knob, 0, ("x",))
    value = one.natural(unit)
    assert 0.02 <= value <= 0.8
    assert one.unit(value) == pytest.approx(unit, abs=1e-4)
    assert float(f"{value:.6g}") == value, "what is written is what was tried"
    step = 1e-4
    inside = min(max(unit, step), 1 - step)
    slope = (one.natural(inside + step) - one.natural(inside - step)) / (2 * step)
    assert one.slope(inside) == pytest.approx(slope, rel=0.02, abs=1e-3)


def test_a_start_outside_the_bounds_begins_at_the_nearer_one() -> None:
    one = dial(low=0.3, high=0.5)
    assert one.unit(value_at(warehouse(4), one)) == 0.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"low": 0.5, "high": 0.1}, "low below high"),
        ({"low": 0, "scale": "log"}, "above 0 on a log scale"),
        ({"setting": "supply.unfamilar"}, "Did you mean 'unfamiliar'?"),
        ({"setting": "supply.policy"}, "single number"),
        ({"setting": "supply.gate"}, "single number"),
        ({"setting": "supply.unfamiliar", "how": "times"}, "set, not multiplied"),
        ({"high": 1.5}, "between 0 and 1"),
        ({"setting": "budget.total"}, "supply.NAME or accounts.COLUMN"),
        ({"setting": "skus"}, "supply.NAME or accounts.COLUMN"),
        ({"setting": "accounts.mismach"}, "Did you mean 'mismatch'?"),
        ({"setting": "skus.brand"}, "column of numbers"),
        ({"setting": "skus.safety_weeks", "of": "tiny*"}, "no row of skus is 'tiny*'"),
        ({"setting": "accounts.mismatch", "high": 1.5}, "bounds that the column allows"),
        ({"setting": "skus.lot_cover_weeks", "how": "times", "low": 0}, "bounds that the column allows"),
    ],
)
def test_every_wrong_knob_is_told(given: dict[str, Any], words: str) -> None:
    assert words in fault(**given)


def test_nested_settings_are_reached() -> None:
    one = dial(setting="supply.replications.half_width", low=0.001, high=0.1)
    assert turned(warehouse(4), [one], [0.02]).supply.replications.half_width == 0.02


def test_all_faults_at_once() -> None:
    with pytest.raises(InputError) as caught:
        dials_of(asking(warehouse(4), {}, knobs=[{**KNOBS[0], "high": 7}, KNOBS[1], {**KNOBS[2], "setting": "x"}]))
    assert [one.column for one in caught.value.faults] == ["calibrate.knobs.0", "calibrate.knobs.2"]
