"""A pool of equal servers (docks, trucks) that is booked instead of queued for.

First come, first served with the service time known when service starts: the next start is the earliest moment at
which a server is free. No event per request, the same waiting times as a queue. A pool is a row of moments, a binary
heap of `size` entries: the first is the earliest.
"""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled

NEVER = 2**62


@compiled
def start(row: Any, size: Any, now: Any) -> Any:
    """When a request made now is served; `NEVER` where there is no server. Ask in the order of the requests."""
    return max(now, row[0]) if size > 0 else NEVER


@compiled
def keep(row: Any, size: Any, until: Any) -> None:
    """Book the server that `start` told until then."""
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and row[child + 1] < row[child]:
            child += 1
        if row[child] >= until:
            break
        row[i] = row[child]
        i = child
    row[i] = until


@compiled
def take(row: Any, size: Any) -> Any:
    """Take that server away for a time that is not known yet; returns how many are left. See `give`."""
    last = row[size - 1]
    if size > 1:
        keep(row, size - 1, last)
    return size - 1


@compiled
def give(row: Any, size: Any, until: Any) -> Any:
    """Bring a taken server back, free at `until`; returns how many there are now."""
    i = size
    while i > 0 and row[(i - 1) // 2] > until:
        row[i] = row[(i - 1) // 2]
        i = (i - 1) // 2
    row[i] = until
    return size + 1
