"""Rows as data: limits on what is used become limits on what is chosen; nothing that bounds nothing is kept."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from kaopt.allocation.rows import make_rows, sums


def test_constants_move_to_the_limits() -> None:
    """10 sold without, at least 12 and at most 20 asked: 2 to 10 more."""
    rows = make_rows("r", "case", ("total",), np.array([[1.0, 2.0]]), low=12.0, high=20.0, used_without=10.0)
    assert (rows.low.tolist(), rows.high.tolist(), rows.used_without.tolist()) == ([2.0], [10.0], [10.0])
    assert np.isnan(rows.regret).all()


def test_rows_without_limits_are_dropped_with_all_that_is_theirs() -> None:
    rows = make_rows(
        "r", "case", ("a", "b", "c"), np.eye(3),
        low=np.array([-np.inf, 1.0, -np.inf]), high=np.array([np.inf, np.inf, 5.0]),
        regret=np.array([1.0, 2.0, 3.0]), used_without=np.array([0.0, 0.5, 1.0]),
    )  # fmt: skip
    assert rows.scopes == ("b", "c") and len(rows) == 2
    assert rows.matrix.toarray().tolist() == [[0, 1, 0], [0, 0, 1]]
    assert (rows.low.tolist(), rows.high.tolist()) == ([0.5, -np.inf], [np.inf, 4.0])
    assert rows.regret.tolist() == [2.0, 3.0]


def test_what_rounding_leaves_of_a_cancelled_amount_is_no_coefficient() -> None:
    left = 0.1 + 0.2 - 0.3
    assert left != 0
    rows = make_rows("r", "money", ("a", "b"), np.array([[left, 500.0, 1e-9], [left, 0.0, 0.0]]), high=1.0)
    assert rows.matrix.toarray().tolist() == [[0.0, 500.0, 1e-9], [left, 0.0, 0.0]]
    assert rows.matrix.nnz == 3


def test_sums_add_what_belongs_together_and_leave_the_rest_out() -> None:
    group, offer = np.array([0, 0, 1, -1, 0]), np.array([2, 2, 0, 1, 1])
    matrix = sums(group, offer, np.array([1.0, 2.0, 3.0, 4.0, 5.0]), (2, 3))
    assert matrix.toarray().tolist() == [[0, 5, 3], [3, 0, 0]]


@pytest.mark.parametrize("size", [0, 4])
def test_no_rows_at_all(size: int) -> None:
    rows = make_rows("r", "money", (), sp.csr_matrix((0, size)))
    assert len(rows) == 0 and rows.matrix.shape == (0, size)
