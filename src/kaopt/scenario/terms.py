"""Terms of the annual agreements that hang on what is sold and run: fees that are opened, rebates by tier."""

# ruff: noqa: E501, RUF009 - one declaration, one line

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kaopt.scenario.columns import Bools, Floats, Ints, Texts, column

Per = Literal["year", "quarter", "month"]
WEEKS_PER_MONTH = 4  # months of a plan are four weeks in a row, so that each has as many selling days


@dataclass(frozen=True, eq=False)
class Fee:
    """`amount` money, due once per account [A] and period when a matching event (SKU [S], mechanic [K]) runs in it.

    `period` [W]: the number of each week's period, from 0.
    """

    name: str
    accounts: Bools
    skus: Bools
    treatments: Bools
    period: Ints
    amount: float
    per: Per = "year"
    because: str = ""


@dataclass(frozen=True)
class Rebate:
    """A rebate of one account by tiers: from `thresholds[j]` of what is measured on, `rates[j]` holds.

    `measure`: revenue (money; rates are shares of it) or cases (rates are money per case), both of the horizon.
    `kind`: all_unit (the rate of the tier reached, on everything) or stepped (each rate on what lies in its tier).
    """

    account: int
    measure: Literal["revenue", "cases"]
    kind: Literal["all_unit", "stepped"]
    thresholds: tuple[float, ...]  # ascending
    rates: tuple[float, ...]
    because: str = ""


@dataclass(frozen=True, eq=False)
class FeeTable:
    """Fees that a promotion opens: due once per account and period in which any matching event runs.

    Fees that are paid whatever happens stand in `accounts.contract_fee`.
    """

    account: Texts = column("id", "account or *", zh=("客户",), refers="accounts", default="*")
    family: Texts = column("id", "mechanic family that opens the fee, or *", zh=("类型", "费用类型"), default="*")
    sku: Texts = column("id", "SKU that opens the fee, or *", zh=("品项", "单品"), refers="skus", default="*")
    brand: Texts = column("id", "brand that opens the fee, or *", zh=("品牌",), default="*")
    per: Texts = column("text", "how often it is due: year (the horizon), quarter or month (four weeks)", zh=("周期",), default="year")
    amount: Floats = column("money", "the fee", unit="money", zh=("金额", "费用"))
    kind: Texts = column("text", "what it is, to show: threshold, listing, display, …", zh=("费用名称", "费用种类"), default="")
    because: Texts = column("text", "reason to show", zh=("原因",), default="")


@dataclass(frozen=True, eq=False)
class RebateTable:
    """Rebates by tier on the account's sales of the horizon; the tiers of an account, measure and kind hold together.

    Revenue is the account's net sales value: after promotions, standing discount and flat rebate, before these rebates
    and before fees. The flat rebate stands in `accounts.rebate`.
    """

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    measure: Texts = column("text", "what the tiers are measured on: revenue or cases", zh=("口径", "考核口径"), default="revenue")
    kind: Texts = column(
        "text", "all_unit (the tier's rate on everything) or stepped (each rate on what lies in its tier)", zh=("返利方式",), default="all_unit"
    )
    threshold: Floats = column("money", "the tier is reached from here", unit="money or case", zh=("门槛", "起点", "档位"))
    rate: Floats = column("effect", "rebate: share of revenue, or money per case", unit="share of 1 or money/case", zh=("返利率", "返利标准"))
    because: Texts = column("text", "reason to show", zh=("原因",), default="")
