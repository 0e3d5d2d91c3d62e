r"""What to believe now: beliefs about what promotions do, brought together with the weeks of a year.

For account-SKU i of account g, b_i are the coefficients of the terms, believed to be m_i with standard errors S_i. With
the rows X, y of its weeks (y: ln of units over base, less what is taken as known),

    y = a_i + X b_i + e,   e ~ N(0, v_i),   a_i any level,   b_i = m_i + S_i z_i
    z_i ~ N(u_g, τ₃ I),   u_g ~ N(c, τ₂ I),   c ~ N(0, τ₁ I)

A belief is as unsure as it says (τ₁ + τ₂ + τ₃ = 1) or more so; part of its error may be common to all series, or to
those of an account, so that the weeks of one tell something about the others. Each pattern of `PATTERNS` gives a
posterior in closed form (given v); they are averaged by how likely they make the year (Bayesian model averaging).
v leans on what was believed of it, for `PRIOR_WEIGHT` weeks. Source: Gelman et al., Bayesian Data Analysis (2013), ch.
5, 7 and 15. [N] series, [P] terms, [R] rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.review.tree import Node, outer, summed, times
from kaopt.scenario.columns import Floats, Ints

PRIOR_WEIGHT = 4.0  # weeks of evidence that the believed residual variance counts for
ROUNDS = 30  # at most, of the residual variance
SHARES = ((0.0, 0.0), (0.3, 0.0), (0.0, 0.3), (0.3, 0.3), (0.6, 0.0), (0.0, 0.6), (0.6, 0.3), (0.3, 0.6))
WIDER = (1.0, 1.5, 2.0, 3.0, 4.5)  # times as unsure as stated


@dataclass(frozen=True)
class Pattern:
    """How errors of beliefs hang together, in squared standard errors: of all, of an account, of a series alone."""

    everyone: float
    account: float
    own: float

    @property
    def odds(self) -> float:
        """How likely before the year, in logarithms: as unsure as stated, and each for itself, is likelier."""
        stated = self.everyone + self.account + self.own
        return float(-2 * np.log(stated) + (np.log(len(SHARES) - 1) if self.own == stated else 0.0))


PATTERNS = tuple(Pattern(all_ * k**2, of * k**2, (1 - all_ - of) * k**2) for k in WIDER for all_, of in SHARES)
ALONE = Pattern(0.0, 0.0, 1.0)  # every belief for itself


@dataclass(frozen=True, eq=False)
class Belief:
    """Normal beliefs about coefficients; a standard error of 0 stands for what is known."""

    value: Floats  # [N, P]
    se: Floats  # [N, P]
    variance: Floats  # [N] of ln units in a week
    account: Ints  # [N]


@dataclass(frozen=True, eq=False)
class Weeks:
    """What happened: rows of all series in any order."""

    at: Ints  # [R] series
    x: Floats  # [R, P]
    y: Floats  # [R] ln of units over base


@dataclass(frozen=True, eq=False)
class Learned:
    """What to believe now."""

    value: Floats  # [N, P] mean, free of signs
    covariance: Floats  # [N, P, P] of its error
    level: Floats  # [N] of ln units over base, 0 where there were no weeks
    variance: Floats  # [N] of ln units in a week
    weeks: Floats  # [N] rows of each series
    patterns: tuple[Pattern, ...]
    weights: Floats  # [K] how likely each pattern is after the year

    @property
    def se(self) -> Floats:
        """[N, P] standard error of each coefficient."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 0.0))


@dataclass(frozen=True, eq=False)
class Inner:
    """Weeks by series, each around the mean of its own: the level is gone."""

    count: Floats  # [N]
    x: Floats  # [N, P] means
    y: Floats  # [N]
    xx: Floats  # [N, P, P] products around the means
    xy: Floats  # [N, P]
    yy: Floats  # [N]

    def squares(self, b: Floats) -> Floats:
        """[N] sum of squared residuals with coefficients b [N, P] and the level that suits them best."""
        rest = self.yy - 2 * (b * self.xy).sum(1) + np.einsum("np,npq,nq->n", b, self.xx, b)
        return np.asarray(np.maximum(rest, 0.0))


@dataclass(frozen=True, eq=False)
class Posterior:
    """Coefficients under one pattern."""

    value: Floats  # [N, P]
    covariance: Floats  # [N, P, P]


def learned(belief: Belief, weeks: Weeks, patterns: tuple[Pattern, ...] = PATTERNS) -> Learned:
    """The beliefs after the year, averaged over patterns of error."""
    inner = inner_of(weeks, len(belief.value))
    v = variance(belief, inner, belief.variance, patterns[0])
    likeliest = patterns[int(odds_of(belief, inner, v, patterns).argmax())]
    v = variance(belief, inner, v, likeliest)
    odds = odds_of(belief, inner, v, patterns)
    weight = np.exp(odds - odds.max())
    weight /= weight.sum()
    found = [posterior(belief, inner, v, one) for one in patterns]
    value = belief.value + sum(w * (one.value - belief.value) for w, one in zip(weight, found, strict=True))
    covariance = sum(w * (one.covariance + outer(one.value - value)) for w, one in zip(weight, found, strict=True))
    level = inner.y - (inner.x * value).sum(1)
    return Learned(np.asarray(value), np.asarray(covariance), level, v, inner.count, patterns, weight)


def odds_of(belief: Belief, inner: Inner, v: Floats, patterns: tuple[Pattern, ...]) -> Floats:
    """[K] how likely each pattern is after the year, in logarithms, but for a constant."""
    return np.array([likelihood(tree(belief, inner, v, one)) + one.odds for one in patterns])


def likelihood(nodes: tuple[Node, ...]) -> float:
    """Log-likelihood of the weeks with everything integrated out, but for what no pattern changes."""
    return sum(one.likelihood() for one in nodes)


def draws(belief: Belief, weeks: Weeks, found: Learned, *, count: int, seed: int) -> Floats:
    """[D, N, P] coefficients drawn together from what `found` believes: errors that are common stay common.

    D is `count` but for the rounding of how many each pattern gets.
    """
    inner, rng = inner_of(weeks, len(belief.value)), np.random.default_rng(seed)
    each = np.round(found.weights * count).astype(int)
    each[found.weights.argmax()] += not each.any()
    drawn = []
    for pattern, many in zip(found.patterns, each.tolist(), strict=True):
        if many:
            series, groups, whole = tree(belief, inner, found.variance, pattern)
            start = np.zeros((many, *whole.pull.shape))
            at_groups = groups.drawn(np.broadcast_to(whole.drawn(start, rng), (many, *groups.pull.shape)), rng)
            drawn.append(belief.value + belief.se * series.drawn(at_groups[:, belief.account], rng))
    return np.concatenate(drawn)


def variance(belief: Belief, inner: Inner, v: Floats, pattern: Pattern) -> Floats:
    """[N] residual variances that agree with the posterior (EM), from `v` on."""
    for _ in range(ROUNDS):
        found = posterior(belief, inner, v, pattern)
        spread = np.einsum("npq,nqp->n", inner.xx, found.covariance) + np.where(inner.count > 0, v, 0.0)  # the level's
        squares = inner.squares(found.value) + spread
        before, v = v, (PRIOR_WEIGHT * belief.variance + squares) / (PRIOR_WEIGHT + inner.count)
        if np.allclose(before, v, rtol=1e-4, atol=0.0):
            break
    return v


def posterior(belief: Belief, inner: Inner, v: Floats, pattern: Pattern) -> Posterior:
    """The tree of series, accounts and all: what is seen goes up, what is believed of the whole comes down."""
    scale, owner = belief.se, belief.account
    series, groups, whole = tree(belief, inner, v, pattern)
    z, covariance = whole.known(np.zeros_like(whole.pull), np.zeros_like(whole.info))
    z, covariance = groups.known(z, covariance)
    z, covariance = series.known(z[owner], covariance[owner])
    return Posterior(belief.value + scale * z, scale[:, :, None] * covariance * scale[:, None, :])


def tree(belief: Belief, inner: Inner, v: Floats, pattern: Pattern) -> tuple[Node, Node, Node]:
    """What is seen of the errors z of series, of accounts and of all, in standard errors."""
    scale = belief.se
    info = scale[:, :, None] * inner.xx * scale[:, None, :] / v[:, None, None]
    pull = scale * (inner.xy - times(inner.xx, belief.value)) / v[:, None]
    series = Node(info, pull, pattern.own)
    info, pull = series.upward()
    groups = Node(summed(info, belief.account), summed(pull, belief.account), pattern.account)
    info, pull = groups.upward()
    return series, groups, Node(info.sum(0, keepdims=True), pull.sum(0, keepdims=True), pattern.everyone)


def inner_of(weeks: Weeks, size: int) -> Inner:
    """Products of the rows around the means of their series."""
    count = np.bincount(weeks.at, minlength=size).astype(float)
    share = np.maximum(count, 1.0)

    def total(rows: Floats) -> Floats:
        return summed(rows, weeks.at, size)

    x, y = total(weeks.x) / share[:, None], total(weeks.y) / share
    dx, dy = weeks.x - x[weeks.at], weeks.y - y[weeks.at]
    return Inner(count, x, y, total(outer(dx)), total(dx * dy[:, None]), total(dy**2))
