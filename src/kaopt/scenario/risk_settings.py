"""How a plan is made when response coefficients are known only so far. The section `risk`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kaopt.scenario.kinds import Count, Share
from kaopt.scenario.section import Section


class Risk(Section):
    """Plan against worlds sampled from the response's standard errors instead of one world at the estimates.

    Maximised is (1 - weight) x the mean over the worlds + weight x the mean of the worst 1 - level of them (CVaR).
    """

    samples: Annotated[int, Field(ge=2, le=100_000)] = 2000  # worlds that the plan is made for
    draws: Annotated[int, Field(ge=2, le=5000)] = 100  # values that each account-SKU's response takes in these worlds
    level: Annotated[Share, Field(lt=1)] = 0.9  # the tail is the worst 1 - level of the worlds; 90%: the worst tenth
    weight: Share = 0.5  # of the tail: 0% the mean alone, 100% the tail alone
    common: Share = 0.0  # share of the error variance that all account-SKUs have in common; above 0%: `draws` worlds
    fresh: Annotated[int, Field(ge=10, le=100_000)] = 1000  # further worlds, in which plans are held against each other
    knowing: Count = 5  # of those, worlds whose own best plan is made, to say what knowing them would be worth
    seed: Annotated[int, Field(ge=0)] = 7  # of all sampled worlds
