"""What a review must show: it moves beliefs towards a truth that was planted, and is as sure as it may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kaopt as ka
from kaopt.review.judge import judged
from kaopt.review.learn import ALONE, Weeks, learned
from kaopt.review.promoted import reviewed
from kaopt.review.year import weeks_of
from tests.review.planted import Seen, calendar, planted, reviewed_year

ROOT = Path(__file__).parents[2]


def seen(name: str, folder: Path, seeds: range, off: str) -> list[Seen]:
    world = ka.load(ROOT / "scenarios" / name)
    plan = calendar(world)
    return [reviewed_year(world, plan, planted(world, seed, off=off), folder, seed) for seed in seeds]


def covered(years: list[Seen]) -> float:
    return float(np.concatenate([one.inside for one in years]).mean())


def test_beliefs_move_towards_the_planted_truth_in_nine_of_ten_accounts(tmp_path: Path) -> None:
    (year,) = seen("ten_accounts", tmp_path, range(1), "account")
    assert year.closer.sum() >= 9
    alone = learned(year.year.belief, rows_of(year), (ALONE,))  # each belief for itself, as sure as it says
    off = np.abs(alone.value - year.truth)[year.open_] / year.se[year.open_]
    assert np.abs(year.now - year.truth)[year.open_].mean() < 0.8 * (off * year.se[year.open_]).mean()


def rows_of(of: Seen) -> Weeks:
    """The weeks as the review saw them."""
    year = of.year
    return weeks_of(year.world, year.sales, year.as_run, year.coefficients, year.number)


@pytest.mark.thorough
@pytest.mark.parametrize("off", ["everyone", "account"])
def test_nine_of_ten_accounts_with_every_seed(tmp_path: Path, off: str) -> None:
    years = seen("ten_accounts", tmp_path, range(12), off)
    assert min(int(one.closer.sum()) for one in years) >= 9
    assert 0.72 <= covered(years) <= 0.88


@pytest.mark.thorough
def test_right_beliefs_are_made_better_too_and_the_intervals_hold(tmp_path: Path) -> None:
    """Where beliefs err no more than they say, a year tells less: still most accounts come closer."""
    years = seen("ten_accounts", tmp_path, range(12), "right")
    assert np.mean([one.closer.mean() for one in years]) >= 0.75
    assert 0.76 <= covered(years) <= 0.84


@pytest.mark.thorough
@pytest.mark.parametrize(("off", "closer", "least"), [("right", 0.65, 0.76), ("everyone", 0.85, 0.65)])
def test_eighty_eight_accounts_with_a_fitted_model(tmp_path: Path, off: str, closer: float, least: float) -> None:
    """One SKU each and standard errors of a real fit: where all erred far more than that, intervals are too narrow."""
    years = seen("cheese", tmp_path, range(4), off)
    assert np.mean([one.closer.mean() for one in years]) >= closer
    assert least <= covered(years) <= 0.86
    before = np.mean([np.abs(one.believed - one.truth)[one.open_].mean() for one in years])
    after = np.mean([np.abs(one.now - one.truth)[one.open_].mean() for one in years])
    assert after < 0.8 * before


@pytest.mark.thorough
@pytest.mark.parametrize("off", ["right", "everyone", "account"])
def test_what_should_stop_does_lose_and_the_intervals_of_money_hold(tmp_path: Path, off: str) -> None:
    """The same promotions in the truth, by account and mechanic: verdicts are right, intervals cover about 80 %."""
    inside, stopped, more = [], [], []
    for year in seen("ten_accounts", tmp_path, range(6), off):
        told = judged(year.year, reviewed(year.year)).both
        truth = judged(year.year, reviewed(replace(year.year, drawn=year.truth[None]))).both
        for one, true in zip(told, truth, strict=True):
            assert one.again is not None and true.again is not None
            inside.append(one.again.low80 <= true.again.mean <= one.again.high80)
            if one.again.verdict == "stop":
                stopped.append(true.again.mean < 0)
            if one.again.verdict == "more":
                more.append(true.again.mean > 0)
    assert 0.68 <= np.mean(inside) <= 0.88
    assert len(stopped) > 100 and np.mean(stopped) > 0.95
    assert more and np.mean(more) > 0.9
