"""Where customers receive, as the loops read it: receiving points, windows by weekday, the timetable of deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment import sites
from kaopt.fulfilment.calendar import DAY, WEEK, deliveries
from kaopt.fulfilment.delays import delays
from kaopt.fulfilment.fields import ARRIVAL
from kaopt.fulfilment.policies import dispatch, drivers
from kaopt.fulfilment.policies.own import changed
from kaopt.fulfilment.transport import rosters
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.doors import LATE_RULES
from kaopt.scenario.model import Scenario

EVERY_DAY = tuple(range(1, WEEK + 1))
MOST = 64  # receiving points of one account, for each of which luck has a cell


@dataclass(frozen=True, eq=False)
class Points:
    """Receiving points: those of the table, and one for each account without a row; [D] each."""

    name: tuple[str, ...]
    account: Ints
    row: Ints  # of the table, -1: as the account says
    ordinal: Ints  # among those of the account
    share: Floats  # [D, 2] of the account's orders: before this one, and with it

    def figure(self, world: Scenario, name: str) -> Floats:
        """[D] a column that accounts have too: the door's own figure, and the account's where it has none."""
        own: Floats = getattr(world.accounts, name)[self.account].astype(float)
        if world.network.doors is None or not (self.row >= 0).any():
            return own
        given = getattr(world.network.doors, name)[self.row]
        return np.where((self.row < 0) | np.isnan(given), own, given)

    def extra(self, world: Scenario, name: str, otherwise: float) -> Floats:
        """[D] a column that only the table has."""
        if world.network.doors is None or not (self.row >= 0).any():
            return np.full(len(self.name), otherwise)
        given = getattr(world.network.doors, name)[self.row].astype(float)
        return np.where((self.row < 0) | np.isnan(given), otherwise, given)


def points_of(world: Scenario) -> Points:
    """All receiving points, account by account."""
    table, names = world.network.doors, []
    found: list[tuple[int, int, int, float, float]] = []
    for a, who in enumerate(world.accounts.account):
        rows = [n for n, one in enumerate(table.account) if one == who] if table is not None else []
        if len(rows) > MOST:
            text = f"{who} may have at most {MOST} doors"
            raise InputError([Fault("doors", None, "account", str(len(rows)), text, "Join the small ones")])
        if table is None or not rows:
            found.append((a, -1, 0, 0.0, 1.0))
            names.append(who)
            continue
        ends = np.concatenate([[0.0], np.cumsum(table.share[rows])])
        ends = ends / ends[-1] if ends[-1] > 0 else np.arange(len(rows) + 1) / len(rows)
        found += [(a, n, k, ends[k], ends[k + 1]) for k, n in enumerate(rows)]
        names += [table.door[n] for n in rows]
    whole = np.array([one[:3] for one in found], np.int64).reshape(-1, 3)
    share = np.array([one[3:] for one in found]).reshape(-1, 2)
    return Points(tuple(names), whole[:, 0], whole[:, 1], whole[:, 2], share)


def warehouse_at(world: Scenario, points: Points) -> Ints:
    """[D] the warehouse that delivers to each door."""
    by_account, table = sites.warehouse_of(world)[points.account], world.network.doors
    if table is None or not table.door:
        return by_account
    own = sites.index_of(sites.warehouse_ids(world), table.warehouse, ("doors", "warehouse"))
    named = np.array([row >= 0 and table.warehouse[row] != "" for row in points.row], dtype=bool)
    return np.where(named, own[points.row], by_account)


def doors(world: Scenario, points: Points) -> tuple[Ints, Floats]:
    """[D, ·] the receiving points: whole figures, rates."""
    warehouse, table = warehouse_at(world, points), world.network.doors
    late = np.array([0 if row < 0 or table is None else LATE_RULES.index(table.late[row]) for row in points.row])
    call_offs = world.accounts.call_offs[points.account]
    first, crew = drivers.asked(world, warehouse, rosters(world))
    rows = (
        points.account,
        warehouse,
        np.maximum(points.figure(world, "dock_count"), 1),
        points.figure(world, "unload_minutes"),
        points.figure(world, "travel_minutes"),
        points.figure(world, "grace_minutes"),
        points.ordinal,
        points.extra(world, "early_minutes", -1),
        late,
        first,
        crew,
        np.where(call_offs > 0, np.maximum(world.accounts.call_off_lead[points.account], 1), 0),
    )
    whose = tuple(world.accounts.account[a] for a in points.account)
    weekly = call_offs * (points.share[:, 1] - points.share[:, 0])
    delayed = delays(world, whose, sites.places(world)[1][warehouse])
    spread = np.full(len(weekly), world.supply.transport.unload_cv)
    rates = np.column_stack([points.extra(world, "arrivals", 0.0), weekly, delayed, spread])
    return np.stack(rows, axis=1).astype(np.int64), np.ascontiguousarray(rates)


def hours(world: Scenario, points: Points) -> Ints:
    """[D, 7, 2] when each door opens and closes, by weekday, Monday first."""
    either = np.stack([points.figure(world, "window_open"), points.figure(world, "window_close")], axis=1)
    result = np.repeat(either[:, None, :], WEEK, axis=1).astype(np.int64)
    table = world.network.windows
    if table is not None:
        accounts = tuple(world.accounts.account[a] for a in points.account)
        for names in (accounts, points.name):  # what is said of a door counts more
            for n, who in enumerate(table.door):
                at = [d for d, name in enumerate(names) if name == who]
                days = [day - 1 for day in table.days[n]]
                result[np.ix_(at, days)] = table.window_open[n], table.window_close[n]
    result[:, :, 1] = np.minimum(result[:, :, 1], dispatch.LAST_MINUTE)
    return result


def windows(world: Scenario, points: Points, place: tuple[Ints, Floats]) -> Ints:
    """[D, 7, ·] windows, when an order's first truck should arrive, and slots; `place` as `sites.places` tells."""
    open_close, (door, rate) = hours(world, points), doors(world, points)
    slots = points.extra(world, "appointment_minutes", 0).astype(np.int64)
    aims = dispatch.arrivals(world.supply, open_close, (door, rate, slots), place[1])
    aims = changed(world, "dispatch", {"arrival": aims}, dispatch.LAST_MINUTE)["arrival"]
    booked = np.repeat(slots[:, None], WEEK, axis=1)
    return np.ascontiguousarray(np.concatenate([open_close, np.stack([aims, booked], axis=2)], axis=2))


def timetable(world: Scenario, weeks: range) -> tuple[Ints, Floats]:
    """Deliveries [D, N, ·] of the weeks and their shares [D, N, 2]; rows that a door does not need have no share."""
    points, rows = points_of(world), []
    without = no_truck(world, points)
    for d, name in enumerate(points.name):
        rows.append(dues(world, points, (d, without[d]), weeks))
        if not rows[-1]:
            text = f"{name} needs a delivery day"
            raise InputError([Fault("accounts", None, "order_days", "", text, "Give Mon|Wed|Fri")])
    most = max((len(row) for row in rows), default=0)
    table = np.zeros((len(rows), most, 5))
    for d, row in enumerate(rows):
        table[d, : len(row), [0, 1, 3, 4]] = np.array(row).T
    return np.ascontiguousarray(table[:, :, :3]).astype(np.int64), np.ascontiguousarray(table[:, :, 3:])


def no_truck(world: Scenario, points: Points) -> list[set[int]]:
    """For each door the days for which a truck would have to leave on a holiday of its warehouse."""
    ids, home = sites.warehouse_ids(world), warehouse_at(world, points)
    shut = [sites.holidays(world, one) for one in ids]
    if not any(shut):
        return [set() for _ in points.name]
    travel, monday = points.figure(world, "travel_minutes"), world.start.isoweekday() - 1
    aims = windows(world, points, sites.places(world))[:, :, ARRIVAL]
    found = []
    for d, p in enumerate(home):
        days = {day + late for day in shut[p] for late in range(2 + int(travel[d]) // DAY)}
        leaves = {day: int(day * DAY + aims[d, (monday + day) % WEEK] - travel[d]) // DAY for day in days}
        found.append({day for day in days if leaves[day] in shut[p]})
    return found


def dues(world: Scenario, points: Points, door: tuple[int, set[int]], weeks: range) -> list[tuple[float, ...]]:
    """Day, week, and shares of the account's week before and with each delivery to a door, in order.

    A week is delivered on the days on which the customer is open and a truck may leave for it; what a week without
    such a day asks for comes on the first one after it. Call-offs are expected every day. `door` = its index, days for
    which no truck leaves.
    """
    d, without = door
    table, a, row = world.network.doors, int(points.account[d]), int(points.row[d])
    own = table.order_days[row] if table is not None and row >= 0 else ()
    days = EVERY_DAY if world.accounts.call_offs[a] > 0 else own or world.accounts.order_days[a]
    closed = sites.holidays(world, world.accounts.account[a]) | without
    before, with_it = points.share[d]
    by_week: dict[int, list[int]] = {}
    for due in deliveries(world.start, days, weeks):
        by_week.setdefault(due.week, []).append(due.day)
    found: list[tuple[float, ...]] = []
    for week, wanted in by_week.items():
        kept = [day for day in wanted if day not in closed]
        if not kept:
            day = wanted[-1]
            while day in closed:
                day += 1
            kept = [day]
        width = (with_it - before) / len(kept)
        ends = [before + part * width for part in range(len(kept))] + [with_it]
        found += [(day, week, ends[part], ends[part + 1]) for part, day in enumerate(kept)]
    return found


def longest_trip(world: Scenario) -> int:
    """Minutes of the longest mean trip to a door, or of the longest time by which call-offs come ahead."""
    ahead = int((world.accounts.call_off_lead * (world.accounts.call_offs > 0)).max(initial=0))
    return max(int(points_of(world).figure(world, "travel_minutes").max(initial=0)), ahead)
