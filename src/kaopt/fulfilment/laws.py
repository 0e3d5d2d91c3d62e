"""Laws of weekly demand other than the lognormal that the loops draw themselves."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv, ndtri

from kaopt.fulfilment import luck
from kaopt.fulfilment.loops.demand import levels
from kaopt.fulfilment.nouns import Luck
from kaopt.scenario.columns import Floats
from kaopt.scenario.demand_settings import Demand


def drawn(base: Floats, cv: Floats, who: tuple[Luck, int], rules: Demand) -> Floats:
    """[A, S, T] what base demand really is: `base` with the error of `rules.law`, rounded as they say; case.

    `cv` [S]; `who` = (names and keys, weeks of warm-up). By inversion of the draws that the lognormal law takes, so
    that a week that is strong under one law is strong under the other.
    """
    names, warmup = who
    u = levels(names.keys[luck.BASE], names.line_key, (base.shape[2], warmup))
    cases: Floats = base * factor(u, np.broadcast_to(cv[None, :, None], base.shape), rules.law)
    return np.floor(cases + 0.5) if rules.rounding == "nearest" else cases


def factor(u: Floats, cv: Floats, law: str) -> Floats:
    """The quantile `u` of a law of mean 1 and coefficient of variation `cv`; 1 where that is 0."""
    if law == "lognormal":
        sigma = np.sqrt(np.log1p(cv * cv))
        return np.asarray(np.exp(sigma * ndtri(u) - 0.5 * sigma * sigma))
    shape = 1 / np.where(cv > 0, cv * cv, 1.0)
    return np.where(cv > 0, gammaincinv(shape, u) / shape, 1.0)
