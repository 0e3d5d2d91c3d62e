r"""A tree of normal errors, of all, of accounts, of series: what is seen goes up, what is believed comes down.

With members z_m ~ N(parent, τ I) of which is seen information A_m and pull q_m (log-likelihood q'z - z'Az/2, but for a
constant), z_m integrated out leaves of the parent A (I + τA)^-1 and (I + Aτ)^-1 q; given the parent, z_m is normal with
covariance τ (I + τA)^-1. Source: Gelman et al., Bayesian Data Analysis (2013), ch. 5. [M] members, [P] terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kaopt.scenario.columns import Floats, Ints


@dataclass(frozen=True, eq=False)
class Node:
    """One level of the tree: what is seen of its members, normal around their parent with variance `spread`."""

    info: Floats  # [M, P, P]
    pull: Floats  # [M, P]
    spread: float

    @cached_property
    def damped(self) -> Floats:
        """[M, P, P] (I + spread · info)^-1."""
        return np.asarray(np.linalg.inv(np.eye(self.info.shape[1]) + self.spread * self.info), float)

    def upward(self) -> tuple[Floats, Floats]:
        """What each member says of its parent, itself integrated out: information and pull."""
        damped = self.damped
        return self.info @ damped, times(damped.transpose(0, 2, 1), self.pull)

    def known(self, parent: Floats, covariance: Floats) -> tuple[Floats, Floats]:
        """Means and covariances of the members, given those of their parents ([M, …] or one for all)."""
        damped = self.damped
        rest = self.pull - times(self.info, np.broadcast_to(parent, self.pull.shape))
        value = parent + self.spread * times(damped, rest)
        whole = self.spread * damped + damped @ covariance @ damped.transpose(0, 2, 1)
        return value, (whole + whole.transpose(0, 2, 1)) / 2

    def drawn(self, parents: Floats, rng: np.random.Generator) -> Floats:
        """[D, M, P] members drawn, given draws [D, M, P] of their parents."""
        damped = self.damped
        rest = self.pull - (self.info @ parents[..., None])[..., 0]
        middle = parents + self.spread * (damped @ rest[..., None])[..., 0]
        values, vectors = np.linalg.eigh((damped + damped.transpose(0, 2, 1)) / 2)
        root = vectors * np.sqrt(np.maximum(self.spread * values, 0.0))[:, None, :]
        return np.asarray(middle + (root @ rng.standard_normal(parents.shape)[..., None])[..., 0])

    def likelihood(self) -> float:
        """What the members add to the log-likelihood."""
        damped = self.damped
        fitness = self.spread * np.einsum("mp,mpq,mq->", self.pull, damped, self.pull)
        return float(0.5 * (fitness + np.linalg.slogdet(damped)[1].sum()))


def summed(rows: Floats, owner: Ints, size: int | None = None) -> Floats:
    """[G, …] sums of the rows of each owner."""
    out = np.zeros((int(owner.max(initial=-1)) + 1 if size is None else size, *rows.shape[1:]))
    np.add.at(out, owner, rows)
    return out


def outer(vectors: Floats) -> Floats:
    """[N, P, P] each vector with itself."""
    return np.asarray(vectors[:, :, None] * vectors[:, None, :])


def times(matrices: Floats, vectors: Floats) -> Floats:
    """[N, P] each matrix times its vector."""
    return np.asarray((matrices @ vectors[:, :, None])[:, :, 0])
