"""How long a warehouse must have been running before its year counts: found on a pilot where the scenario asks."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.inputs import prepare
from kaopt.fulfilment.replicate import live_block
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.statistics.warmup import mser

PILOT = range(10**6, 10**6 + 8)  # replications that no year which counts will ever live
YEAR = 52


def settled(world: Scenario, seed: int) -> Scenario:
    """The scenario with the warm-up that it needs, where it asks for that with `supply.warmup: auto`."""
    if world.supply.warmup == "given" or world.network.lots is not None:  # from a snapshot no warm-up is lived
        return world
    found = {"warmup": "given", "warmup_weeks": weeks_of(world, seed)}
    return replace(world, supply=world.supply.model_copy(update=found))


def weeks_of(world: Scenario, seed: int) -> int:
    """Weeks until the share of value that is lost has settled: MSER-5 on its mean over a pilot without promotions.

    The pilot is four times the floor long, at least a year, and repeats the base sales of the horizon.
    """
    least = floor(world)
    weeks = max(YEAR, 4 * least)
    again = np.arange(weeks) % world.weeks
    longer = replace(
        world,
        weeks=weeks,
        base_cases=world.base_cases[:, :, again],
        base_price=world.base_price[:, :, again],
        supply=world.supply.model_copy(update={"warmup_weeks": 0}),
    )
    years = live_block(prepare(longer, Plan.nothing(), seed), PILOT)
    ordered, accepted = np.sum([one.value[:, :, :2].sum(axis=0) for one in years], axis=0).T
    lost = np.divide(ordered - accepted, ordered, out=np.zeros_like(ordered), where=ordered > 0)
    return mser(lost, floor=least)


def floor(world: Scenario) -> int:
    """Twice the weeks that the longest lot lasts; none lasts longer than its shelf life."""
    weekly = world.base_cases.sum(axis=0).mean(axis=1)
    lot = np.divide(world.skus.lot_cases, weekly, out=np.zeros_like(weekly), where=weekly > 0)
    cover = np.minimum(np.maximum(world.skus.lot_cover_weeks, lot), world.skus.shelf_life / WEEK)
    return 2 * ceil(float(cover[weekly > 0].max(initial=0)) - 1e-9)
