"""How often and by how much trucks are delayed on the way to each door: by the driver, or as records have shown."""

from __future__ import annotations

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import DELAY_CV, DELAY_MEAN, UNFAMILIAR
from kaopt.scenario.columns import Floats
from kaopt.scenario.doors import ServiceTable
from kaopt.scenario.model import Scenario

ANYBODY = "*"  # an account that the records do not know


def delays(world: Scenario, account: tuple[str, ...], own: Floats) -> Floats:
    """[D, 4] chance of a delay, its mean in minutes, its cv, and 1 where it counts from the window's closing on.

    `account` [D] whose door it is; `own` [D, ·] the rates of the warehouse that delivers there, which hold without
    records. A measured delay was counted from the moment that was agreed, so that it begins where the window ends.
    """
    rates = np.column_stack([own[:, [UNFAMILIAR, DELAY_MEAN, DELAY_CV]], np.zeros(len(own))])
    table = world.network.service
    if table is None:
        return rates
    shown = terms_of(table)
    spread = shown[ANYBODY, "log_delay_sd"]
    for d, who in enumerate(account):
        late, mean = (shown.get((who, term), shown[ANYBODY, term]) for term in ("late", "log_delay"))
        rates[d] = late, DAY * np.exp(mean + spread**2 / 2), np.sqrt(np.expm1(spread**2)), 1.0
    return rates


def terms_of(table: ServiceTable) -> dict[tuple[str, str], float]:
    """(account, term) -> value; raises InputError where the records do not say what a dock must know."""
    shown = dict(zip(zip(table.account, table.term, strict=True), table.value.tolist(), strict=True))
    needed = ("late", "log_delay", "log_delay_sd")
    lacks = [term for term in needed if not np.isfinite(shown.get((ANYBODY, term), np.nan))]
    if lacks or not shown.get((ANYBODY, "timed"), 0.0):
        found = f"no {', '.join(lacks)}" if lacks else "moments without a time of day"
        text = "must come from records of delivery moments with a time of day"
        remedy = "Fit records with times, or find the share of late trucks with `kaopt calibrate`"
        raise InputError([Fault("service", None, "term", found, text, remedy)])
    return shown
