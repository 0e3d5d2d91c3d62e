"""Small worlds for the large engine, and the truth about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large import engine
from kaopt.allocation.problem import Problem, from_arrays, problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.process import Child
from kaopt.errors import InfeasibleError
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import BudgetLine, Clause, Scenario
from tests.allocation.case import SETTINGS
from tests.allocation.strategies import clause, paid, worlds

OUT_OF_REACH = 1e15


@st.composite
def around_a_plan(draw: st.DrawFn) -> Scenario:
    """A world with fees, rebates and rules that bind; limits lie near what some plan uses, which keeps them all."""
    here = draw(worlds())
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gap = int(luck.integers(0, 2))
    spaced = {"spacing": (SETTINGS["spacing"](gap=gap),)} if gap else {}
    here = paid(replace(here, rules=spaced), luck, often=0.5)
    plan = some_plan(here, luck, gap)
    nodes = tuple(near(one, used_of(here, plan, one), luck) for one in lines(here, luck))
    asked = tuple(clause(here, luck) for _ in range(int(luck.integers(0, 3))))
    here = replace(here, budget=nodes, agreements=tuple(near(one, used_of(here, plan, one), luck) for one in asked))
    kept = draw(st.sets(st.sampled_from(sorted(STRICTEST)), max_size=3))
    soft = {"hard": False, "regret": float(luck.uniform(0.1, 3))} if luck.random() < 0.3 else {}
    per = str(luck.choice(["account", "total"]))
    return replace(here, rules=here.rules | {name: (as_kept(here, plan, name, per, soft),) for name in sorted(kept)})


STRICTEST: dict[str, tuple[str, float]] = {  # a setting of each rule, and a value that no plan keeps
    "promotion_count": ("min", 10**6),
    "profit_floor": ("min", 1e12),
    "max_losing": ("max", 0),
    "margin_mix": ("min", 1.0),
    "spend_rate": ("max", 0.0),
}


def as_kept(world: Scenario, plan: Plan, name: str, per: str, soft: dict[str, Any]) -> Any:
    """Settings of a rule that the plan keeps barely: the limit is the worst of what the plan is seen to use."""
    setting, never = STRICTEST[name]
    where = {} if name == "max_losing" else {"per": per}
    asked = SETTINGS[name](**{setting: never}, **where)
    bare = replace(world, rules={name: (asked,)}, budget=(), agreements=())
    used = [one.used for one in evaluate(bare, plan).breaches if one.rule == name]
    worst = (max if setting == "max" else min)(used, default=never)
    counts = name in ("promotion_count", "max_losing")
    limit: float = int(worst) if counts else worst + (1e-6 if setting == "max" else -1e-6)
    if name in ("margin_mix", "spend_rate"):
        limit = min(max(limit, 0.0), 1.0)
    return SETTINGS[name](**{setting: limit}, **where, **soft)


def some_plan(world: Scenario, luck: np.random.Generator, gap: int) -> Plan:
    """Events at random, one at a time in every account-SKU with a gap, within the display slots."""
    offers, here = make_offers(world), Plan.nothing()
    chosen: list[int] = []
    busy = np.zeros((*world.shape[:2], world.weeks + 9), dtype=bool)
    for o in luck.permutation(len(offers)):
        a, s, w = offers.account[o], offers.sku[o], offers.week[o]
        span = slice(w, w + offers.weeks[o] + gap)
        if luck.random() < 0.6 or busy[a, s, span].any():
            continue
        which = np.array(sorted([*chosen, o]))
        tried = Plan(*(getattr(offers, name)[which] for name in ("account", "sku", "week", "weeks", "treatment")))
        if not evaluate(world, tried).breaches:
            here, busy[a, s, span] = tried, True
            chosen.append(o)
    return here


def lines(world: Scenario, luck: np.random.Generator) -> Iterator[BudgetLine]:
    """Budget nodes over some accounts, weeks and mechanics."""
    sizes = (world.shape[0], world.weeks, len(world.treatments.treatment))
    for n in range(int(luck.integers(0, 3))):
        yield BudgetLine(f"node {n}", *(luck.random(size) < 0.7 for size in sizes), 0.0, np.inf)


def used_of(world: Scenario, plan: Plan, one: BudgetLine | Clause) -> float:
    """What a plan uses of a node or a promise: as a breach of the same with a least that nobody reaches."""
    if isinstance(one, BudgetLine):
        asked = replace(world, budget=(replace(one, low=OUT_OF_REACH),), agreements=(), rules={})
    else:
        asked = replace(world, agreements=(replace(one, least=OUT_OF_REACH, most=np.inf),), budget=(), rules={})
    return next((b.used for b in evaluate(asked, plan).breaches if b.rule in ("budget", "agreement")), 0.0)


def near(one: Any, used: float, luck: np.random.Generator) -> Any:
    """The same with limits on both sides of what is used, now and then on one side only."""
    low, high = used * (1 - luck.uniform(0, 0.1)), used * (1 + luck.uniform(0, 0.1)) + 1e-3
    if isinstance(one, BudgetLine):
        return replace(one, low=low if luck.random() < 0.4 else 0.0, high=high)
    return replace(one, least=low if luck.random() < 0.8 else 0.0, most=high if luck.random() < 0.4 else np.inf)


def optimum(world: Scenario) -> float | None:
    """The best that any plan is worth, by a solver of its own; None where no plan keeps every rule."""
    try:
        return best_of(problem_of(world, RULES))
    except InfeasibleError:
        return None


def best_of(problem: Problem) -> float | None:
    """The optimum of a problem."""
    program = from_arrays(problem)
    if not len(program.cost):
        return program.offset
    rows = LinearConstraint(program.matrix, program.row_low, program.row_high) if program.matrix.shape[0] else ()
    found = milp(
        -program.cost,
        integrality=program.integer.astype(int),
        bounds=Bounds(program.low, program.high),
        constraints=rows,
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else float(-found.fun + program.offset)


@contextmanager
def one_process() -> Iterator[None]:
    """One solver's process for every search inside, instead of one each."""
    with Child() as child, patch.object(engine, "Child", lambda **_: Lent(child)):
        yield


class Lent:
    """A process that stays when it is handed back."""

    def __init__(self, child: Child) -> None:
        self.child = child

    def __enter__(self) -> Child:
        return self.child

    def __exit__(self, *_: object) -> None:
        pass
