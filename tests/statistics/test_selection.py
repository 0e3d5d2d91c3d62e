"""The race for the best: its constants, an implementation from the paper's text, its promise; where OCBA spends."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kaopt.statistics.interval import Floats
from kaopt.statistics.selection import Race, allocation, survivors, variances


def test_constant_by_hand() -> None:
    """k = 5, n0 = 20, 95 %: eta = (.025^(-2/19) - 1) / 2 = .237238, h² = 2 eta 19 = 9.0151."""
    eta = (exp(-2 / 19 * log(0.025)) - 1) / 2
    assert Race(1.0).h_squared(5, 20) == pytest.approx(38 * eta)
    assert Race(1.0).h_squared(5, 20) == pytest.approx(9.0151, abs=0.0001)
    assert Race(1.0, 0.99).h_squared(5, 20) > Race(1.0).h_squared(5, 20)


def test_variance_of_differences() -> None:
    values = np.random.default_rng(1).normal(size=(4, 30))
    found = variances(values)
    for i in range(4):
        for j in range(4):
            expected = np.var(values[i] - values[j], ddof=1) if i != j else 0.0
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


def from_the_text(values: Floats, delta: float, alpha: float, n0: int) -> tuple[int, int]:
    """Kim and Nelson's procedure step by step with c = 1, one observation at a time: who wins, and all it took."""
    k = len(values)
    eta = 0.5 * ((2 * alpha / (k - 1)) ** (-2 / (n0 - 1)) - 1)
    h2 = 2 * eta * (n0 - 1)
    s2 = {
        (i, j): sum((values[i, n] - values[j, n] - (values[i, :n0] - values[j, :n0]).mean()) ** 2 for n in range(n0))
        / (n0 - 1)
        for i in range(k)
        for j in range(k)
        if i != j
    }
    alive, r, spent = set(range(k)), n0, k * n0
    while True:
        width = {pair: max(0.0, delta / (2 * r) * (h2 * s / delta**2 - r)) for pair, s in s2.items()}
        mean = {i: values[i, :r].mean() for i in alive}
        alive = {i for i in alive if all(mean[i] >= mean[j] - width[i, j] for j in alive if j != i)}
        if len(alive) == 1:
            return alive.pop(), spent
        r += 1
        spent += len(alive)


def raced(values: Floats, race: Race, n0: int, step: int = 1) -> tuple[int, int]:
    """The same through `survivors`, a block of `step` at a time."""
    still, r, spent = list(range(len(values))), n0, len(values) * n0
    while len(still := survivors(race, values[:, :r], n0, still)) > 1:
        r += step
        spent += step * len(still)
    return still[0], spent


@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_procedure_of_the_paper(seed: int) -> None:
    luck = np.random.default_rng(seed)
    values = luck.normal(0, 2, (5, 3000)) + np.linspace(0, 1, 5)[:, None]
    assert raced(values, Race(1.0), 20) == from_the_text(values, 1.0, 0.05, 20)


@given(some.integers(0, 10_000), some.integers(2, 6))
def test_whoever_leads_is_never_out_and_nobody_comes_back(seed: int, k: int) -> None:
    values = np.random.default_rng(seed).normal(size=(k, 60))
    still = list(range(k))
    for r in (10, 20, 40, 60):
        before, still = still, survivors(Race(0.2), values[:, :r], 10, still)
        assert set(still) <= set(before) and max(before, key=lambda i: values[i, :r].mean()) in still


def test_one_alone_has_won() -> None:
    assert survivors(Race(1.0), np.zeros((1, 10)), 5, [0]) == [0]
    assert survivors(Race(1.0), np.zeros((3, 10)), 5, [1]) == [1]


def test_equals_without_luck_stay() -> None:
    """No variance: everybody who is behind at all is out at once, equals stay."""
    values = np.repeat([[1.0], [1.0], [0.9]], 10, axis=1)
    assert survivors(Race(0.5), values, 5, [0, 1, 2]) == [0, 1]


@pytest.mark.thorough
@pytest.mark.parametrize(("rho", "most"), [(0.0, 155.0), (0.6, 112.0)])
def test_the_promise_is_kept(rho: float, most: float) -> None:
    """k = 5, one better by d = 1, sigma 2, n0 20: right in 95 % of 2 000 races at least; less work on shared luck."""
    luck, right, spent = np.random.default_rng(20), 0, []
    for _ in range(2000):
        common = luck.normal(size=(1, 900))
        values = 2 * (sqrt(rho) * common + sqrt(1 - rho) * luck.normal(size=(5, 900)))
        values[3] += 1.0
        best, took = raced(values, Race(1.0), 20)
        right += best == 3
        spent.append(took)
    assert right / 2000 >= 0.95
    assert np.mean(spent) < most


@pytest.mark.thorough
def test_blocks_keep_the_promise_too() -> None:
    luck, right = np.random.default_rng(21), 0
    for _ in range(1500):
        values = luck.normal(0, 2, (5, 1200))
        values[0] += 1.0
        right += raced(values, Race(1.0), 24, 8)[0] == 0
    assert right / 1500 >= 0.95


# --- OCBA


def test_two_policies_share_by_their_deviations() -> None:
    """With k = 2 the best has s_b (N / s) = N s_b / s: 3 to 1."""
    assert allocation(np.array([1.0, 0.0]), np.array([3.0, 1.0]), 400).tolist() == [300, 100]


def test_ratios_of_the_theorem() -> None:
    means, deviations = np.array([5.0, 4.0, 3.0, 1.0]), np.array([2.0, 2.0, 3.0, 1.0])
    found = allocation(means, deviations, 1_000_000).astype(float)
    assert found.sum() == 1_000_000
    assert found[1] / found[2] == pytest.approx(((2 / 1) / (3 / 2)) ** 2, rel=1e-3)
    assert found[1] / found[3] == pytest.approx(((2 / 1) / (1 / 4)) ** 2, rel=1e-2)
    assert found[0] == pytest.approx(2 * sqrt(sum((found[i] / deviations[i]) ** 2 for i in (1, 2, 3))), rel=1e-3)


@given(some.integers(0, 1000), some.integers(1, 8), some.integers(1, 500))
def test_all_of_the_budget_and_no_more(seed: int, k: int, budget: int) -> None:
    luck = np.random.default_rng(seed)
    found = allocation(luck.normal(size=k), luck.uniform(0, 2, k), budget)
    assert found.sum() == budget and found.min() >= 0


def test_it_finds_the_best_more_often_than_equal_shares() -> None:
    """Ten policies half a deviation apart, 400 years: OCBA in rounds against 40 each."""
    luck, clever, equal = np.random.default_rng(30), 0, 0
    true = -0.25 * np.arange(10)
    for _ in range(150):
        stream = luck.normal(true[:, None], 1.0, (10, 400))
        equal += int(np.argmax(stream[:, :40].mean(axis=1)) == 0)
        n = np.full(10, 10)
        while n.sum() < 400:
            means = np.array([stream[i, : n[i]].mean() for i in range(10)])
            spreads = np.array([stream[i, : n[i]].std(ddof=1) for i in range(10)])
            ideal = allocation(means, spreads, int(n.sum()) + 20)
            n[int(np.argmax(ideal - n))] += 20
        clever += int(np.argmax([stream[i, : n[i]].mean() for i in range(10)]) == 0)
    assert clever > equal + 5
