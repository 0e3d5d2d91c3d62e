"""Which years are lived next. Decided between rounds from what is known alone, so that workers change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np

from kaopt.experiments.live import BLOCK, Task
from kaopt.experiments.measures import MEASURES
from kaopt.experiments.question import Contest, Question
from kaopt.scenario.columns import Floats
from kaopt.statistics.interval import differences
from kaopt.statistics.selection import Race, allocation, survivors

Years = Sequence[Floats]  # by policy: [years, measures]


def next_round(question: Question, years: Years) -> list[Task]:
    """The blocks of the next round; none where the question is answered."""
    wanted = targets(question, years)
    return [task for policy, end in enumerate(wanted) for task in blocks(policy, len(years[policy]), end)]


def blocks(policy: int, done: int, end: int) -> Iterator[Task]:
    """From `done` to `end` in blocks."""
    for first in range(done, end, BLOCK):
        yield Task(policy, first, min(first + BLOCK, end))


def targets(question: Question, years: Years) -> list[int]:
    """How many years each policy should have after the next round."""
    done = [len(one) for one in years]
    first = first_years(question)
    if min(done) < first:
        return [max(first, one) for one in done]
    if question.contest is None:
        return until_narrow(question, years)
    if question.contest.method == "ocba":
        return where_it_helps(question, question.contest, years)
    still = racing(question, question.contest, years)
    return [min(n + BLOCK, question.stop.most) if i in still and len(still) > 1 else n for i, n in enumerate(done)]


def first_years(question: Question) -> int:
    """The fewest years of every policy: whole blocks, as far as the most allows."""
    return min(ceil(question.stop.least / BLOCK) * BLOCK, question.stop.most)


def until_narrow(question: Question, years: Years) -> list[int]:
    """Every policy towards the width of its difference: half of the way that seems to be left, at least a block."""
    wanted = [len(one) for one in years]
    base = years[question.baseline][:, question.stop_on]
    for i, one in enumerate(years):
        if i == question.baseline and len(years) > 1:
            continue
        values = base if len(years) == 1 else differences(one[:, question.stop_on], base)
        if not question.stop.done(values):
            left = question.stop.expected(values) - len(values)
            wanted[i] = min(len(values) + BLOCK * max(1, ceil(left / BLOCK / 2)), question.stop.most)
    wanted[question.baseline] = max(wanted)
    return wanted


def racing(question: Question, contest: Contest, years: Years) -> list[int]:
    """Who is still in Kim and Nelson's race after the years that those in it have, block by block from the first."""
    race = Race(contest.indifference, contest.confidence)
    sign = MEASURES[question.measures[contest.measure].measure].better
    first = first_years(question)
    still = list(range(len(years)))
    most = max(len(one) for one in years)
    for end in [*range(first, most, BLOCK), most]:
        if len(still) < 2 or min(len(years[i]) for i in still) < end:
            break
        values = np.zeros((len(years), end))
        for i, one in enumerate(years):
            lived = sign * one[:end, contest.measure]
            values[i, : len(lived)] = lived  # who is out has fewer; their row is looked at in the first years only
        still = survivors(race, values, first, still)
    return still


def where_it_helps(question: Question, contest: Contest, years: Years) -> list[int]:
    """A round's years where they are most likely to tell the best from the others, until the budget is spent."""
    done = np.array([len(one) for one in years])
    spare = min(contest.budget - int(done.sum()), BLOCK * max(len(years) // 2, 1))
    if spare < 1:
        return [int(n) for n in done]
    sign = MEASURES[question.measures[contest.measure].measure].better
    means = np.array([sign * one[:, contest.measure].mean() for one in years])
    deviations = np.array([one[:, contest.measure].std(ddof=1) for one in years])
    ideal = allocation(means, deviations, int(done.sum()) + spare)
    short = np.where(done < question.stop.most, ideal - done, -np.inf)
    wanted = done.copy()
    for i in np.argsort(-short, kind="stable"):
        more = min(max(ceil(short[i] / BLOCK), 1) * BLOCK, spare, question.stop.most - done[i]) if short[i] > 0 else 0
        wanted[i] += more
        spare -= more
    return [int(n) for n in wanted]
