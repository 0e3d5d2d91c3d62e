"""What customers ask for at the dock beyond age and window, and what their contracts let them deduct."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.scenario.columns import Bools, Floats, Ints, Texts, column

# what contracts deduct money for; see the table clauses
CLAUSES: tuple[str, ...] = (
    "failed_value",
    "fill_below",
    "late_truck",
    "late_order",
    "wrong_line",
    "price_difference",
    "promotion_discount",
)


@dataclass(frozen=True, eq=False)
class Receiving:
    """How an account receives, beyond the table accounts; an account without a row has every default."""

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    days_left: Ints = column(
        "days",
        "fewest days of shelf life left at receipt, beside the acceptance age",
        unit="day",
        zh=("剩余保质期",),
        default=0,
    )
    tolerance_days: Ints = column(
        "days", "days of age accepted beyond that, as the agreement says", unit="day", zh=("允收宽限",), default=0
    )
    no_regress: Bools = column(
        "flag",
        "refuses goods that are older than what it has received of the SKU before",
        zh=("日期不倒挂",),
        default=False,
    )
    most_lots: Ints = column(
        "count", "most production dates on one order line", unit="date", zh=("最多批次",), default=10**6
    )
    whole_line: Bools = column(
        "flag", "refuses a whole line where some of it fails inspection", zh=("整行拒收",), default=False
    )
    inspection: Floats = column(
        "share",
        "chance that a line is inspected: what is not looked at cannot fail for age, dates or damage",
        unit="share of 1",
        zh=("抽检率",),
        default=1.0,
    )
    price_error: Floats = column(
        "share",
        "chance, for each promotion of a SKU, that our price is not theirs when it starts",
        unit="share of 1",
        zh=("促销价差率",),
        default=0.0,
    )
    price_days: Ints = column(
        "days",
        "days from a promotion's start until such a price is mended",
        unit="day",
        zh=("价差修正天数",),
        default=7,
    )
    unfilled: Texts = column(
        "text",
        "what becomes of cases that failed: lost, backorder (tried again with every delivery until the cancel date), or standing (tried again when goods have come in)",
        zh=("欠货处理",),
        default="lost",
    )
    cancel_days: Ints = column(
        "days",
        "a backorder is cancelled so many days after the delivery that was asked for",
        unit="day",
        zh=("取消天数",),
        default=7,
    )
    dispute_days: Ints = column(
        "days",
        "a payment is late by this where the customer deducts something from it",
        unit="day",
        zh=("争议天数",),
        default=0,
    )


@dataclass(frozen=True, eq=False)
class Clauses:
    """What a contract lets the customer deduct, one clause per row; clauses add up, on top of accounts.penalty_rate."""

    account: Texts = column("id", "account or *", zh=("客户",), refers="accounts")
    clause: Texts = column(
        "text",
        "failed_value, fill_below, late_truck, late_order, wrong_line, price_difference (accepted at our price's expense instead of refused) or promotion_discount (deducted though not agreed)",
        zh=("条款",),
    )
    rate: Floats = column(
        "share",
        "share of the value that failed, is missing to the level, or was accepted at that price",
        unit="share of 1",
        zh=("比例",),
        default=0.0,
    )
    amount: Floats = column(
        "money",
        "money for each truck, order, wrong line, or period below the level",
        unit="money",
        zh=("金额",),
        default=0.0,
    )
    level: Floats = column(
        "share",
        "fill_below: the order fill rate that the contract demands",
        unit="share of 1",
        zh=("满足率要求",),
        default=1.0,
    )
    period: Texts = column(
        "text", "fill_below: month, quarter or year in which fill is measured", zh=("期间",), default="year"
    )
    causes: Texts = column(
        "text",
        "failed_value and wrong_line: causes that count, as shortage|late; empty: all, for wrong_line what the dock refuses",
        zh=("原因",),
        default="",
    )
    chance: Floats = column(
        "share",
        "promotion_discount: chance, for each promotion of a SKU, that it happens",
        unit="share of 1",
        zh=("概率",),
        default=1.0,
    )
