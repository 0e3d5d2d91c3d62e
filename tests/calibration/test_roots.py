"""The root finder against systems whose roots are known: straight, bent, jumping, and without a root in the box."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.calibration import roots
from kaopt.calibration.roots import Aim, Spot, bracketed, differences, find
from kaopt.scenario.columns import Floats


class Counted:
    """A function that counts how often it was asked, and where."""

    def __init__(self, errors: Callable[[Floats], Floats]) -> None:
        self.errors, self.asked = errors, 0

    def __call__(self, at: Floats) -> Floats:
        self.asked += 1
        assert ((at >= 0) & (at <= 1)).all(), "never outside the box"
        return self.errors(at)


def aim(errors: Callable[[Floats], Floats], jumps: list[bool], tolerance: float = 1e-6) -> Aim:
    return Aim(Counted(errors), np.full(len(jumps), tolerance), np.array(jumps))


def solved(wish: Aim, start: list[float]) -> Spot:
    return find(wish, wish.try_at(np.array(start)))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 10**6))
def test_a_straight_system_is_solved_in_one_step_after_its_differences(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = np.eye(size) + 0.2 * rng.uniform(-1, 1, (size, size))
    root = rng.uniform(0.35, 0.65, size)
    wish = aim(lambda u: a @ (u - root), [False] * size, 1e-3)
    found = solved(wish, [0.5] * size)
    assert np.allclose(found.at, root, atol=3e-3)
    assert wish.errors.asked <= 1 + size + 3  # type: ignore[attr-defined]


def test_a_bent_coupled_system() -> None:
    # losses that fall and rise like those of a warehouse: exp(2x) + y = e + 0.5 and x * y = 0.25 meet in (0.5, 0.5)
    def errors(u: Floats) -> Floats:
        return np.array([np.exp(2 * u[0]) + u[1] - np.e - 0.5, u[0] * u[1] - 0.25 + (u[1] - 0.5)])

    wish = aim(errors, [False, False])
    found = solved(wish, [0.1, 0.9])
    assert np.allclose(found.at, 0.5, atol=1e-5)
    assert wish.errors.asked < 25  # type: ignore[attr-defined]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_broydens_update_explains_the_last_step_and_nothing_across_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    old = Spot(rng.uniform(size=3), rng.normal(size=3), rng.normal(size=(3, 3)))
    new = Spot(rng.uniform(size=3), rng.normal(size=3))
    updated = roots._broyden(old, new)
    step = new.at - old.at
    assert np.allclose(updated @ step, new.error - old.error)
    across = np.cross(step, rng.normal(size=3))
    assert old.jacobian is not None
    assert np.allclose(updated @ across, old.jacobian @ across)


def test_differences_measure_the_jacobian_and_stay_in_the_box() -> None:
    a = np.array([[1.0, 2.0], [3.0, -1.0]])
    wish = aim(lambda u: a @ u, [False, False])
    spot = differences(wish, wish.try_at(np.array([1.0, 0.0])), np.array([True, True]))
    assert spot.jacobian is not None
    assert np.allclose(spot.jacobian, a)


def test_a_jumping_error_is_bracketed_between_its_two_sides() -> None:
    # a staircase of ten steps; the target 0.55 is no stair: the answer is beside the jump at 0.6
    def errors(u: Floats) -> Floats:
        return np.array([np.floor(10 * u[0] + 1e-9) / 10 - 0.55])

    wish = aim(errors, [True], 1e-3)
    found = bracketed(wish, wish.try_at(np.array([0.05])), 0)
    assert abs(found.at[0] - 0.6) <= 2 * roots.FINEST
    assert abs(found.error[0]) == pytest.approx(0.05)


@pytest.mark.parametrize("start", [0.02, 0.5, 0.97])
@pytest.mark.parametrize("rises", [True, False])
def test_a_plateau_does_not_mislead(start: float, rises: bool) -> None:
    # flat on both sides, one steep rise (or fall) in between: from a plateau both ways look alike
    def errors(u: Floats) -> Floats:
        rise = float(np.clip((u[0] - 0.3) / 0.05, 0, 1)) - 0.4
        return np.array([rise if rises else -rise])

    wish = aim(errors, [True], 1e-3)
    found = bracketed(wish, wish.try_at(np.array([start])), 0)
    assert found.at[0] == pytest.approx(0.32, abs=1e-3)


def test_what_is_out_of_reach_ends_at_the_better_wall() -> None:
    high = bracketed(aim(lambda u: u - 2.0, [True]), Spot(np.array([0.4]), np.array([-1.6])), 0)
    low = bracketed(aim(lambda u: u + 1.0, [True]), Spot(np.array([0.4]), np.array([1.4])), 0)
    assert (high.at[0], low.at[0]) == (1.0, 0.0)
    slope = solved(aim(lambda u: u - 2.0, [False]), [0.4])
    assert slope.at[0] == 1.0


def test_a_wall_of_one_unknown_does_not_hold_up_the_other() -> None:
    # the first wants to leave the box; the second has its root at 0.7 whatever the first does
    def errors(u: Floats) -> Floats:
        return np.array([u[0] - 3.0 + 0.1 * u[1], u[1] - 0.7])

    found = solved(aim(errors, [False, False], 1e-4), [0.5, 0.2])
    assert found.at[0] == 1.0
    assert found.at[1] == pytest.approx(0.7, abs=1e-3)


def test_slopes_and_jumps_take_turns() -> None:
    # the second unknown jumps in hundredths and shifts the first; the first shifts the second
    def errors(u: Floats) -> Floats:
        stair = np.floor(100 * u[1] + 1e-9) / 100
        return np.array([u[0] + 0.3 * stair - 0.6, stair + 0.3 * u[0] - 0.63])

    wish = Aim(Counted(errors), np.array([1e-3, 2e-3]), np.array([False, True]))
    found = solved(wish, [0.9, 0.1])
    exact = np.linalg.solve([[1, 0.3], [0.3, 1]], [0.6, 0.63])
    assert np.allclose(found.at, exact, atol=0.02)
    assert abs(found.error[0]) <= 1e-3
    assert abs(found.error[1]) <= roots.LEAP * 2e-3
    assert wish.errors.asked < 60  # type: ignore[attr-defined]


def test_a_target_inside_a_jump_leaves_the_others_met() -> None:
    # the second error is -0.2 or +0.2, never nearer; the first must be met all the same
    def errors(u: Floats) -> Floats:
        return np.array([u[0] + u[1] - 0.9, 0.2 if u[1] > 0.45 else -0.2])

    wish = Aim(Counted(errors), np.array([1e-3, 1e-3]), np.array([False, True]))
    found = solved(wish, [0.2, 0.1])
    assert abs(found.at[1] - 0.45) <= 2 * roots.FINEST
    assert abs(found.error[0]) <= 1e-3


def test_a_root_at_the_start_is_not_searched() -> None:
    wish = aim(lambda u: u - 0.5, [False])
    assert solved(wish, [0.5]).at[0] == 0.5
    assert wish.errors.asked == 1  # type: ignore[attr-defined]
