"""What to expect of each account: how often late, by how much, how often short, and what a short line still brings.

Lateness is counted by order (its latest line), shortness by line: lines of one order travel together. Delays are
lognormal, with one residual variance for all accounts and each account's mean shrunk towards the others'; where the
records hold few different delays (whole days), their empirical quantiles are the better law, and the card says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.deliveries.measure import tally
from kaopt.deliveries.pooling import Pooled, means, shares
from kaopt.deliveries.records import Records
from kaopt.scenario.columns import Floats, Ints, Texts

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
DISTINCT = 20  # fewer different delays than this are no continuous law


@dataclass(frozen=True, eq=False)
class Lateness:
    """Orders that come late; [A] accounts."""

    late: Pooled  # share of orders that come late
    log_delay: Pooled  # mean of the natural logarithm of the delay of late orders, ln(day)
    log_sd: float  # standard deviation of that logarithm inside an account
    quantiles: Floats  # of the delay of late orders, day, at QUANTILES
    distinct: int  # how many different delays there are
    never: int  # orders of which something never came: late, without a delay

    @property
    def law(self) -> str:
        """How a delay is best drawn."""
        return "lognormal" if self.distinct >= DISTINCT else "empirical"


@dataclass(frozen=True, eq=False)
class Shortness:
    """Lines that come short; [A] accounts."""

    short: Pooled  # share of lines that come short
    filled: Pooled  # mean share of the ordered quantity that a short line still brings
    filled_sd: float  # its standard deviation between lines of an account
    quantiles: Floats  # of that share, at QUANTILES


@dataclass(frozen=True, eq=False)
class ServiceFit:
    """Lateness and shortness by account; None where the records hold no moments, or no quantities."""

    accounts: Texts
    lateness: Lateness | None
    shortness: Shortness | None


def fitted(records: Records) -> ServiceFit:
    """The distributions of all accounts, each leaning on the others as much as its own evidence is thin."""
    return ServiceFit(records.accounts, lateness_of(records), shortness_of(records))


def lateness_of(records: Records) -> Lateness | None:
    """How often and how much orders are late."""
    delay, account = order_delays(records)
    if delay is None:
        return None
    size = len(records.accounts)
    late = delay > 0
    came = late & np.isfinite(delay)
    logs, variances, sd = grouped(np.log(delay[came]), account[came], size)
    some = np.sort(delay[came])
    return Lateness(
        late=shares(tally(account, size, late), tally(account, size)),
        log_delay=means(logs, variances, tally(account[came], size)),
        log_sd=sd,
        quantiles=np.quantile(some, QUANTILES) if len(some) else np.full(len(QUANTILES), np.nan),
        distinct=len(np.unique(some)),
        never=int((late & ~came).sum()),
    )


def order_delays(records: Records) -> tuple[Floats | None, Ints]:
    """[O] delay of each order, that of its latest line, and its account."""
    first = np.unique(records.order, return_index=True)[1]
    account = records.account[first]
    if records.delay is None:
        return None, account
    delay = np.full(len(first), -np.inf)
    np.maximum.at(delay, records.order, records.delay)
    return delay, account


def shortness_of(records: Records) -> Shortness | None:
    """How often lines are short, and what comes of them."""
    if records.ordered is None or records.delivered is None:
        return None
    size = len(records.accounts)
    filled = records.delivered / records.ordered
    short = filled < 1
    own, variances, sd = grouped(filled[short], records.account[short], size)
    return Shortness(
        short=shares(tally(records.account, size, short), tally(records.account, size)),
        filled=means(own, variances, tally(records.account[short], size)),
        filled_sd=sd,
        quantiles=np.quantile(filled[short], QUANTILES) if short.any() else np.full(len(QUANTILES), np.nan),
    )


def grouped(values: Floats, group: Ints, size: int) -> tuple[Floats, Floats, float]:
    """[size] means of groups, the variances of these means (infinite without evidence), and the sd inside groups."""
    count = tally(group, size)
    centre = tally(group, size, values) / np.maximum(count, 1)
    free = len(values) - int((count > 0).sum())
    squares = float(((values - centre[group]) ** 2).sum())
    inside = squares / free if free > 0 else float(np.var(values)) if len(values) else 0.0
    variances = np.where(count > 0, inside / np.maximum(count, 1), np.inf)
    return centre, variances, inside**0.5
