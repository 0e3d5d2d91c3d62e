"""When an order's trucks should arrive, so that it meets its delivery window."""

from __future__ import annotations

from kaopt.fulfilment.calendar import DAY
from kaopt.scenario.settings import Supply

NOON = DAY // 2
LAST_MINUTE = DAY - 1  # 24:00 belongs to the next day


def planned_arrival(opens: int, closes: int, supply: Supply) -> int:
    """Minute of the day: `dispatch_slack` before the window closes; noon at a door that receives all day."""
    if opens <= 0 and closes >= LAST_MINUTE:
        return NOON
    return max(opens, closes - supply.dispatch_slack)
