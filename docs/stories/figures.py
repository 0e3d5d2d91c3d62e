"""The figures of the four stories, each from a real run of its scenario: `figures()` solves them all in about a minute.

Money in the scenario's currency, shares as shares of 1. Every plan is scored with the scorecard that users see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import kaopt as ka

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
HABIT = SCENARIOS / "ten_accounts" / "plans" / "habit.csv"
CUT = SCENARIOS / "case1_cut_spend" / "plans" / "cut.csv"
POINT = 0.01  # of compliance
STEP = 5  # points of compliance by which the plan is made again
SURE = 1.959963984540054  # half width of a 95 % interval in standard errors

Figures = dict[str, Any]


def figures() -> dict[str, Figures]:
    """All stories by the name of their scenario."""
    return {name: story() for name, story in STORIES.items()}


def cut_spend() -> Figures:
    """The habit, the cut across the board, and the best plan at the spend of the cut."""
    world = ka.load(SCENARIOS / "case1_cut_spend")
    found = {"habit": scored(world, ka.load_plan(world, HABIT)), "cut": scored(world, ka.load_plan(world, CUT))}
    found["optimised"] = solved(world)
    best = ka.load(SCENARIOS / "case1_cut_spend", variant="best_case")
    found["best_case"] = solved(best)
    return found


def late_requests() -> Figures:
    """The same money with requests 7 to 14 days ahead, agreed two months ahead, and planned by the quarter."""
    folder = SCENARIOS / "case3_late_requests"
    return {
        "late": solved(ka.load(folder)),
        "early": solved(ka.load(folder, variant="early")),
        "rolling": solved(ka.load(folder, variant="rolling")),
    }


def execution() -> Figures:
    """The best plan, what it is worth as it is carried out, and the plan made again for other compliance."""
    world = ka.load(SCENARIOS / "case4_execution")
    plan = ka.allocate(world)
    found: Figures = {"plan": scored(world, plan) | proof(plan)}
    happens = at_stake(world, plan)
    table = world.accounts
    nothing = float(sum(ka.evaluate(world, plan).ledger.event_contribution)) - float(happens.sum())
    error = float(np.linalg.norm(happens * table.compliance_se))
    mean = nothing + float(happens @ table.compliance)
    found["expected"] = {"mean": mean, "low": mean - SURE * error, "high": mean + SURE * error, "none": nothing}
    found["point"] = {
        "total": POINT * float(happens.sum()),
        "accounts": dict(zip(table.account, (POINT * happens).tolist(), strict=True)),
        "compliance": dict(zip(table.account, table.compliance.tolist(), strict=True)),
        "error": dict(zip(table.account, table.compliance_se.tolist(), strict=True)),
        "mean_compliance": float(happens @ table.compliance / happens.sum()),
    }
    for name, points in (("lower", -STEP), ("higher", STEP)):
        changed = complying(world, points)
        found[name] = solved(changed) | {"points": points}
    card = ka.score(world, plan).as_dict()["total"]["execution"]
    found["execution"] = {name: card[name] for name in ("promotions", "displays")}
    return found


def efficiency() -> Figures:
    """The habit and the best plan at the habit's spend: cases per 100 money, by account and by mechanic."""
    world = ka.load(SCENARIOS / "spend_efficiency")
    plans = {"habit": ka.load_plan(world, HABIT), "optimised": ka.allocate(world)}
    found: Figures = {name: scored(world, plan) | by_mechanic(world, plan) for name, plan in plans.items()}
    found["optimised"] |= proof(plans["optimised"])
    found["fees"] = dict(zip(world.accounts.account, world.accounts.contract_fee.tolist(), strict=True))
    return found


def solved(world: ka.Scenario) -> Figures:
    """The scorecard's figures of the best plan, with what is proven of it."""
    plan = ka.allocate(world)
    return scored(world, plan) | proof(plan)


def proof(plan: ka.Plan) -> Figures:
    """What the certificate says."""
    assert plan.certificate is not None
    assert not plan.certificate.breaches
    return {"objective": plan.certificate.objective, "bound": plan.certificate.bound, "gap": plan.certificate.gap}


def scored(world: ka.Scenario, plan: ka.Plan) -> Figures:
    """Spend, profit, growth and mix of a plan, in total and by account."""
    card = ka.score(world, plan).as_dict()
    families = np.array(world.treatments.family)[plan.treatment]
    accounts = {name: of_card(one) for name, one in card["accounts"].items()}
    losses = [one["profit"] for one in accounts.values() if one["profit"] < 0]
    return of_card(card["total"]) | {
        "events": len(plan),
        "mix": {name: int((families == name).sum()) for name in dict.fromkeys(world.treatments.family)},
        "losing": len(losses),
        "losses": sum(losses),
        "accounts": accounts,
    }


def of_card(scores: Figures) -> Figures:
    """The few figures of a scorecard that the stories speak of."""
    profit, share = scores["profit"], scores["share"]["planned"]
    per_100 = profit["planned"]["cases_per_100"]
    return {
        "spend": profit["trade_spend"]["promotions"],
        "fees": profit["trade_spend"]["fees"],
        "profit": profit["planned"]["contribution"],
        "extra_profit": profit["planned"]["incremental_contribution"],
        "extra_cases": profit["planned"]["incremental_cases"],
        "cases_per_100": per_100 if isinstance(per_100, float) else 0.0,
        "growth_index": share["growth_index"],
    }


def by_mechanic(world: ka.Scenario, plan: ka.Plan) -> Figures:
    """Spend and net cases of each mechanic, every event by itself."""
    ledger, names = ka.evaluate(world, plan).ledger, world.treatments.name
    spend, cases = ledger.event_spend.sum(axis=1), ledger.event_incremental_cases
    used = [k for k in range(len(names)) if (plan.treatment == k).any()]
    rows = {names[k]: (spend[plan.treatment == k].sum(), cases[plan.treatment == k].sum()) for k in used}
    return {"mechanics": {name: {"spend": float(s), "cases": float(c)} for name, (s, c) in rows.items()}}


def at_stake(world: ka.Scenario, plan: ka.Plan) -> np.ndarray:
    """[A] money that the plan's events bring where they happen: contribution, and lump sums that are paid anyway."""
    what = world.treatments
    lumps = what.fixed_cost[plan.treatment] + what.weekly_cost[plan.treatment] * plan.weeks
    worth = ka.evaluate(world, plan).ledger.event_contribution + lumps
    return np.bincount(plan.account, weights=worth, minlength=len(world.accounts.account))


def complying(world: ka.Scenario, points: int) -> ka.Scenario:
    """The same world where every account carries out so many points more of what is planned."""
    kept = np.clip(world.accounts.compliance + POINT * points, 0.0, 1.0)
    return replace(world, accounts=replace(world.accounts, compliance=kept))


STORIES: dict[str, Callable[[], Figures]] = {
    "case1_cut_spend": cut_spend,
    "case3_late_requests": late_requests,
    "case4_execution": execution,
    "spend_efficiency": efficiency,
}
