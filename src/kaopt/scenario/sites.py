"""Where goods are made and stored: the tables warehouses, plants, lanes, calendars and lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import inf, nan

from kaopt.scenario.columns import Floats, Ints, Texts, column

# how long a lot takes, in the order of `kaopt.fulfilment.fields`
LEAD_LAWS: tuple[str, ...] = ("fixed", "lognormal", "uniform", "exponential")


@dataclass(frozen=True, eq=False)
class Warehouses:
    """Where stock lies; [P] entries. An empty cell takes what `supply:` says."""

    warehouse: Texts = column("id", "the warehouse's id", zh=("仓库",))
    name: Texts = column("text", "name to show", zh=("仓库名称",), default="")
    shift_start: Floats = column("clock", "shift begins", unit="minute of the day", zh=("班次开始",), default=nan)
    shift_end: Floats = column("clock", "shift ends", unit="minute of the day", zh=("班次结束",), default=nan)
    pick_crews: Floats = column("count", "crews that pick at the same time", unit="crew", zh=("拣货班组",), default=nan)
    pick_rate: Floats = column("effect", "what a crew picks", unit="case/hour", zh=("拣货速度",), default=nan)
    issue_error: Floats = column("share", "chance that the newest lot is picked", zh=("拣错率",), default=nan)
    docks: Floats = column("count", "loading docks", unit="dock", zh=("装货口",), default=nan)
    load_minutes: Floats = column("minutes", "mean loading time", unit="minute", zh=("装车时间",), default=nan)
    trucks: Floats = column("count", "trucks of its fleet", unit="truck", zh=("车辆数",), default=nan)
    truck_cases: Floats = column("factor", "cases on a truck", unit="case", zh=("每车箱数",), default=nan)
    trip_cv: Floats = column("effect", "coefficient of variation of a trip's time", zh=("运输变异",), default=nan)
    unfamiliar: Floats = column("share", "chance of a driver who is new there", zh=("生司机占比",), default=nan)
    drivers: Floats = column("count", "drivers who get to know customers", unit="driver", zh=("司机数",), default=nan)
    return_days: Floats = column(
        "days", "refused goods are free after", unit="day", zh=("退货天数",), default=nan
    )
    record_error: Floats = column(
        "share", "chance in a week that a SKU's books go wrong", zh=("账实差异率",), default=nan
    )
    count_days: Floats = column("days", "between cycle counts of a SKU", unit="day", zh=("盘点周期",), default=nan)
    pallets: Floats = column(
        "count", "pallet places; what does not fit waits at the plant", unit="pallet", zh=("库容",), default=nan
    )


@dataclass(frozen=True, eq=False)
class Plants:
    """Where goods are made; [M] entries. An empty cell takes what `supply:` says."""

    plant: Texts = column("id", "the plant's id", zh=("工厂",))
    name: Texts = column("text", "name to show", zh=("工厂名称",), default="")
    capacity: Floats = column("cases", "what it can make in a week", unit="case/week", zh=("产能",), default=inf)
    changeover: Floats = column("cases", "capacity that each lot costs", unit="case", zh=("换产损失",), default=0.0)
    lead_days: Floats = column("days", "from a lot's start until it is made", unit="day", zh=("生产天数",), default=nan)
    quarantine: Ints = column("days", "further days until it is released", unit="day", zh=("待检天数",), default=0)
    freeze_days: Floats = column("days", "promotions need this notice", unit="day", zh=("冻结天数",), default=nan)
    review_weekday: Floats = column("count", "day on which it plans, Monday = 1", zh=("排产日",), default=nan)
    works: tuple[tuple[int, ...], ...] = column(
        "weekdays", "days on which it works", zh=("工作日",), default=(1, 2, 3, 4, 5, 6, 7)
    )
    yield_mean: Floats = column("share", "good cases for each planned", unit="share of 1", zh=("得率",), default=1.0)
    yield_cv: Floats = column("effect", "its coefficient of variation, lot by lot", zh=("得率变异",), default=0.0)
    outage: Floats = column("share", "chance in a week that it breaks down", zh=("停机概率",), default=0.0)
    outage_days: Floats = column("factor", "mean days of a breakdown", unit="day", zh=("停机天数",), default=3.0)
    lead_law: Texts = column(
        "text",
        "days from a lot's start until it is free stock: fixed, or by chance: lognormal, uniform or exponential",
        zh=("交期分布",),
        default="fixed",
    )
    lead_cv: Floats = column(
        "effect", "their coefficient of variation: lognormal; uniform, up to 0.57", zh=("交期变异",), default=0.0
    )


@dataclass(frozen=True, eq=False)
class Lanes:
    """Days on the road from a plant to a warehouse; none where a pair has no row."""

    plant: Texts = column("id", "plant", zh=("工厂",), refers="plants")
    warehouse: Texts = column("id", "warehouse", zh=("仓库",), refers="warehouses")
    days: Ints = column("days", "on the road", unit="day", zh=("在途天数",))


@dataclass(frozen=True, eq=False)
class Calendars:
    """Holidays: days without production at a plant, picking at a warehouse, deliveries to an account."""

    who: Texts = column("id", "a plant, a warehouse or an account", zh=("单位",))
    first: tuple[date, ...] = column("date", "first day on which it is closed", zh=("开始日期",))
    last: tuple[date | str, ...] = column("date", "last day; empty: that day only", zh=("结束日期",), default="")


@dataclass(frozen=True, eq=False)
class OpeningLots:
    """Stock when the horizon begins, lot by lot (file: lots): a snapshot instead of a warm-up."""

    sku: Texts = column("id", "SKU", zh=("品项",), refers="skus")
    warehouse: Texts = column("id", "where it lies; empty: the first", zh=("仓库",), default="", refers="warehouses")
    age: Ints = column("days", "age when the horizon begins", unit="day", zh=("货龄",), default=0)
    free_in: Ints = column("days", "days until it is free stock", unit="day", zh=("可用天数",), default=0)
    cases: Floats = column("cases", "how much", unit="case", zh=("箱数",))
