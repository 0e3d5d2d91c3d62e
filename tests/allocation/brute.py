"""Brute force over every plan of a small world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.rows import Rows, widened
from kaopt.allocation.rules import RULES, Rule, settings_of, with_switches
from kaopt.offers import Offers, make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario


def plan_of(offers: Offers, chosen: tuple[int, ...] | np.ndarray) -> Plan:
    """The plan that chooses the offers marked with 1."""
    which = np.flatnonzero(np.asarray(chosen))
    return Plan(*(getattr(offers, name)[which] for name in ("account", "sku", "week", "weeks", "treatment")))


def subsets(size: int) -> Iterator[tuple[int, ...]]:
    """Every 0-1 vector of a length."""
    assert size <= 12, "too many offers for brute force"
    yield from product((0, 1), repeat=size)


def conceivable(world: Scenario) -> Offers:
    """Every event that fits into the horizon, whether or not it is open, early enough or free.

    Closed weeks stay closed where the horizon is long: there they only keep the number of plans small.
    """
    what = replace(world.treatments, lead_time=np.zeros_like(world.treatments.lead_time))
    free = replace(world, locks=(), treatments=what, listed=np.ones_like(world.listed))
    return make_offers(free if world.weeks > 12 else replace(free, eligible=np.ones_like(world.eligible)))


def best(world: Scenario, offers: Offers, rules: tuple[Rule, ...] = RULES) -> Evaluation:
    """The best plan without a breach, by the evaluator alone."""
    judged = (evaluate(world, plan_of(offers, chosen), rules) for chosen in subsets(len(offers)))
    return max((one for one in judged if not one.breaches), key=lambda one: one.objective)


def missed(rows: Rows, chosen: tuple[int, ...] | np.ndarray) -> np.ndarray:
    """[M] how far a choice is outside each row's limits."""
    used = rows.matrix @ np.array(chosen, dtype=float)
    beyond: np.ndarray = np.maximum(np.maximum(rows.low - used, used - rows.high), 0.0)
    # what adds up from money amounts is kept when it misses by rounding only
    return np.where(beyond <= 1e-6 + 1e-9 * np.maximum(np.abs(used), np.abs(rows.used_without)), 0.0, beyond)


def decided(world: Scenario, rules: tuple[Rule, ...] = RULES) -> Offers:
    """The world's offers with what rules decide beside them."""
    return with_switches(world, make_offers(world), rules)


def still(offers: Offers) -> np.ndarray:
    """The columns of a world without events."""
    return np.concatenate([np.zeros(len(offers)), offers.switches.nothing])


def limits(rule: str, scope: str) -> bool:
    """A row that limits switches instead of saying what they are."""
    return (rule == "max_losing" and scope == "total") or (rule == "supply" and "weeks=" in scope)


def defining(world: Scenario, offers: Offers) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """The rows that say what switches are, with their limits; how many of them there may be is no part of that."""
    blocks = [
        widened(rule.rows(world, offers, settings), offers.columns)
        for rule in RULES
        if hasattr(rule, "switches")
        for settings in settings_of(world, rule)
    ]
    kept = [np.array([not limits(b.rule, scope) for scope in b.scopes], dtype=bool) for b in blocks]
    bodies = [sp.csr_matrix((0, offers.columns)), *(b.matrix[k] for b, k in zip(blocks, kept, strict=True))]
    low, high = (
        np.concatenate([np.zeros(0), *(getattr(b, end)[k] for b, k in zip(blocks, kept, strict=True))])
        for end in ("low", "high")
    )
    return sp.vstack(bodies, format="csr"), low, high


def settled(
    world: Scenario, offers: Offers, chosen: tuple[int, ...] | np.ndarray, aim: object = None
) -> np.ndarray | None:
    """Offers, then the switches that fit to them with the least `aim` [Z] (or fewest in sum); None where none fit."""
    first = np.asarray(chosen, dtype=float)
    if not len(offers.switches):
        return first
    body, low, high = defining(world, offers)
    used, mine, own = body[:, : len(first)] @ first, body[:, len(first) :], offers.switches
    found = milp(
        np.ones(len(own)) if aim is None else np.asarray(aim),
        integrality=own.whole.astype(int),
        bounds=Bounds(own.low, own.high),
        constraints=LinearConstraint(mine, low - used, high - used),
    )
    return None if found.x is None else np.concatenate([first, found.x])
