"""Results made in memory: a plan in money, a synthetic service whose sums are known, a full run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.demand import live
from kaopt.plan import Breach, Certificate, Plan
from kaopt.report.result import RunResult
from kaopt.scenario.model import Scenario
from kaopt.scorecard import score
from kaopt.service import FINE_CAUSES, Service
from tests import worlds


def ledger(world: Scenario, plan: Plan) -> Ledger:
    """Each event alone against doing nothing, from `live`; slow and plain."""
    idle = live(world, Plan.nothing())
    alone = [live(world, worlds.plan(tuple(map(int, row)))) for row in rows_of(plan)]
    size = len(plan)
    longest = int(plan.weeks.max(initial=1))

    def by_week(amounts: list[np.ndarray]) -> np.ndarray:
        found = np.zeros((size, longest))
        for n, (amount, begin, weeks) in enumerate(zip(amounts, plan.week, plan.weeks, strict=True)):
            found[n, :weeks] = amount.sum(axis=(0, 1))[begin : begin + weeks]
        return found

    spend, discount = by_week([one.spend for one in alone]), by_week([one.discount for one in alone])

    def extra(name: str) -> np.ndarray:
        return np.array([(getattr(one, name) - getattr(idle, name)).sum() for one in alone]).reshape(size)

    def own(cases: np.ndarray, i: int) -> float:
        a, s, w, n, _ = rows_of(plan)[i]
        return float(cases[a, s, w : w + n].sum())

    def summed(name: str) -> np.ndarray:
        first = getattr(idle, name)
        return first + sum((getattr(one, name) - first for one in alone), np.zeros(world.shape))

    return Ledger(
        plan=plan,
        event_base_cases=np.array([own(idle.cases, i) for i in range(size)]).reshape(size),
        event_cases=np.array([own(alone[i].cases, i) for i in range(size)]).reshape(size),
        event_incremental_cases=extra("cases"),
        event_net_revenue=extra("net_revenue"),
        event_spend=spend,
        event_discount=discount,
        event_contribution=extra("contribution"),
        event_retailer=extra("retailer"),
        event_credit=np.maximum(extra("cases"), 0),
        cases=summed("cases"),
        sell_out=summed("sell_out"),
        net_revenue=summed("net_revenue"),
        contribution=summed("contribution"),
        retail_sales=summed("retail_sales"),
        retailer=summed("retailer"),
        realised=live(world, plan),
    )


def rows_of(plan: Plan) -> list[tuple[int, ...]]:
    columns = (plan.account, plan.sku, plan.week, plan.weeks, plan.treatment)
    return [tuple(int(v) for v in row) for row in zip(*columns, strict=True)]


def service(world: Scenario, plan: Plan, *, replications: int = 5, part: float = 0.1, seed: int = 3) -> Service:
    """A service that orders the plan's year with a little luck and loses about `part` of it, spread over causes."""
    luck = np.random.default_rng(seed)
    demand = live(world, plan)
    accounts, skus, weeks = world.shape
    price = np.where(demand.cases > 0, demand.net_revenue / np.maximum(demand.cases, 1e-9), 0)
    ordered = demand.cases * luck.normal(1, 0.02, (replications, *world.shape))
    causes = len(FINE_CAUSES)
    weights = luck.dirichlet(np.ones(causes), (replications, accounts, skus, weeks)) * part
    lost = ordered[..., None] * weights  # [R, A, S, W, C]
    lost_value = (lost * price[..., None]).sum(axis=2)
    lines = np.full((replications, accounts), 100.0)
    return Service(
        ordered_value=(ordered * price).sum(axis=2),
        accepted_value=(ordered * price).sum(axis=2) - lost_value.sum(axis=3),
        lost_value=lost_value,
        ordered_cases=ordered.sum(axis=2),
        accepted_cases=ordered.sum(axis=2) - lost.sum(axis=(2, 4)),
        lost_cases_by_sku=lost.sum(axis=3).mean(axis=0),
        lines=np.stack([lines, lines * (1 - part)], axis=2),
        orders=np.stack([lines / 10, lines / 10 * (1 - 2 * part), lines / 10 * (1 - 3 * part)], axis=2),
        penalties=lost_value.sum(axis=2) * 0.03,
        write_off_cases=luck.uniform(0, 5, (replications, skus)),
        write_off_value=luck.uniform(500, 600, replications),
        stock_age=luck.uniform(10, 60, (replications, skus)),
        stock_cases=luck.uniform(100, 300, (replications, skus)),
        use={"pick": luck.uniform(0.6, 0.7, replications), "truck": luck.uniform(0.8, 0.9, replications)},
        warmup_weeks=26,
    )


def random_plan(world: Scenario, events: int, seed: int = 1) -> Plan:
    luck = np.random.default_rng(seed)
    accounts, skus, weeks = world.shape
    cells = luck.permutation(accounts * skus * (weeks // 4))[:events]
    a, rest = np.divmod(cells, skus * (weeks // 4))
    s, quarter = np.divmod(rest, weeks // 4)
    kinds = luck.integers(0, len(world.treatments.treatment), len(cells))
    length = np.array([luck.choice(world.treatments.lengths[k]) for k in kinds], dtype=np.int64).reshape(len(cells))
    order = np.lexsort((quarter, s, a))
    return Plan(*(column[order].astype(np.int64) for column in (a, s, quarter * 4, length, kinds)))


def budget_rows(book: Ledger, high: float) -> Rows:
    """One budget row over the plan's own events, as if these were all the offers."""
    return make_rows("budget", "money", ("total",), book.event_spend.sum(axis=1)[None, :], high=high)


def run(world: Scenario, plan: Plan, *, simulated: bool = True, **changes: Any) -> RunResult:
    """A whole run."""
    book = ledger(world, plan)
    lived = service(world, plan) if simulated else None
    spend = float(book.event_spend.sum(axis=1).sum())
    proof = Certificate(
        objective=float(book.event_credit.sum()),
        bound=float(book.event_credit.sum()) * 1.004,
        gap=0.004,
        claimed_gap=0.004,
        realised_objective=float(book.event_credit.sum()) * 0.99,
        breaches=(),
        status="optimal",
        solver="HiGHS 1.13.1",
        seconds=41.0,
        variables=1234,
    )
    whole = RunResult(
        world=world,
        ledger=book,
        card=score(world, plan, lived),
        certificate=proof,
        service=lived,
        rules=(budget_rows(book, spend),),
        chosen=np.ones(len(plan)),
    )
    return replace(whole, **changes)


BREACH = Breach("budget", "total", 1200.0, 1000.0, "money")
