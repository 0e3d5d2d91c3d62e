r"""The agreement's rebate follows the tier that the year's sales reach, on everything or on what lies in each tier.

Sales are the account's net sales value of the horizon, after promotions, standing discount and flat rebate, before
these rebates and before fees; or its cases. Rebates are terms, no budget's spend: they cost contribution and are
income of the retailer. A tier is reached or it is not, and no plan can be taken either way: a plan is judged to reach
`T` from 5 tolerances of amounts (`judge.slack`) below it, as rounding may leave it there, while what is offered lies
from 1 tolerance below `T` upwards, or clearly below it (`tiers.CLEAR`: a hundred thousandth of all that promotions can
move; a solver sees no less, and would sell on the threshold without paying). Nothing is offered between, but doing
nothing.

A tier's column z says that the year ends in it (stepped: gets into it), f how far it is filled, as a share of its
width. Tiers end at the most and the least that can be sold (`attainable`), and one beyond has no column. The rows are
the convex hull of sales and rebate: no rows over these columns bound the rebate more tightly.
"""

from __future__ import annotations

from math import fsum
from typing import Literal

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import scope
from kaopt.allocation.tiers import JUDGED, Scale, scales
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.scenario.terms import Rebate
from kaopt.switches import Switches, joined, make_switches

NAME = "rebate"
UNIT = "money"
FORMULA = (
    r"R_a = \sum_j (T_j z_j + b_j f_j), \quad \sum_j z_j = 1, \quad 0 \le f_j \le z_j \in \{0, 1\}, \quad "
    r"\text{rebate} = \sum_j \rho_j (T_j z_j + b_j f_j); \qquad "
    r"\text{stepped: } R_a = L_a + \sum_j b_j f_j, \quad f_j \le z_j \le f_{j-1}, "
    r"\quad \text{rebate} = \sum_j \rho_j b_j f_j"
)


class Settings(RuleSettings):
    """Always holds; the tiers stand in the table `rebates`."""

    hard: Literal[True] = True


def switches(world: Scenario, offers: Offers, settings: Settings) -> Switches:
    """Two for each tier that can be reached: the year ends in it (stepped: gets into it), and how far it fills it."""
    return joined([of_scale(world, settings, one) for one in scales(world, offers)], len(world.treatments.treatment))


def of_scale(world: Scenario, settings: Settings, scale: Scale) -> Switches:
    """The switches of one rebate: z of all tiers, then f of all tiers."""
    tiers, steps = scale.tiers, scale.rebate.kind == "stepped"
    count = len(tiers)
    amounts = ("low", "width", "rate", "start")
    low, width, rate, start = (np.array([getattr(one, name) for one in tiers]) for name in amounts)
    filled = np.clip((scale.base - low) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    inside = (low <= scale.base) & (steps | np.array([scale.base <= one.high for one in tiers]))
    entered = np.arange(count) == 0 if steps else np.full(count, count == 1)  # what cannot be otherwise
    paid = -np.concatenate([np.where(entered, start, 0.0) if steps else start, rate * width])
    name = named(world, scale.rebate)
    return make_switches(
        NAME,
        settings,
        tuple(f"{name} {what}={n}" for what in ("tier", "filled") for n in range(count)),
        account=scale.rebate.account,
        treatments=np.zeros(len(world.treatments.treatment), bool),
        whole=np.repeat([True, False], count),
        low=np.concatenate([entered, np.zeros(count)]),
        nothing=np.concatenate([inside | entered, np.where(inside, filled, 0.0)]),
        contribution=paid,
        retailer=-paid,
    )


def named(world: Scenario, rebate: Rebate) -> str:
    """`account=W rebate=revenue`, `account=W rebate=cases stepped`."""
    return scope(world, rebate.account, rebate=rebate.measure) + (" stepped" if rebate.kind == "stepped" else "")


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """What is sold is what the tiers hold; a tier is filled only where the year ends in it or goes through it."""
    places = len(offers) + offers.switches.own(NAME, settings)
    bodies, scopes, low, high = [sp.csr_matrix((0, offers.columns))], [], [], []
    for scale in scales(world, offers):
        count = len(scale.tiers)
        entered, filled, places = places[:count], places[count : 2 * count], places[2 * count :]
        body, least, most = hull(scale, offers.columns, entered, filled)
        bodies.append(body)
        low.append(least)
        high.append(most)
        scopes += [named(world, scale.rebate)] * len(least)
    none = np.zeros(0)
    return make_rows(
        NAME,
        UNIT,
        tuple(scopes),
        sp.vstack(bodies, format="csr"),
        low=np.concatenate([none, *low]),
        high=np.concatenate([none, *high]),
    )


def hull(scale: Scale, columns: int, entered: Ints, filled: Ints) -> tuple[sp.csr_matrix, Floats, Floats]:
    """Rows of one rebate with their limits: sales, one tier of all (or one after another), filled where entered."""
    tiers, count, steps = scale.tiers, len(scale.tiers), scale.rebate.kind == "stepped"
    sold = sp.lil_matrix((1, columns))
    changing, begun = np.flatnonzero(scale.change), 1 if steps else count
    sold[0, changing] = scale.change[changing]
    sold[0, filled] = np.array([-one.width for one in tiers])
    sold[0, entered[:begun]] = np.array([scale.base - one.low for one in tiers[:begun]])
    only = sp.lil_matrix((count, columns))  # f_j <= z_j
    only[np.arange(count), filled], only[np.arange(count), entered] = 1.0, -1.0
    order = sp.lil_matrix((count - 1 if steps else 1, columns))
    if steps:  # z_j <= f_{j-1}
        order[np.arange(count - 1), entered[1:]], order[np.arange(count - 1), filled[:-1]] = 1.0, -1.0
    else:
        order[0, entered] = 1.0
    body = sp.vstack([sold, only, order], format="csr")
    ordered = np.zeros(count - 1) if steps else np.ones(1)
    high = np.concatenate([np.zeros(1 + count), ordered])
    low = np.concatenate([np.zeros(1), np.full(count, -np.inf), np.full(count - 1, -np.inf) if steps else ordered])
    return body, low, high


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """A plan reaches what it reaches: see `charges`."""
    return ()


def charges(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Charge, ...]:
    """The rebate on what the plan sells."""
    found = []
    for rebate in world.rebates:
        amounts = ledger.net_revenue if rebate.measure == "revenue" else ledger.cases
        money = due(rebate, total(amounts[rebate.account]))
        if money != 0:
            found.append(Charge(NAME, named(world, rebate), rebate.account, contribution=-money, retailer=money))
    return tuple(found)


def due(rebate: Rebate, sold: float) -> float:
    """The rebate in money where so much is sold, in the measure of the rebate."""
    tops = (*rebate.thresholds[1:], max(sold, rebate.thresholds[-1]))
    tiers = list(zip(rebate.rates, rebate.thresholds, tops, strict=True))
    if rebate.kind == "stepped":
        return fsum(rate * max(min(sold, top) - begins, 0.0) for rate, begins, top in tiers)
    reached = [rate for rate, begins, _ in tiers if sold >= begins - JUDGED * slack(begins)]
    return reached[-1] * sold if reached else 0.0
