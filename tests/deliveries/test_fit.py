"""Lateness and shortness by account: recovered from known laws, by hand on few lines, checked on days held out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kaopt.deliveries.fit import QUANTILES, fitted, grouped, order_delays
from kaopt.deliveries.held_out import check, checks, score
from kaopt.deliveries.records import read_records
from tests.deliveries.helpers import made, write

LATE = [0.1, 0.2, 0.3, 0.5] * 5


def test_known_laws_are_recovered() -> None:
    fit = fitted(made(LATE, 400))
    late, short = fit.lateness, fit.shortness
    assert late is not None
    assert short is not None
    assert np.abs(late.late.value - LATE).max() < 4 * (0.25 / 400) ** 0.5
    assert late.log_delay.common == pytest.approx(0.5, abs=0.03)
    assert late.log_sd == pytest.approx(0.4, abs=0.03)
    assert late.log_delay.spread < 0.06, "all accounts have the same delays"
    assert late.quantiles == pytest.approx(
        np.exp(0.5 + 0.4 * np.array([-1.2816, -0.6745, 0, 0.6745, 1.2816, 1.6449])), rel=0.08
    )
    assert late.law == "lognormal"
    assert short.short.common == pytest.approx(1 / 3, abs=0.02)
    assert short.filled.common == pytest.approx(0.8, abs=0.01)  # the mean of Beta(8, 2)
    assert short.filled_sd == pytest.approx((0.8 * 0.2 / 11) ** 0.5, rel=0.05)


def test_a_lot_of_evidence_is_believed_and_a_little_leans() -> None:
    records = made(LATE, 400)
    keep = (records.account != 0) | (np.arange(records.lines) < 5)  # account 0 has five orders left
    fit = fitted(records.part(keep)).lateness
    assert fit is not None
    own = (records.part(keep).delay > 0)[:5].mean()  # type: ignore[operator]
    assert fit.late.count[0] == 5
    assert abs(fit.late.value[0] - own) > 0.3 * abs(fit.late.common - own), "leans far"
    assert abs(fit.late.value[3] - 0.5) < 0.05, "stands"
    assert fit.late.high[0] - fit.late.low[0] > 3 * (fit.late.high[1] - fit.late.low[1])


def test_an_order_is_as_late_as_its_latest_line(tmp_path: Path) -> None:
    records = read_records(write(tmp_path))
    delay, account = order_delays(records)
    assert delay is not None
    assert delay.tolist() == [2.0, -1.0, np.inf, 1.0]
    assert account.tolist() == [0, 0, 1, 1]
    late = fitted(records).lateness
    assert late is not None
    assert late.never == 1
    assert late.distinct == 2
    assert late.law == "empirical"
    assert late.late.count.tolist() == [2, 2]
    assert late.quantiles == pytest.approx(np.quantile([1.0, 2.0], QUANTILES))


def test_grouped_means_by_hand() -> None:
    centre, variance, sd = grouped(np.array([1.0, 3.0, 10.0]), np.array([0, 0, 2]), 3)
    assert centre.tolist() == [2.0, 0.0, 10.0]
    assert sd == pytest.approx(2**0.5)  # squares 1 + 1 over one degree of freedom
    assert variance.tolist() == pytest.approx([1.0, np.inf, 2.0])


def test_records_without_dates_or_without_quantities() -> None:
    records = made([0.2, 0.3], 50)
    assert fitted(replace(records, delay=None, agreed=None)).lateness is None
    assert fitted(replace(records, delivered=None, ordered=None)).shortness is None
    punctual = fitted(replace(records, delay=np.zeros(100))).lateness
    assert punctual is not None
    assert np.isnan(punctual.quantiles).all()
    assert punctual.late.value == pytest.approx([0, 0], abs=0.02)


def test_shrinking_predicts_better_than_the_accounts_alone_and_than_one_share_for_all() -> None:
    found = {one.what: one for one in checks(made(LATE, 25, seed=4))}
    late = found["late orders"]
    assert late.shrunk > late.own
    assert late.shrunk > late.common
    assert late.counts == 100
    assert 0.6 <= late.coverage80 <= 1.0
    assert found["short lines"].shrunk >= found["short lines"].own


def test_the_score_by_hand_and_its_best() -> None:
    one = score(np.array([0.25]), np.array([1.0]), np.array([4.0]))
    assert one == pytest.approx((np.log(0.25) + 3 * np.log(0.75)) / 4)
    assert one > score(np.array([0.3]), np.array([1.0]), np.array([4.0]))


def test_coverage_counts_accounts_inside() -> None:
    past = (np.array([50.0, 50.0, 50.0]), np.array([100.0, 100.0, 100.0]))
    future = (np.array([50.0, 50.0, 90.0]), np.array([100.0, 100.0, 100.0]))
    assert check("x", past, future).coverage80 == pytest.approx(2 / 3)


def test_nothing_is_held_out_where_all_is_agreed_for_one_day() -> None:
    assert checks(replace(made([0.2], 10), agreed=np.zeros(10))) == ()
    assert checks(replace(made([0.2], 10), agreed=None, delay=None)) == ()
