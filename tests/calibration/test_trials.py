"""Does it find what was planted? Twenty ledgers from worlds with known knobs, each calibrated without knowing them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.calibration.calibrate import Calibration, calibrate
from tests.calibration.small import KNOBS, LOSSES, asking, ledger_of, warehouse

YEARS = 3  # that the customer's books cover
RANGES = ((0.12, 0.3), (0.92, 1.12), (-0.45, -0.15), (0.03, 0.08))  # of the planted knobs, in the order of KNOBS


def planted(trial: int) -> list[float]:
    rng = np.random.default_rng(trial)
    return [float(rng.uniform(*ends)) for ends in RANGES]


def trial(number: int) -> Calibration:
    """The books of three years of luck that the calibration does not know, then the search."""
    there = warehouse()
    there = replace(there, supply=there.supply.model_copy(update={"seed": number}))
    world = asking(there, dict.fromkeys(LOSSES, 0.1), years=YEARS)
    losses = ledger_of(world, planted(number), YEARS, seed=1000 + number)
    return calibrate(asking(there, losses, years=YEARS))


@pytest.mark.thorough
def test_planted_knobs_are_recovered_within_their_stated_uncertainty_in_18_of_20_trials() -> None:
    recovered, alone, reached = [], [], []
    for number in range(20):
        made, truth = trial(number), planted(number)
        pairs = list(zip(made.found, truth, strict=True))
        recovered.append(all(one.low <= value <= one.high for one, value in pairs))
        alone += [abs(one.value - value) <= 2 * one.se for one, value in pairs]
        reached += [one.hit for one in made.found]
        # an interval that says nothing would recover everything: each must leave out most of its knob's range
        for one, knob in zip(made.found, KNOBS, strict=True):
            assert 0 < one.se < 0.15 * (knob["high"] - knob["low"]), (number, one)
    assert sum(recovered) >= 18, recovered
    assert np.mean(alone) >= 0.85, np.mean(alone)  # 95 % of 80 knobs one by one; 0.85 is four standard errors below
    assert np.mean(reached) >= 0.9  # the others lie inside a jump of the lots
