"""Does shrinking pay? Records of the last days predicted from the days before, three ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import betabinom

from kaopt.deliveries.fit import order_delays
from kaopt.deliveries.measure import tally
from kaopt.deliveries.pooling import beta_binomial
from kaopt.deliveries.records import Records
from kaopt.scenario.columns import Floats

LAST = 0.2  # share of the agreed days that is held out


@dataclass(frozen=True)
class Check:
    """Held-out evidence of one share. Scores: mean logarithmic score per order or line (0 is best, less is worse)."""

    what: str
    counts: int  # held-out orders or lines
    own: float  # each account's own share, with half a hit added
    common: float  # one share for all
    shrunk: float
    coverage80: float  # accounts whose held-out count lies in the 80 % interval of its prediction


def checks(records: Records) -> tuple[Check, ...]:
    """Lateness of orders and shortness of lines on the last days; nothing where the records hold no days."""
    if records.agreed is None:
        return ()
    split = float(np.quantile(records.agreed, 1 - LAST))
    first = np.full(int(records.order.max()) + 1, np.inf)
    np.minimum.at(first, records.order, records.agreed)
    later = first[records.order] > split
    if later.all() or not later.any():
        return ()
    past, future = records.part(~later), records.part(later)
    found = [check("late orders", _late(past), _late(future))]
    if records.in_full is not None:
        found.append(check("short lines", _short(past), _short(future)))
    return tuple(found)


def check(what: str, past: tuple[Floats, Floats], future: tuple[Floats, Floats]) -> Check:
    """Predict the hits and counts [A] of the future from the past's."""
    (k, n), (hits, counts) = past, future
    a, b = beta_binomial(k, n)
    predicted = {
        "own": (k + 0.5) / (n + 1),
        "common": np.full(len(k), (k.sum() + 0.5) / (n.sum() + 1)),
        "shrunk": (a + k) / (a + b + n),
    }
    scores = {name: score(share, hits, counts) for name, share in predicted.items()}
    seen = counts > 0
    ends = [betabinom.ppf(q, counts[seen], (a + k)[seen], (b + n - k)[seen]) for q in (0.1, 0.9)]
    inside = (hits[seen] >= ends[0]) & (hits[seen] <= ends[1])
    return Check(what, int(counts.sum()), **scores, coverage80=float(inside.mean()))


def score(share: Floats, hits: Floats, counts: Floats) -> float:
    """Mean logarithmic score of predicted shares (Good 1952)."""
    return float((hits * np.log(share) + (counts - hits) * np.log1p(-share)).sum() / counts.sum())


def _late(records: Records) -> tuple[Floats, Floats]:
    delay, account = order_delays(records)
    assert delay is not None
    size = len(records.accounts)
    return tally(account, size, delay > 0), tally(account, size)


def _short(records: Records) -> tuple[Floats, Floats]:
    size, in_full = len(records.accounts), records.in_full
    assert in_full is not None
    return tally(records.account, size, ~in_full), tally(records.account, size)
