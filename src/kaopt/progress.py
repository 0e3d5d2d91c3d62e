"""What long work says while it runs: events that a screen, a notebook or a file may listen to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One event. `best`, `bound` in units of the objective, `gap` as a share of 1, `seconds` since the stage began."""

    stage: str
    message: str
    seconds: float = 0.0
    best: float | None = None
    bound: float | None = None
    gap: float | None = None
    done: int | None = None
    total: int | None = None


Listener = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """The listener that hears nothing."""
