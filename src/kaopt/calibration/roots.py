r"""Find where several losses meet their targets at once, from few and dear evaluations.

The unknowns u lie in the unit box [0, 1]^k, the k-th error belongs first of all to the k-th unknown, and the errors
are those of fixed luck (common random numbers), hence a fixed function of u. Unknowns of slope type go together by a
damped Newton method whose Jacobian is measured once by differences and then kept by Broyden's update

    J ← J + (Δe − J Δu) Δuᵀ / (Δuᵀ Δu)        (Broyden 1965; damping of Levenberg 1944 and Marquardt 1963)

Unknowns of step type, whose error jumps, are bracketed one by one and narrowed by regula falsi in its Illinois form
(Dowell and Jarratt 1971). The two take turns until every error is within its tolerance; one that jumps may stay
some tolerances away, because its target may lie inside a jump.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kaopt.scenario.columns import Bools, Floats, Ints

Errors = Callable[[Floats], Floats]

DIFFERENCE = 0.06  # of the box: far enough that luck does not drown the slope
LONGEST = 0.35  # of the box: no step is longer
FINEST = 0.002  # of the box: brackets are not made narrower
LEAP = 10.0  # tolerances within which a loss that jumps is near enough
TURNS = 8  # of slope and step search
STEPS = 14  # of one slope search


@dataclass(frozen=True, eq=False)
class Spot:
    """A place that was tried, and the Jacobian as it is known there (None: not yet)."""

    at: Floats  # [k] in the unit box
    error: Floats  # [k] reached less target
    jacobian: Floats | None = None  # [k, k] of errors by unknowns


@dataclass(frozen=True, eq=False)
class Aim:
    """What is searched: the errors, how small they must be, and which unknowns jump."""

    errors: Errors
    tolerance: Floats  # [k]
    jumps: Bools  # [k]

    def try_at(self, at: Floats, jacobian: Floats | None = None) -> Spot:
        """Evaluate a place."""
        return Spot(at, self.errors(at), jacobian)

    @property
    def enough(self) -> Floats:
        """[k] with how large an error the search may end: a target may lie inside a jump."""
        return np.asarray(np.where(self.jumps, LEAP, 1.0) * self.tolerance)

    def miss(self, spot: Spot, which: Bools | None = None) -> float:
        """The greatest error over what is enough; 1 or less is a hit."""
        ratio = np.abs(spot.error) / self.enough
        return float((ratio if which is None else ratio[which]).max(initial=0.0))


def find(aim: Aim, start: Spot) -> Spot:
    """The best place found; `aim.miss` of it says whether it is a root."""
    best, spot, idle = start, start, 0
    for turn in range(TURNS):
        if not aim.jumps.all():
            spot = _slopes(aim, spot)
        for k in np.flatnonzero(aim.jumps):
            if turn == 0 or abs(spot.error[k]) > aim.enough[k]:
                spot = bracketed(aim, spot, int(k))
        idle = idle + 1 if aim.miss(spot) >= 0.9 * aim.miss(best) else 0
        best = min((best, spot), key=aim.miss)
        if aim.miss(best) <= 1 or idle == 2:
            break
    return best


def differences(aim: Aim, spot: Spot, unknowns: Bools, width: float = DIFFERENCE) -> Spot:
    """The Jacobian of some unknowns by one-sided differences, into the box."""
    size = len(spot.at)
    jacobian = np.zeros((size, size)) if spot.jacobian is None else spot.jacobian.copy()
    for k in np.flatnonzero(unknowns):
        beside = spot.at.copy()
        beside[k] += width if beside[k] + width <= 1 else -width
        jacobian[:, k] = (aim.errors(beside) - spot.error) / (beside[k] - spot.at[k])
    return replace(spot, jacobian=jacobian)


def _slopes(aim: Aim, spot: Spot) -> Spot:
    """Damped Newton on the unknowns without jumps, the others held."""
    free = ~aim.jumps
    if aim.miss(spot, free) <= 1:
        return spot
    if spot.jacobian is None:
        spot = differences(aim, spot, free)
    damping, failed = 1e-3, 0
    for _ in range(STEPS):
        at, own = _step(aim, spot, damping)
        if np.abs(at - spot.at).max() < 1e-6:
            break
        there = aim.try_at(at)
        jacobian = _broyden(spot, there)
        if _size(aim, there, own) < _size(aim, spot, own):
            spot, damping, failed = replace(there, jacobian=jacobian), damping / 5, 0
        else:
            spot, damping, failed = replace(spot, jacobian=jacobian), max(damping * 6, 0.05), failed + 1
        if aim.miss(spot, free) <= 1:
            break
        if failed == 2:
            spot = differences(aim, spot, free, DIFFERENCE / 2)
        if failed == 4:
            break
    return spot


def _size(aim: Aim, spot: Spot, own: Ints) -> float:
    return float(np.linalg.norm((spot.error / aim.tolerance)[own]))


def _step(aim: Aim, spot: Spot, damping: float) -> tuple[Floats, Ints]:
    """The next place, and the unknowns that move: where their linear errors vanish, not too far.

    An unknown that leans on a wall of the box stays there and its error is given up.
    """
    assert spot.jacobian is not None
    at, free = spot.at.copy(), np.flatnonzero(~aim.jumps)
    while len(free):
        slope = spot.jacobian[np.ix_(free, free)] / aim.tolerance[free][:, None]
        normal = slope.T @ slope
        normal += np.diag(damping * np.diag(normal) + 1e-12 * max(np.diag(normal).max(), 1e-300))
        move = np.linalg.lstsq(normal, -slope.T @ (spot.error / aim.tolerance)[free], rcond=None)[0]
        move *= min(1.0, LONGEST / max(np.abs(move).max(initial=0.0), 1e-300))
        walls = ((at[free] <= 0) & (move < 0)) | ((at[free] >= 1) & (move > 0))
        if not walls.any():
            at[free] = np.clip(at[free] + move, 0.0, 1.0)
            break
        free = free[~walls]
    return at, free


def _broyden(old: Spot, new: Spot) -> Floats:
    """The Jacobian that explains the last step and changes least."""
    assert old.jacobian is not None
    step, change = new.at - old.at, new.error - old.error
    fresh: Floats = old.jacobian + np.outer(change - old.jacobian @ step, step) / (step @ step)
    return fresh


def bracketed(aim: Aim, spot: Spot, k: int) -> Spot:
    """Unknown k alone, with its own error: between two places of different sign, then narrowed to its tolerance.

    The error is taken to be monotonous in its unknown; where the box holds no change of sign, its better end is it.
    """

    def place(value: float) -> Spot:
        at = spot.at.copy()
        at[k] = value
        return aim.try_at(at, spot.jacobian)

    def good(one: Spot) -> bool:
        return bool(abs(one.error[k]) <= aim.tolerance[k])

    if good(spot):
        return spot
    here, there = _opposite(place, spot, k)
    if there is None or good(there):
        return here if there is None else there
    return _narrowed(place, good, (here, there), k)


def _opposite(place: Callable[[float], Spot], spot: Spot, k: int) -> tuple[Spot, Spot | None]:
    """Two places around a change of sign, or the best place on the way to both ends of the box and None.

    First the way on which the error falls; on a plateau that says nothing, and the other way may be the right one.
    """
    up = spot.at[k] + DIFFERENCE <= 1
    probe = place(float(spot.at[k] + (DIFFERENCE if up else -DIFFERENCE)))
    if _cross(spot, probe, k):
        return spot, probe
    falls = abs(probe.error[k]) <= abs(spot.error[k])
    ways = [(probe, 1.0 if up else 0.0), (spot, 0.0 if up else 1.0)]
    best = spot
    for begin, end in ways if falls else ways[::-1]:
        here, there = _walk(place, begin, end, k)
        if there is not None:
            return here, there
        best = min((best, here), key=lambda one: abs(one.error[k]))
    return best, None


def _walk(place: Callable[[float], Spot], here: Spot, end: float, k: int) -> tuple[Spot, Spot | None]:
    """Longer and longer steps towards an end of the box until the error changes its sign; else the last place."""
    width = 2 * DIFFERENCE
    while here.at[k] != end:
        step = float(np.clip(end - here.at[k], -width, width))
        there = place(end if abs(end - here.at[k]) <= width else float(here.at[k] + step))
        if _cross(here, there, k):
            return here, there
        here, width = there, 2 * width
    return here, None


def _narrowed(place: Callable[[float], Spot], good: Callable[[Spot], bool], ends: tuple[Spot, Spot], k: int) -> Spot:
    """Regula falsi between two places of different sign; an end that stays has its error halved."""
    (a, b), weight = ends, [1.0, 1.0]
    while abs(a.at[k] - b.at[k]) > FINEST:
        fa, fb = weight[0] * a.error[k], weight[1] * b.error[k]
        share = float(np.clip(fa / (fa - fb), 0.1, 0.9))
        middle = place(float(a.at[k] + share * (b.at[k] - a.at[k])))
        if good(middle):
            return middle
        if _cross(middle, b, k):
            a, weight = middle, [1.0, weight[1] / 2]
        else:
            b, weight = middle, [weight[0] / 2, 1.0]
    return min((a, b), key=lambda one: abs(one.error[k]))


def _cross(one: Spot, other: Spot, k: int) -> bool:
    return bool(one.error[k] * other.error[k] <= 0)
