"""Many policies judged at once: what may still be called a difference when one looks at all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kaopt.statistics.interval import CONFIDENCE, Floats, Interval, Values, differences

DRAWS, SEED = 200_000, 20_210_704  # fixed: the same data give the same interval


@dataclass(frozen=True)
class Against:
    """One policy against the baseline, when all policies are to be right together."""

    difference: Interval
    p: float  # adjusted for all of them


def holm(p: Values) -> Floats:
    """Holm's adjusted p-values: those below 5 % are all true together in 95 % of experiments, however they depend.

    The m - i smallest of m values is multiplied by m - i + 1, then made monotone. Source: Holm (1979), A simple
    sequentially rejective multiple test procedure. NaN stays NaN and counts for nothing.
    """
    given = np.asarray(p, dtype=float)
    adjusted = np.full(len(given), np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * factors), 1.0)
    return adjusted


def together(policies: Sequence[Values], baseline: Values, confidence: float = CONFIDENCE) -> list[Against]:
    """Every policy against the baseline where all shared their luck: intervals that hold for all at once.

    The paired differences' own correlation is estimated from the replications that all have; lengths may differ, the
    degrees of freedom are the fewest. Dunnett's intervals (1955) for pairs: the maximum |t| of correlated Student
    variables, drawn with a fixed seed. Source: Hsu (1996), Multiple Comparisons, chapter 3 and appendix; pairing as
    Law (2015), 10.3.
    """
    gaps = [differences(one, baseline) for one in policies]
    errors = np.array([gap.std(ddof=1) / len(gap) ** 0.5 if len(gap) > 1 else np.inf for gap in gaps])
    fewest = min(len(gap) for gap in gaps)
    moving = np.flatnonzero((errors > 0) & np.isfinite(errors))
    maxima = greatest(means_correlation([gaps[i] for i in moving]), max(fewest - 1, 1)) if len(moving) else np.zeros(1)
    factor = float(np.quantile(maxima, confidence))
    found = []
    for gap, error in zip(gaps, errors, strict=True):
        mean = float(gap.mean())
        half = factor * float(error) if error > 0 else 0.0
        p = float(np.mean(maxima >= abs(mean) / error)) if error > 0 else float(mean == 0)
        found.append(Against(Interval(mean, mean - half, mean + half), p))
    return found


def means_correlation(gaps: Sequence[Floats]) -> Floats:
    """[K, K] correlation of the mean differences: of the first replications that all have, less where lengths differ.

    Means over n and m > n replications of one stream share n terms: their correlation is sqrt(n / m) of a term's.
    """
    sizes = np.array([len(gap) for gap in gaps], dtype=float)
    shared = np.array([gap[: int(sizes.min())] for gap in gaps])
    shrink = np.sqrt(np.minimum.outer(sizes, sizes) / np.maximum.outer(sizes, sizes))
    spread = shared.std(axis=1, keepdims=True)
    scaled = (shared - shared.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    matrix: Floats = (scaled @ scaled.T / shared.shape[1]) * shrink
    np.fill_diagonal(matrix, 1.0)
    return matrix


def greatest(correlation: Floats, freedom: int) -> Floats:
    """[N] draws of the greatest |t| among Student variables that share one estimate of spread and this correlation."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draw = np.random.default_rng(SEED)
    scale = np.sqrt(draw.chisquare(freedom, DRAWS) / freedom)
    found = np.zeros(DRAWS)
    for part in np.array_split(np.arange(DRAWS), 20):  # a few megabytes at a time
        found[part] = np.abs(draw.standard_normal((len(part), len(root))) @ root.T).max(axis=1)
    result: Floats = found / scale
    return result
