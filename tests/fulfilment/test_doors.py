"""Receiving points: what a row of the table changes, what it leaves as it was, and windows that differ by weekday."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.fulfilment import luck
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.doors import hours, points_of, timetable
from kaopt.fulfilment.fields import (
    ALL_ORDERS,
    CLOSE,
    DAY_OF,
    DOCKS,
    GRACE,
    LATE_RULE,
    LATE_TRIP,
    NEXT_DAY,
    OPEN,
    ORDERED,
    SKU,
    TRAVEL,
    UNLOAD,
    WAREHOUSE,
    WEEK_OF,
)
from kaopt.fulfilment.loops import calls, slots
from kaopt.fulfilment.state import orders_of
from kaopt.scenario.doors import Doors, Windows
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.sites import Calendars, Warehouses
from tests.fulfilment.helpers import calm, fill, live, lost, ready, unhurried
from tests.scenario import files
from tests.worlds import table

RISKY = {"trip_cv": 0.5, "unfamiliar": 0.3, "load_cv": 0.3, "gate": False}


def points(*rows: dict[str, Any]) -> Doors:
    """The table doors from its rows, for account A1 where none is named."""
    full = [{"account": "A1"} | row for row in rows]
    names = {name for row in full for name in row}
    default = {name: one.metadata["column"].default for name, one in Doors.__dataclass_fields__.items()}
    found: Doors = table(Doors, len(rows), **{n: [row.get(n, default[n]) for row in full] for n in names})
    return found


def with_doors(world: Scenario, *rows: dict[str, Any], **tables: Any) -> Scenario:
    return replace(world, network=Network(doors=points(*rows), **tables))


def same(one: Any, other: Any) -> bool:
    """Every figure of two ledgers is equal, bit by bit."""
    return all(np.array_equal(a, b) for a, b in zip(one.ledger, other.ledger, strict=True))


def test_an_account_without_a_row_receives_at_one_door_named_as_itself() -> None:
    world = calm(3, 1)
    found = points_of(world)
    assert found.name == world.accounts.account and found.account.tolist() == [0, 1, 2]
    assert found.share.tolist() == [[0.0, 1.0]] * 3
    assert ready(world).names.door.tolist() == [luck.name_key(one) for one in world.accounts.account]


def test_a_row_without_figures_changes_nothing() -> None:
    """A door named as its account has the account's figures and its luck: the year is the same, bit by bit."""
    world = calm(2, 2, supply=RISKY)
    assert same(live(world), live(with_doors(world, {"door": "A2", "account": "A2"})))


def test_a_row_has_its_own_figures() -> None:
    world = calm(2, 1, account_columns={"grace_minutes": 5, "travel_minutes": 60, "dock_count": 2})
    own = {"travel_minutes": 90.0, "dock_count": 4.0, "unload_minutes": 20.0}
    door = ready(with_doors(world, {"door": "north", **own}, {"door": "south", "share": 0.0})).terms.door
    assert door[:, [TRAVEL, DOCKS, UNLOAD, GRACE]].tolist() == [[90, 4, 20, 5], [60, 2, 30, 5], [60, 2, 30, 5]]


@unhurried
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 3))
def test_doors_share_an_accounts_week_without_losing_a_case(shares: list[int], days: int) -> None:
    """Each door's deliveries of a week, added up over all doors, are what the account wants of every SKU."""
    rows: list[dict[str, Any]] = [{"door": f"D{n}", "share": one / sum(shares)} for n, one in enumerate(shares)]
    rows[0]["order_days"] = tuple(range(1, days + 2))
    inputs = ready(with_doors(calm(1, 3, 2, sku_columns={"demand_cv": 0.6}), *rows))
    state, found, due = begin(inputs, 0), np.zeros((2, 3), np.int64), inputs.terms.due
    for d in range(len(shares)):
        for n in range(due.shape[1]):
            if due[d, n, WEEK_OF] >= 0:
                slot = slots.open_order(state, d, n)
                count = calls.write_lines(state, slot, n)
                for line in orders_of(state).line[slot, :count]:
                    found[due[d, n, WEEK_OF], line[SKU]] += line[ORDERED]
                slots.close_order(state, slot)
    assert np.array_equal(found, orders_of(state).wanted[0, inputs.warmup :])


def test_doors_order_what_their_account_orders() -> None:
    """Nobody is late or short here: two doors accept together what one did, week by week."""
    world = calm(2, 2)
    one, two = (
        live(one).ledger for one in (world, with_doors(world, {"door": "N", "share": 0.3}, {"door": "S", "share": 0.7}))
    )
    assert np.array_equal(one.cases, two.cases) and np.array_equal(one.cases[:, :, 0], one.cases[:, :, 1])
    assert two.counts[0, ALL_ORDERS] == 2 * one.counts[0, ALL_ORDERS]


def test_luck_goes_by_the_doors_name() -> None:
    """Another door, or another account's doors, change no key of those that were there."""
    world = calm(3, 1)
    few = ready(with_doors(world, {"door": "N"})).names.door.tolist()
    many = ready(with_doors(world, {"door": "S", "share": 0.5}, {"door": "N", "share": 0.5})).names.door.tolist()
    assert few[0] in many and few[1:] == many[2:] and len(set(many)) == 4


def test_warehouses_see_the_demand_of_their_doors() -> None:
    """Three cases in ten go to the south: so does the forecast of its production."""
    places = table(Warehouses, 2, warehouse=["P", "Q"])
    rows = {"door": "N", "share": 0.7}, {"door": "S", "share": 0.3, "warehouse": "Q"}
    world = with_doors(calm(1, 2), *rows, warehouses=places)
    inputs = ready(world)
    total = inputs.terms.forecast[:, :, -1]
    assert total[1] / total.sum(axis=0) == pytest.approx([0.3, 0.3])
    assert inputs.terms.door[:, WAREHOUSE].tolist() == [0, 1]
    year = live(world)
    assert year.goods.days[0, 1].sum() > 0 and fill(year) == 1


# windows and days ----------------------------------------------------------------------------------------------------


def weekly(*rows: tuple[str, tuple[int, ...], int, int]) -> Windows:
    """The table windows from its rows: who, days, open, close."""
    who, days, opens, closes = (list(one) for one in zip(*rows, strict=True))
    found: Windows = table(Windows, len(rows), door=who, days=days, window_open=opens, window_close=closes)
    return found


def test_a_doors_own_window_counts_before_its_accounts() -> None:
    world = calm(2, 1, account_columns={"window_open": 480, "window_close": 720})
    rows = ("N", (1,), 600, 660), ("A1", (1, 2), 540, 600), ("A1", (2,), 545, 605), ("A2", (7,), 0, 1440)
    world = with_doors(world, {"door": "N", "share": 0.5}, {"door": "S", "share": 0.5}, windows=weekly(*rows))
    found = hours(world, points_of(world))
    assert found[0, :3].tolist() == [[600, 660], [545, 605], [480, 720]]
    assert found[1, :3].tolist() == [[540, 600], [545, 605], [480, 720]]
    assert found[2, 5:].tolist() == [[480, 720], [0, 1439]]


def test_the_window_of_the_day_is_the_one_that_trucks_meet() -> None:
    """Planned an hour before closing and 61 minutes late; a longer window is one for which trucks leave later."""
    account = {"window_open": 480, "window_close": 720, "order_days": ((1, 3),)}
    world = calm(
        1, 1, account_columns=account, supply={"unfamiliar": 1.0, "unfamiliar_minutes": 61, "unfamiliar_cv": 0}
    )
    assert lost(live(world))[LATE_TRIP] == 1
    wide = replace(world, network=Network(windows=weekly(("A1", (1,), 480, 720), ("A1", (3,), 480, 1200))))
    longer = replace(wide, supply=wide.supply.model_copy(update={"dispatch_slack": 61}))
    assert lost(live(wide))[LATE_TRIP] == 1 and lost(live(longer)).sum() == 0
    window = ready(wide).terms.window[0]
    assert window[[0, 2], CLOSE].tolist() == [720, 1200] and window[2, OPEN] == 480


def test_closed_days_have_no_deliveries_and_a_closed_week_is_delivered_after_it() -> None:
    """Monday and Thursday; closed on the first Monday, and all of the second week and the Monday after it."""
    closed = table(
        Calendars,
        2,
        who=["A1", "A1"],
        first=[date(2027, 1, 4), date(2027, 1, 11)],
        last=["", date(2027, 1, 18)],
    )
    world = calm(1, 1, 4, account_columns={"order_days": ((1, 4),)}, network=Network(calendars=closed))
    due, share = timetable(world, range(4))
    days = [
        (int(one[DAY_OF]), int(one[WEEK_OF])) for one, part in zip(due[0], share[0], strict=True) if part[1] > part[0]
    ]
    assert days == [(3, 0), (15, 1), (17, 2), (21, 3), (24, 3)]
    assert [tuple(part) for part in share[0, :5]] == [(0, 1), (0, 1), (0, 1), (0, 0.5), (0.5, 1)]


# faults --------------------------------------------------------------------------------------------------------------


def test_rows_that_cannot_be_are_faults_at_their_place(tmp_path: Path) -> None:
    doors = "door,account,share,late,window_open,window_close\nN,W,50%,refuse,,\nS,W,40%,fine,09:00,08:30\nW,Z,,,,\n"
    windows = "door,days,window_open,window_close\nN,Mon,08:00,10:00\nQ,Mon,08:00,10:00\nW,Tue,10:00,09:00\n"
    folder = files.write(tmp_path, doors=doors, windows=windows)
    with pytest.raises(InputError) as caught:
        files.read(folder)
    told = {(one.file.rsplit("/", 1)[-1], one.line, one.column, one.found) for one in caught.value.faults}
    assert told == {
        ("doors.csv", 3, "share", "0.9"),
        ("doors.csv", 3, "late", "fine"),
        ("doors.csv", 3, "window_close", "08:30"),
        ("doors.csv", 4, "door", "W"),
        ("windows.csv", 3, "door", "Q"),
        ("windows.csv", 4, "window_close", "09:00"),
    }


def test_tables_in_files_reach_the_simulation(tmp_path: Path) -> None:
    doors = "收货点,客户,占比,窗口开始,迟到处理,预约时段\nN,W,50%,08:00,next_day,45\nS,W,50%,,,\n"
    world = files.read(files.write(tmp_path, doors=doors))
    found = points_of(world)
    assert found.name == ("N", "S", "Z")
    assert hours(world, found)[:, 0, 0].tolist() == [480, 0, 0]
    assert ready(world).terms.door[:, LATE_RULE].tolist() == [NEXT_DAY, 0, 0]
