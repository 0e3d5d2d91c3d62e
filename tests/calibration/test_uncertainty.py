"""Standard errors and intervals against a world whose answer is known: straight losses with normal chance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import pytest
from scipy.stats import t as student

from kaopt.calibration.knobs import dials_of
from kaopt.calibration.ledger import lines_of
from kaopt.calibration.search import Bench, Case, OutOfTime, _errors_of, searched, stages, tolerance
from kaopt.calibration.uncertainty import sureness, told_apart
from kaopt.plan import Plan
from kaopt.progress import silent
from kaopt.scenario.columns import Floats
from tests.calibration.small import KNOBS, asking, warehouse

A = np.array([[0.4, 0.1], [-0.1, 0.5]])
SD = np.array([[0.02, 0.0], [0.006, 0.008]])  # a Cholesky factor: the two figures move together


@dataclass(eq=False)
class Straight:
    """A bench without a warehouse: figure = target + A (u - root) + chance, the same chance everywhere."""

    case: Case
    root: Floats
    stair: float = 0.0  # the second figure rises in steps of this
    asked: list[Floats] = field(default_factory=list)

    def losses(self, at: Floats, years: int) -> Floats:
        self.asked.append(at)
        chance = np.random.default_rng(5).normal(size=(years, 2)) @ SD.T
        chance -= chance.mean(axis=0)
        u = at.copy()
        if self.stair:
            u[1] = np.floor(u[1] / self.stair + 1e-9) * self.stair
        return np.asarray(self.case.targets + A @ (u - self.root) + chance)


def bench(*, jumps: bool = False, years: int = 1, **more: Any) -> Bench:
    search = "step" if jumps else "slope"
    knobs = [
        {**KNOBS[0], "low": 0.0, "high": 0.5, "scale": "linear"},
        {**KNOBS[3], "low": 0.0, "high": 0.2, "scale": "linear", "search": search},
    ]
    world = asking(warehouse(4), {"late": 0.2, "paper": 0.1}, knobs=knobs, years=years)
    case = Case(world, Plan.nothing(), dials_of(world), lines_of(world))
    return cast("Bench", Straight(case, np.array([0.4, 0.6]), **more))


def exact(years: int, count: int, of: Bench) -> tuple[Floats, float]:
    """Standard errors in the box, and the quantile of the intervals, from the formulas."""
    lived = of.losses(np.array([0.4, 0.6]), count)
    spread = np.cov(lived, rowvar=False) * (1 / years + 1 / count)
    inverse = np.linalg.inv(A)
    return np.sqrt(np.diag(inverse @ spread @ inverse.T)), float(student.ppf(1 - 0.05 / 4, count - 1))


@pytest.mark.parametrize("years", [1, 5])
def test_the_search_and_the_delta_method_are_exact_where_losses_are_straight(years: int) -> None:
    there = bench(years=years)
    at = searched(there, 16, np.array([0.1, 0.1])).at
    assert np.allclose(at, [0.4, 0.6], atol=0.02)
    sure = sureness(there, np.array([0.4, 0.6]), 16)
    se, factor = exact(years, 16, there)
    assert sure.jacobian == pytest.approx(A, abs=1e-3)
    assert sure.se == pytest.approx(se * [0.5, 0.2], rel=1e-2)
    assert sure.low == pytest.approx((np.array([0.4, 0.6]) - factor * se) * [0.5, 0.2], rel=2e-2)
    assert sure.high == pytest.approx((np.array([0.4, 0.6]) + factor * se) * [0.5, 0.2], rel=2e-2)


def test_a_step_knob_on_a_straight_loss_gives_the_same_interval_by_test_inversion() -> None:
    there = bench(jumps=True, years=4)
    sure, (se, factor) = sureness(there, np.array([0.4, 0.6]), 16), exact(4, 16, there)
    half = factor * se[1] * 0.2
    assert sure.high[1] - 0.12 == pytest.approx(half, abs=0.012 * 0.2)
    assert 0.12 - sure.low[1] == pytest.approx(half, abs=0.012 * 0.2)
    assert sure.se[1] == pytest.approx(se[1] * 0.2, rel=0.15)


def test_a_stair_is_in_the_interval_as_a_whole_or_not_at_all() -> None:
    # stairs of a fifth of the box: between 0.6 and 0.8 the loss stays, so no ledger can tell these places apart
    there = bench(jumps=True, years=4, stair=0.2)
    sure = sureness(there, np.array([0.4, 0.61]), 16)
    assert sure.high[1] >= 0.8 * 0.2 - 1e-9
    assert sure.low[1] <= 0.6 * 0.2 + 1e-9


def test_knobs_that_move_the_same_loss_alike_cannot_be_told_apart() -> None:
    assert told_apart(A)
    assert not told_apart(np.array([[1.0, 2.0], [2.0, 4.0]]))
    assert not told_apart(np.array([[1.0, 0.0], [0.0, 0.0]]))
    there = bench()
    dead = replace_losses(there)
    sure = sureness(dead, np.array([0.4, 0.6]), 8)
    assert np.isinf(sure.se).all()
    assert (sure.low.tolist(), sure.high.tolist()) == ([0.0, 0.0], [0.5, 0.2])


def replace_losses(there: Bench) -> Bench:
    class Dead(Straight):
        def losses(self, at: Floats, years: int) -> Floats:
            return super().losses(np.array([at[0], 0.6]), years)

    return cast("Bench", Dead(there.case, np.array([0.4, 0.6])))


def test_stages_double_up_to_what_is_asked() -> None:
    assert stages(32) == [8, 16, 32]
    assert stages(20) == [8, 16, 20]
    assert stages(5) == [5]


def test_the_tolerance_is_a_part_of_the_chance_and_never_nothing() -> None:
    case = bench(years=4).case
    part = tolerance(case, np.array([0.02, 0.0]), 16, 0.1)
    assert part[0] == pytest.approx(0.1 * 0.02 * (1 / 4 + 1 / 16) ** 0.5)
    assert part[1] == pytest.approx(1e-3 * 0.1)


def test_a_place_is_simulated_once_and_not_after_the_deadline() -> None:
    case = replace(bench().case, world=asking(warehouse(4), {"late": 0.2, "paper": 0.1}, knobs=[KNOBS[0], KNOBS[3]]))
    case = replace(case, dials=dials_of(case.world))
    real = Bench(case, silent, 1, deadline=float("inf"))
    first = real.losses(np.array([0.4, 0.6]), 4)
    assert real.losses(np.array([0.4, 0.6]), 4) is first
    assert real.tried == 1
    assert _errors_of(real, 4)(np.array([0.4, 0.6])) == pytest.approx(first.mean(axis=0) - [0.2, 0.1])
    real.deadline = 0.0
    assert real.losses(np.array([0.4, 0.6]), 4) is first, "what is known costs no time"
    with pytest.raises(OutOfTime):
        real.losses(np.array([0.4, 0.7]), 4)
