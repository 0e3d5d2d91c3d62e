"""Small worlds for the large engine, and the truth about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large import engine, plans
from kaopt.allocation.problem import from_arrays, plan_of, problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.process import Child
from kaopt.errors import InfeasibleError
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import BudgetLine, Clause, Scenario
from kaopt.scenario.settings import RuleSettings
from tests.allocation.case import SETTINGS
from tests.allocation.strategies import clause, paid, worlds

OUT_OF_REACH = 1e15


@st.composite
def around_a_plan(draw: st.DrawFn) -> Scenario:
    """A world with fees, rebates and rules that bind; limits lie near what some plan uses, which keeps them all."""
    here = draw(worlds())
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gap = int(luck.integers(0, 2))
    here = paid(replace(here, rules=made("spacing", gap=gap) if gap else {}), luck, often=0.5)
    plan = some_plan(here, luck, gap)
    nodes = tuple(near(one, used_of(here, plan, one), luck) for one in lines(here, luck))
    asked = tuple(clause(here, luck) for _ in range(int(luck.integers(0, 3))))
    here = replace(here, budget=nodes, agreements=tuple(near(one, used_of(here, plan, one), luck) for one in asked))
    kept = draw(st.sets(st.sampled_from(sorted(STRICTEST)), max_size=3))
    soft: dict[str, Any] = {"hard": False, "regret": float(luck.uniform(0.1, 3))} if luck.random() < 0.3 else {}
    per = str(luck.choice(["account", "total"]))
    for name in sorted(kept):
        here = replace(here, rules={**here.rules, **made(name, **as_kept(here, plan, name, per), **soft)})
    return here


def made(rule: str, **asked: Any) -> dict[str, tuple[RuleSettings, ...]]:
    """A rule as a scenario holds it."""
    return {rule: (SETTINGS[rule](**asked),)}


STRICTEST: dict[str, tuple[str, float]] = {  # a setting of each rule, and a value that no plan keeps
    "promotion_count": ("min", 10**6),
    "profit_floor": ("min", 1e12),
    "max_losing": ("max", 0),
    "margin_mix": ("min", 1.0),
    "spend_rate": ("max", 0.0),
}


def as_kept(world: Scenario, plan: Plan, name: str, per: str) -> dict[str, Any]:
    """Settings of a rule that the plan keeps barely: the limit is the worst of what the plan is seen to use."""
    setting, never = STRICTEST[name]
    where = {} if name == "max_losing" else {"per": per}
    bare = replace(world, rules=made(name, **{setting: never}, **where), budget=(), agreements=())
    used = [one.used for one in evaluate(bare, plan).breaches if one.rule == name]
    worst = (max if setting == "max" else min)(used, default=never)
    counts = name in ("promotion_count", "max_losing")
    limit: float = int(worst) if counts else worst + (1e-6 if setting == "max" else -1e-6)
    if name in ("margin_mix", "spend_rate"):
        limit = min(max(limit, 0.0), 1.0)
    return {setting: limit, **where}


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
        accounts, weeks, kinds = (luck.random(size) < 0.7 for size in sizes)
        yield BudgetLine(f"node {n}", accounts, weeks, kinds, 0.0, np.inf)


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


@dataclass(frozen=True)
class Truth:
    """The best plan that a solver knows, as the judge values it, and what the solver says that no plan passes."""

    best: float
    most: float


def truth(world: Scenario) -> Truth | None:
    """By a solver of its own; None where no plan keeps every rule."""
    try:
        problem = problem_of(world, RULES)
        program = from_arrays(problem)
    except InfeasibleError:
        return None
    found = (
        milp(
            -program.cost,
            integrality=program.integer.astype(int),
            bounds=Bounds(program.low, program.high),
            constraints=LinearConstraint(program.matrix, program.row_low, program.row_high),
            options={"mip_rel_gap": 0.0},
        )
        if len(program.cost)
        else None
    )
    if found is not None and found.x is None:
        return None
    judged = evaluate(world, plan_of(problem.offers, np.zeros(0) if found is None else found.x))
    most = program.offset if found is None else float(program.offset - found.fun)
    return Truth(-np.inf if judged.breaches else judged.objective, most)


@contextmanager
def one_process() -> Iterator[None]:
    """One solver's process for every search inside, instead of one each."""
    with Child() as child, patch.object(plans, "Child", lambda **_: Lent(child)):
        yield


@contextmanager
def short() -> Iterator[None]:
    """Searches with a fifth of the sweeps and passes: what is proven must hold at any prices and for any plan."""
    rounds = tuple(replace(one, sweeps=one.sweeps // 5) for one in engine.ROUNDS)
    fewer = patch.multiple(plans, PASSES=plans.PASSES // 3)
    with fewer, patch.multiple(engine, ROUNDS=rounds, LOCAL=engine.LOCAL // 5):
        yield


class Lent:
    """A process that stays when it is handed back."""

    def __init__(self, child: Child) -> None:
        self.child = child

    def __enter__(self) -> Child:
        return self.child

    def __exit__(self, *_: object) -> None:
        pass
