"""`--over PATH=FIRST:LAST:STEP` as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.planning.grid import grid_of
from tests.planning.small import small

WORLD = small(budget=4000.0)


def test_percentages_are_of_the_scenarios_own_value():
    grid = grid_of(WORLD, "budget.total=80%:120%:10%")
    assert (grid.path, grid.own) == ("budget.total", 4000.0)
    assert grid.values == (3200.0, 3600.0, 4000.0, 4400.0, 4800.0)
    assert grid.shares == (0.8, 0.9, 1.0, 1.1, 1.2)


def test_amounts_stand_for_themselves_in_any_notation():
    assert grid_of(WORLD, "budget.total=1000:2000:500").values == (1000.0, 1500.0, 2000.0)
    assert grid_of(WORLD, "budget.total=0.1万:0.2万:0.05万").values == (1000.0, 1500.0, 2000.0)
    assert grid_of(WORLD, " budget.total = 1000 : 1999 : 500 ").values == (1000.0, 1500.0)
    assert grid_of(WORLD, "budget.total=1000:1000:500").shares == (None,)


def test_steps_of_a_tenth_end_where_they_should():
    """0.1 + 0.1 + 0.1 is not 0.3 in floating point."""
    grid = grid_of(WORLD, "objective.hurdle=0:0.3:0.1")
    assert grid.values == (0.0, 0.1, 0.2, 0.3)


@given(st.integers(1, 500), st.integers(0, 40), st.integers(1, 20))
def test_the_first_and_every_step_after_it_up_to_the_last(first, more, step):
    values = grid_of(WORLD, f"budget.total={first}:{first + more}:{step}").values
    assert values == tuple(float(one) for one in range(first, first + more + 1, step))


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("budget.total", "must be PATH=FIRST:LAST:STEP"),
        ("budget.total=1:2", "must be PATH=FIRST:LAST:STEP"),
        ("budget.total=1::2", "must be PATH=FIRST:LAST:STEP"),
        ("budget.total=80%:4000:5%", "all percentages or all amounts"),
        ("budget.total=120%:80%:5%", "must go up"),
        ("budget.total=80%:120%:0%", "must go up"),
        ("budget.total=much:more:1", "must be"),
        ("budget.total=0:100000:1", "at most 200 points, these are 100001"),
        ("budget.totals=1:2:1", "Did you mean 'budget.total'"),
        ("objective.hurdle=80%:120%:5%", "must be amounts"),
    ],
)
def test_what_cannot_be_read_is_told_with_an_example(over, told):
    with pytest.raises(InputError, match=told):
        grid_of(WORLD, over)
