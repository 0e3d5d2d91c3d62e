"""Case 2 of the source on fresh luck: 65 % and 150 000 yuan before, 90 % after, and what each lever does alone.

The figures of the source, with the tolerances that a year's luck leaves to the mean of 40 years.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import kaopt as ka
from kaopt.service import CAUSES, FINE_CAUSES, Service
from kaopt.statistics.interval import paired

FOLDER, W, FRESH, YEARS = "scenarios/case2_order_penalties", 0, 4711, 40
LEVERS = ("gate", "small_lots", "trained_drivers", "early_notice", "safety_stock", "clean_paper", "acceptance_40")
pytestmark = pytest.mark.thorough


@cache
def lived(variant: str | None) -> Service:
    """Forty years of a variant, on luck that the scenario was not calibrated with."""
    years = [f"supply.replications.{end}={YEARS}" for end in ("min", "max")]
    world = ka.load(FOLDER, variant=variant, overrides=years)
    assert world.plan_file is not None and world.supply.seed != FRESH
    return ka.simulate(world, ka.load_plan(world, world.plan_file), seed=FRESH)


def fills(variant: str | None) -> np.ndarray:
    """[R] value fill of customer W."""
    service = lived(variant)
    return np.asarray(service.accepted_value[:, W].sum(axis=1) / service.ordered_value[:, W].sum(axis=1))


def shares(variant: str | None) -> dict[str, float]:
    """How what failed at W splits by the causes that the customer books."""
    lost = lived(variant).lost_value[:, W].sum(axis=(0, 1))
    return {
        cause: float(sum(lost[FINE_CAUSES.index(one)] for one in fine) / lost.sum()) for cause, fine in CAUSES.items()
    }


def test_before_two_thirds_are_accepted_and_150_000_are_deducted() -> None:
    assert fills(None).mean() == pytest.approx(0.65, abs=0.01)
    penalties = lived(None).penalties[:, W].reshape(YEARS, -1).sum(axis=1)
    assert penalties.mean() == pytest.approx(150_000, abs=6_000)
    split = shares(None)
    rest = 1 - split["late"] - split["age"]
    assert (split["late"], split["age"], rest) == pytest.approx((0.40, 0.30, 0.30), abs=0.02)


def test_after_nine_tenths_are_accepted_and_nothing_is_too_old() -> None:
    assert fills("after").mean() == pytest.approx(0.90, abs=0.01)
    assert shares("after")["age"] < 0.01
    gain = paired(fills("after"), fills(None))
    assert gain.low > 0.23 and gain.half_width < 0.01


@pytest.mark.parametrize("lever", LEVERS)
def test_every_lever_helps_alone_and_none_is_the_whole_cure(lever: str) -> None:
    gain = paired(fills(lever), fills(None))
    assert gain.low > 0 and gain.high < 0.15
    assert fills(lever).mean() < fills("after").mean() - 0.05


def test_a_gate_without_smaller_lots_turns_age_into_shortage() -> None:
    """What is not sent for its age is missing: the gate and the lots must be changed together."""
    assert shares("gate")["age"] < 0.01
    gated, before = (lived(one).lost_value[:, W].sum(axis=(0, 1)) for one in ("gate", None))
    short = [FINE_CAUSES.index(one) for one in CAUSES["shortage"]]
    assert gated[short].sum() > 1.5 * before[short].sum()
