"""Tables of what annual agreements promise and of what can be produced; declared as in `tables`."""

# ruff: noqa: E501, RUF009 - one declaration, one line

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from kaopt.scenario.columns import Floats, Texts, column


@dataclass(frozen=True, eq=False)
class AgreementTable:
    """What annual agreements promise, one clause per row; always kept. `*` stands for every one, at each account.

    Promotions and activities count in the week in which they start, everything else in the weeks where it falls.
    """

    account: Texts = column("id", "account or *", zh=("客户",), refers="accounts")
    what: Texts = column(
        "text",
        "promotions (events), activities (events without a price cut), displays (display-weeks), cases or revenue (net sales)",
        zh=("条款", "承诺"),
    )
    family: Texts = column("text", "mechanic families that count, * for every one; cases and revenue have none", zh=("类型", "费用类型"), default="*")
    brand: Texts = column("text", "brands that count, * for every one", zh=("品牌",), default="*")
    sku: Texts = column("id", "SKUs that count", zh=("品项",), refers="skus", default="*")
    weeks: tuple[tuple[int, ...], ...] = column("weeks", "weeks that count; empty: all", zh=("周",), default=())
    least: Floats = column("number", "promised at least, in events, display-weeks, cases or money", zh=("至少", "下限"), default=0.0)
    most: Floats = column("number", "promised at most", zh=("至多", "上限"), default=inf)
    because: Texts = column("text", "reason to show", zh=("原因",), default="")


@dataclass(frozen=True, eq=False)
class CapacityTable:
    """What can be produced; a SKU or week without a row has no limit. A later row overrides an earlier one."""

    sku: Texts = column("id", "SKU or *", zh=("品项",), refers="skus")
    weeks: tuple[tuple[int, ...], ...] = column("weeks", "weeks; empty: all", zh=("周",), default=())
    cases: Floats = column("cases", "most that can be produced in each of these weeks", unit="case/week", zh=("产能",))
    because: Texts = column("text", "reason to show", zh=("原因",), default="")
