"""How two promotion calendars differ: what stays, what is moved by a week, what is changed, what only one has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

MOVED = 1  # weeks: the same promotion, a little earlier or later


class Event(NamedTuple):
    """One promotion as plan.csv names it; week from 1."""

    account: str
    sku: str
    week: int
    weeks: int
    treatment: str


Pair = tuple[Event, Event]


@dataclass(frozen=True)
class Differences:
    """From plan `first` to plan `second`; every event of each stands in exactly one of the lists."""

    first: str
    second: str
    same: tuple[Event, ...]
    moved: tuple[Pair, ...]  # same account, SKU, treatment and length, a week earlier or later
    changed: tuple[Pair, ...]  # same account, SKU and first week; another treatment or length
    only_first: tuple[Event, ...]
    only_second: tuple[Event, ...]


def differences(first: str, mine: Iterable[Event], second: str, theirs: Iterable[Event]) -> Differences:
    """Match two calendars: first what is the same, then what is moved, then what is changed; each event once."""
    left, right = Counter(mine), Counter(theirs)
    same = left & right
    a, b = sorted((left - same).elements()), sorted((right - same).elements())
    moved, a, b = matched(a, b, is_moved)
    changed, a, b = matched(a, b, is_changed)
    return Differences(first, second, tuple(sorted(same.elements())), tuple(moved), tuple(changed), tuple(a), tuple(b))


def is_moved(one: Event, other: Event) -> bool:
    """The same promotion, a week earlier or later."""
    return one._replace(week=0) == other._replace(week=0) and abs(one.week - other.week) == MOVED


def is_changed(one: Event, other: Event) -> bool:
    """Another promotion in its place."""
    return one[:3] == other[:3]


def matched(
    a: list[Event], b: list[Event], alike: Callable[[Event, Event], bool]
) -> tuple[list[Pair], list[Event], list[Event]]:
    """Pairs of events that are alike, earliest first, and what is left of both."""
    pairs, left, right = [], [], list(b)
    for one in a:
        partner = next((other for other in right if alike(one, other)), None)
        if partner is None:
            left.append(one)
        else:
            pairs.append((one, partner))
            right.remove(partner)
    return pairs, left, right
