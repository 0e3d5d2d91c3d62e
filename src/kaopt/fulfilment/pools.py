"""A pool of equal servers (docks, crews, trucks) that is booked instead of queued for.

First come, first served with the service time known when service starts: the next start is the earliest moment at
which a server is free. No event per request, the same waiting times as a queue.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace

NEVER = 2**62


class Pool:
    """Servers by the moment at which each is free again; times are whole numbers of any one unit."""

    __slots__ = ("free",)

    def __init__(self, count: int, since: int = -NEVER) -> None:
        self.free = [since] * count
        heapify(self.free)

    def start(self, now: int) -> int:
        """When a request made now is served; `NEVER` where there is no server. Ask in the order of the requests."""
        return max(now, self.free[0]) if self.free else NEVER

    def keep(self, until: int) -> None:
        """Book the server that `start` told until then."""
        heapreplace(self.free, until)

    def take(self) -> None:
        """Take that server away for a time that is not known yet; see `give`."""
        heappop(self.free)

    def give(self, until: int) -> None:
        """Bring a taken server back, free at `until`."""
        heappush(self.free, until)
