"""Luck: right laws, independence of what should be independent, and draws that depend on nothing but their key."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from kaopt.fulfilment import luck
from kaopt.fulfilment.loops import trips
from tests.fulfilment.helpers import unhurried, z_score
from tests.fulfilment.yards import yard

KEYS = luck.keys_of(7, 0)
WHO = luck.name_key("A1")


def draws(key: int, who: int, cells: range) -> np.ndarray:
    return np.array([luck.uniform(key, who, cell) for cell in cells])


SAMPLE = draws(KEYS[0], WHO, range(-10_000, 10_000))


@unhurried
@given(st.floats(1e-300, 1 - 1e-16, exclude_min=True))
def test_the_normal_quantile_is_scipys(p: float) -> None:
    assert luck.quantile(p) == pytest.approx(norm.ppf(p), rel=1e-12, abs=1e-13)


def test_uniforms_fill_the_unit_interval_evenly() -> None:
    assert SAMPLE.min() > 0 and SAMPLE.max() < 1
    cells = np.histogram(SAMPLE, bins=100, range=(0, 1))[0]
    distance = float(((cells - len(SAMPLE) / 100) ** 2 / (len(SAMPLE) / 100)).sum())
    assert abs(norm.isf(chi2.sf(distance, 99))) <= 4
    assert abs(z_score(SAMPLE, 0.5)) <= 4
    assert abs(z_score((SAMPLE - 0.5) ** 2, 1 / 12)) <= 4


@pytest.mark.parametrize(
    "other",
    [
        draws(KEYS[0], WHO, range(-9_999, 10_001)),  # the next cell
        draws(KEYS[0], WHO, range(-9_993, 10_007)),  # a week later
        draws(KEYS[1], WHO, range(-10_000, 10_000)),  # another purpose
        draws(KEYS[0], luck.name_key("A2"), range(-10_000, 10_000)),  # another account
        draws(luck.keys_of(7, 1)[0], WHO, range(-10_000, 10_000)),  # another replication
        draws(luck.keys_of(8, 0)[0], WHO, range(-10_000, 10_000)),  # another seed
    ],
)
def test_different_keys_are_independent(other: np.ndarray) -> None:
    together = np.histogram2d(SAMPLE, other, bins=10, range=[[0, 1], [0, 1]])[0]
    expected = len(SAMPLE) / 100
    assert abs(norm.isf(chi2.sf(float(((together - expected) ** 2 / expected).sum()), 99))) <= 4
    assert abs(z_score((SAMPLE - 0.5) * (other - 0.5), 0.0)) <= 4


def test_every_bit_is_a_fair_coin() -> None:
    words = np.array([luck.bits(KEYS[3], WHO, cell) for cell in range(4096)], dtype=np.uint64)
    ones = ((words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).sum(axis=0).astype(int)
    assert np.abs((ones - 2048) / 32).max() <= 4.5  # the worst of 64


def test_neighbouring_cells_share_no_pattern() -> None:
    words = [int(luck.bits(KEYS[3], WHO, cell)) for cell in range(2000)]
    flips = [(a ^ b).bit_count() for a, b in pairwise(words)]
    assert abs(z_score(flips, 32)) <= 4


def test_lognormals_have_mean_one_and_their_cv() -> None:
    for cv in (0.2, 0.45):
        values = np.array([luck.lognormal(KEYS[1], WHO, cell, cv) for cell in range(20_000)])
        assert abs(z_score(values, 1.0)) <= 4
        assert abs(z_score((values - 1) ** 2, cv**2)) <= 4
    assert luck.lognormal(KEYS[1], WHO, 5, 0.0) == 1.0


def test_exponentials_have_mean_and_spread_one() -> None:
    values = np.array([luck.exponential(KEYS[2], WHO, cell) for cell in range(20_000)])
    assert abs(z_score(values, 1.0)) <= 4
    assert abs(z_score((values - 1) ** 2, 1.0)) <= 4


def test_keys_come_from_names_and_keep_pairs_apart() -> None:
    names = ["A1", "A2", "a1", "A1 ", "客户甲"]
    keys = {luck.name_key(*pair) for pair in product(names, names)} | {luck.name_key(one) for one in names}
    assert len(keys) == len(names) ** 2 + len(names)
    assert luck.name_key("ab", "c") != luck.name_key("a", "bc")


def test_keys_stay_what_they_were() -> None:
    """Pinned: results of a seed must survive a new version, or be announced."""
    assert luck.name_key("A1") == 10776033278222397497
    assert luck.uniform(luck.keys_of(7, 0)[luck.TRIP], luck.name_key("A1"), 3) == 0.4099802600814536


def test_the_order_of_purposes_and_of_questions_does_not_matter() -> None:
    forth = [luck.uniform(KEYS[luck.TRIP], WHO, cell) for cell in range(5)]
    back = [luck.uniform(KEYS[luck.TRIP], WHO, cell) for cell in reversed(range(5))]
    assert forth == back[::-1]
    assert len(set(KEYS.tolist())) == len(luck.PURPOSES)
    assert KEYS[luck.DAMAGE] == luck.name_key("7", "0", "damage")


def test_loops_draw_the_same_luck_as_python() -> None:
    """Guards the compiled cache too: a loop that kept an old version of luck would differ."""
    state = yard(load_cv=0.3, trip_cv=0.35, unfamiliar=0.5, unfamiliar_minutes=72, unfamiliar_cv=0.8)
    keys = luck.keys_of(11, 0)
    for cell in range(50):
        load, trip, delay = trips.journey(state, 0, cell, False)
        assert load == int(36 * luck.lognormal(keys[luck.LOAD], WHO, cell, 0.3) + 0.5)
        assert trip == int(72 * luck.lognormal(keys[luck.TRIP], WHO, cell, 0.35) + 0.5)
        late = luck.uniform(keys[luck.DRIVER], WHO, cell) < 0.5
        assert delay == (int(72 * luck.lognormal(keys[luck.DELAY], WHO, cell, 0.8) + 0.5) if late else 0)
