"""The same year in which some causes never happen: same demand, same trips, same stock policies, same luck."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kaopt.fulfilment.fields import (
    CREDIT_LIMIT,
    DAMAGE_RATE,
    MISMATCH,
    MOST_LOTS,
    NO_REGRESS,
    PRICE_ERROR,
    SPARED,
)
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops.dock import MANY
from kaopt.fulfilment.loops.spared import NO_LATENESS, NO_SHORTAGE
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.policies.contracts import NO_LIMIT

SPARABLE = ("shortage", "age", "late", "paper", "damage")
ANY_AGE = 10**9  # days


def spare(inputs: Inputs, groups: Collection[str]) -> Inputs:
    """The inputs of a year without these causes; what else the year is made of stays.

    late: no truck is refused or late; age: no goods are too old or out of order of date, at the gate of the warehouse
    or at the dock; shortage: what is missing when an order is loaded appears, fresh; paper: order, delivery note and
    price agree; damage: nothing breaks.
    """
    terms = inputs.terms
    span, account, rate = terms.span.copy(), terms.account.copy(), terms.account_rate.copy()
    age = terms.age.copy()
    if "shortage" in groups:
        span[SPARED] |= NO_SHORTAGE
        account[:, CREDIT_LIMIT] = NO_LIMIT
    if "late" in groups:
        span[SPARED] |= NO_LATENESS
    if "age" in groups:
        age[:] = ANY_AGE
        account[:, NO_REGRESS], account[:, MOST_LOTS] = 0, MANY
    if "paper" in groups:
        rate[:, MISMATCH] = rate[:, PRICE_ERROR] = 0
    if "damage" in groups:
        rate[:, DAMAGE_RATE] = 0
    spared: Terms = terms._replace(span=span, account=account, account_rate=rate, age=age)
    return replace(inputs, terms=spared)
