"""Customers who order at random instead of on order days: the deliveries of one replication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import ACCOUNT, CALL_OFFS, CLOSE, DAY_OF, LEAD, WEEK_OF, WEEKDAY
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops.call_offs import moments
from kaopt.fulfilment.nouns import Luck, Terms
from kaopt.scenario.columns import Floats, Ints

NO_WEEK = -(10**9)  # rows that a door does not need belong to no week, each to another one


@dataclass(frozen=True, eq=False)
class CallOffs:
    """All deliveries of a replication, and what its number of call-offs makes of the weeks' demand."""

    due: Ints  # as in Terms
    share: Floats  # as in Terms
    demand: Floats  # [A, T] call-offs of a week over their mean; 1 at customers with order days


def some_call_off(terms: Terms) -> bool:
    """Whether any customer orders at random."""
    return bool((terms.door[:, LEAD] > 0).any())


def call_offs(inputs: Inputs, names: Luck) -> CallOffs:
    """Every call-off is for as much as its customer would sell in a mean time between two of them, that week.

    So a customer of 20 cases a week with 20 call-offs a week orders case by case: unit Poisson demand.
    """
    terms, span = inputs.terms, (-inputs.warmup, inputs.weeks)
    random = terms.door[:, LEAD] > 0
    found = [
        moments(names.keys[luck.CALL_OFF], names.door_key[d], terms.door_rate[d, CALL_OFFS], span)
        if random[d] and terms.door_rate[d, CALL_OFFS] > 0
        else np.zeros(0, np.int64)
        for d in range(len(terms.door))
    ]
    counts = np.zeros((inputs.shape[0], span[1] - span[0]), np.int64)  # [A, T]
    width = max(terms.due.shape[1], *(len(one) for one in found))
    due, share = np.zeros((len(found), width, 3), np.int64), np.zeros((len(found), width, 2))
    due[:, :, WEEK_OF] = NO_WEEK - np.arange(width)
    for d, minutes in enumerate(found):
        if not random[d]:
            due[d, : terms.due.shape[1]], share[d, : terms.due.shape[1]] = terms.due[d], terms.share[d]
            continue
        weeks, n = minutes // (WEEK * DAY), len(minutes)
        turn = np.arange(n) - np.searchsorted(weeks, weeks) + counts[terms.door[d, ACCOUNT], weeks - span[0]]
        days, wanted_at = dated(terms, d, minutes)
        due[d, :n] = np.stack([days, weeks, wanted_at], axis=1)
        share[d, :n] = np.stack([turn, turn + 1], axis=1)
        np.add.at(counts[terms.door[d, ACCOUNT]], weeks - span[0], 1)
    demand = np.ones(counts.shape)
    for d in np.flatnonzero(random).tolist():
        a = terms.door[d, ACCOUNT]
        share[d] /= np.maximum(counts[a, np.clip(due[d, :, WEEK_OF] - span[0], 0, None)], 1)[:, None]
        demand[a] = counts[a] / inputs.accounts.call_offs[a]
    return CallOffs(due, share, demand)


def dated(terms: Terms, d: int, minutes: Ints) -> tuple[Ints, Ints]:
    """The day for which each call-off of a door is due, and its moment, no two the same and none 0.

    What is wanted on a closed day, or after the window has closed, is wanted on the next open day.
    """
    days = minutes // DAY
    closes = terms.window[d, (terms.span[WEEKDAY] + days) % WEEK, CLOSE]
    days = days + ((closes < DAY - 1) & (minutes % DAY > closes))
    opened = np.sort(terms.due[d, terms.share[d, :, 1] > terms.share[d, :, 0], DAY_OF])
    days = opened[np.minimum(np.searchsorted(opened, days), len(opened) - 1)]
    at, step = np.maximum(minutes, days * DAY), np.arange(len(minutes))
    at = np.maximum.accumulate(at - step) + step
    return days, at + (at >= 0) * (0 in at)
