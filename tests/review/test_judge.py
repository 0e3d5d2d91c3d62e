"""Groups of promotions: sums, chances of a loss, and who does not execute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from kaopt.review.judge import MORE, STOP, added, again_of, judged, share
from kaopt.review.promoted import Split, reviewed
from kaopt.review.year import lived
from tests.review.small import sales
from tests.worlds import plan, world

HERE = world(2, 2, 12)
EVENTS = plan((0, 0, 2, 1, 0), (0, 1, 5, 1, 1), (1, 0, 3, 1, 0), (1, 1, 8, 1, 0))


def test_groups_add_up_to_the_total() -> None:
    rng = np.random.default_rng(1)
    base = sales(HERE, EVENTS)
    year = lived(HERE, EVENTS, sales(HERE, EVENTS, units=base.units * np.exp(0.2 * rng.normal(size=HERE.shape))))
    found = reviewed(year)
    told = judged(year, found)
    for groups in (told.accounts, told.mechanics, told.both):
        for part in ("planned", "base", "execution", "response", "paid", "happened"):
            whole = sum(getattr(one.money, part) for one in groups)
            assert whole == pytest.approx(getattr(told.total.money, part), abs=1e-9)
        assert sum(one.planned for one in groups) == 4
    assert [one.account for one in told.accounts] == ["A1", "A2"]
    assert [one.treatment for one in told.mechanics] == ["cut20", "display"]
    assert [(one.account, one.treatment) for one in told.both] == [("A1", "cut20"), ("A1", "display"), ("A2", "cut20")]
    assert told.total.luck == pytest.approx(sum(one.luck**2 for one in found.promotions) ** 0.5)
    assert told.total.again is not None
    mean = sum(one.again.mean for one in told.mechanics if one.again)
    assert told.total.again.mean == pytest.approx(mean)


def test_draws_tell_the_chance_of_a_loss() -> None:
    draws = np.linspace(-1, 3, 401)
    found = again_of(draws)
    assert found.mean == pytest.approx(1.0)
    assert (found.low80, found.high80) == pytest.approx((-0.6, 2.6))
    assert found.loss == pytest.approx(0.25, abs=0.003)
    assert found.verdict == "doubtful"
    assert again_of(draws - 2.5).verdict == "stop" and again_of(draws + 0.7).verdict == "more"
    assert MORE < 0.5 < STOP


def test_a_mean_above_zero_is_not_enough_to_do_more() -> None:
    assert again_of(np.array([-1.0, -1.0, -1.0, 100.0])).verdict == "doubtful"


def test_splits_are_added_exactly() -> None:
    one = Split(0.1, 0.2, 0.3, 0.4, 0.5, 1.5)
    assert added([one] * 10) == Split(1.0, 2.0, 3.0, 4.0, 5.0, 15.0)
    assert added([]) == Split(0, 0, 0, 0, 0, 0)


def test_who_does_not_execute_is_named() -> None:
    """A1 keeps 0 of 6, A2 6 of 6; both were believed to keep 90 %: chance that Beta(1/2, 6 1/2) is below .9."""
    events = plan(*((a, s, w, 1, 0) for a in (0, 1) for s in (0, 1) for w in (1, 5, 9)))
    here = replace(HERE, accounts=replace(HERE.accounts, compliance=np.array([0.9, 0.9])))
    ratio = sales(here, events).log_ratio
    ratio[0] = 0.0
    year = lived(here, events, sales(here, events, units=100.0, log_ratio=ratio))
    first, second = judged(year, reviewed(year)).execution
    assert (first.planned, first.kept, first.ran, first.cut, first.shown) == (6, 0, 0, 0.0, None)
    assert first.below == pytest.approx(stats.beta.cdf(0.9, 0.5, 6.5)) and first.named
    assert (second.kept, second.cut, second.named) == (6, pytest.approx(1.0), False)
    assert second.below == pytest.approx(stats.beta.cdf(0.9, 6.5, 0.5))


def test_half_a_cut_is_not_as_planned_and_counts_half() -> None:
    events = plan((0, 0, 2, 1, 0), (0, 0, 8, 1, 0))
    ratio = np.zeros(HERE.shape)
    ratio[0, 0, [2, 8]] = np.log(0.9)
    year = lived(HERE, events, sales(HERE, events, log_ratio=ratio))
    found = judged(year, reviewed(year)).execution[0]
    assert (found.planned, found.kept, found.ran) == (2, 0, 2)
    assert found.cut == pytest.approx(0.5)


def test_a_share_of_nothing_is_none() -> None:
    assert share([0.0], [1.0]) is None
    assert share([2.0, 2.0], [1.0, 0.0]) == 0.25


def test_a_year_without_anything_compared_is_told_as_such() -> None:
    year = lived(HERE, EVENTS, sales(HERE, EVENTS, units=np.nan))
    told = judged(year, reviewed(year))
    assert (told.total.planned, told.total.compared, told.total.again) == (4, 0, None)
    assert told.total.money == Split(0, 0, 0, 0, 0, 0)
    assert not any(one.named for one in told.execution)
