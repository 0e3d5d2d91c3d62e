"""How many cases consumers really buy, and how many customers order for it."""

from __future__ import annotations

from math import exp, floor, log1p, sqrt
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.compiled import compiled

BASE_CV, UPLIFT_CV, BIAS, CORRELATION, SLIPPAGE = range(5)  # of Errors, BASE_CV by SKU
JUST = 1e-9  # a whole number of cases stays that number, whatever the last binary digit says


@compiled
def realise(expected: Any, names: Any, keys: Any, law: Any) -> Any:
    """[A, T, S] whole cases that consumers buy in each week: base x error + uplift x error, rounded by lot, unbiased.

    `expected`: base [A, S, T], uplift [A, S, T] and first week of the event [A, S, T]; `names`: keys of lines [A, S]
    and of SKUs [S]; `law`: cv of base [S], the other errors (see `Demand` settings), weeks of T that are warm-up.
    """
    base, uplift, event = expected
    line_key, sku_key = names
    base_cv, errors, warmup = law
    wanted = np.empty((base.shape[0], base.shape[2], base.shape[1]), np.int64)
    extra = np.zeros(base.shape[2] + 1)
    for a in range(base.shape[0]):
        for s in range(base.shape[1]):
            who = line_key[a, s]
            sigma = sqrt(log1p(base_cv[s] * base_cv[s]))
            draws, rounds = luck.stream(keys[luck.BASE], who), luck.stream(keys[luck.ROUND], who)
            promoted = add_uplift((uplift, event), (a, s), (keys, who, sku_key[s]), errors, extra)
            for row in range(base.shape[2]):
                cases = base[a, s, row]
                if cases <= 0 and not promoted:
                    wanted[a, row, s] = 0
                    continue
                week = row - warmup
                if sigma > 0:
                    cases *= exp(sigma * luck.quantile(luck.level(draws, week)) - 0.5 * sigma * sigma)
                if promoted:
                    cases += extra[row]
                    extra[row] = 0.0
                wanted[a, row, s] = floor(cases + JUST + luck.level(rounds, week) * (1 - 2 * JUST))
            extra[base.shape[2]] = 0.0
    return wanted


@compiled
def levels(key: Any, names: Any, weeks: Any) -> Any:
    """[A, S, T] the draws of lines [A, S] for one purpose, between 0 and 1; `weeks` = (T, of them warm-up)."""
    found = np.zeros((names.shape[0], names.shape[1], weeks[0]))
    for a in range(names.shape[0]):
        for s in range(names.shape[1]):
            draws = luck.stream(key, names[a, s])
            for row in range(weeks[0]):
                found[a, s, row] = luck.level(draws, row - weeks[1])
    return found


@compiled
def add_uplift(planned: Any, where: Any, who: Any, errors: Any, extra: Any) -> Any:
    """Write what the promotions of one line really sell by week into `extra`; False where it has none."""
    uplift, event = planned
    a, s = where
    found = False
    for row in range(uplift.shape[2]):
        if uplift[a, s, row] > 0:
            factor, late = of_event(who, event[a, s, row], errors)
            extra[row + late] += uplift[a, s, row] * factor
            found = True
    return found


@compiled
def of_event(who: Any, first: Any, errors: Any) -> Any:
    """The error of one promotion, mean `BIAS`, and the weeks by which it is late.

    Part of the error is the market's: accounts that promote a SKU in the same week share it.
    """
    keys, line, sku = who
    sigma = sqrt(log1p(errors[UPLIFT_CV] * errors[UPLIFT_CV]))
    draw = luck.normal(keys[luck.UPLIFT], line, first)
    if errors[CORRELATION] > 0:
        market = luck.normal(keys[luck.MARKET], sku, first)
        draw = sqrt(errors[CORRELATION]) * market + sqrt(1 - errors[CORRELATION]) * draw
    late = errors[SLIPPAGE] > 0 and luck.uniform(keys[luck.SLIP], line, first) < errors[SLIPPAGE]
    return errors[BIAS] * exp(sigma * draw - 0.5 * sigma * sigma), np.int64(late)


@compiled
def order(sold: Any, base: Any, held: Any, rule: Any, books: Any) -> None:
    """Turn what consumers buy [A, T, S] into what customers order, in place.

    `base` [A, S, T] expected sales, by which `held` [A, T] weeks become cases; `rule`: weeks after which a customer
    sends back what lies unsold (0: never), and weeks of warm-up. Writes `books`: shelf [A, T, 3], cases sold, held at
    the end of the week, sent back; unsold [S], cases sent back after the warm-up.
    """
    (stale, warmup), (shelf, unsold) = rule, books
    for a in range(sold.shape[0]):
        for s in range(sold.shape[2]):
            stock = floor(held[a, 0] * base[a, s, 0] + JUST)
            came, gone = np.zeros(sold.shape[1] + 1, np.int64), 0
            came[0] = stock
            for row in range(sold.shape[1]):
                bought = sold[a, row, s]
                wanted = max(bought + floor(held[a, row] * base[a, s, row] + JUST) - stock, 0)
                came[row + 1] = came[row] + wanted
                stock += wanted - bought
                gone += bought
                back = 0
                if 0 < stale <= row:
                    # first in, first out: what had come by then and is not gone yet has lain too long
                    back = min(max(came[row + 1 - stale] - gone, 0), stock)
                stock, gone = stock - back, gone + back
                sold[a, row, s] = wanted
                shelf[a, row, 0] += bought
                shelf[a, row, 1] += stock
                shelf[a, row, 2] += back
                unsold[s] += back * (row >= warmup)
