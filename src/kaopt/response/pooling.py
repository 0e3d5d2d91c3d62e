r"""Partial pooling: every account-SKU gets what its own history proves and leans on its account and SKU for the rest.

With X and y the rows of series i, of account a and SKU s,

    y = X b_i + e,  e ~ N(0, v_i);   b_i ~ N(m + u_a + w_s, D);   u_a ~ N(0, U);   w_s ~ N(0, V)

so that a new SKU is expected at m + u_a and a new account at m + w_s. `m`, `D`, `U`, `V` and v are found by variational
EM: b is integrated out exactly, m (flat prior), u and w are normal factors; the lower bound on the likelihood never
falls. Residual variances lean on a common one (`PRIOR_WEIGHT` weeks). A term whose D, U and V are zero has one
coefficient for all.

Source: Gelman and Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models, ch. 12-13; Bishop
(2006), Pattern Recognition and Machine Learning, ch. 10. [N] series, [P] terms, [G] accounts or SKUs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from kaopt.response.history import Sums, inverse_of, quadratic, times
from kaopt.scenario.columns import Floats, Ints

PRIOR_WEIGHT = 4.0  # weeks of evidence that the common residual variance counts for
TINY = 1e-10  # of the largest eigenvalue: a term that never ran has no mean to be known


@dataclass(frozen=True, eq=False)
class Groups:
    """What the series of one account (or of one SKU) have in common."""

    at: Ints  # [N] group of each series
    effect: Floats  # [G, P]
    covariance: Floats  # [G, P, P] of the effect's error
    spread: Floats  # [P, P] covariance between groups; zero where there are too few of them

    @property
    def mean(self) -> Floats:
        """[N, P] the effect of each series' group."""
        return self.effect[self.at]

    def total(self, figure: Floats) -> Floats:
        """[G, …] sums over the series of each group."""
        out = np.zeros((len(self.effect), *figure.shape[1:]))
        np.add.at(out, self.at, figure)
        return out


@dataclass(frozen=True, eq=False)
class Guess:
    """All that a round of EM improves."""

    mean: Floats  # [P]
    mean_covariance: Floats  # [P, P] of the mean's error
    within: Floats  # [P, P] covariance D of a series around what its groups expect
    variance: Floats  # [N] of residuals
    common: float  # residual variance that series lean on
    accounts: Groups
    skus: Groups

    @property
    def prior(self) -> Floats:
        """[N, P] what is expected of each series before its own history."""
        return np.asarray(self.mean + self.accounts.mean + self.skus.mean)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What each series says of its prior mean, its own coefficients integrated out, at one guess."""

    weight: Floats  # [N, P, P] (D + sampling covariance)^-1
    pull: Floats  # [N, P] weight times the least squares estimate
    likelihood: float  # of the rows, without the part that depends on the prior mean


def evidence_of(sums: Sums, guess: Guess) -> Evidence:
    """Written without the inverse of D or of X'X: either may be singular."""
    v = guess.variance
    width = len(guess.mean)
    information, right = sums.xx / v[:, None, None], sums.xy / v[:, None]
    inside = np.eye(width) + information @ guess.within
    solved = np.linalg.solve(inside, np.concatenate([information, right[:, :, None]], axis=2))
    weight = (solved[:, :, :width] + solved[:, :, :width].transpose(0, 2, 1)) / 2
    pull = solved[:, :, width]
    fit = sums.count * np.log(2 * np.pi * v) + np.linalg.slogdet(inside)[1] + sums.yy / v
    fit -= (right @ guess.within * pull).sum(1)
    common = PRIOR_WEIGHT * (np.log(v / guess.common) + guess.common / v)
    return Evidence(weight, pull, float(-0.5 * (fit + common).sum()))


def grouped(seen: Evidence, groups: Groups, rest: Floats) -> Groups:
    """The groups' effects when all other parts of the prior mean are `rest` [N, P]."""
    precision = groups.total(seen.weight)
    pull = groups.total(seen.pull - times(seen.weight, rest))
    covariance = np.linalg.solve(np.eye(rest.shape[1]) + groups.spread @ precision, groups.spread[None])
    covariance = (covariance + covariance.transpose(0, 2, 1)) / 2
    return replace(groups, effect=times(covariance, pull), covariance=covariance)


def expected(seen: Evidence, guess: Guess) -> Guess:
    """Means of everything that series share; what all accounts (all SKUs) have in common goes to the mean."""
    accounts = grouped(seen, guess.accounts, guess.mean + guess.skus.mean)
    skus = grouped(seen, guess.skus, guess.mean + accounts.mean)
    rest = (seen.pull - times(seen.weight, accounts.mean + skus.mean)).sum(0)
    covariance = inverse_of(seen.weight.sum(0))
    mean = covariance @ rest
    for one in (accounts, skus):
        mean = mean + one.effect.mean(0)
    accounts, skus = (replace(one, effect=one.effect - one.effect.mean(0)) for one in (accounts, skus))
    return replace(guess, mean=mean, mean_covariance=covariance, accounts=accounts, skus=skus)


def bound(seen: Evidence, guess: Guess) -> float:
    """Lower bound on the log-likelihood at the guess's own evidence."""
    prior, shared = guess.prior, shared_covariance(guess)
    value = seen.likelihood + (prior * seen.pull).sum() - 0.5 * quadratic(seen.weight, prior).sum()
    value -= 0.5 * np.einsum("npq,nqp->", seen.weight, shared)
    known = np.linalg.eigvalsh(guess.mean_covariance)
    value += 0.5 * np.log(2 * np.pi * math.e * known[known > TINY * known[-1]]).sum()  # entropy of the mean
    return float(value - divergence(guess.accounts) - divergence(guess.skus))


def divergence(groups: Groups) -> float:
    """Kullback-Leibler divergence of the groups' effects from their prior, over the terms that differ at all."""
    free = np.diag(groups.spread) > 0
    if not free.any():
        return 0.0
    spread, covariance = groups.spread[np.ix_(free, free)], groups.covariance[:, free][:, :, free]
    inverse, effect = np.linalg.inv(spread), groups.effect[:, free]
    fit = np.einsum("pq,gqp->g", inverse, covariance) + np.einsum("gp,pq,gq->g", effect, inverse, effect)
    return float(0.5 * (fit - free.sum() + np.linalg.slogdet(spread)[1] - np.linalg.slogdet(covariance)[1]).sum())


def shared_covariance(guess: Guess) -> Floats:
    """[N, P, P] error of the prior mean."""
    groups = guess.accounts.covariance[guess.accounts.at] + guess.skus.covariance[guess.skus.at]
    return np.asarray(groups + guess.mean_covariance)


def coefficients(seen: Evidence, guess: Guess) -> tuple[Floats, Floats]:
    """[N, P] coefficients and [N, P, P] covariance of their error."""
    d = guess.within
    value = guess.prior + (seen.pull - times(seen.weight, guess.prior)) @ d
    lean = np.eye(len(d)) - d @ seen.weight
    return value, lean @ d + lean @ shared_covariance(guess) @ lean.transpose(0, 2, 1)


def improved(sums: Sums, seen: Evidence, guess: Guess) -> Guess:
    """The M step: spreads and residual variances at the expected coefficients."""
    value, covariance = coefficients(seen, guess)
    d, off = guess.within, (seen.pull - times(seen.weight, guess.prior)) @ guess.within
    reach = d @ seen.weight
    error = d - reach @ d + reach @ shared_covariance(guess) @ reach.transpose(0, 2, 1)
    within = (error.sum(0) + off.T @ off) / len(off)
    rest = sums.squares(value) + np.einsum("npq,nqp->n", sums.xx, covariance)
    variance = (PRIOR_WEIGHT * guess.common + rest) / (PRIOR_WEIGHT + sums.count)
    common = float(len(variance) / (1 / variance).sum())
    return replace(
        guess,
        within=(within + within.T) / 2,
        variance=variance,
        common=common,
        accounts=spread_again(guess.accounts),
        skus=spread_again(guess.skus),
    )


def spread_again(groups: Groups) -> Groups:
    """The spread between groups at their expected effects."""
    found = (groups.covariance.sum(0) + groups.effect.T @ groups.effect) / len(groups.effect)
    return replace(groups, spread=(found + found.T) / 2)


def no_groups(names: tuple[str, ...], spread: Floats) -> Groups:
    """Effects not known yet of the groups that series belong to; `names` [N]; `spread` [P] variance between groups."""
    keys, at = np.unique(np.array(names), return_inverse=True)
    size = len(spread)
    start = np.broadcast_to(np.diag(spread), (len(keys), size, size))
    return Groups(at.reshape(-1), np.zeros((len(keys), size)), start.copy(), np.diag(spread))


def converged(sums: Sums, guess: Guess, *, tolerance: float, rounds: int) -> tuple[Guess, Evidence, list[float]]:
    """Rounds of EM until the bound per row rises by less than `tolerance`; the bound after each round."""
    trace: list[float] = []
    while True:
        seen = evidence_of(sums, guess)
        guess = expected(seen, guess)
        trace.append(bound(seen, guess))
        done = len(trace) > 1 and trace[-1] - trace[-2] < tolerance * float(sums.count.sum())
        if done or len(trace) == rounds:
            return guess, seen, trace
        guess = improved(sums, seen, guess)
