"""What ran when: each promoted week has one owner, and the effects are those of the plan's own model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.demand import live
from kaopt.review.promotions import (
    MECHANICS,
    TERMS,
    Run,
    design,
    happened_runs,
    multiplied,
    planned_runs,
    planned_strength,
    promoted,
    taken_by_mates,
)
from kaopt.review.year import grid
from tests.worlds import plan, world

WEEKS = 12
EVENT = Run(0, 0, 4, 2, event=0)  # weeks 5 and 6 of the calendar


def ran(*weeks: int) -> np.ndarray:
    seen = np.zeros((1, 1, WEEKS), bool)
    seen[0, 0, list(weeks)] = True
    return seen


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ((4, 5), [Run(0, 0, 4, 2, 0)]),
        ((4,), [Run(0, 0, 4, 1, 0)]),
        ((4, 5, 6), [Run(0, 0, 4, 3, 0)]),  # longer
        ((2, 3, 4, 5), [Run(0, 0, 2, 4, 0)]),  # earlier
        ((7, 8), [Run(0, 0, 7, 2, 0)]),  # moved by three weeks
        ((1,), [Run(0, 0, 1, 1, 0)]),  # moved to before
        ((10, 11), [Run(0, 0, 10, 2, -1)]),  # too far away to be the planned one
        ((4, 5, 8), [Run(0, 0, 4, 2, 0), Run(0, 0, 8, 1, -1)]),  # one more that nobody planned
        ((1, 7), [Run(0, 0, 1, 1, 0), Run(0, 0, 7, 1, -1)]),  # it can move once only
        ((), []),
    ],
)
def test_each_stretch_of_weeks_finds_its_event(weeks: tuple[int, ...], expected: list[Run]) -> None:
    assert happened_runs([EVENT], ran(*weeks)) == expected


def test_back_to_back_events_stay_two() -> None:
    second = Run(0, 0, 6, 2, event=1)
    assert happened_runs([EVENT, second], ran(4, 5, 6, 7)) == [Run(0, 0, 4, 2, 0), Run(0, 0, 6, 2, 1)]


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, WEEKS - 1)), st.sampled_from([(0, 2, 5, 1), (3, 2, 8, 3), (1, 1, 2, 1)]))
def test_every_promoted_week_has_one_run(weeks: set[int], starts: tuple[int, int, int, int]) -> None:
    events = [Run(0, 0, starts[0], starts[1], 0), Run(0, 0, starts[2], starts[3], 1)]
    runs = happened_runs(events, ran(*weeks))
    covered = [week for run in runs for week in run.span]
    assert sorted(covered) == sorted(weeks)


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        ((np.log(0.98), 0, 0, 0), False),  # prices wobble
        ((np.log(0.96), 0, 0, 0), True),
        ((np.log(1.2), 0, 0, 0), False),
        ((0, 0.04, 0, 0), False),
        ((0, 0.3, 0, 0), True),
        ((0, 0, 1, 0), True),
        ((0, 0, 0, 1), True),
    ],
)
def test_what_counts_as_a_promotion(strength: tuple[float, ...], expected: bool) -> None:
    assert promoted(np.array(strength)) == expected


def rich(**given_columns: float) -> object:
    effects = {"elasticity": -2.5, "display": 0.6, "feature": 0.3, "gift": 0.2, "price_display": -0.4}
    effects |= {
        "price_feature": -0.2,
        "display_feature": 0.1,
        "fatigue": 0.15,
        "dip": 0.2,
        "dip_weeks": 2,
        "cross": 0.1,
    }
    treatments = {"display": [0.3, 1.0], "feature": [0.5, 0.2], "gift": [0.0, 1.0], "pass_through": [1.1, 1.0]}
    return world(
        2,
        3,
        10,
        response_columns=effects | given_columns,
        sku_columns={"cluster": ["c", "c", ""]},
        treatment_columns=treatments,
    )


def test_effects_are_those_of_the_year_of_a_plan() -> None:
    """The design, multiplied with the coefficients, against `kaopt.demand.live`, which shares no code with it."""
    here = rich()
    events = plan((0, 0, 1, 2, 0), (0, 1, 2, 1, 1), (0, 0, 6, 1, 1), (1, 2, 8, 2, 0), (1, 1, 9, 1, 1))
    found = design(here, planned_strength(here, events), planned_runs(here, events))
    coefficients = np.stack([getattr(here.response, term) for term in TERMS], axis=-1)
    active, after = found.effect(coefficients)
    units = here.base_cases * np.exp(active + after + taken_by_mates(here, active))
    np.testing.assert_allclose(units, live(here, events).sell_out, rtol=1e-12)
    assert (after < 0).any() and (taken_by_mates(here, active) < 0).any()


def test_a_dip_follows_what_ran_and_not_what_was_planned() -> None:
    here = rich()
    strength = np.zeros((*here.shape, len(MECHANICS)))
    strength[0, 0, 3, 1] = 1.0
    after = design(here, strength, [Run(0, 0, 3, 1)]).after
    assert after[0, 0, :, 1].tolist() == pytest.approx([0, 0, 0, 0, -0.2, -0.1, 0, 0, 0, 0])
    late = design(here, strength, [Run(0, 0, 9, 1)])
    assert not late.after.any()  # the horizon is over


def test_products_are_of_the_mechanics_that_they_are_named_after() -> None:
    names = dict(zip(TERMS, multiplied(np.array([2.0, 3.0, 5.0, 7.0])).tolist(), strict=True))
    assert names == {
        "elasticity": 2.0,
        "display": 3.0,
        "feature": 5.0,
        "gift": 7.0,
        "price_display": 6.0,
        "price_feature": 10.0,
        "display_feature": 15.0,
    }


def test_an_event_over_the_end_of_the_horizon_is_cut() -> None:
    here = world(1, 1, 8)
    assert planned_runs(here, plan((0, 0, 7, 2, 0))) == [Run(0, 0, 7, 1, 0)]
    shorter = replace(here, response=here.response)
    assert planned_strength(shorter, plan((0, 0, 7, 2, 0)))[0, 0, :, 0].nonzero()[0].tolist() == [7]


def test_a_grid_puts_series_in_their_place() -> None:
    here = replace(world(2, 2, 3), listed=np.array([[True, False], [True, True]]))
    series = np.argwhere(here.listed)
    assert grid(here, series, np.array([1.0, 2.0, 3.0])).tolist() == [[1.0, 0.0], [2.0, 3.0]]
