"""`kaopt why` and runs without a plan, from the command line, on the small world of `test_cli`."""

from __future__ import annotations

import csv
import json

import pytest

from tests.test_cli import corner, kaopt


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    corner(folder / "corner")
    return folder


@pytest.fixture(scope="module")
def run(home):
    shown = kaopt("allocate", "corner", "--out", home / "runs", "--set", "budget.total=9000", "--json", cwd=home)
    assert shown.code == 0
    return home / shown.json["run"]


def events(run):
    with (run / "plan.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_every_event_of_a_run_is_explained(run, home):
    for event in events(run)[:3]:
        shown = kaopt("why", run, event["account"], event["sku"], event["week"], "--json", cwd=home)
        told = shown.json
        assert shown.code == 0
        assert told["chosen"] is True
        assert told["offer"]["treatment"] == event["treatment"]
        assert told["offer"]["spend"] == pytest.approx(float(event["trade_spend"]))
        assert told["cost"] == pytest.approx(float(event["trade_spend"]))
        assert told["value"] - told["cost"] - sum(told["charges"].values()) == pytest.approx(told["total"], abs=1e-6)
        assert told["total"] >= -1.0


def test_the_words_name_the_rule_and_what_is_left(run, home):
    event = events(run)[0]
    shown = kaopt("why", run, event["account"], event["sku"], event["week"], cwd=home)
    assert "in the plan" in shown.out
    assert "trade spend" in shown.out
    other = kaopt("why", run, event["account"], event["sku"], event["week"], "--lang", "zh", cwd=home)
    assert "已入选方案" in other.out


def test_a_scenario_is_explained_by_its_prices_alone(home):
    shown = kaopt("why", "corner", "A", "tea", 2, "--json", cwd=home)
    assert shown.code == 0
    assert shown.json["plan"] is False
    assert "no plan was given" in kaopt("why", "corner", "A", "tea", 2, cwd=home).out


def test_what_does_not_exist_is_a_fault_with_a_suggestion(home):
    shown = kaopt("why", "corner", "A", "teaa", 2, "--json", cwd=home)
    assert shown.code == 2
    (fault,) = shown.json["errors"]
    assert (fault["found"], fault["column"]) == ("teaa", "sku")
    assert "tea" in fault["remedy"]


def test_the_options_of_a_run_hold_in_its_explanation(run, home):
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert "budget.total=9000" in manifest["source"]["overrides"]


def test_a_scenario_that_has_changed_since_is_told(tmp_path):
    corner(tmp_path / "corner")
    made = kaopt("allocate", "corner", "--json", cwd=tmp_path).json["run"]
    table = tmp_path / "corner" / "tables" / "skus.csv"
    table.write_text(table.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    shown = kaopt("why", made, "A", "tea", 2, "--json", cwd=tmp_path)
    assert shown.code == 2
    assert shown.json["errors"][0]["found"] == "tables/skus.csv"
    (tmp_path / "corner").rename(tmp_path / "moved")
    assert kaopt("why", made, "A", "tea", 2, "--json", cwd=tmp_path).code == 2


def test_a_table_of_prices_lies_in_the_run(run):
    with (run / "constraints.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {"rule", "scope", "used", "limit", "slack", "unit", "price", "price_money", "price_down", "price_up"} <= set(
        rows[0]
    )
    (budget,) = [row for row in rows if row["rule"] == "budget" and row["scope"] == "total"]
    assert float(budget["price"]) >= 0
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "What 100 of spend buys" in page


def test_a_run_without_a_plan_leaves_a_report_with_its_ways_out(tmp_path):
    corner(tmp_path / "corner")
    asked = ("allocate", "corner", "--set", "rules.promotion_count.min=9", "--set", "budget.total=100", "--json")
    shown = kaopt(*asked, cwd=tmp_path)
    assert shown.code == 3
    assert shown.json["conflicts"]
    (first, *_) = shown.json["repairs"]
    assert {"rule", "scope", "from", "to", "unit"} == set(first["changes"][0])
    (folder,) = (tmp_path / "runs").iterdir()
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["exit_code"]) == ("infeasible", 3)
    assert json.loads((folder / "conflicts.json").read_text(encoding="utf-8")) == shown.json
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "The rules cannot all hold." in page
    assert "这些要求不能同时满足" in page
    assert page.count("<tr>") == sum(1 + len(one["changes"]) for one in shown.json["repairs"])
    assert str(folder.name) in shown.err
