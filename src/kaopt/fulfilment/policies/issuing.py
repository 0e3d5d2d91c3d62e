"""Which lot leaves first."""

from __future__ import annotations


def by_date(issue: str) -> bool:
    """FEFO: oldest production date first, wherever the goods have been. FIFO: in order of entry into free stock."""
    return issue == "fefo"
