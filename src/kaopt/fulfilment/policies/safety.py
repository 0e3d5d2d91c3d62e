"""What production keeps in reserve, and what it makes ahead of promotions: a buffer for every day of a review.

Normal theory of stock as in Silver, Pyke and Thomas, Inventory and Production Management in Supply Chains (2017).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.fields import COVER_DAYS, FIXED, LOT_CASES, REVIEW_DAYS, SAFETY_WEEKS
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.outlook import Outlook
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.production_settings import Production

STEPS = 60  # of Newton's method: far more than it needs
ENOUGH = 1e-12


def loss(z: Floats | float) -> Floats:
    """The standard normal loss function: E[max(Z - z, 0)] = density(z) - z (1 - Phi(z))."""
    z = np.asarray(z, dtype=float)
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) - z * ndtr(-z))


def inverse_loss(target: Floats | float) -> Floats:
    """The z whose loss is `target` > 0, by Newton's method from below: the loss is convex and falls."""
    wanted = np.maximum(np.asarray(target, dtype=float), 1e-300)
    z = np.minimum(-wanted, 0.0)  # loss(z) >= -z there, so the step never goes past the root
    for _ in range(STEPS):
        step = (loss(z) - wanted) / np.maximum(ndtr(-z), 1e-300)
        z = z + step
        if float(np.abs(step).max(initial=0.0)) < ENOUGH:
            break
    return np.asarray(z)


def fill_of_level(level: float, mean: float, deviation: float, periods: tuple[int, int] = (0, 1)) -> float:
    """Fill rate of an order-up-to level with backorders: demand of each period is normal and independent.

    `periods` = (lead time, review interval). What is short at the end of a cycle less what was short at its beginning,
    over the cycle's demand; (0, 1) is the newsvendor.
    """

    def short(count: int) -> float:
        spread = deviation * count**0.5
        gap = level - count * mean
        return float(spread * loss(gap / spread)) if spread > 0 else max(-gap, 0.0)

    lead, every = periods
    return 1 - (short(lead + every) - short(lead)) / (every * mean)


def buffers(terms: Terms, view: Outlook, rules: Production, levels: Floats) -> Floats:
    """[P, S, days + 1] what a review wants beyond the demand of its span: safety stock and what is built ahead.

    `levels` [S] cases: the target is this, whatever the demand; nan where it is not fixed.
    """
    plant, rate = terms.plant[terms.makes], terms.sku_rate
    span = (plant[:, FIXED, None] + plant[:, REVIEW_DAYS, None] + terms.lane[terms.makes]).T  # [P, S]
    if rules.safety.rule == "weeks":
        weeks = -(-span // WEEK)
        safety = rate[:, SAFETY_WEEKS, None] * (ahead(view.cases, WEEK * weeks) / weeks[:, :, None])
    else:
        safety = by_error(terms, view, rules, span)
    if rules.prebuild_weeks and view.uplift is not None:
        safety = safety + prebuilt(view.uplift, span, WEEK * rules.prebuild_weeks)
    if not np.isnan(levels).all():
        fixed = levels[None, :, None] - ahead(view.cases, span)
        safety = np.where(np.isnan(levels)[None, :, None], safety, fixed)
    return np.ascontiguousarray(safety)


def by_error(terms: Terms, view: Outlook, rules: Production, span: Ints) -> Floats:
    """Safety stock from the error of the forecast over the span of a review [P, S]."""
    assert view.base_variance is not None and view.uplift_variance is not None  # asked for by the same settings
    base, uplift = ahead(view.base_variance, span), ahead(view.uplift_variance, span)
    said = rules.safety
    if said.rule == "sigma":
        return np.sqrt(said.k**2 * base + said.k_promo**2 * uplift)
    sigma = np.sqrt(base + uplift)
    every = np.broadcast_to(terms.plant[terms.makes, REVIEW_DAYS], span.shape)
    cover = np.broadcast_to(terms.sku[:, COVER_DAYS], span.shape)
    lot = np.maximum(ahead(view.cases, cover), terms.sku_rate[:, LOT_CASES, None])
    cycle = np.maximum(ahead(view.cases, every), lot)
    share = np.where(sigma > 0, (1 - said.fill) * cycle / np.where(sigma > 0, sigma, 1.0), 1.0)
    return np.where(sigma > 0, sigma * inverse_loss(share), 0.0)


def prebuilt(uplift: Floats, span: Ints, days: int) -> Floats:
    """What must be there beyond the demand up to the span's end, so that uplift is made evenly over `days` before it.

    Cumulated uplift [P, S, days + 1] is needed earlier by 1, 2, … days in equal parts.
    """
    last = uplift.shape[2] - 1
    at = np.arange(last + 1)
    early = sum(uplift[:, :, np.minimum(at + j, last)] for j in range(1, days + 1)) / days
    need = early - uplift
    to = np.minimum(at[None, None, :] + span[:, :, None], last)
    return np.asarray(np.take_along_axis(need, to, axis=2))


def ahead(cumulated: Floats, days: Ints) -> Floats:
    """[P, S, days + 1] of each day: the sum over the next `days` [P, S]."""
    last = cumulated.shape[2] - 1
    to = np.minimum(np.arange(last + 1)[None, None, :] + days[:, :, None], last)
    return np.asarray(np.take_along_axis(cumulated, to, axis=2) - cumulated)
