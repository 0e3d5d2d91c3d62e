"""Errors on weeks that a fit never saw, beside what simpler methods make of the same weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaopt.response.choose import chosen, plain
from kaopt.response.fit import pooled, wmape, wrong_signs
from kaopt.response.learn import KEYS, Learned, alike, alone, forecast, learn
from kaopt.response.structure import Structure
from kaopt.scenario.columns import Bools, Floats

LAST = 8  # weeks whose mean is the forecast "last periods"


@dataclass(frozen=True, eq=False)
class Holdout:
    """What was predicted of the held-out weeks, and how well."""

    wmape: dict[str, float]  # of the median, by method
    coverage80: float  # share of weeks inside the 80 % interval
    bias_of_mean: float  # predicted mean volume over actual, less one
    wrong_signs: dict[str, dict[str, int]]  # series by method and term
    model: Learned  # fitted on the weeks before
    rows: pd.DataFrame  # the held-out weeks with median, mean, low80, high80


def hold_out(
    sales: pd.DataFrame, *, weeks: int, history_weeks: int | None = None, structure: Structure | None = None
) -> Holdout:
    """Fit all but the last `weeks` of every series and predict those, given their real prices and displays.

    The regular price and the structure (unless given) come from the fitted weeks alone. `history_weeks`: fit on only
    that many latest weeks.
    """
    sales = sales.sort_values([*KEYS, "week"], kind="stable", ignore_index=True)
    past, future = (sales[one].reset_index(drop=True) for one in parts_of(sales, weeks, history_weeks))
    model = chosen(past, weeks)[0] if structure is None else learn(past, structure)
    actual = future["units"].to_numpy(float)
    simple = plain(past)
    rivals = {"common_slopes": learn(past, simple, fitter=alike), "least_squares": learn(past, simple, fitter=alone)}
    medians = {"own_mean": mean_of(past, future), "last_periods": mean_of(tail(past, LAST), future)}
    medians |= {name: forecast(rival, future, past).median for name, rival in rivals.items()}
    ahead = forecast(model, future, past)
    medians["partial_pooling"] = ahead.median
    inside = (actual >= ahead.low80) & (actual <= ahead.high80)
    signs = {"least_squares": rivals["least_squares"].fit, "partial_pooling": unsigned(past, model).fit}
    signs |= {"partial_pooling_signed": model.fit}
    return Holdout(
        {method: wmape(actual, median) for method, median in medians.items()},
        float(inside.mean()),
        float(ahead.mean.sum() / actual.sum() - 1),
        {method: wrong_signs(one) for method, one in signs.items()},
        model,
        future.assign(median=ahead.median, mean=ahead.mean, low80=ahead.low80, high80=ahead.high80),
    )


def parts_of(sales: pd.DataFrame, weeks: int, history_weeks: int | None = None) -> tuple[Bools, Bools]:
    """Rows to fit and rows to predict; weeks count back from the last of each series, gaps included.

    A series without a week before the split has nothing to predict from and is in neither part.
    """
    groups = sales.groupby(KEYS)["week"]
    left = groups.transform("max") - sales["week"]
    oldest = np.inf if history_weeks is None else weeks + history_weeks
    past = (left >= weeks) & (left < oldest)
    future = (left < weeks) & past.groupby([sales[key] for key in KEYS]).transform("any")
    return past.to_numpy(), future.to_numpy()


def mean_of(past: pd.DataFrame, future: pd.DataFrame) -> Floats:
    """[R] geometric mean of each series' past weeks: the median of a week like any other."""
    level = np.log(past["units"]).groupby([past[key] for key in KEYS]).mean().rename("level")
    return np.asarray(np.exp(future.join(level, on=KEYS)["level"].to_numpy(float)))


def tail(past: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """The latest rows of every series."""
    return past.groupby(KEYS).tail(weeks)


def unsigned(past: pd.DataFrame, model: Learned) -> Learned:
    """The same structure, signs left to the data."""
    return learn(past, model.structure, fitter=lambda data, shared: pooled(data, shared, signs=False))

