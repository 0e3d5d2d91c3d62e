"""The tables of a run folder: columns of the contract, exact figures, the same bytes twice."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kaopt.demand import live
from kaopt.effects import Details, Effects
from kaopt.offers import Offers
from kaopt.plan import Plan
from kaopt.report import tables
from kaopt.scenario.columns import columns_of
from kaopt.scenario.model import Scenario
from kaopt.scenario.tables import PlanTable
from kaopt.scorecard import score
from kaopt.service import FINE_CAUSES
from tests import worlds
from tests.report import samples

COLUMNS = (
    "account,sku,week,weeks,treatment,base_cases,cases,incremental_cases,net_revenue,trade_spend,contribution,reason"
)
PLAN = ((1, 1, 3, 1, 1), (0, 1, 4, 1, 1), (0, 0, 1, 2, 0))  # not in order


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def world() -> Scenario:
    return worlds.world(response_columns={"dip": 0.3, "dip_weeks": 2})


def test_plan_csv_has_the_contracts_columns_and_a_bom(world: Scenario) -> None:
    content = tables.plan_csv(world, samples.ledger(world, worlds.plan(*PLAN)))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[0] == COLUMNS


def test_every_column_that_a_plan_file_needs_is_there() -> None:
    needed = {name for name, column in columns_of(PlanTable)}
    assert needed <= set(COLUMNS.split(","))


def test_events_are_sorted_and_weeks_start_at_one(world: Scenario) -> None:
    rows = read(tables.plan_csv(world, samples.ledger(world, worlds.plan(*PLAN))))
    assert [(r["account"], r["sku"], r["week"], r["weeks"], r["treatment"]) for r in rows] == [
        ("A1", "S1", "2", "2", "cut20"),
        ("A1", "S2", "5", "1", "display"),
        ("A2", "S2", "4", "1", "display"),
    ]


def test_figures_are_of_each_event_alone_and_exact(world: Scenario) -> None:
    rows = read(tables.plan_csv(world, samples.ledger(world, worlds.plan(*PLAN))))
    alone, idle = live(world, worlds.plan((0, 0, 1, 2, 0))), live(world, Plan.nothing())
    first = {name: float(rows[0][name]) for name in COLUMNS.split(",")[5:-1]}
    assert first["base_cases"] == 200.0
    assert first["cases"] == float(alone.cases[0, 0, 1:3].sum())
    assert first["incremental_cases"] == float((alone.cases - idle.cases).sum())  # the dip is off
    assert first["incremental_cases"] < first["cases"] - first["base_cases"]
    assert first["trade_spend"] == float(alone.spend.sum())
    assert first["net_revenue"] == float((alone.net_revenue - idle.net_revenue).sum())
    assert first["contribution"] == float((alone.contribution - idle.contribution).sum())


def test_the_order_of_the_plan_does_not_change_a_byte(world: Scenario) -> None:
    one = tables.plan_csv(world, samples.ledger(world, worlds.plan(*PLAN)))
    other = tables.plan_csv(world, samples.ledger(world, worlds.plan(*reversed(PLAN))))
    assert one == other


def test_reasons_travel_with_their_events(world: Scenario) -> None:
    plan = replace(worlds.plan(*PLAN), reason=("third", 'second, "quoted"', "first"))
    rows = read(tables.plan_csv(world, samples.ledger(world, plan)))
    assert [row["reason"] for row in rows] == ["first", 'second, "quoted"', "third"]


def test_a_plan_without_events_is_its_heading(world: Scenario) -> None:
    assert read(tables.plan_csv(world, samples.ledger(world, Plan.nothing()))) == []


def test_weeks_hold_the_whole_plan_together(world: Scenario) -> None:
    plan = worlds.plan((0, 0, 1, 2, 0), (0, 0, 4, 1, 1))  # the second falls into the dip of the first
    book = samples.ledger(world, plan)
    frame = tables.weekly_frame(world, book)
    assert len(frame) == 2 * 2 * 8
    assert frame["cases"].sum() == pytest.approx(book.realised.cases.sum())
    assert frame["cases"].sum() != pytest.approx(book.cases.sum(), rel=1e-9)
    first = frame[(frame.account == "A1") & (frame.sku == "S1")]
    assert first["week"].tolist() == list(range(1, 9))
    assert first["treatment"].tolist() == ["", "cut20", "cut20", "", "display", "", "", ""]
    for column, figure in (("net_revenue", "net_revenue"), ("trade_spend", "spend"), ("contribution", "contribution")):
        assert frame[column].sum() == pytest.approx(getattr(book.realised, figure).sum())


def test_weeks_leave_out_what_an_account_does_not_sell() -> None:
    listed = np.array([[True, False], [True, True]])
    base = np.where(listed[:, :, None], 100.0, 0.0) * np.ones(8)
    world = worlds.world(listed=listed, base_cases=base)
    frame = tables.weekly_frame(world, samples.ledger(world, Plan.nothing()))
    assert set(zip(frame.account, frame.sku, strict=True)) == {("A1", "S1"), ("A2", "S1"), ("A2", "S2")}


def test_service_adds_up_to_what_was_ordered(world: Scenario) -> None:
    service = samples.service(world, worlds.plan(*PLAN))
    frame = tables.service_frame(world, service)
    assert len(frame) == 2 * 8 * (1 + len(FINE_CAUSES))
    ordered = service.ordered_value.mean(axis=0)
    sums = frame.groupby(["account", "week"])["value"].sum().to_numpy().reshape(2, 8)
    assert sums == pytest.approx(ordered)
    late = frame[frame.cause == "late_dock"]
    assert set(late.group) == {"late"}
    assert late["value"].sum() == pytest.approx(
        service.lost_value.mean(axis=0)[..., FINE_CAUSES.index("late_dock")].sum()
    )


def test_offers_are_named(world: Scenario) -> None:
    one, none = np.array([1]), np.zeros(0)
    whole = np.zeros(0, dtype=np.int64)
    effects = Effects(np.array([0, 0]), whole, whole, whole, *[none] * 6, lambda: Details(*[none] * 5))
    offers = Offers(one, one, one, one, one * 0, *(np.array([float(i)]) for i in range(8)), effects)
    frame = tables.offers_frame(world, offers)
    assert frame.iloc[0][["account", "sku", "week", "weeks", "treatment"]].tolist() == ["A2", "S2", 2, 1, "cut20"]
    assert frame.iloc[0]["value"] == 7.0
    assert "effects" not in frame


def test_scorecard_table_says_the_same_as_its_json(world: Scenario) -> None:
    plan = worlds.plan(*PLAN)
    card = score(world, plan, samples.service(world, plan))
    frame = tables.scorecard_frame(card).set_index(["scope", "kpi", "figure"])
    content = card.as_dict()
    fill = content["total"]["fill_rate"]["value"]
    line = frame.loc[("total", "fill_rate", "value")]
    assert (line["value"], line["low"], line["high"]) == (fill["mean"], fill["low"], fill["high"])
    planned = frame.loc[("A2", "sales", "planned.net_revenue")]
    assert planned["value"] == content["accounts"]["A2"]["sales"]["planned"]["net_revenue"]
    assert frame.loc[("total", "share", "planned.category_share")]["note"].startswith("no category revenue")
    assert frame.loc[("total", "profit", "bridge.write_offs")]["value"] == card.total.profit.bridge[-2][1]
    assert set(frame.index.get_level_values("scope")) == {"total", "A1", "A2"}


def test_scorecard_table_carries_target_and_verdict() -> None:
    world = worlds.world(account_columns={"sales_target": 1e9})
    frame = tables.scorecard_frame(score(world, Plan.nothing())).set_index(["scope", "kpi", "figure"])
    line = frame.loc[("A1", "sales", "planned.net_revenue")]
    assert (line["target"], line["met"]) == (1e9, False)
    assert pd.isna(frame.loc[("A1", "profit", "planned.contribution")]["target"])


def test_certificate_is_the_contracts(world: Scenario) -> None:
    result = samples.run(world, worlds.plan(*PLAN))
    assert result.certificate is not None
    content = tables.certificate_dict(replace(result.certificate, breaches=(samples.BREACH,), claimed_gap=None))
    keys = "objective bound gap claimed_gap realised_objective breaches status solver seconds variables"
    assert set(keys.split()) <= set(content)
    assert content["breaches"][0]["rule"] == "budget"
    assert content["claimed_gap"] is None
