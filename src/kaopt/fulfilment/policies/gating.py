"""Which stock may be sent to whom."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Bools, Floats, Ints


def acceptance(share: Floats, life: Ints) -> Ints:
    """[A, S] the greatest age in days at which an account accepts a SKU: floor(share of life x shelf life)."""
    # 1/3 x 270 must be 90 whatever the last binary digit says
    return np.floor(share[:, None] * life[None, :] + 1e-9).astype(np.int64)


def sendable(accepted: Ints, life: Ints, *, gate: bool) -> Ints:
    """[A, S] the greatest age at receipt at which goods are sent: with the gate, what the account accepts."""
    return accepted.copy() if gate else np.broadcast_to(life, accepted.shape).copy()


def unsaleable(accepted: Ints, listed: Bools, life: Ints) -> Ints:
    """[S] the age after which no account accepts the SKU any more: it is written off."""
    most = np.where(listed, accepted, -1).max(axis=0)
    return np.where(most >= 0, np.minimum(most, life), life).astype(np.int64)
