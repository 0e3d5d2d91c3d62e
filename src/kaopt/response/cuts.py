"""Which price cut where: a small planning problem that any history can be tried on, solved in closed form.

Each series may run one of `CUTS` for `WEEKS` weeks, or for a part of them. The budget is the discount that `HABIT` (the
same cut everywhere) costs. A plan takes the cuts in the order of extra margin (margin per unit at the regular price
times extra units) for each yuan of discount, as its model believes, and runs them until the money is spent: the linear
relaxation of a multiple-choice knapsack, solved exactly by one price of money (Kellerer, Pferschy, Pisinger 2004,
Knapsack Problems, ch. 11). Money is spent and margin earned as the judge says, so all plans cost the same. A plan is
worth the extra margin per 100 of budget. Dips, neighbours and displays are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kaopt.response.choose import plain
from kaopt.response.halves import JUDGES, METHODS, Belief, Pair, pairs
from kaopt.response.learn import KEYS, learn
from kaopt.response.structure import Structure
from kaopt.scenario.columns import Floats

CUTS = np.array([0.10, 0.15, 0.20, 0.30])
WEEKS = 8
HABIT = 1  # number of the cut that habit runs everywhere
MARGIN = 0.3  # of the regular price, where the history has no costs
PLAUSIBLE = (-8.0, 0.0)  # ten times the volume at 25 % off; a series whose price hardly moved may say anything
STEPS = 60  # halvings of the interval in which the price of money lies
ALIKE = "volume_proportional"  # the same cut everywhere: money in proportion to volume, no model


@dataclass(frozen=True, eq=False)
class Outcome:
    """What each cut would do at each series; [N, C] money of `WEEKS` weeks."""

    margin: Floats  # extra
    spent: Floats  # discount


@dataclass(frozen=True)
class Worth:
    """What one plan earns, by one judge: extra margin per 100 of budget."""

    made_on: str
    method: str
    judge: str
    earned: float


def plan_values(sales: pd.DataFrame, structure: Structure | None = None) -> list[Worth]:
    """Every method's plan, made on one half of the history, by models fitted on the other half, on four pairs."""
    trade = trade_of(sales)
    return [one for pair in pairs(sales, structure) for one in worths(pair, trade)]


def worths(pair: Pair, table: pd.DataFrame) -> list[Worth]:
    """All plans of one pair of halves under both judges."""
    series = next(iter(pair.made.beliefs.values())).series
    trade = table.loc[list(series)]
    seen = {method: outcome(belief, trade) for method, belief in pair.made.beliefs.items()}
    found = []
    for name in JUDGES:
        judge = outcome(pair.judge.beliefs[name], trade)
        budget = float(judge.spent[:, HABIT].sum())
        plans = {method: best(one, judge, budget) for method, one in seen.items()}
        plans[ALIKE] = np.eye(len(CUTS))[[HABIT] * len(series)]
        found += [Worth(pair.made.name, m, name, earned(plan, judge, budget)) for m, plan in plans.items()]
    return found


def trade_of(sales: pd.DataFrame) -> pd.DataFrame:
    """By (account, sku): units of a week without promotion, at slopes common to all; price and margin of a unit."""
    found = learn(sales, plain(sales), fitter=METHODS["common_slopes"])
    series = pd.MultiIndex.from_tuples(found.fit.series, names=KEYS)
    table = found.price.reindex(series)["base_price"].rename("price").to_frame()
    table["units"], table["margin"] = np.exp(found.fit.term("level")), MARGIN * table["price"]
    if "cost" in sales:
        cost = sales.groupby(KEYS)["cost"].mean().reindex(series)
        table["margin"] = (table["price"] - cost).fillna(table["margin"]).clip(lower=0.0)
    return table


def outcome(belief: Belief, trade: pd.DataFrame) -> Outcome:
    """What a model expects of every cut; `trade` has the belief's series in their order."""
    units, price, margin = (trade[name].to_numpy(float)[:, None] for name in ("units", "price", "margin"))
    sold = units * (1 - CUTS) ** belief.terms["elasticity"].clip(*PLAUSIBLE)[:, None]
    return Outcome(WEEKS * margin * (sold - units), WEEKS * price * CUTS * sold)


def best(seen: Outcome, judge: Outcome, budget: float) -> Floats:
    """[N, C] share of the weeks for each cut: the best as `seen`, until the budget is spent as the judge says."""

    def at(rate: float) -> Floats:
        net = np.column_stack([np.zeros(len(seen.margin)), seen.margin - rate * seen.spent])
        return np.asarray(np.eye(net.shape[1])[net.argmax(1)][:, 1:])

    cheap, dear = 0.0, float((seen.margin / seen.spent).max()) + 1.0
    if (at(cheap) * judge.spent).sum() <= budget:
        return at(cheap)
    for _ in range(STEPS):
        middle = (cheap + dear) / 2
        cheap, dear = (middle, dear) if (at(middle) * judge.spent).sum() > budget else (cheap, middle)
    more, less = ((at(rate) * judge.spent).sum() for rate in (cheap, dear))
    part = (budget - less) / (more - less)
    return np.asarray(part * at(cheap) + (1 - part) * at(dear))


def earned(plan: Floats, judge: Outcome, budget: float) -> float:
    """Extra margin per 100 of budget; money that a plan finds no use for earns none."""
    return 100 * float((plan * judge.margin).sum()) / budget


def summary(found: list[Worth], *, costs: bool) -> dict[str, Any]:
    """The order of plan values by the judge that forecasts best, as a card tells it: means over the pairs."""
    if not found:
        return {}
    table = pd.DataFrame([vars(one) for one in found])
    means = table.pivot_table(index="method", columns="judge", values="earned", sort=False)
    wide = table.pivot_table(index=["made_on", "judge"], columns="method", values="earned", sort=False)
    lead = wide.rsub(wide["partial_pooling"], axis=0).drop(columns="partial_pooling")
    return {
        "unit": "extra margin per 100 of discount budget, by models fitted on the other half of the history",
        "margin": "price less cost" if costs else f"{MARGIN:.0%} of the regular price, assumed",
        "earned": {str(method): {f"by_{j}": float(v) for j, v in row.items()} for method, row in means.iterrows()},
        "order": [str(one) for one in means[JUDGES[0]].sort_values(ascending=False, kind="stable").index],
        "lead_of_partial_pooling": {
            str(name): {"least": float(one.min()), "mean": float(one.mean()), "most": float(one.max())}
            for name, one in lead.items()
        },
        "pairs": "first and second half of the weeks, odd and even weeks, each both ways",
    }
