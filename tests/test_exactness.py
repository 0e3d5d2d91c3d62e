"""What the optimiser adds up is what the year will be: random plans on random worlds with every effect at once.

The offer table holds each event alone; `live` simulates the whole plan week by week from the scenario's primitives.
They share no code. Where no cell is touched by two events, they must give the same to the last digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.meetings import meetings_of
from kaopt.allocation.rules import overlap, with_switches
from kaopt.demand import Demand, Event, live, touches
from kaopt.offers import Offers, make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective
from tests.allocation.brute import plan_of
from tests.worlds import world

AMOUNTS = ("cases", "sell_out", "spend", "discount", "fees", "gifts", "net_revenue", "contribution")
RETAIL = ("retail_sales", "retailer")
PLANS_A_WORLD = 5
PAIRS = {"overlap": (overlap.Settings(mode="pairs"),)}


def rich(seed: int) -> Scenario:
    """Fatigue, dips of several weeks, mates, forward buying, pass-through, gifts, lump sums, both settlements, tax."""
    luck = np.random.default_rng(seed)
    accounts, skus, weeks = int(luck.integers(1, 3)), int(luck.integers(1, 5)), int(luck.integers(6, 15))
    shape = (accounts, skus)
    listed = luck.random(shape) < 0.9
    price = luck.uniform(30, 120, (*shape, weeks))
    price[luck.random(price.shape) < 0.03] = np.nan
    aim = str(luck.choice(["profitable_volume", "profit", "value"]))
    return world(
        accounts,
        skus,
        weeks,
        listed=listed,
        base_cases=luck.uniform(5, 300, (*shape, weeks)) * listed[:, :, None],
        base_price=price,
        objective=Objective(maximize=aim, hurdle=float(luck.choice([0.0, 0.3])), tie=1e-3),
        account_columns={
            "on_invoice": luck.uniform(0, 0.1, accounts),
            "rebate": luck.uniform(0, 0.05, accounts),
            "logistics": luck.uniform(0, 2, accounts),
            "vat": luck.choice([0.0, 0.13], accounts),
        },
        sku_columns={
            "cluster": luck.choice(["", "c", "d"], skus).tolist(),
            "list_price": luck.uniform(20, 80, skus),
            "unit_cost": luck.uniform(5, 30, skus),
        },
        treatment_columns={
            "treatment": ["cut", "display", "gift"],
            "family": ["price", "display", "gift"],
            "depth": luck.uniform(0.05, 0.4, 3) * [1, 0, 0.5],
            "pass_through": luck.uniform(0.5, 1.2, 3),
            "display": [0.0, 1.0, 0.5],
            "feature": [0.3, 0.0, 0.0],
            "gift": [0.0, 0.0, 1.0],
            "slots": [0, 1, 1],
            "weekly_cost": luck.uniform(0, 300, 3),
            "fixed_cost": luck.uniform(0, 300, 3),
            "unit_cost": luck.uniform(0, 3, 3),
            "settled": luck.choice(["sell_in", "sell_out"], 3).tolist(),
            "lengths": [(1, 3), (1,), (2,)],
        },
        response_columns={
            "elasticity": luck.uniform(-4, -1, shape),
            "display": luck.uniform(0, 1, shape),
            "feature": luck.uniform(0, 0.5, shape),
            "gift": luck.uniform(0, 0.5, shape),
            "fatigue": luck.uniform(0, 0.5, shape),
            "dip": luck.uniform(0, 0.6, shape),
            "dip_weeks": luck.integers(0, 4, shape),
            "cross": luck.uniform(0, 0.4, shape),
            "forward_buy": luck.uniform(0, 8, shape),  # so much that some weeks have no orders left to give back
            "forward_weeks": luck.integers(0, 4, shape),
        },
    )


def event_of(offers: Offers, o: int) -> Event:
    return Event(*(int(getattr(offers, n)[o]) for n in ("account", "sku", "week", "weeks", "treatment")))


def untouching(here: Scenario, offers: Offers, luck: np.random.Generator, times: int = 1) -> list[int]:
    """Random offers of which no cell is touched by more than `times`, none running beside another of its SKU."""
    touched, running, chosen = np.zeros(here.shape, int), np.zeros(here.shape, bool), []
    for o in luck.permutation(len(offers)):
        event = event_of(offers, o)
        cells = tuple(np.array([(event.account, t.sku, t.week) for t in touches(here, event)]).T)
        own = (event.account, event.sku, slice(event.week, event.week + event.weeks))
        if (touched[cells] < times).all() and not running[own].any():
            touched[cells] += 1
            running[own] = True
            chosen.append(int(o))
    return sorted(chosen[: int(luck.integers(1, len(chosen) + 1))]) if chosen else []


def plans(seeds: range) -> Iterator[tuple[Scenario, Offers, list[int]]]:
    for seed in seeds:
        here, luck = rich(seed), np.random.default_rng((seed, 1))
        offers = make_offers(here)
        for _ in range(PLANS_A_WORLD):
            yield here, offers, untouching(here, offers, luck)


def meeting_in_twos(seeds: range) -> Iterator[tuple[Scenario, Offers, list[int]]]:
    """Worlds that value pairs as they meet, and plans of which no cell is touched by three."""
    for seed in seeds:
        here, luck = replace(rich(seed), rules=PAIRS), np.random.default_rng((seed, 2))
        offers = with_switches(here, make_offers(here))
        for _ in range(PLANS_A_WORLD):
            yield here, offers, untouching(here, offers, luck, times=2)


def chosen_as(offers: Offers, chosen: list[int]) -> Plan:
    return plan_of(offers, np.isin(np.arange(len(offers)), chosen))


def table(offers: Offers, chosen: list[int], name: str, shape: tuple[int, int, int]) -> np.ndarray:
    """[A, S, W] an amount of the chosen offers, added up."""
    effects, total = offers.effects, np.zeros(shape)
    mine = np.flatnonzero(np.isin(effects.offer, chosen))
    where = (offers.account[effects.offer[mine]], effects.sku[mine], effects.week[mine])
    np.add.at(total, where, getattr(effects, name)[mine])
    return total


def gain(year: Demand, idle: Demand, name: str) -> np.ndarray:
    found: np.ndarray = getattr(year, name) - getattr(idle, name)
    return found


def check(here: Scenario, offers: Offers, chosen: list[int]) -> None:
    plan = chosen_as(offers, chosen)
    year, idle = live(here, plan), live(here, Plan.nothing())
    for name in (*AMOUNTS, *RETAIL):
        added, lived = table(offers, chosen, name, here.shape), gain(year, idle, name)
        size = float(np.abs(lived).sum() + np.abs(getattr(idle, name)).max())
        assert added == pytest.approx(lived, rel=1e-9, abs=1e-12 * size), name
        assert added.sum() == pytest.approx(lived.sum(), rel=1e-9, abs=1e-12 * size), name
    judged = evaluate(here, plan)
    for name in ("cases", "sell_out", "net_revenue", "contribution", *RETAIL):
        mine = getattr(judged.ledger, name)
        assert mine == pytest.approx(getattr(year, name), rel=1e-9, abs=1e-8), name
    retailer = float(table(offers, chosen, "retailer", here.shape).sum())
    assert judged.ledger.event_retailer.sum() == pytest.approx(retailer, rel=1e-9, abs=1e-8)
    value = float(offers.value[chosen].sum())
    size = float(np.abs(offers.value[chosen]).sum()) + 1e-9
    assert judged.objective == pytest.approx(value, rel=1e-9, abs=1e-11 * size)
    assert judged.realised_objective == pytest.approx(value, rel=1e-9, abs=1e-11 * size)


def seen(seeds: range) -> int:
    count = 0
    for here, offers, chosen in plans(seeds):
        check(here, offers, chosen)
        strict = replace(here, rules={"overlap": (overlap.Settings(),)})
        assert not {b.rule for b in evaluate(strict, chosen_as(offers, chosen)).breaches} & {"overlap"}
        count += 1
    return count


def test_every_effect_is_at_work_in_these_plans() -> None:
    """Else the equality would prove little: shares of 200 plans in which each mechanism changes something."""
    at_work: dict[str, list[bool]] = {}
    for here, offers, chosen in plans(range(40)):
        effects, plan = offers.effects, chosen_as(offers, chosen)
        year, mine = live(here, plan), np.isin(offers.effects.offer, chosen)
        own = effects.sku == offers.sku[effects.offer]
        late = own & (effects.week >= (offers.week + offers.weeks)[effects.offer])
        ahead = effects.cases - effects.sell_out
        dry = (year.cases == 0) & (year.sell_out > 0)
        scanned = {k for k, how in enumerate(here.treatments.settled) if how == "sell_out"}
        k = np.unique(offers.treatment[chosen]).tolist()
        for name, works in {
            "dip of several weeks": np.bincount(effects.offer[mine & late & (effects.sell_out < 0)]).max(initial=0) > 1,
            "mates": bool((mine & ~own & (effects.cases < 0)).any()),
            "bought ahead": bool((mine & (ahead > 1)).any()),
            "orders down to nothing": bool(dry.any()),
            "gifts": bool(year.gifts.any()),
            "fees": bool(year.fees.any()),
            "scan-back": bool(scanned & {x for x in k if here.treatments.depth[x] > 0}),
            "several weeks": bool((offers.weeks[chosen] > 1).any()),
            "price not known": bool(np.isnan(here.base_price[year.cases != live(here, Plan.nothing()).cases]).any()),
        }.items():
            at_work.setdefault(name, []).append(works)
    assert {name: sum(one) for name, one in at_work.items() if sum(one) < 20} == {}


@pytest.mark.thorough
def test_the_sum_of_offers_is_the_joint_year_where_no_cell_is_touched_twice() -> None:
    assert seen(range(40)) == 200


@pytest.mark.thorough
def test_so_it_is_on_a_thousand_plans() -> None:
    assert seen(range(40, 200)) == 800


def residual(here: Scenario, offers: Offers, chosen: list[int], name: str) -> float:
    """What the chosen pairs bring together beyond the sum of all offers alone, by the model's columns."""
    met = meetings_of(here, offers)
    both = np.isin(met.first, chosen) & np.isin(met.second, chosen)
    source = offers.switches if name in ("value", "credit") else met
    return float(getattr(source, name)[both].sum())


def check_pairs(here: Scenario, offers: Offers, chosen: list[int]) -> bool:
    """The offers and their pairs are the joint year; returns whether any met."""
    plan = chosen_as(offers, chosen)
    year, idle, judged = live(here, plan), live(here, Plan.nothing()), evaluate(here, plan)
    for name in ("cases", "spend", "net_revenue", "contribution", "retailer"):
        added = table(offers, chosen, name, here.shape).sum() + residual(here, offers, chosen, name)
        lived = gain(year, idle, name)
        assert added == pytest.approx(lived.sum(), rel=1e-9, abs=1e-11 * float(np.abs(lived).sum() + 1e4)), name
    value = float(offers.value[chosen].sum()) + residual(here, offers, chosen, "value")
    size = float(np.abs(offers.value[chosen]).sum()) + 1.0
    assert judged.objective == pytest.approx(value, rel=1e-9, abs=1e-9 * size)
    if here.objective.maximize == "profit":
        assert judged.realised_objective == pytest.approx(value, rel=1e-9, abs=1e-9 * size)
    return residual(here, offers, chosen, "cases") != 0


@pytest.mark.thorough
def test_offers_and_pairs_are_the_joint_year_where_only_pairs_meet() -> None:
    met = [check_pairs(*one) for one in meeting_in_twos(range(12))]
    assert len(met) == 60 and sum(met) > 36


@pytest.mark.thorough
def test_so_it_is_on_a_thousand_plans_with_pairs() -> None:
    met = [check_pairs(*one) for one in meeting_in_twos(range(12, 212))]
    assert len(met) == 1000 and sum(met) > 600
