"""The inspector at the customer's dock: what he looks at, and for which cause a piece of a lot fails."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import WEEK as DAYS
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPT,
    ACCOUNT,
    AGE,
    AMOUNT,
    ASKED,
    BINS_A_DAY,
    BORN,
    CAUSES,
    DAMAGE_RATE,
    DAMAGED,
    DISCOUNT_CHANCE,
    DOOR,
    FATE,
    FIRST_PIECE,
    INSPECTED,
    LINE,
    MISMATCH,
    MOST_LOTS,
    NO_REGRESS,
    OF_PRICE,
    ORDINAL,
    PAPER,
    PIECES,
    PRICE,
    PRICE_DAYS,
    PRICE_ERROR,
    RECEIVED,
    REGRESS,
    SKU,
    TRUCK,
    VERDICT,
    WEEK,
    WHOLE_LINE,
)
from kaopt.fulfilment.loops.picking import DOORS
from kaopt.fulfilment.loops.slots import occasion

MANY = 10**6  # dates on a line: no limit
JUST = 1e-9  # an age on the border of two bins belongs to the older one, whatever the last binary digit says


@compiled
def inspect(state: Any, slot: Any, fleet: Any) -> None:
    """Say of every piece why it fails: the truck first, then goods, then paper, as the customer checks."""
    order, pieces, lines = state.order[slot], state.piece[slot], state.line[slot]
    d = order[DOOR]
    a, cell = state.door[d, ACCOUNT], occasion(order) * DOORS + state.door[d, ORDINAL]
    ages, names, rates, asks = state.age[ACCEPT, a], state.line_key[a], state.account_rate[a], state.account[a]
    dates = asks[NO_REGRESS] > 0 or asks[MOST_LOTS] < MANY
    keys, looks = state.keys, rates[INSPECTED]
    draws, chances = (keys[luck.DAMAGE], keys[luck.PAPER]), (rates[DAMAGE_RATE], rates[MISMATCH])
    priced = rates[PRICE_ERROR] > 0 and state.fine[a, OF_PRICE] == 0
    met, bins, counts, last = state.met[a], state.sku_rate, order[WEEK] >= 0, state.met.shape[1] - 1
    for k in range(order[FIRST_PIECE], order[PIECES]):
        truck, s = pieces[k, TRUCK], lines[pieces[k, LINE], SKU]
        fate = fleet[truck, VERDICT]
        if fate < 0:
            days = fleet[truck, RECEIVED] - pieces[k, BORN]
            met[min(int(max(days, 0) * bins[s, BINS_A_DAY] + JUST), last)] += pieces[k, AMOUNT] * counts
            looked = looks >= 1 or luck.uniform(keys[luck.INSPECT], names[s], cell) < looks
            if looked and days > ages[s]:
                fate = AGE
            elif looked and dates and unwelcome(state, slot, k):
                fate = REGRESS
            else:
                fate = judge(draws, (names[s], cell), chances, looked)
        if fate < 0 and priced and wrong_price(state, slot, s):
            fate = PRICE
        pieces[k, FATE] = fate
    if asks[WHOLE_LINE]:
        with_line(state, slot, fleet)


@compiled
def judge(draws: Any, line: Any, chances: Any, looked: Any) -> Any:
    """Damage, then paper; -1: neither. `draws` and `chances` of both; `line` = (key of account and SKU, cell)."""
    (damage, paper), (who, cell) = chances, line
    if looked and damage > 0 and luck.uniform(draws[0], who, cell) < damage:
        return DAMAGED
    if paper > 0 and luck.uniform(draws[1], who, cell) < paper:
        return PAPER
    return -1


@compiled
def unwelcome(state: Any, slot: Any, k: Any) -> Any:
    """Older than what the door has received before, or one production date too many on its line."""
    order, pieces = state.order[slot], state.piece[slot]
    asks, n, born = state.account[state.door[order[DOOR], ACCOUNT]], pieces[k, LINE], pieces[k, BORN]
    if asks[NO_REGRESS] and born < state.newest[order[DOOR], state.line[slot, n, SKU]]:
        return True
    others = 0
    for i in range(order[FIRST_PIECE], k):
        if pieces[i, LINE] == n and pieces[i, FATE] < 0:
            if pieces[i, BORN] == born:
                return False
            fresh = True
            for j in range(order[FIRST_PIECE], i):
                same = pieces[j, LINE] == n and pieces[j, FATE] < 0 and pieces[j, BORN] == pieces[i, BORN]
                fresh = fresh and not same
            others += fresh
    return others >= asks[MOST_LOTS]


@compiled
def with_line(state: Any, slot: Any, fleet: Any) -> None:
    """Where some of a line failed inspection, all of it is refused for that cause; what is sound goes home."""
    order, pieces = state.order[slot], state.piece[slot]
    for k in range(order[FIRST_PIECE], order[PIECES]):
        fate = pieces[k, FATE]
        if fleet[pieces[k, TRUCK], VERDICT] < 0 and fate in (AGE, REGRESS, DAMAGED):
            for j in range(order[FIRST_PIECE], order[PIECES]):
                if pieces[j, LINE] == pieces[k, LINE] and pieces[j, FATE] < 0:
                    pieces[j, FATE] = CAUSES + fate


@compiled
def promotion(state: Any, slot: Any, s: Any) -> Any:
    """First week of the promotion of a SKU in an order's week; -1 without."""
    order = state.order[slot]
    if order[WEEK] < 0 or state.promo.shape[2] == 0:
        return -1
    return state.promo[state.door[order[DOOR], ACCOUNT], s, order[WEEK]]


@compiled
def wrong_price(state: Any, slot: Any, s: Any) -> Any:
    """The price of a promotion has not reached us, and nobody has mended it yet: one chance for each promotion."""
    order, first = state.order[slot], promotion(state, slot, s)
    a = state.door[order[DOOR], ACCOUNT]
    if first < 0 or order[ASKED] >= first * DAYS + state.account[a, PRICE_DAYS]:
        return False
    turn = luck.uniform(state.keys[luck.WRONG_PRICE], state.line_key[a, s], first)
    return turn < state.account_rate[a, PRICE_ERROR]


@compiled
def claimed(state: Any, slot: Any, s: Any) -> Any:
    """The customer deducts a promotion's discount though it was not agreed: one chance for each promotion."""
    first, a = promotion(state, slot, s), state.door[state.order[slot, DOOR], ACCOUNT]
    if first < 0:
        return False
    turn = luck.uniform(state.keys[luck.DISCOUNT], state.line_key[a, s], first)
    return turn < state.fine[a, DISCOUNT_CHANCE]
