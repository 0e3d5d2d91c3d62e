"""Where and when customers receive: the tables doors and windows, and what records have shown of lateness there."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from kaopt.scenario.columns import Floats, Ints, Texts, column

LATE_RULES: tuple[str, ...] = ("refuse", "accept", "next_day")


@dataclass(frozen=True, eq=False)
class Doors:
    """Receiving points of customers; an account without a row has one, named as itself. Empty: as the account says."""

    door: Texts = column("id", "the receiving point's id", zh=("收货点",))
    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    share: Floats = column("share", "its share of the account's orders", unit="share of 1", zh=("占比",), default=1.0)
    warehouse: Texts = column("id", "warehouse that delivers there", zh=("发货仓",), default="", refers="warehouses")
    order_days: tuple[tuple[int, ...], ...] = column("weekdays", "days of delivery", zh=("送货日",), default=())
    window_open: Floats = column("clock", "window opens", unit="minute of the day", zh=("窗口开始",), default=nan)
    window_close: Floats = column("clock", "window closes", unit="minute of the day", zh=("窗口结束",), default=nan)
    grace_minutes: Floats = column("minutes", "lateness that is accepted", unit="minute", zh=("宽限",), default=nan)
    travel_minutes: Floats = column("minutes", "mean trip there", unit="minute", zh=("运输时间",), default=nan)
    dock_count: Floats = column("count", "docks", unit="dock", zh=("收货口",), default=nan)
    unload_minutes: Floats = column("minutes", "unloading of a truck", unit="minute", zh=("卸货时间",), default=nan)
    early_minutes: Floats = column(
        "minutes",
        "a truck that comes longer than this before the opening is refused; empty: it may wait",
        unit="minute",
        zh=("提前到达限制",),
        default=nan,
    )
    late: Texts = column(
        "text",
        "what becomes of a truck after window and grace: refuse, accept (see the clauses) or next_day (it waits)",
        zh=("迟到处理",),
        default="refuse",
    )
    appointment_minutes: Ints = column(
        "minutes", "trucks are booked into slots of this length; 0: none", unit="minute", zh=("预约时段",), default=0
    )
    arrivals: Floats = column(
        "effect",
        "trucks of other suppliers that come to its docks while the window is open",
        unit="truck/hour",
        zh=("其他车辆到达率",),
        default=0.0,
    )


@dataclass(frozen=True, eq=False)
class Windows:
    """Delivery windows by weekday; the last row that speaks of a day counts, a door's before an account's."""

    door: Texts = column("id", "a receiving point or an account", zh=("收货点",))
    days: tuple[tuple[int, ...], ...] = column("weekdays", "on which weekdays", zh=("星期",))
    window_open: Ints = column("clock", "window opens", unit="minute of the day", zh=("窗口开始",))
    window_close: Ints = column("clock", "window closes", unit="minute of the day", zh=("窗口结束",))


@dataclass(frozen=True, eq=False)
class ServiceTable:
    """A fitted service (models/service/NAME/service.csv): one row per account and term; `*` is any other account."""

    account: Texts = column("text", "account; accounts that the scenario does not have are read over", zh=("客户",))
    term: Texts = column("text", "late, log_delay, log_delay_sd, timed: read; short, filled, …: read over", zh=("项",))
    value: Floats = column("number", "estimate", zh=("数值",))
    low: Floats = column("number", "lower end of its interval", zh=("下限",), default=nan)
    high: Floats = column("number", "upper end of its interval", zh=("上限",), default=nan)
    evidence: Floats = column("number", "orders or lines behind it", zh=("样本量",), default=nan)
