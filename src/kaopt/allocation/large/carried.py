"""What the dynamic program of a year carries by itself: calendar rules, read as data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.allocation.rules import settings_of
from kaopt.allocation.rules.rule import Bound, Calendar, Rule
from kaopt.scenario.model import Scenario

ALWAYS = ("one_event", "spacing")  # every year keeps them


@dataclass(frozen=True)
class Year:
    """Free weeks after an event, most events in the horizon, and the names of the rules that this keeps in full."""

    gap: int
    most: int
    carried: tuple[str, ...]


def year_of(world: Scenario, rules: tuple[Rule, ...]) -> Year:
    """Read the calendar rules; one that says more than a gap and a most number is left to be priced as a row."""
    gap = max((one.gap for rule in rules for one in calendars(world, rule)), default=0)
    signed = [one.weeks for one in (*world.locks, *world.standing)]  # may be of a length that nobody offers
    shortest = min([n for lengths in world.treatments.lengths for n in lengths] + signed, default=1) + gap
    most, carried = room(world.weeks, shortest), list(ALWAYS)
    for rule in rules:
        bounds = [bound for one in calendars(world, rule) for bound in one.bounds]
        hard = all(one.hard for one in settings_of(world, rule))  # what may be missed at a regret is priced
        if rule.NAME == "promotion_count" and hard and all(is_kept(world, bound, shortest) for bound in bounds):
            whole = [bound.most for bound in bounds if bound.weeks.all() and np.isfinite(bound.most)]
            most = min([most, *(int(np.floor(one)) for one in whole)])
            if bounds and all(per_block(one) for one in settings_of(world, rule)):
                carried.append(rule.NAME)
    return Year(gap, most, tuple(carried))


def calendars(world: Scenario, rule: Rule) -> list[Calendar]:
    """What a rule says of every year, for each of its settings; none where it is no calendar rule."""
    if not hasattr(rule, "calendar"):
        return []
    return [rule.calendar(world, settings) for settings in settings_of(world, rule)]


def per_block(settings: object) -> bool:
    """True where a count is asked of each account-SKU."""
    return getattr(settings, "per", "") == "account_sku"


def is_kept(world: Scenario, bound: Bound, shortest: int) -> bool:
    """Whether a most number of the horizon, or one of a part that the gap keeps anyway; nothing at least."""
    if bound.what != "events" or bound.least > 0:
        return False
    return bool(bound.weeks.all()) or room(int(bound.weeks.sum()), shortest) <= bound.most


def room(weeks: int, shortest: int) -> int:
    """How many events may begin in so many weeks when each takes at least `shortest` weeks with its gap."""
    return -(-weeks // shortest)
