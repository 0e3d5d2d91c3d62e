"""Worlds with everything at once: whatever is combined, no case is lost count of and the same luck is the same year."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.fulfilment.fields import AMOUNT_MADE, BATCHES, CUT, KIND, MADE_CASES, PLACE, PLANNED
from kaopt.fulfilment.world import live_through
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.sites import Lanes, OpeningLots, Plants, Warehouses
from tests import worlds
from tests.fulfilment.helpers import calm, fill, ready

WEEKS, SKUS, ACCOUNTS = 10, 3, 3
some = st.sampled_from


@st.composite
def networks(draw: Any) -> Scenario:
    """Up to three warehouses and two plants, with any policy of production."""
    houses = [f"house {n}" for n in range(draw(st.integers(1, 3)))]
    works = [f"works {n}" for n in range(draw(st.integers(1, 2)))]
    plant = worlds.table(
        Plants,
        len(works),
        plant=works,
        capacity=draw(some([np.inf, 400.0, 150.0])),
        changeover=draw(some([0.0, 25.0])),
        lead_days=draw(some([np.nan, 0.0, 9.0])),
        quarantine=draw(some([0, 3])),
        review_weekday=draw(some([np.nan, 3.0])),
        works=((1, 2, 3, 4, 5),) * len(works),
        yield_mean=draw(some([1.0, 0.9])),
        yield_cv=draw(some([0.0, 0.2])),
        outage=draw(some([0.0, 0.3])),
    )
    network = Network(
        warehouses=worlds.table(Warehouses, len(houses), warehouse=houses, pallets=draw(some([np.nan, 6.0]))),
        plants=plant,
        lanes=worlds.table(Lanes, 1, plant=(works[-1],), warehouse=(houses[-1],), days=draw(some([0, 4]))),
        lots=draw(some([None, worlds.table(OpeningLots, 2, sku=("S1", "S3"), cases=[300.0, 40.0], age=[9, 2])])),
    )
    production = {
        "rule": draw(some(["lot", "sS", "nQ", "plan"])),
        "every_weeks": draw(some([1, 2])),
        "safety": {"rule": draw(some(["weeks", "sigma", "fill"]))},
        "cap_lots": draw(st.booleans()),
        "prebuild_weeks": draw(some([0, 3])),
        "fixed": draw(st.booleans()),
    }
    world = calm(
        ACCOUNTS,
        SKUS,
        WEEKS,
        account_columns={
            "warehouse": [draw(some(houses)) for _ in range(ACCOUNTS)],
            "acceptance_age": draw(some([1.0, 0.5])),
        },
        sku_columns={
            "plant": [draw(some(works)) for _ in range(SKUS)],
            "shelf_life": draw(some([30, 200])),
            "demand_cv": 0.4,
            "lot_multiple": draw(some([0.0, 12.0])),
            "lot_cases": draw(some([0.0, 60.0])),
            "pallet_cases": 40,
        },
        supply={
            "warmup_weeks": 3,
            "position": draw(some(["all", "acceptable", "age_aware"])),
            "freeze_days": 14,
            "production": production,
        },
    )
    return replace(world, network=network)


def batches(year: Year) -> np.ndarray:
    """[P, S] cases under way, batch by batch."""
    total = np.zeros_like(year.goods.coming)
    for batch in year.goods.batch[: year.counters[BATCHES]]:
        total[batch[PLACE], batch[KIND]] += batch[AMOUNT_MADE]
    return total


@settings(deadline=None, max_examples=60)
@given(networks(), st.integers(0, 10**6))
def test_whatever_is_combined_no_case_is_lost_count_of(world: Scenario, replication: int) -> None:
    inputs = ready(world, worlds.plan((0, 0, 5, 2, 0), (1, 2, 4, 1, 0)))
    year, again = (live_through(inputs, replication) for _ in range(2))  # each proves its balance
    assert np.array_equal(batches(year), year.goods.coming) and year.goods.coming.min() >= 0
    assert np.array_equal(year.goods.flow, again.goods.flow) and np.array_equal(year.ledger.value, again.ledger.value)
    assert 0 <= fill(year) <= 1
    ordered, accepted = year.ledger.cases[:, :, 0].sum(), year.ledger.cases[:, :, 1].sum()
    assert ordered == accepted + year.ledger.lost.sum()
    assert year.goods.output[:, [PLANNED, CUT]].min() >= 0 and year.goods.flow[MADE_CASES].min() >= 0
    capacity = year.inputs.terms.plant[:, 4]
    for m, most in enumerate(capacity.tolist()):
        assert most < 0 or year.goods.output[m, PLANNED] <= most * WEEKS
