"""Generated scenarios are ordinary, repeat themselves, bind, and can be kept."""

from __future__ import annotations

import filecmp
import json
from functools import cache
from hashlib import sha256
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from benchmarks.generator import SIZES, Draft, Size, draw, read, write
from benchmarks.generator.calendars import best_calendars
from benchmarks.generator.reference import account_of, planned
from benchmarks.generator.sizes import named

import kaopt as ka
from benchmarks import build_speed
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


@pytest.mark.parametrize(
    ("size", "seed", "tiers", "start"),
    [
        ("S1", 1, False, "069e824143a0"),
        ("S1", 2, True, "96e33fe71e95"),
        ("S2", 1, False, "be6b55a3fe13"),
        pytest.param("S3", 1, False, "902c1809c4a0", marks=pytest.mark.thorough),
        pytest.param("S3", 2, True, "6065afcee09d", marks=pytest.mark.thorough),
        pytest.param("S4", 1, False, "6af494ce118b", marks=pytest.mark.thorough),
    ],
)
def test_what_is_drawn_stays_the_same_for_ever(
    size: str, seed: int, tiers: bool, start: str, tmp_path: Path
) -> None:
    """Figures are told of scenarios by size and seed: another generator draws the same bytes."""
    draft = draw(size, seed, tiers=tiers)
    write(draft, tmp_path)
    found = sha256()
    for file in sorted(tmp_path.rglob("*.*")):
        found.update(file.relative_to(tmp_path).as_posix().encode())
        found.update(file.read_bytes())
    for name in COLUMNS:
        found.update(getattr(draft.reference, name).astype("<i8").tobytes())
    assert found.hexdigest().startswith(start)


def test_sizes_have_names_or_numbers() -> None:
    assert named("S3") is SIZES["S3"]
    assert named("10x2000") == Size("10x2000", 10, 2000) and named("10x2000").slots == 120
    assert read(draw("2x3", 1)).shape == (2, 3, 52)


@pytest.mark.parametrize("text", ["S6", "10", "0x5", "x", "3x-1", "3x5x52"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        named(text)


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
