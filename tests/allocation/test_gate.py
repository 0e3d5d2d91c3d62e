"""What no solver may see is refused by name; what passes is scaled without rounding and boxed without loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.gate import gate
from kaopt.allocation.solver.program import Program
from kaopt.errors import ContradictionError, InputError
from tests.allocation.programs import program, random_program, try_everything


def two_by_two() -> Program:
    return program([1.0, 2.0], [[1.0, 3.0], [2.0, 0.0]], high=[3.0, 2.0])


def with_entry(value: float) -> Program:
    body = two_by_two().matrix.toarray()
    body[1, 0] = value
    return replace(two_by_two(), matrix=sp.csr_matrix(body))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_coefficients_that_are_no_numbers(value: float) -> None:
    with pytest.raises(ContradictionError, match="row row 1, column x0"):
        gate(with_entry(value))


@pytest.mark.parametrize(
    ("field", "values", "named"),
    [
        ("cost", [np.nan, 1.0], "x0"),
        ("cost", [1.0, np.inf], "x1"),
        ("row_high", [np.nan, 1.0], "row 0"),
        ("row_high", [-np.inf, 1.0], "row 0"),
        ("row_low", [0.0, np.inf], "row 1"),
        ("low", [np.nan, 0.0], "x0"),
        ("high", [1.0, np.nan], "x1"),
        ("high", [np.inf, 1.0], "x0.*whole number without a limit"),
        ("low", [0.0, -np.inf], "x1.*whole number without a limit"),
    ],
)
def test_limits_that_are_no_numbers(field: str, values: list[float], named: str) -> None:
    with pytest.raises(ContradictionError, match=named):
        gate(replace(two_by_two(), **{field: np.array(values)}))


def test_crossed_limits_are_told_all_at_once() -> None:
    crossed = replace(two_by_two(), row_low=np.array([4.0, 0.0]), low=np.array([0.0, 2.0]))
    with pytest.raises(InputError) as told:
        gate(crossed)
    assert [fault.column for fault in told.value.faults] == ["row 0", "x1"]
    assert "4 to 3" in str(told.value)


@pytest.mark.parametrize("value", [1e15, -3e18])
def test_entries_too_large(value: float) -> None:
    with pytest.raises(InputError, match=r"row 1 x x0.*too large"):
        gate(with_entry(value))


def test_entries_too_small_beside_their_row() -> None:
    body = two_by_two().matrix.toarray()
    body[0, 0] = 1e-9
    with pytest.raises(InputError, match=r"row 0 x x0.*too small"):
        gate(replace(two_by_two(), matrix=sp.csr_matrix(body)))


def test_a_row_that_is_small_as_a_whole_is_only_scaled() -> None:
    tiny = program([1.0, 2.0], [[1e-7, 3e-7]], high=3e-7)
    found = gate(tiny)
    assert np.max(np.abs(found.program.matrix.toarray())) == pytest.approx(1.0, rel=0.5)
    assert try_everything(found.program)[0] == 2.0  # both would be 4e-7


def test_scaling_rounds_nothing() -> None:
    for seed in range(40):
        one = random_program(seed)
        found = gate(one)
        back = sp.diags(1 / found.factor) @ found.program.matrix
        assert np.array_equal(back.toarray(), one.matrix.toarray())
        assert np.array_equal(found.program.row_high / found.factor, one.row_high)
        assert set(np.log2(found.factor) % 1) == {0.0}
        assert np.all(abs(found.program.matrix).max(axis=1).toarray() < 1.5)


def soft(seed: int, regret: float) -> Program:
    """A random program whose rows may all be missed at a price."""
    one = random_program(seed, columns=6, rows=3)
    extra = np.hstack([np.eye(3), -np.eye(3)])
    return Program(
        cost=np.concatenate([one.cost, np.full(6, -regret)]),
        offset=0.0,
        matrix=sp.csr_matrix(np.hstack([one.matrix.toarray(), extra])),
        row_low=one.row_low,
        row_high=one.row_high,
        low=np.zeros(12),
        high=np.concatenate([one.high, np.full(6, np.inf)]),
        integer=np.arange(12) < 6,
    )


@given(seed=st.integers(0, 3000), regret=st.floats(0.0, 5.0))
@settings(max_examples=60, deadline=None)
def test_boxes_cut_no_plan_off(seed: int, regret: float) -> None:
    """What a whole plan must miss at least always fits in the boxes."""
    open_, found = soft(seed, regret), gate(soft(seed, regret))
    assert np.all(np.isfinite(found.program.high))
    body = open_.matrix.toarray()[:, :6]
    for point in np.array(np.meshgrid(*[[0.0, 1.0]] * 6)).reshape(6, -1).T:
        used = body @ point
        short, over = np.maximum(open_.row_low - used, 0), np.maximum(used - open_.row_high, 0)
        assert np.all(np.concatenate([short, over]) <= found.program.high[6:])


def test_an_open_column_that_earns_is_refused() -> None:
    with pytest.raises(ContradictionError, match="column column 6 has no finite limits"):
        gate(soft(1, -1.0))
