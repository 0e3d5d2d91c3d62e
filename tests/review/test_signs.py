"""Signs kept at the least loss: against a search over a fine grid and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.review.signs import with_signs


def test_right_signs_stay_and_independent_wrong_ones_become_zero() -> None:
    value = np.array([[-2.0, 0.5], [0.3, 0.5], [0.3, -0.2]])
    found = with_signs(value, np.tile(np.eye(2), (3, 1, 1)), np.array([-1, 1]))
    assert found.tolist() == [[-2.0, 0.5], [0.0, 0.5], [0.0, 0.0]]


def test_what_hangs_together_moves_together() -> None:
    """b = (0.3, 1), V = [[1, .5], [.5, 1]]: holding the first at zero moves the second by −.5 · .3."""
    found = with_signs(np.array([[0.3, 1.0]]), np.array([[[1.0, 0.5], [0.5, 1.0]]]), np.array([-1, 1]))
    assert found[0].tolist() == pytest.approx([0.0, 0.85])


def test_a_term_without_a_sign_is_free() -> None:
    found = with_signs(np.array([[0.3, -1.0]]), np.array([[[1.0, 0.5], [0.5, 1.0]]]), np.array([-1, 0]))
    assert found[0].tolist() == pytest.approx([0.0, -1.15])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000))
def test_no_allowed_point_is_likelier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3))
    covariance, value = root @ root.T + 0.1 * np.eye(3), rng.normal(size=3)
    signs = np.array([-1, 1, 1])
    found = with_signs(value[None], covariance[None], signs)[0]
    assert (found * signs >= 0).all()
    inverse = np.linalg.inv(covariance)

    def loss(c: np.ndarray) -> np.ndarray:
        off = c - value
        return np.einsum("...p,pq,...q->...", off, inverse, off)

    others = np.abs(found + rng.normal(size=(3000, 3)) * rng.choice([0.01, 0.1, 1.0], size=(3000, 1))) * signs
    assert loss(found) <= loss(others).min() + 1e-9
