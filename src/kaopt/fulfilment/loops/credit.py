"""What customers owe: invoices, payments, and the delivery stop of a customer that would owe too much. Whole cents."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.calendar import WEEK as DAYS
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    CALLED,
    CASH_DAYS,
    CASH_VALUE,
    CREDIT,
    CREDIT_LIMIT,
    DEDUCTED,
    DISPUTE_DAYS,
    DOOR,
    FIRST_DAY,
    FOR_PERIOD,
    INVOICED,
    LEAST,
    LINES,
    LOST,
    OF_MISSING,
    ORDERED,
    OWED,
    PAID_UNTIL,
    PAYMENT_DAYS,
    PICKED,
    PROMISED,
    RECEIVED,
    RESERVES,
    SKU,
    STOPPED,
    VERDICT,
    WEEK,
)
from kaopt.fulfilment.loops.picking import lose
from kaopt.fulfilment.policies.contracts import CENTS, NO_LIMIT


@compiled
def collect(state: Any, a: Any, day: Any) -> None:
    """Payments that are due until the end of a day."""
    credit, owing = state.credit[a], state.owing[a]
    while credit[PAID_UNTIL] <= day and credit[PAID_UNTIL] - state.span[FIRST_DAY] < len(owing) - 1:
        credit[OWED] -= owing[credit[PAID_UNTIL] - state.span[FIRST_DAY]]
        credit[PAID_UNTIL] += 1


@compiled
def stopped(state: Any, slot: Any, now: Any) -> Any:
    """True where delivering what is open would make the customer owe more than its limit: all of it is lost to that.

    What is owed, what was called before and is not invoiced yet, and this order may together reach the limit.
    """
    order, lines = state.order[slot], state.line[slot]
    a = state.door[order[DOOR], ACCOUNT]
    limit, credit, prices, value = state.account[a, CREDIT_LIMIT], state.credit[a], state.price[a], 0.0
    if limit >= NO_LIMIT:
        return False
    collect(state, a, now // DAY)
    for n in range(order[LINES]):
        value += (lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]) * prices[lines[n, SKU]]
    reserves = ceil(CENTS * value)
    if credit[OWED] + credit[PROMISED] + reserves <= limit:
        credit[PROMISED] += reserves
        order[RESERVES] = reserves
        return False
    for n in range(order[LINES]):
        lose(state, slot, n, (CREDIT, lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]))
    order[PICKED] = 0
    state.tried[a, STOPPED] += order[WEEK] >= 0
    return True


@compiled
def invoice(state: Any, slot: Any, fleet: Any) -> None:
    """Invoice what a delivery has added; paid after the term, and later by the dispute where something is deducted."""
    order, lines = state.order[slot], state.line[slot]
    a = state.door[order[DOOR], ACCOUNT]
    credit, asks, prices, value = state.credit[a], state.account[a], state.price[a], 0.0
    for n in range(order[LINES]):
        value += lines[n, ACCEPTED] * prices[lines[n, SKU]]
    cents = floor(CENTS * value + 0.5) - order[INVOICED]
    order[INVOICED] += cents
    credit[PROMISED] -= order[RESERVES]
    order[RESERVES] = 0
    if cents == 0:
        return
    pay = asks[PAYMENT_DAYS] + asks[DISPUTE_DAYS] * (order[DEDUCTED] > 0)
    received = order[CALLED]
    for t in range(len(fleet)):
        if fleet[t, VERDICT] < 0:
            received = max(received, fleet[t, RECEIVED])
    if order[WEEK] >= 0:
        state.cash[a, CASH_VALUE] += cents / CENTS
        state.cash[a, CASH_DAYS] += cents / CENTS * (received + pay - order[CALLED])
    if state.owing.shape[1] > 0:
        credit[OWED] += cents
        at = max(received + pay, credit[PAID_UNTIL]) - state.span[FIRST_DAY]
        state.owing[a, min(at, state.owing.shape[1] - 1)] += cents


@compiled
def withhold(state: Any, day: Any) -> None:
    """The day after a contract's period in which fill was below its level: the fine is kept back from payments.

    What was due first is kept back first, and comes when the dispute is over. By what is settled until that day.
    """
    week = day // DAYS - 1
    for k in range(len(state.level) if day % DAYS == 0 and week >= 0 else 0):
        periods = state.level_week[k]
        if week + 2 < len(periods) and periods[week + 1] == periods[week + 2]:
            continue  # the period goes on
        a, fine = periods[0], missed_level(state, k, week)
        dispute = state.account[a, DISPUTE_DAYS]
        if fine > 0 and dispute > 0:
            state.cash[a, CASH_DAYS] += fine * dispute
            collect(state, a, day - 1)
            defer(state, a, ceil(fine * CENTS), dispute)


@compiled
def missed_level(state: Any, k: Any, week: Any) -> Any:
    """What a contract deducts for the period that ends with a week: a share of the missing value, and a lump sum."""
    level, periods, value = state.level[k], state.level_week[k], state.value[state.level_week[k, 0]]
    ordered = accepted = 0.0
    for w in range(week + 1):
        if periods[w + 1] == periods[week + 1]:
            ordered += value[w, 0]
            accepted += value[w, 1]
    missing = level[LEAST] * ordered - accepted
    return level[OF_MISSING] * missing + level[FOR_PERIOD] if missing > 1e-9 * ordered else 0.0


@compiled
def defer(state: Any, a: Any, cents: Any, days: Any) -> None:
    """Payments that come so many days later than they were due, those that are due first."""
    owing, at, left = state.owing[a], state.credit[a, PAID_UNTIL] - state.span[FIRST_DAY], cents
    while left > 0 and at < len(owing) - 1:
        part = min(owing[at], left)
        owing[at] -= part
        left -= part
        at += 1
    if left < cents:
        owing[min(at - 1 + days, len(owing) - 1)] += cents - left
