"""Which years come next: rounds of blocks decided from what is known, with made-up years instead of a warehouse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kaopt.experiments.live import BLOCK, Task
from kaopt.experiments.question import Contest
from kaopt.experiments.result import right, states_of
from kaopt.experiments.rounds import blocks, first_years, next_round, racing, where_it_helps
from kaopt.experiments.settings import Measured
from kaopt.scenario.columns import Floats
from kaopt.statistics.interval import interval
from kaopt.statistics.selection import Race, survivors
from kaopt.statistics.stopping import Enough


def asked(policies: int, *, stop: Enough, contest: Contest | None = None, baseline: int = 0) -> Any:
    measures = (Measured(measure="fill"), Measured(measure="cost"))
    names = [SimpleNamespace(name=f"P{i}") for i in range(policies)]
    return SimpleNamespace(policies=names, baseline=baseline, measures=measures, stop=stop, stop_on=0, contest=contest)


def lived(question: Any, stream: Floats, known: list[Floats] | None = None) -> tuple[list[Floats], list[list[Task]]]:
    """Live `stream` [K, R, M] as an experiment would, keeping the rounds."""
    years = known or [np.zeros((0, stream.shape[2])) for _ in stream]
    rounds = []
    while tasks := next_round(question, years):
        rounds.append(tasks)
        for one in tasks:
            assert len(years[one.policy]) == one.first
            years[one.policy] = np.concatenate([years[one.policy], stream[one.policy, one.first : one.end]])
    return years, rounds


def years_of(luck: int, shifts: list[float], noise: float = 0.02, most: int = 200) -> Floats:
    draw = np.random.default_rng(luck)
    base = draw.normal(0.9, 0.05, most)
    values = [base + shift + draw.normal(0, noise, most) for shift in shifts]
    return np.stack([np.stack([one, 1000 * (1 - one)], axis=1) for one in values])


def test_blocks() -> None:
    assert list(blocks(3, 8, 28)) == [Task(3, 8, 16), Task(3, 16, 24), Task(3, 24, 28)]
    assert [one.size for one in blocks(0, 8, 28)] == [8, 8, 4]


def test_the_least_is_lived_first_in_whole_blocks() -> None:
    question = asked(3, stop=Enough(0.01, least=20, most=100))
    assert first_years(question) == 24
    assert first_years(asked(3, stop=Enough(0.01, least=20, most=21))) == 21
    first = next_round(question, [np.zeros((0, 2))] * 3)
    assert first == [Task(p, n, n + 8) for p in range(3) for n in (0, 8, 16)]


@given(some.integers(0, 500))
def test_every_policy_stops_when_its_own_difference_is_known(luck: int) -> None:
    question = asked(4, stop=Enough(0.004, least=16, most=120), baseline=1)
    stream = years_of(luck, [0.0, 0.0, 0.01, 0.05], noise=0.01 + 0.02 * (luck % 3) / 2, most=120)
    years, _ = lived(question, stream)
    base = years[1][:, 0]
    for i, one in enumerate(years):
        assert np.array_equal(one, stream[i, : len(one)])
        if i != 1:
            gap = one[:, 0] - base[: len(one)]
            assert len(one) == 120 or interval(gap).half_width <= 0.004
            assert len(base) >= len(one)
    assert len(base) == max(map(len, years))


def test_a_policy_that_equals_the_baseline_stops_at_once() -> None:
    stream = years_of(1, [0.0, 0.0, 0.0])
    stream[2] = stream[0]
    years, _ = lived(asked(3, stop=Enough(0.001, least=16, most=96)), stream)
    assert (len(years[2]), len(years[1]), len(years[0])) == (16, 96, 96)


def test_rounds_grow_with_what_is_left() -> None:
    """Far from the width asked, half of the way is lived in one round."""
    _, rounds = lived(asked(2, stop=Enough(0.0042, least=16, most=200)), years_of(2, [0.0, 0.0], noise=0.02))
    assert len(rounds) < 8
    assert all(one.size <= BLOCK for many in rounds for one in many)


def test_alone_it_is_the_mean_that_counts() -> None:
    question = asked(1, stop=Enough(0.02, least=16, most=200))
    years, _ = lived(question, years_of(3, [0.0]))
    assert interval(years[0][:, 0]).half_width <= 0.02 and len(years[0]) < 200


def test_from_any_state_on_the_way_the_end_is_the_same() -> None:
    question = asked(3, stop=Enough(0.004, least=16, most=160))
    stream = years_of(4, [0.0, 0.01, 0.02])
    whole, rounds = lived(question, stream)
    for cut in range(1, len(rounds)):
        years = [np.zeros((0, 2)) for _ in range(3)]
        for one in (task for many in rounds[:cut] for task in many):
            years[one.policy] = np.concatenate([years[one.policy], stream[one.policy, one.first : one.end]])
        again, _ = lived(question, stream, years)
        assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))


# --- choosing the best

KN = Contest(0, "kn", 0.01, 0.95, 0)


def test_bad_policies_are_stopped_early_and_the_best_remains() -> None:
    question = asked(5, stop=Enough(0.0, least=16, most=400), contest=KN)
    years, _ = lived(question, years_of(5, [0.0, 0.012, 0.03, -0.05, -0.2], most=400))
    assert racing(question, KN, years) == [2]
    lengths = [len(one) for one in years]
    assert lengths[4] == 16 and max(lengths) == lengths[2] < 400
    states, choice = states_of(question, years)
    assert states == ["out", "out", "best", "out", "out"]
    assert choice is not None and (choice.best, choice.promised, choice.measure) == (2, 0.95, "fill")


def test_less_may_be_better() -> None:
    contest = Contest(1, "kn", 10.0, 0.95, 0)
    question = asked(3, stop=Enough(0.0, least=16, most=400), contest=contest)
    years, _ = lived(question, years_of(6, [0.0, -0.05, 0.05], most=400))
    assert racing(question, contest, years) == [2]  # cost is 1000 (1 - fill)


def test_a_race_that_is_not_over_promises_nothing() -> None:
    question = asked(3, stop=Enough(0.0, least=16, most=24), contest=KN)
    years, _ = lived(question, years_of(7, [0.0, 0.001, -0.2], noise=0.05, most=24))
    states, choice = states_of(question, years)
    assert sorted(states) == ["best", "in", "out"]
    assert choice is not None and choice.promised is None and choice.estimated < 0.95


def test_the_race_is_the_statistics_race_block_by_block() -> None:
    question = asked(4, stop=Enough(0.0, least=24, most=400), contest=KN)
    stream = years_of(8, [0.0, 0.01, 0.015, -0.01], most=400)
    years, _ = lived(question, stream)
    still, end = [0, 1, 2, 3], 24
    while len(still) > 1:
        still = survivors(Race(0.01), stream[:, :end, 0], 24, still)
        end += BLOCK
    assert racing(question, KN, years) == still
    assert max(map(len, years)) == end - BLOCK


def test_ocba_spends_its_budget_where_it_is_close() -> None:
    contest = Contest(0, "ocba", 0.0, 0.95, 400)
    question = asked(5, stop=Enough(0.0, least=16, most=300), contest=contest)
    years, _ = lived(question, years_of(9, [0.0, 0.10, 0.11, -0.2, -0.3], most=300))
    lengths = [len(one) for one in years]
    assert sum(lengths) == 400
    assert min(lengths[1], lengths[2]) > 3 * max(lengths[0], lengths[3], lengths[4])
    assert where_it_helps(question, contest, years) == lengths


@pytest.mark.parametrize("most", [16, 40])
def test_ocba_ends_where_nobody_who_is_close_may_live_more(most: int) -> None:
    contest = Contest(0, "ocba", 0.0, 0.95, 4000)
    question = asked(3, stop=Enough(0.0, least=16, most=most), contest=contest)
    years, _ = lived(question, years_of(10, [0.0, 0.1, 0.2], most=most))
    assert [len(one) for one in years] == [16, most, most]


def test_how_likely_the_choice_is_right() -> None:
    """Differences -1, 1, 3, 5: t = 2 / (2.582 / 2) = 1.549, a mistake with P(T3 > 1.549) = .1096."""
    base = np.array([0.0, 1.0, 2.0, 3.0])
    assert right([base + np.array([-1.0, 1.0, 3.0, 5.0]), base], 0) == pytest.approx(1 - 0.10956, abs=1e-4)
    assert right([base, base], 0) == 1.0
    assert right([base, base + 1], 0) == 0.0
