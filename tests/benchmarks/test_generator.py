"""Generated scenarios are ordinary, repeat themselves, bind, and can be kept."""

from __future__ import annotations

import filecmp
import json
from dataclasses import fields
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from benchmarks.generator import SIZES, Draft, draw, read, write
from benchmarks.generator.calendars import best_calendars
from benchmarks.generator.reference import account_of, planned

import kaopt as ka
from benchmarks import allocation, build_speed
from kaopt.allocation import model
from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.problem import from_arrays, problem_of
from kaopt.allocation.solver.program import Program
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario

COLUMNS = ("account", "sku", "week", "weeks", "treatment")


@cache
def world(size: str, seed: int, tiers: bool = False) -> tuple[Draft, Scenario]:
    draft = draw(size, seed, tiers=tiers)
    return draft, read(draft)


@cache
def judged(size: str, seed: int, tiers: bool) -> Evaluation:
    draft, here = world(size, seed, tiers)
    return evaluate(here, Plan(*(getattr(draft.reference, name) for name in COLUMNS)))


def test_sizes_are_those_of_the_contract() -> None:
    assert [(one.name, one.accounts, one.skus, one.weeks) for one in SIZES.values()] == [
        ("S1", 3, 5, 52),
        ("S2", 10, 20, 52),
        ("S3", 30, 60, 52),
        ("S4", 50, 200, 52),
        ("S5", 100, 500, 52),
    ]
    assert [one.slots for one in SIZES.values()] == [1, 1, 4, 12, 30]


def test_the_world_has_five_treatments_of_one_or_two_weeks_and_dips() -> None:
    _, here = world("S1", 1)
    assert here.shape == (3, 5, 52)
    assert here.treatments.family == ("price", "price", "display", "feature", "display")
    assert here.treatments.lengths == ((1, 2),) * 5
    assert (here.response.dip > 0).all() and here.response.dip_weeks.min() >= 1
    # exact: no dip outlasts the spacing, and no SKU takes from another
    assert here.response.dip_weeks.max() <= 3 and not here.response.cross.any()


@pytest.mark.parametrize("tiers", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_keeps_every_rule(seed: int, tiers: bool) -> None:
    assert judged("S1", seed, tiers).breaches == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_targets_and_budgets_are_near_what_the_reference_needs(seed: int) -> None:
    draft, here = world("S1", seed)
    found = judged("S1", seed, False)
    spent = found.ledger.event_spend.sum() + sum(one.spend for one in found.ledger.charges)
    assert spent == pytest.approx(draft.settings["budget"]["total"], abs=1.0)
    for clause in here.agreements:
        cases, base = (one[clause.account].sum() for one in (found.ledger.cases, here.base_cases))
        assert clause.what == "cases" and base < clause.least <= cases
        assert clause.least - base == pytest.approx(0.995 * (cases - base), abs=1.0)
    assert len(here.agreements) == 3 and len(here.fees) == 3
    sales = found.ledger.net_revenue.sum(axis=2)
    share = sales[:, here.skus.high_margin].sum() / sales.sum()
    assert 0 < share * 0.998 - here.rules["margin_mix"][0].min < 1e-4


def test_tiers_add_rebates_and_growth_targets() -> None:
    _, here = world("S1", 1, True)
    _, plain = world("S1", 1)
    assert len(here.rebates) == 3 and not plain.rebates
    assert "sales_target" in here.rules and "sales_target" not in plain.rules
    sales = judged("S1", 1, True).ledger.net_revenue.sum(axis=(1, 2))
    base = (here.base_cases * here.net_per_case[:, :, None]).sum(axis=(1, 2))
    assert (base < here.accounts.sales_target).all() and (here.accounts.sales_target <= sales).all()
    for one in here.rebates:
        low, _, high = (part / sales[one.account] for part in one.thresholds)
        assert (one.kind, one.measure) == ("all_unit", "revenue") and low < 1 < high


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(draw("S1", seed), tmp_path / name)
    files = sorted(str(one.relative_to(tmp_path / "a")) for one in (tmp_path / "a").rglob("*.*"))
    assert filecmp.cmpfiles(tmp_path / "a", tmp_path / "b", files, shallow=False)[0] == files
    assert "tables/base.csv" in filecmp.cmpfiles(tmp_path / "a", tmp_path / "c", files, shallow=False)[1]
    here, there = ka.load(tmp_path / "a"), world("S1", 1)[1]
    assert np.array_equal(here.base_cases, there.base_cases) and here.rules == there.rules


def test_an_accounts_events_are_worth_what_the_offer_table_says() -> None:
    """The generator's own arithmetic of cases and spend against the offers."""
    _, here = world("S1", 1)
    offers = make_offers(here)
    for a in range(3):
        mine, one = np.flatnonzero(offers.account == a), account_of(here, a)
        place = (offers.sku[mine], offers.week[mine], offers.weeks[mine] - 1, offers.treatment[mine])
        assert one.cases[place] == pytest.approx(offers.incremental_cases[mine])
        assert one.spend[place] == pytest.approx(offers.spend[mine])


def test_a_dearer_unit_of_spend_buys_fewer_cases() -> None:
    _, here = world("S1", 1)
    one = account_of(here, 0)
    chosen = [planned(one, here, price, 1) for price in (0.0, 0.1)]
    totals = [(one.cases[events].sum(), one.spend[events].sum()) for events in chosen]
    assert totals[0][0] > totals[1][0] > 0 and totals[0][1] > totals[1][1] > 0


def test_reference_calendars_are_the_best_of_all() -> None:
    luck = np.random.default_rng(0)
    worth = luck.normal(1, 2, (20, 7, 2))
    for most in (1, 2, 3):
        chosen = best_calendars(worth, (1, 2), gap=1, most=most)
        assert (chosen.sum(axis=(1, 2)) <= most).all()
        for b in range(20):
            events = [(w, n) for w in range(7) for n in range(2) if w + n + 1 <= 7]
            best = 0.0
            for size in range(1, most + 1):
                for some in combinations(events, size):
                    if all(w + n + 2 <= v for (w, n), (v, _) in pairwise(some)):
                        best = max(best, float(sum(worth[b, w, n] for w, n in some)))
            assert worth[b][chosen[b]].sum() == pytest.approx(best)


# the two ways into the solver


def assert_same(one: Program, other: Program) -> None:
    for name in ("cost", "row_low", "row_high", "low", "high", "integer"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.offset == pytest.approx(other.offset, rel=1e-12, abs=1e-9)
    assert one.matrix.shape == other.matrix.shape
    bodies = [body.copy() for body in (one.matrix, other.matrix)]
    for body in bodies:
        body.sort_indices()
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(bodies[0], name), getattr(bodies[1], name)), name


def compare(size: str, seed: int, tiers: bool) -> None:
    _, here = world(size, seed, tiers)
    made = problem_of(here)
    assert_same(from_arrays(made), model.to_program(model.build(here, made.offers, made.rows)))


def test_arrays_and_pyomo_agree_on_a_generated_scenario() -> None:
    compare("S1", 1, True)


@pytest.mark.thorough
@pytest.mark.parametrize("tiers", [False, True])
@pytest.mark.parametrize(("size", "seed"), [("S1", 2), ("S1", 3), ("S2", 1)])
def test_arrays_and_pyomo_agree_on_larger_ones(size: str, seed: int, tiers: bool) -> None:
    compare(size, seed, tiers)


@pytest.mark.thorough
def test_the_two_ways_are_timed_in_processes_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_speed.main(["S1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["same"] is True and report["offers"] == 7725 and report["ratio"] > 1


def test_a_difference_in_one_entry_is_seen(tmp_path: Path) -> None:
    _, here = world("S1", 1)
    one = from_arrays(problem_of(here))
    build_speed.save(one, tmp_path / "a.npz")
    one.matrix.data[7] += 1e-12
    build_speed.save(one, tmp_path / "b.npz")
    same, other = np.load(tmp_path / "a.npz"), np.load(tmp_path / "b.npz")
    assert build_speed.equal(same, same) and not build_speed.equal(same, other)


# the command


@pytest.mark.parametrize("engine", ["blocks", "cpsat", "scip"])
def test_engines_to_come_say_so(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert allocation.main(["S1", "--engine", engine]) == 2
    assert f"engine {engine} is not there yet" in capsys.readouterr().err


def test_a_scenario_is_written_instead_of_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert allocation.main(["S1", "--seed", "1", "--write", str(tmp_path / "x"), "--json"]) == 0
    assert capsys.readouterr().out == ""
    here, there = ka.load(tmp_path / "x"), world("S1", 1)[1]
    for name in ("listed", "base_cases", "base_price", "eligible"):
        assert np.array_equal(getattr(here, name), getattr(there, name))
    for one in fields(type(here.response)):
        assert np.array_equal(getattr(here.response, one.name), getattr(there.response, one.name))
    assert [(b.scope, b.high) for b in here.budget] == [(b.scope, b.high) for b in there.budget]


def test_the_command_answers_with_the_contracts_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert allocation.main(["S1", "--seed", "4", "--time-limit", "2", "--gap", "0.2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        *("size", "seed", "engine", "gap", "objective", "bound"),
        *("cpu_seconds", "peak_mb", "breaches", "build_seconds"),
    ]
    assert (found["size"], found["seed"], found["engine"], found["breaches"]) == ("S1", 4, "arrays", 0)
    assert found["gap"] == pytest.approx((found["bound"] - found["objective"]) / found["objective"])
    assert 0 < found["build_seconds"] < found["cpu_seconds"] and found["peak_mb"] > 50
