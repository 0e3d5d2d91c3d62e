"""The range of planned figures: by hand, against living a plan through in sampled worlds, and where it stands."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from kaopt.demand import live
from kaopt.report.tables import scorecard_frame
from kaopt.response.sample import Sampling, sampled
from kaopt.scenario.terms import Rebate
from kaopt.scorecard import score
from kaopt.scorecard.money import year_of
from kaopt.scorecard.unsure import WORLDS, spread_of
from tests import worlds

PLAN = ((0, 0, 1, 2, 0), (0, 1, 5, 1, 1), (1, 1, 3, 1, 1))
UNSURE = {"elasticity_se": 0.4, "display_se": 0.15, "dip": 0.3, "dip_weeks": 1}


def unsure(**changes):
    return worlds.world(2, 2, 8, response_columns=UNSURE, **changes)


def test_one_event_by_hand() -> None:
    """A cut of 20 % for one week on 100 cases at 50: sales 100 x .8^e at 40 net instead of 100 at 50."""
    here = worlds.world(1, 1, 4, response_columns={"elasticity": -2.5, "elasticity_se": 0.4})
    sales = score(here, worlds.plan((0, 0, 1, 1, 0))).total.sales
    for figure, level in ((sales.ranges["net_revenue"].low, 0.025), (sales.ranges["net_revenue"].high, 0.975)):
        steep = -2.5 - 0.4 * norm.ppf(level)  # more elastic, more sales
        assert figure == pytest.approx(300 * 50 + 100 * 0.8**steep * 40, rel=0.01)
    assert sales.ranges["net_revenue"].mean == sales.at("planned", "net_revenue")


def test_the_same_as_living_every_world_through() -> None:
    here, plan = unsure(), worlds.plan(*PLAN)
    year, _ = year_of(here, plan)
    found = spread_of(here, plan, year)
    how = Sampling(WORLDS, 7, "score", stratified=True)
    for number, response in enumerate(sampled(here, how)):
        if number % 40 == 0:
            there, _ = year_of(replace(here, response=response), plan)
            np.testing.assert_allclose(found.net_revenue[number], there.net_revenue - year.net_revenue, atol=1e-7)
            np.testing.assert_allclose(found.contribution[number], there.contribution - year.contribution, atol=1e-7)
            np.testing.assert_allclose(found.cases[number], there.extra_cases - year.extra_cases, atol=1e-7)
    assert np.abs(found.cases).min() > 0


def test_a_rebate_by_tier_takes_its_part_of_what_is_sold_more() -> None:
    plan = worlds.plan(*PLAN)
    bare = unsure()
    sold = float(live(bare, plan).net_revenue[0].sum())
    tiers = Rebate(account=0, measure="revenue", kind="all_unit", thresholds=(sold,), rates=(0.1,))
    here = replace(bare, rebates=(tiers,))
    year, _ = year_of(here, plan)
    with_rebate, without = spread_of(here, plan, year), spread_of(bare, plan, year_of(bare, plan)[0])
    net = with_rebate.net_revenue[:, 0]
    paid = without.contribution[:, 0] - with_rebate.contribution[:, 0]
    due = np.where(net >= 0, 0.1 * (sold + net), 0.0)  # just on the tier as planned
    np.testing.assert_allclose(paid, due - 0.1 * sold, atol=1e-6)
    assert 0 < np.sum(net < 0) < WORLDS


def test_ranges_stand_beside_the_contracts_figures() -> None:
    card = score(unsure(), worlds.plan(*PLAN))
    content = json.loads(json.dumps(card.as_dict(), allow_nan=False))
    total = content["total"]
    assert content["response"] == {"worlds": WORLDS, "confidence": 0.95}
    assert set(total["sales"]["range"]) == {"net_revenue"}
    assert set(total["share"]["range"]) == {"growth", "growth_index"}
    assert set(total["profit"]["range"]) == {"contribution", "incremental_contribution", "incremental_cases"}
    for kpi in ("sales", "share", "profit"):
        for name, one in total[kpi]["range"].items():
            planned = total[kpi]["planned"][name]
            assert isinstance(planned, float) and one["low"] < planned < one["high"]
    share, net = total["share"]["range"], total["sales"]["range"]["net_revenue"]
    assert share["growth"]["low"] == pytest.approx(net["low"] / 100_000 - 1)
    assert share["growth_index"]["high"] == pytest.approx(net["high"] / 102_000)
    apart = [card.accounts[name].sales.ranges["net_revenue"] for name in ("A1", "A2")]
    width = net["high"] - net["low"]
    assert max(one.high - one.low for one in apart) < width < sum(one.high - one.low for one in apart)
    frame = scorecard_frame(card).set_index(["scope", "figure"])
    assert frame.loc[("total", "planned.net_revenue"), "low"] == net["low"]
    assert "±" in card.text().splitlines()[1]


def test_without_standard_errors_there_is_no_range() -> None:
    card = score(worlds.world(2, 2, 8), worlds.plan(*PLAN))
    assert card.worlds == 0 and "response" not in card.as_dict()
    assert all("range" not in kpi.as_dict() for kpi in card.total.kpis)
    assert "±" not in card.text()


def test_a_plan_without_events_is_certain() -> None:
    card = score(unsure(), worlds.plan())
    net = card.total.sales.ranges["net_revenue"]
    assert net.low == net.mean == net.high


def test_errors_in_common_make_the_total_wider() -> None:
    from kaopt.scenario.risk_settings import Risk

    def width(common):
        one = score(replace(unsure(), risk=Risk(common=common)), worlds.plan(*PLAN)).total.sales.ranges["net_revenue"]
        return one.high - one.low

    assert width(0.9) > 1.1 * width(0.0)
