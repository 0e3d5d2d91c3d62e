"""What production sees ahead: expected demand on the days on which it will be picked, and how wrong that may be."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from kaopt.fulfilment import sites
from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.doors import timetable
from kaopt.fulfilment.fields import ACCOUNT, SEES_DAYS, WAREHOUSE, WEEK_OF
from kaopt.fulfilment.loops.timing import call_days
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.policies.own import changed
from kaopt.fulfilment.state import EMPTY, state_of
from kaopt.fulfilment.terms import first_day_of
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Expected:
    """Demand of the horizon as planned, each [A, S, W]: case/week."""

    base: Floats  # without the uplift of active promotions
    uplift: Floats
    event: Ints  # first week of the active promotion


@dataclass(frozen=True, eq=False)
class Outlook:
    """Cumulated from the first day on, each [P, S, days + 1]; the last three None where no policy asks for them."""

    cases: Floats  # expected demand
    uplift: Floats | None = None  # of it, the uplift of promotions that production sees
    base_variance: Floats | None = None  # of the error of the base, case²
    uplift_variance: Floats | None = None  # of the error of that uplift, case²


def outlook(world: Scenario, plan: Expected, blind: Terms) -> Outlook:
    """The forecast by warehouse, SKU and day; `blind` are all terms but the forecast.

    The effects of a promotion are seen only where the account's notice covers freeze and lead time of the SKU's plant;
    elsewhere production sees the base. Before and after the horizon the year repeats without promotions.
    """
    seen = visible(world)[:, :, None]
    inside, base = np.where(seen, plan.base + plan.uplift, world.base_cases), world.base_cases
    pairs = [(inside, base)]
    rules = world.supply.production
    if rules.safety.rule != "weeks" or rules.prebuild_weeks > 0:
        uplift, quiet = np.where(seen, plan.uplift, 0.0), np.zeros_like(base)
        spread = (world.skus.demand_cv[None, :, None] * base) ** 2
        error = world.supply.uplift_cv**2 * uplift * event_totals(uplift, plan.event)
        pairs += [(uplift, quiet), (spread, spread), (error, quiet)]
    return Outlook(*by_day(world, pairs, blind))


def visible(world: Scenario) -> Bools:
    """[A, S] where production hears of a promotion in time: notice against freeze and lead time."""
    plant, _ = sites.plants(world)
    needs = plant[sites.maker_of(world), SEES_DAYS]
    seen = world.accounts.notice_days[:, None] >= needs[None, :]
    return np.asarray(changed(world, "notice", {"seen": seen})["seen"])


def event_totals(uplift: Floats, event: Ints) -> Floats:
    """[A, S, W] uplift of the whole promotion that runs in each week: its error is one draw for all of its weeks."""
    totals = np.zeros_like(uplift)
    a, s, week = np.nonzero(uplift > 0)
    np.add.at(totals, (a, s, event[a, s, week]), uplift[a, s, week])
    result = np.zeros_like(uplift)
    result[a, s, week] = totals[a, s, event[a, s, week]]
    return result


def by_day(world: Scenario, pairs: list[tuple[Floats, Floats]], blind: Terms) -> list[Floats]:
    """Figures by week, each (inside the horizon, outside it) [A, S, W], cumulated by the day of the pick."""
    first_day, lead = first_day_of(world), int(sites.plants(world)[0][:, 0].max(initial=0))
    longest = float(world.skus.lot_cover_weeks.max(initial=0)) + lead / WEEK
    weeks = range(first_day // WEEK, world.weeks + ceil(longest) + 4)
    door, (due, share), state = blind.door, timetable(world, weeks), state_of((blind, *EMPTY[1:]))
    shape = len(sites.warehouse_ids(world)), len(world.skus.sku), len(weeks) * WEEK
    daily = [np.zeros(shape) for _ in pairs]
    for d in range(len(door)):
        a, p = door[d, ACCOUNT], door[d, WAREHOUSE]
        part, week = share[d, :, 1] - share[d, :, 0], due[d, :, WEEK_OF]
        day = call_days(state, d, due[d]) - first_day  # picked on the day on which it is ordered
        counts = (part > 0) & (day >= 0) & (day < shape[2])
        known = ((week >= 0) & (week < world.weeks))[counts, None]
        for layer, (inside, outside) in zip(daily, pairs, strict=True):
            at = week[counts] % world.weeks
            cases = np.where(known, inside[a][:, at].T, outside[a][:, at].T)
            np.add.at(layer[p].T, day[counts], cases * part[counts, None])
    return [np.concatenate([np.zeros((*one.shape[:2], 1)), one.cumsum(axis=2)], axis=2) for one in daily]
