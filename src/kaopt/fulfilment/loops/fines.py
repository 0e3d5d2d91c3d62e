"""What a customer deducts when an order is settled, clause by clause of its contract, and for which cause."""

from __future__ import annotations

from math import ceil
from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    CAUSE,
    DEDUCTED,
    DOOR,
    LATE,
    LATE_CAUSE,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    OF_DISCOUNT,
    OF_PRICE,
    OF_VALUE,
    PER_LINE,
    PER_ORDER,
    PER_TRUCK,
    PRICE,
    SKU,
    TRIES,
    WEEK,
)
from kaopt.fulfilment.loops.dock import claimed, wrong_price
from kaopt.fulfilment.policies.contracts import CENTS
from kaopt.scenario.receiving import CLAUSES

FAILED_VALUE, LATE_TRUCK, LATE_ORDER, WRONG_LINE, PRICE_DIFFERENCE, PROMOTION_DISCOUNT = (
    CLAUSES.index(clause)
    for clause in ("failed_value", "late_truck", "late_order", "wrong_line", "price_difference", "promotion_discount")
)


@compiled
def deduct(state: Any, slot: Any) -> None:
    """All deductions of an order that is settled."""
    order, lines, losses = state.order[slot], state.line[slot], state.loss[slot]
    a = state.door[order[DOOR], ACCOUNT]
    of_value, per_line, prices = state.by_cause[OF_VALUE, a], state.by_cause[PER_LINE, a], state.price[a]
    for k in range(order[LOSSES]):
        cause, n = losses[k, CAUSE], losses[k, LOSS_LINE]
        if of_value[cause] > 0:
            book(state, slot, (FAILED_VALUE, cause), losses[k, LOSS_CASES] * prices[lines[n, SKU]] * of_value[cause])
        if per_line[cause] > 0:
            first = True
            for j in range(k):
                first = first and not (losses[j, LOSS_LINE] == n and per_line[losses[j, CAUSE]] > 0)
            if first:
                book(state, slot, (WRONG_LINE, cause), per_line[cause])
    if order[LATE] > 0 or order[TRIES] > 0:
        book(state, slot, (LATE_TRUCK, order[LATE_CAUSE]), order[LATE] * state.fine[a, PER_TRUCK])
        book(state, slot, (LATE_ORDER, order[LATE_CAUSE]), state.fine[a, PER_ORDER])
    if state.fine[a, OF_PRICE] > 0 or state.fine[a, OF_DISCOUNT] > 0:
        deduct_prices(state, slot)


@compiled
def deduct_prices(state: Any, slot: Any) -> None:
    """Lines that were accepted at a price that the customer does not pay."""
    order, lines = state.order[slot], state.line[slot]
    a = state.door[order[DOOR], ACCOUNT]
    fine, prices = state.fine[a], state.price[a]
    for n in range(order[LINES]):
        s, value = lines[n, SKU], lines[n, ACCEPTED] * prices[lines[n, SKU]]
        if value > 0 and fine[OF_PRICE] > 0 and wrong_price(state, slot, s):
            book(state, slot, (PRICE_DIFFERENCE, PRICE), value * fine[OF_PRICE])
        if value > 0 and fine[OF_DISCOUNT] > 0 and claimed(state, slot, s):
            book(state, slot, (PROMOTION_DISCOUNT, PRICE), value * fine[OF_DISCOUNT])


@compiled
def book(state: Any, slot: Any, what: Any, money: Any) -> None:
    """One deduction; `what` = (clause, cause). The ledger has those of the horizon."""
    order = state.order[slot]
    if money > 0:
        order[DEDUCTED] += ceil(money * CENTS)
        if order[WEEK] >= 0:
            state.fines[state.door[order[DOOR], ACCOUNT], what[0], what[1]] += money
