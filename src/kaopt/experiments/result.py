"""What an experiment has found: every policy with its figures, against the baseline, and which may be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t as student

from kaopt.experiments.measures import MEASURES
from kaopt.experiments.question import Question
from kaopt.experiments.rounds import Years, first_years, racing
from kaopt.scenario.columns import Floats
from kaopt.statistics import many, tails
from kaopt.statistics.interval import Interval, Pair, compare, differences, interval

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.5, 0.95)
WORST = 0.05  # share of the years that the expected shortfall is about


@dataclass(frozen=True)
class Figure:
    """One measure of one policy; `pair`, `holm` and `all_at_once` are against the baseline and missing for it."""

    mean: Interval
    pair: Pair | None
    holm: float | None  # p-value adjusted for all policies
    all_at_once: Interval | None  # the difference, with an interval that holds for all policies together
    quantiles: tuple[Interval, ...]  # of single years, at QUANTILES; `mean` is the quantile
    shortfall: Interval  # mean of the worst years
    below: tails.Chance | None  # of missing the contract level, where one is asked


@dataclass(frozen=True)
class Row:
    """One policy. `state`: baseline, narrow, most; in a choice best, in, out."""

    name: str
    variant: str | None
    settings: tuple[str, ...]
    factors: tuple[tuple[str, str], ...]
    years: int
    state: str
    figures: tuple[Figure, ...]
    dominated_by: str  # name of a policy that is better in something and worse in nothing; empty


@dataclass(frozen=True)
class Choice:
    """The best policy. `promised`: of a race that came to its end; `estimated`: from the years lived."""

    best: int
    method: str
    measure: str
    indifference: float
    promised: float | None
    estimated: float


@dataclass(frozen=True, eq=False)
class Experiment:
    """The answer to a question; rows as its policies."""

    question: Question
    rows: tuple[Row, ...]
    choice: Choice | None

    @property
    def labels(self) -> tuple[str, ...]:
        """The measures by name."""
        return tuple(one.label for one in self.question.measures)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        from kaopt.experiments.show import as_dict

        return as_dict(self)

    def frame(self) -> pd.DataFrame:
        """One row for each policy, for spreadsheets."""
        from kaopt.experiments.show import frame

        return frame(self)

    def text(self, language: str = "en") -> str:
        """The table for people, in English or Chinese (`zh`)."""
        from kaopt.experiments.table import text

        return text(self, language)

    def __str__(self) -> str:
        return self.text()

    def to_html(self, path: str | Path, language: str = "en") -> Path:
        """Write one self-contained page with charts in both languages; `language` is shown first."""
        from kaopt.experiments.show import view
        from kaopt.report.experiment_page import render
        from kaopt.runs import write_text

        return write_text(Path(path), render(view(self), language))


def judged(question: Question, years: Years) -> Experiment:
    """Figures, intervals and comparisons of the years lived."""
    columns = [figures_of(question, years, m) for m in range(len(question.measures))]
    states, choice = states_of(question, years)
    rows = tuple(
        Row(
            name=one.name,
            variant=one.variant,
            settings=tuple(one.overrides),
            factors=one.factors,
            years=len(years[i]),
            state=states[i],
            figures=tuple(column[i] for column in columns),
            dominated_by=dominated(question, years, i),
        )
        for i, one in enumerate(question.policies)
    )
    return Experiment(question, rows, choice)


def figures_of(question: Question, years: Years, m: int) -> list[Figure]:
    """One measure of every policy; Holm's family is all policies in this measure."""
    said, sure = question.measures[m], question.stop.confidence
    values = [one[:, m] for one in years]
    base = values[question.baseline]
    others = [i for i in range(len(values)) if i != question.baseline]
    pairs = {i: compare(values[i], base, sure) for i in others}
    adjusted = dict(zip(others, many.holm([pairs[i].p for i in others]), strict=True))
    wide = dict(zip(others, many.together([values[i] for i in others], base, sure) if others else [], strict=True))
    worse = -1.0 if MEASURES[said.measure].better > 0 else 1.0
    found = []
    for i, one in enumerate(values):
        bad = tails.shortfall(worse * one, WORST, sure)
        ends = sorted((worse * bad.low, worse * bad.high))
        found.append(
            Figure(
                mean=interval(one, sure),
                pair=pairs.get(i),
                holm=float(adjusted[i]) if i in adjusted else None,
                all_at_once=wide[i].difference if i in wide else None,
                quantiles=tuple(tails.quantile(one, level, sure) for level in QUANTILES),
                shortfall=Interval(worse * bad.mean, ends[0], ends[1]),
                below=None if said.below is None else tails.below(one, said.below, sure),
            )
        )
    return found


def states_of(question: Question, years: Years) -> tuple[list[str], Choice | None]:
    """How each policy ended, and the choice where one was asked for."""
    contest = question.contest
    if contest is None:
        base = years[question.baseline][:, question.stop_on]
        narrow = [question.stop.reached(differences(one[:, question.stop_on], base)) for one in years]
        states = ["narrow" if ok else "most" for ok in narrow]
        states[question.baseline] = "baseline"
        return states, None
    values = [MEASURES[question.measures[contest.measure].measure].better * one[:, contest.measure] for one in years]
    still = racing(question, contest, years) if contest.method == "kn" else list(range(len(years)))
    best = max(still, key=lambda i: (float(values[i].mean()), -i))
    states = ["best" if i == best else "in" if i in still else "out" for i in range(len(years))]
    label = question.measures[contest.measure].label
    done = contest.method == "kn" and len(still) == 1 and first_years(question) >= 2
    promised = contest.confidence if done else None
    return states, Choice(best, contest.method, label, contest.indifference, promised, right(values, best))


def right(values: Sequence[Floats], best: int) -> float:
    """At least how likely the chosen is the best: one minus the chances that each of the others is better.

    From paired differences with Student's law; the sum is Bonferroni's bound (Chen and Lee 2011, 3.3).
    """
    wrong = 0.0
    for i, one in enumerate(values):
        gap = differences(values[best], one)
        error = float(gap.std(ddof=1)) / len(gap) ** 0.5
        if i != best:
            wrong += float(student.sf(gap.mean() / error, len(gap) - 1)) if error > 0 else float(gap.mean() < 0)
    return max(0.0, 1.0 - wrong)


def dominated(question: Question, years: Years, i: int) -> str:
    """The first policy that is no worse in the mean of every measure and surely better in one of them, same luck."""
    directions = np.array([MEASURES[one.measure].better for one in question.measures], dtype=float)
    for j, other in enumerate(years):
        if j == i:
            continue
        both = min(len(other), len(years[i]))
        gaps = (directions * (other[:both] - years[i][:both]))[:, directions != 0]
        found = [interval(gap, question.stop.confidence) for gap in gaps.T]
        if found and min(one.mean for one in found) >= 0 and max(one.low for one in found) > 0:
            return question.policies[j].name
    return ""
