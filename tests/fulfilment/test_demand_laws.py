"""Laws of weekly demand: gamma beside lognormal, rounding to the nearest case beside rounding by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from kaopt.fulfilment import luck
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.laws import factor
from kaopt.fulfilment.loops.demand import levels
from kaopt.fulfilment.state import orders_of
from tests.fulfilment.helpers import calm, ready

WEEKS = 4000


def wanted(cv: float, mean: float, **rules: Any) -> np.ndarray:
    """[W] cases ordered week by week."""
    world = calm(
        1,
        1,
        WEEKS,
        base_cases=np.full((1, 1, WEEKS), mean),
        sku_columns={"demand_cv": cv},
        supply={"demand": rules, "warmup_weeks": 0},
    )
    return np.asarray(orders_of(begin(ready(world), 0))[0][0, :, 0])


def test_gamma_demand_has_its_law() -> None:
    """Ten thousand cases a week, so that rounding does not show: Kolmogorov-Smirnov against the law."""
    found = wanted(0.5, 10_000, law="gamma")
    assert stats.kstest(found, stats.gamma(4, scale=2500).cdf).pvalue > 1e-4


def test_demand_to_the_nearest_case_has_the_rounded_law() -> None:
    """De Moor et al. (2022): gamma of mean 4 and cv 0.5, rounded; by chi-square."""
    found = wanted(0.5, 4, law="gamma", rounding="nearest")
    law, most = stats.gamma(4), 13
    edges = np.append(np.arange(most) - 0.5, np.inf)
    expected = WEEKS * np.diff(law.cdf(np.append(np.maximum(edges[:-1], 0), np.inf)))
    seen = np.histogram(found, bins=np.append(edges[:-1], 10**9))[0]
    assert stats.chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-4


def test_rounding_by_chance_keeps_the_mean_of_few_cases() -> None:
    found = wanted(0.5, 0.2, law="gamma")
    assert abs(found.mean() - 0.2) <= 4 * found.std() / WEEKS**0.5
    assert not wanted(0.5, 0.2, law="gamma", rounding="nearest").mean() > 0.1  # the nearest case is mostly none


def test_the_lognormal_law_in_the_tables_is_the_loops() -> None:
    """Asking for another rounding draws the same weeks: no further than a case apart."""
    usual, nearest = wanted(0.3, 500), wanted(0.3, 500, rounding="nearest")
    assert np.abs(usual - nearest).max() <= 1 and (usual != nearest).any()


def test_without_spread_every_week_is_the_mean() -> None:
    assert (wanted(0.0, 50, law="gamma") == 50).all()


@pytest.mark.parametrize("law", ["lognormal", "gamma"])
def test_factors_have_mean_one_and_their_cv(law: str) -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    found = factor(u, np.full(len(u), 0.4), law)
    assert found.mean() == pytest.approx(1, abs=1e-3) and found.std() == pytest.approx(0.4, rel=1e-2)
    assert (np.diff(found) > 0).all()


def test_levels_are_the_draws_by_key() -> None:
    key, names = np.uint64(5), np.array([[luck.name_key("a"), luck.name_key("b")]], dtype=np.uint64)
    found = levels(key, names, (6, 2))
    assert found[0, 1, 3] == luck.uniform(key, names[0, 1], 1)
    assert found[0, 0, 0] == luck.uniform(key, names[0, 0], -2)
