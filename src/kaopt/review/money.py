"""What a promotion brings and costs, in cases and money: the same sums for the plan and for what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kaopt.demand import cluster_mates
from kaopt.review.promotions import Run
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class State:
    """One way in which a promotion's weeks [T] could have gone. Leading dimensions of `effect` are draws."""

    weeks: Ints  # [T] 0-based
    base: Floats  # [T] case without this promotion
    effect: Floats  # [..., T] on ln cases
    ran: Bools  # [T]
    runs: Sequence[Run]  # the stretches in which it ran: a dip follows each
    around: Floats  # [S, W] case of the account without any promotion: weeks after, other SKUs
    sold: Floats | None = None  # [T] what was sold; None: what base and effect say


@dataclass(frozen=True, eq=False)
class Outcome:
    """Of one promotion, against not having it; numbers, or arrays of draws."""

    uplift: Floats  # case in its weeks
    spend: Floats  # money
    contribution: Floats  # money, net of what it takes from weeks after and from other SKUs


@dataclass(frozen=True)
class Deal:
    """Who promotes what, and how; `treatment` -1 where nobody planned it."""

    account: int
    sku: int
    treatment: int


def outcome(world: Scenario, deal: Deal, state: State) -> Outcome:
    """The formulas of `kaopt.response.model` and of the plan's ledger, for one promotion in one state.

    Costs fall due in the weeks in which it ran: the discount as agreed, whatever the shelf showed.
    """
    a, s = deal.account, deal.sku
    sold = state.base * np.exp(state.effect) if state.sold is None else state.sold
    uplift = (sold - state.base).sum(axis=-1)
    later, ahead = aftermath(world, deal, state)
    spend = spend_of(world, deal, state, sold, ahead)
    contribution = world.margin_per_case[a, s] * (uplift + later) - spend
    for mate in cluster_mates(world, a, s):
        lost = state.around[mate, state.weeks] * np.expm1(-world.response.cross[a, s] * state.effect)
        contribution = contribution + world.margin_per_case[a, mate] * lost.sum(axis=-1)
    return Outcome(np.asarray(uplift), np.asarray(spend), np.asarray(contribution))


def aftermath(world: Scenario, deal: Deal, state: State) -> tuple[Floats, list[float]]:
    """Cases that the weeks after lose to consumers' stocks, and those that the account orders ahead in each run."""
    how, a, s = world.response, deal.account, deal.sku
    length, orders = int(how.dip_weeks[a, s]), int(how.forward_weeks[a, s])
    depth = 0.0 if deal.treatment < 0 else float(world.treatments.depth[deal.treatment])
    place = {int(week): t for t, week in enumerate(state.weeks)}
    lost, ahead = np.zeros(state.effect.shape[:-1]), []
    for run in state.runs:
        last, end, moved = place[run.week + run.weeks - 1], run.week + run.weeks, 0.0
        wanted = float(how.forward_buy[a, s] * depth * state.base[last]) / max(orders, 1)
        for lag, week in enumerate(range(end, min(end + max(length, orders), world.weeks))):
            share = how.dip[a, s] * (length - lag) / length if lag < length else 0.0
            after = state.around[s, week] * np.exp(-share * state.effect[..., last])
            lost = lost + (after - state.around[s, week])
            moved += min(wanted, float(np.mean(after))) if lag < orders else 0.0
        ahead.append(moved)
    return lost, ahead


def spend_of(world: Scenario, deal: Deal, state: State, sold: Floats, ahead: list[float]) -> Floats:
    """Discount, gifts, weekly fees and lump sum, money; nothing where it did not run or nobody planned it."""
    what, k = world.treatments, deal.treatment
    if k < 0 or not state.ran.any():
        return np.zeros(sold.shape[:-1])
    cases = sold[..., state.ran].sum(axis=-1)
    due = cases if what.settled[k] == "sell_out" else cases + sum(ahead)
    discount = due * world.skus.list_price[deal.sku] * what.depth[k]
    fees = what.weekly_cost[k] * state.ran.sum() + what.fixed_cost[k]
    return np.asarray(discount + cases * what.unit_cost[k] + fees)
