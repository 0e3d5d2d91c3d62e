"""Sums that are exact and rounded once (`math.fsum`): they depend neither on the order of amounts nor on how many.

Many amounts go through a compiled loop that does what `math.fsum` does, to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import fsum

import numpy as np

from kaopt.scenario.columns import Floats, Ints

COMPILED = 20_000  # amounts from which the compiled loop is worth its loading


def total(*parts: Floats | Sequence[float]) -> float:
    """The exact sum of all amounts in all parts, of any shape."""
    amounts = np.concatenate([np.ravel(part) for part in parts]) if len(parts) > 1 else np.ravel(parts[0])
    return float(totals(amounts, np.array([0, len(amounts)]))[0])


def totals(amounts: Floats, start: Ints) -> Floats:
    """[G] the exact sums of amounts[start[g] : start[g + 1]]."""
    if len(amounts) >= COMPILED:
        from kaopt.allocation.exact_kernel import exact_sums  # which loads the compiler

        found: Floats = exact_sums(np.ascontiguousarray(amounts, dtype=float), start)
        if np.isfinite(found).all():
            return found
    one_by_one = amounts.tolist()
    return np.array([fsum(one_by_one[begin:end]) for begin, end in pairwise(start.tolist())], dtype=float)


def totals_by(amounts: Floats, group: Ints, size: int) -> Floats:
    """[size] the exact sum of the amounts of each group."""
    order = np.argsort(group, kind="stable")
    return totals(amounts[order], np.searchsorted(group[order], np.arange(size + 1)))
