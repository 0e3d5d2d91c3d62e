"""Events in sampled worlds, computed fast, against the offers of each world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kaopt.eligible import eligible_events
from kaopt.offers import make_offers
from kaopt.response.sample import Sampling, sampled
from kaopt.sampled import totals, values
from kaopt.scenario.settings import Weights
from tests.allocation.strategies import worlds
from tests.worlds import world

HOW = Sampling(3, stratified=True)


@given(worlds(), some.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_as_the_offers_of_each_world(plain, seed) -> None:
    luck, shape = np.random.default_rng(seed), plain.listed.shape
    what = replace(plain.treatments, settled=("sell_in", "sell_out", "sell_in"))
    errors = {"elasticity_se": luck.uniform(0, 1, shape), "display_se": luck.uniform(0, 0.3, shape)}
    errors |= {"price_display": luck.uniform(-1, 1, shape), "price_display_se": luck.uniform(0, 1, shape)}
    if luck.random() < 0.5:  # how effects lie in time and over SKUs is not certain either
        errors |= {"dip_se": luck.uniform(0, 0.3, shape), "cross_se": luck.uniform(0, 0.2, shape)}
    ahead = {"forward_buy": luck.uniform(0, 8, shape), "forward_weeks": luck.integers(0, 4, shape)}
    weights = Weights(account={"A1": 2.0}, brand={"": 0.5})
    aim = plain.objective.model_copy(update={"weights": weights})
    here = replace(plain, response=replace(plain.response, **errors, **ahead), treatments=what, objective=aim)
    events = eligible_events(here)
    table = values(here, events, HOW)
    sums = list(totals(here, events, sampled(here, HOW)))
    assert table.shape == (3, len(events.account))
    for number, response in enumerate(sampled(here, HOW)):
        offers = make_offers(replace(here, response=response))
        for mine, name in (("cases", "incremental_cases"), ("net_revenue",) * 2, ("spend",) * 2, ("contribution",) * 2):
            size = 1e-9 * (1 + np.abs(getattr(offers, name)).max(initial=0))
            np.testing.assert_allclose(getattr(sums[number], mine), getattr(offers, name), rtol=1e-9, atol=size)
        far = np.abs(offers.contribution - here.objective.hurdle * offers.spend) > 1e-5  # not on the edge of credit
        np.testing.assert_allclose(table[number][far], offers.value[far], rtol=1e-9, atol=1e-6)


def test_credit_is_earned_world_by_world() -> None:
    """A cut of 20 % at 50 a case, cost 25: it earns 15 a case sold and gives 10 a case on what would sell anyway."""
    here = world(1, 1, 1, response_columns={"elasticity": -1.5, "elasticity_se": 1.0})
    events = eligible_events(here)
    cut = np.flatnonzero((events.treatment == 0) & (events.weeks == 1))[0]
    table = values(here, events, Sampling(40))[:, cut]
    for response, value in zip(sampled(here, Sampling(40)), table, strict=True):
        sold = 100 * 0.8 ** response.elasticity[0, 0]
        money = 15 * sold - 25 * 100
        assert value == pytest.approx(money * 1e-4 + (sold - 100 if money >= 0 else 0))
    assert 0 < np.sum(table > 1) < 40  # it does in some and does not in others
