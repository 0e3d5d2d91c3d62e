"""How production decides: when, how much, how much in reserve. Settings under `supply.production`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kaopt.scenario.kinds import Count, Effect, Share
from kaopt.scenario.section import Section


class Safety(Section):
    """What production keeps against its own forecast being wrong."""

    rule: Literal["weeks", "sigma", "fill"] = "weeks"  # skus.safety_weeks; k standard deviations; a fill rate
    k: Effect = 1.64  # sigma: standard deviations of the error of base demand until the next lot is free
    k_promo: Effect = 1.64  # sigma: of the error of the uplift that production sees
    fill: Share = 0.98  # fill: share of demand that stock alone should serve


class Production(Section):
    """When lots are made, of what size, with what in reserve."""

    # what is made where stock has fallen below the target
    rule: Literal["lot", "sS", "nQ", "plan"] = "lot"  # at least a lot; the gap and a lot; whole lots; the gap
    every_weeks: Annotated[int, Field(ge=1)] = 1  # weeks from one review to the next
    daily: bool = False  # a review every morning instead, whatever the weekday
    safety: Safety = Safety()  # see supply.production.safety
    cap_lots: bool = False  # no lot covers more days than the strictest account accepts, less lead and safety
    prebuild_weeks: Count = 0  # uplift that production sees is made evenly over so many weeks before it is needed
    fixed: bool = False  # orders within freeze_days are fixed: what is decided today begins that much later
