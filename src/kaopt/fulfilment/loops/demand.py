"""How many cases are really ordered: what was expected, times luck."""

from __future__ import annotations

from math import exp, floor, log1p, sqrt
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.compiled import compiled


@compiled
def realise(expected: Any, line_keys: Any, keys: Any, spread: Any) -> Any:
    """[A, T, S] whole cases wanted in each week: base x error + uplift x error, rounded by lot, unbiased.

    `expected`: base [A, S, T], uplift [A, S, T] and first week of the event [A, S, T], T weeks of which `spread[2]` are
    warm-up. `spread`: cv of base [S], cv of uplift, warm-up weeks.
    """
    base, uplift, event = expected
    base_cv, uplift_cv, warmup = spread
    wanted = np.zeros((base.shape[0], base.shape[2], base.shape[1]), np.int64)
    for a in range(base.shape[0]):
        for s in range(base.shape[1]):
            who = line_keys[a, s]
            sigma = sqrt(log1p(base_cv[s] * base_cv[s]))
            errors, rounds = luck.stream(keys[luck.BASE], who), luck.stream(keys[luck.ROUND], who)
            for row in range(base.shape[2]):
                if base[a, s, row] + uplift[a, s, row] <= 0:
                    continue
                week = row - warmup
                cases = base[a, s, row]
                if sigma > 0:
                    cases *= exp(sigma * luck.quantile(luck.level(errors, week)) - 0.5 * sigma * sigma)
                if uplift[a, s, row] > 0:
                    cases += uplift[a, s, row] * luck.lognormal(keys[luck.UPLIFT], who, event[a, s, row], uplift_cv)
                # 1e-9: a whole number stays that number, whatever the last binary digit says
                wanted[a, row, s] = floor(cases + 1e-9 + luck.level(rounds, week) * (1 - 2e-9))
    return wanted
