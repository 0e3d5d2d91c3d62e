"""How orders come in beside what consumers buy. Settings under `supply.demand`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kaopt.scenario.kinds import Count, Effect, Share
from kaopt.scenario.section import Section


class Demand(Section):
    """What promotions really sell, and in which weeks customers order what they sell."""

    uplift_bias: Effect = 1.0  # realised over planned uplift on average; 0.9: promotions sell a tenth less
    uplift_correlation: Share = (
        0.0  # share of uplift's error that all accounts have in common, by SKU and week
    )
    slippage: Share = 0.0  # chance that a promotion takes effect a week later than planned
    # shares of a month's orders by its four weeks; [10%, 10%, 10%, 70%]: the peak at the end of the month
    phasing: tuple[Share, ...] = (0.25, 0.25, 0.25, 0.25)
    loading_weeks: Effect = (
        0.0  # forward loading: weeks of sales pushed on customers at the end of a period
    )
    loading_every: Annotated[int, Field(ge=1)] = 4  # weeks of a period
    loading_accounts: tuple[str, ...] = ("*",)  # who is loaded: ids or patterns; they take turns where `turns` is more
    loading_turns: Annotated[int, Field(ge=1)] = (
        1  # 2: half of these accounts at the end of one period, the others at the next
    )
    stale_weeks: Count = 0  # customers send back what lies unsold for so many weeks; 0: never
    # of a week's demand of a line around its mean, with skus.demand_cv
    law: Literal["lognormal", "gamma"] = "lognormal"
    # parts of a case: rounded up or down by chance, so that the mean stays, or to the nearest case
    rounding: Literal["chance", "nearest"] = "chance"
    foreseen: bool = False  # production expects these peaks; otherwise it expects what consumers buy
