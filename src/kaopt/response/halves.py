"""A history in two halves: what a method believes after one half is judged by what the other half says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kaopt.response.choose import plain
from kaopt.response.fit import Fit, pooled
from kaopt.response.history import History, Series
from kaopt.response.learn import KEYS, alike, alone, learn
from kaopt.response.structure import Structure
from kaopt.scenario.columns import Floats, Texts

Fitter = Callable[[History, Texts], Fit]
METHODS: dict[str, Fitter] = {
    "partial_pooling": pooled,
    "least_squares": alone,
    "common_slopes": alike,
}
JUDGES = ("partial_pooling", "least_squares")


@dataclass(frozen=True, eq=False)
class Belief:
    """What a method says of each series after one half; `terms`: [N] coefficients each, those that all methods have."""

    series: Series
    terms: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Half:
    """One half: what each method believes after it, all of the same series."""

    name: str
    beliefs: dict[str, Belief]  # by method


@dataclass(frozen=True, eq=False)
class Pair:
    """A plan made on one half and judged by the other."""

    made: Half
    judge: Half


def pairs(sales: pd.DataFrame, structure: Structure | None = None) -> list[Pair]:
    """First half against second, odd weeks against even, each both ways; series that lack a half are left out.

    Partial pooling has `structure`; without, and for the methods it is held against, it is price, display and feature.
    """
    found = []
    sales = sales.sort_values([*KEYS, "week"], kind="stable", ignore_index=True)
    for first, second, inside in splits(sales):
        both = [inside.groupby([sales[key] for key in KEYS]).transform("any")]
        both.append((~inside).groupby([sales[key] for key in KEYS]).transform("any"))
        whole = both[0] & both[1]
        if not whole.any():
            continue
        one, other = (
            believed(name, sales[whole & part], structure) for name, part in ((first, inside), (second, ~inside))
        )
        found += [Pair(one, other), Pair(other, one)]
    return found


def splits(sales: pd.DataFrame) -> list[tuple[str, str, pd.Series[bool]]]:
    """Names of the two halves, and which rows belong to the first; rows ordered by week within each series."""
    groups = sales.groupby(KEYS)["week"]
    early = groups.cumcount() < groups.transform("size") / 2
    return [("first half", "second half", early), ("odd weeks", "even weeks", sales["week"] % 2 == 1)]


def believed(name: str, part: pd.DataFrame, structure: Structure | None) -> Half:
    """Every method fitted to one half."""
    simple = plain(part)
    beliefs = {}
    for method, fitter in METHODS.items():
        shape = structure if structure is not None and method == "partial_pooling" else simple
        fit = learn(part, shape, fitter=fitter).fit
        terms = {one: fit.term(one) for one in simple.own if one in fit.terms}
        beliefs[method] = Belief(fit.series, terms)
    return Half(name, beliefs)
