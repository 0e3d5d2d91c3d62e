"""The bundled worlds: complete, as large as they say, rebuilt byte for byte, feasible by construction."""

from __future__ import annotations

import csv
import filecmp
import subprocess
import sys
from collections import Counter
from math import inf
from pathlib import Path

import numpy as np
import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rules import rule_settings
from kaopt.demand import live
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.load import load

SCENARIOS = Path(__file__).parents[1] / "scenarios"
BEVERAGE, CHEESE = SCENARIOS / "beverage", SCENARIOS / "cheese"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def weeks(text: str) -> set[int]:
    """`4-6|12`, empty for all."""
    parts = [part.partition("-") for part in text.split("|") if part]
    return {week for low, _, high in parts for week in range(int(low), int(high or low) + 1)} or set(range(1, 53))


def plan_from(world, path: Path) -> Plan:
    names = [(r["account"], r["sku"], int(r["week"]), int(r["weeks"]), r["treatment"]) for r in rows(path)]
    accounts, skus, kinds = (
        {one: at for at, one in enumerate(ids)}
        for ids in (world.accounts.account, world.skus.sku, world.treatments.treatment)
    )
    events = [(accounts[a], skus[s], week - 1, length, kinds[k]) for a, s, week, length, k in names]
    return Plan(*np.array(events, dtype=np.int64).T)


def read(folder: Path):
    return load(folder, rule_settings=rule_settings())


@pytest.fixture(scope="module")
def beverage():
    return read(BEVERAGE)


@pytest.fixture(scope="module")
def cheese():
    return read(CHEESE)


def rebuilt(script: Path, folder: Path) -> None:
    subprocess.run([sys.executable, str(script), str(folder)], check=True, timeout=120)


def eligible_events() -> Counter[str]:
    """Listed, open in every active week, notice long enough: counted from the files alone, by account."""
    tables = {
        name: rows(BEVERAGE / "tables" / f"{name}.csv") for name in ("accounts", "base", "mechanics", "eligibility")
    }
    assert all(rule["allowed"] == "no" for rule in tables["eligibility"])
    notice = {one["account"]: int(one["notice_days"]) for one in tables["accounts"]}
    closed: dict[tuple[str, str, str], set[int]] = {}
    for rule in tables["eligibility"]:
        closed.setdefault((rule["account"], rule["sku"], rule["treatment"]), set()).update(weeks(rule["weeks"]))
    found: Counter[str] = Counter()
    for listed in tables["base"]:
        account, sku = listed["account"], listed["sku"]
        for what in tables["mechanics"]:
            if int(what["lead_time"]) > notice[account]:
                continue
            named = [(a, s, k) for a in (account, "*") for s in (sku, "*") for k in (what["treatment"], "*")]
            shut = set().union(*(closed.get(name, set()) for name in named))
            for length in map(int, what["lengths"].split("|")):
                for first in range(1, 52 - length + 2):
                    found[account] += not shut & set(range(first, first + length))
    return found


def test_beverage_has_more_than_100_000_eligible_events(beverage):
    counted = eligible_events()
    assert sum(counted.values()) >= 100_000
    assert f"**{sum(counted.values()):,}".replace(",", " ") in (BEVERAGE / "README.md").read_text(encoding="utf-8")
    offers = make_offers(beverage)
    forbidden = [lock for lock in beverage.locks if lock.kind == "forbidden"]
    assert 100_000 <= len(offers) <= sum(counted.values())
    assert sum(counted.values()) - len(offers) < 100 * len(forbidden)  # only excluded weeks are missing


def test_beverage_is_what_its_page_says(beverage):
    assert beverage.shape == (12, 40, 52) and beverage.currency == "CNY"
    assert beverage.listed.sum() == 359 and beverage.skus.high_margin.sum() == 16
    notice = beverage.accounts.notice_days
    assert [(notice < 21).sum(), ((notice >= 21) & (notice < 45)).sum(), (notice >= 45).sum()] == [4, 2, 6]
    assert all(beverage.accounts.name_zh) and all(beverage.skus.name_zh) and all(beverage.treatments.name_zh)
    assert set(np.round(beverage.accounts.acceptance_age, 3)) == {0.333, 0.5, 0.667}
    assert {lock.kind for lock in beverage.locks} == {"must", "forbidden", "committed"}


def test_accounts_that_agree_late_can_only_have_price_cuts(beverage):
    offers = make_offers(beverage)
    late = (beverage.accounts.notice_days < 21)[offers.account]
    family = np.array(beverage.treatments.family)
    assert set(family[offers.treatment[late]]) == {"price"}
    early = (beverage.accounts.notice_days >= 45)[offers.account]
    assert set(family[offers.treatment[early]]) == {"price", "display", "feature", "gift"}


@pytest.mark.thorough
def test_beverage_is_the_same_bytes_again(tmp_path):
    rebuilt(BEVERAGE / "build.py", tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.csv"))
    kept = sorted(path.relative_to(BEVERAGE) for path in BEVERAGE.rglob("*.csv"))
    assert made == kept and len(kept) == 11
    assert [p for p in kept if not filecmp.cmp(tmp_path / p, BEVERAGE / p, shallow=False)] == []


def test_beverage_reference_keeps_every_rule_and_does_not_keep_them_easily(beverage):
    reference = evaluate(beverage, plan_from(beverage, BEVERAGE / "plans" / "reference.csv"))
    assert reference.breaches == ()
    nothing = {breach.rule for breach in evaluate(beverage, Plan.nothing()).breaches}
    habit = {
        breach.rule for breach in evaluate(beverage, plan_from(beverage, BEVERAGE / "plans" / "habit.csv")).breaches
    }
    assert {"market_share", "sales_target", "margin_mix", "promotion_count", "locks"} <= nothing & habit
    assert {"budget", "profit_floor"} <= habit


def test_habit_leaves_about_seventy_percent_of_accounts_without_profit(beverage):
    habit = plan_from(beverage, BEVERAGE / "plans" / "habit.csv")
    reference = plan_from(beverage, BEVERAGE / "plans" / "reference.csv")
    nothing, usual, better = (live(beverage, plan) for plan in (Plan.nothing(), habit, reference))
    profit = usual.contribution.sum((1, 2)) - beverage.accounts.contract_fee
    assert (profit < 0).sum() == 8
    assert usual.contribution.sum() < nothing.contribution.sum() < better.contribution.sum()
    assert better.spend.sum() < 0.75 * usual.spend.sum()
    held = better.net_revenue.sum((1, 2)) / usual.net_revenue.sum((1, 2))
    assert held.min() > 0.99  # a quarter less money, and no account's sales given away
    assert ((better.contribution.sum((1, 2)) - beverage.accounts.contract_fee) < 0).sum() < 8


def test_slow_skus_come_in_lots_that_outlive_the_strictest_acceptance(beverage):
    """A lot's cover eats most of the days that the strictest account accepts, for the short-lived small SKUs all."""
    accepted = beverage.accounts.acceptance_age.min() * beverage.skus.shelf_life
    cover = 7 * beverage.skus.lot_cover_weeks
    slow = beverage.skus.lot_cover_weeks >= 12
    assert slow.sum() == 14
    assert (cover[slow] > 0.65 * accepted[slow]).all() and (cover[slow] > accepted[slow]).any()
    assert (cover[~slow] < 0.25 * accepted[~slow]).all()


@pytest.mark.parametrize("folder", [BEVERAGE, CHEESE])
def test_base_and_response_are_complete(folder):
    world = read(folder)
    assert (world.base_cases[world.listed] > 0).all() and not world.base_cases[~world.listed].any()
    assert world.listed.any(axis=0).all() and world.listed.any(axis=1).all()
    assert np.isfinite(world.base_price).all() and (world.margin_per_case > 0).all()
    assert (world.response.elasticity[world.listed] <= 0).all()
    assert world.response.elasticity[world.listed].mean() < -1
    assert world.assumptions and world.name.en and world.name.zh
    assert any(line.high < inf for line in world.budget)


def test_cheese_has_real_accounts_and_a_size_for_the_demo(cheese):
    assert cheese.shape == (88, 1, 52) and cheese.currency == "USD"
    levels = {one["account"]: one for one in rows(SCENARIOS.parent / "models" / "response" / "cheese" / "levels.csv")}
    assert set(levels) == set(cheese.accounts.account)
    for a, account in enumerate(cheese.accounts.account):
        units = float(levels[account]["mean_units"])
        assert cheese.base_cases[a, 0] == pytest.approx(np.full(52, units / 12), abs=0.00501)
        assert cheese.base_price[a, 0, 0] == pytest.approx(12 * float(levels[account]["regular_price"]), abs=0.00501)
    assert 20_000 <= len(make_offers(cheese)) <= 60_000


def test_cheese_takes_its_responses_from_the_model(cheese):
    model = {}
    for one in rows(SCENARIOS.parent / "models" / "response" / "cheese" / "coefficients.csv"):
        model[one["account"], one["term"]] = float(one["value"])
    for a, account in enumerate(cheese.accounts.account):
        assert cheese.response.elasticity[a, 0] == pytest.approx(model[account, "elasticity"])
        assert cheese.response.display[a, 0] == pytest.approx(model[account, "display"])


def test_cheese_tables_follow_from_the_model_again(tmp_path):
    rebuilt(CHEESE / "build.py", tmp_path)
    for name in ("accounts.csv", "base.csv"):
        assert (tmp_path / name).read_bytes() == (CHEESE / "tables" / name).read_bytes()


def test_cheese_last_years_habit_keeps_every_rule(cheese):
    """Eight two-week cuts of 15 %: feasible, so whatever the solver finds has to beat it."""
    cut = cheese.treatments.treatment.index("cut15")
    starts = (2, 8, 15, 21, 28, 34, 41, 47)
    events = [(a, 0, week, 2, cut) for a in range(88) for week in starts]
    verdict = evaluate(cheese, Plan(*np.array(events, dtype=np.int64).T))
    assert verdict.breaches == ()
    assert {one.rule for one in evaluate(cheese, Plan.nothing()).breaches} == {"promotion_count", "market_share"}
