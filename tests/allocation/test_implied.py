"""Tiers are shut only where no plan can end in them."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.implied import mirrors, reach, shut
from kaopt.allocation.solver.program import Program

AMOUNTS = (3.0, 2.0, 4.0)  # what three events sell


def rebate(amounts: tuple[float, ...], tiers: tuple[tuple[float, float], ...], target: float, most: float) -> Program:
    """Events, then z and f of each tier (low, width): sales = sum of low z + width f, one z, f <= z; and a target."""
    count, size = len(amounts), len(tiers)
    sold = [*amounts, *(-low for low, _ in tiers), *(-width for _, width in tiers)]
    one = [0.0] * count + [1.0] * size + [0.0] * size
    only = np.hstack([np.zeros((size, count)), -np.eye(size), np.eye(size)])
    limit = [*(2 * np.array(amounts)), *([0.0] * 2 * size)]
    matrix = sp.csr_matrix(np.vstack([sold, one, only, limit]))
    columns = count + 2 * size
    return Program(
        cost=np.zeros(columns),
        offset=0.0,
        matrix=matrix,
        row_low=np.array([0.0, 1.0, *[-inf] * size, 2 * target]),
        row_high=np.array([0.0, 1.0, *[0.0] * size, 2 * most]),
        low=np.zeros(columns),
        high=np.ones(columns),
        integer=np.arange(columns) < count + size,
    )


def reached(one: Program, amounts: tuple[float, ...], tiers: tuple[tuple[float, float], ...]) -> set[int]:
    """Tiers in which some plan ends, by trying every plan."""
    found = set()
    for chosen in np.ndindex(*(2,) * len(amounts)):
        sales = float(np.dot(chosen, amounts))
        if one.row_low[-1] / 2 - 1e-9 <= sales <= one.row_high[-1] / 2 + 1e-9:
            found |= {j for j, (low, width) in enumerate(tiers) if low - 1e-9 <= sales <= low + width + 1e-9}
    return found


TIERS = ((0.0, 3.0), (3.5, 2.0), (6.0, 3.0))


@pytest.mark.parametrize(
    ("target", "most", "open_"),
    [
        (-inf, inf, [1, 1, 1]),
        (3.2, inf, [0, 1, 1]),
        (5.6, inf, [0, 0, 1]),
        (-inf, 5.8, [1, 1, 0]),
        (3.2, 5.8, [0, 1, 0]),
    ],
)
def test_a_target_shuts_the_tiers_below_it(target: float, most: float, open_: list[int]) -> None:
    """Tiers 0-3, 3.5-5.5, 6-9: who must sell 3.2 is not in the first; who may not sell 6 is not in the last."""
    one = rebate(AMOUNTS, TIERS, target, most)
    assert shut(one, 3).high[3:6].tolist() == open_
    assert shut(one, 3).high[:3].tolist() == [1, 1, 1] and shut(one, 3).high[6:].tolist() == [1, 1, 1]


def test_the_target_is_seen_through_its_scale() -> None:
    (found,) = mirrors(rebate(AMOUNTS, TIERS, 3.2, inf), 3)
    assert found.columns.tolist() == [4, 5, 6, 7, 8]  # the first tier begins at 0 and leaves no entry
    assert found.high == pytest.approx(-3.2, abs=1e-4) and found.low == pytest.approx(-9.0, abs=1e-4)


def test_what_the_events_can_bring_at_all_counts_too() -> None:
    assert shut(rebate((1.0, 1.0), TIERS, -inf, inf), 2).high[2:5].tolist() == [1, 0, 0]


def test_a_row_of_other_events_says_nothing() -> None:
    one = rebate(AMOUNTS, TIERS, 5.6, inf)
    other = one.matrix.tolil()
    other[-1, 0] = 0.0
    free = replace(one, matrix=sp.csr_matrix(other))
    assert shut(free, 3).high[3:6].tolist() == [1, 1, 1]


def test_programs_without_switches_stay_as_they_are() -> None:
    one = rebate(AMOUNTS, TIERS, 5.6, inf)
    plain = replace(one, integer=np.arange(9) < 3)
    assert shut(plain, 3) is plain


def test_reach_by_hand() -> None:
    assert reach(np.array([2.0, -1.0]), np.array([0.0, 1.0]), np.array([3.0, 4.0])) == (-4.0, 5.0)


@given(st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_no_plan_is_ever_lost(seed: int) -> None:
    luck = np.random.default_rng(seed)
    amounts = tuple(luck.uniform(0.5, 4, luck.integers(2, 6)).round(2).tolist())
    ends = np.sort(luck.uniform(0, sum(amounts), 5))
    a, b, c, d, e = ends.tolist()
    tiers = ((0.0, a), (b, c - b), (d, e - d))
    target, most = np.sort(luck.uniform(0, sum(amounts), 2)).tolist()
    one = rebate(amounts, tiers, target if luck.random() < 0.7 else -inf, most if luck.random() < 0.5 else inf)
    open_ = shut(one, len(amounts)).high[len(amounts) : len(amounts) + 3]
    assert {j for j in range(3) if open_[j] > 0} >= reached(one, amounts, tiers)
