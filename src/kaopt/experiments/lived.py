"""The experiment itself: rounds of blocks on all processors, every block kept as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter

import numpy as np

from kaopt import compute
from kaopt.experiments.live import Task, bench_of, work
from kaopt.experiments.question import Question
from kaopt.experiments.rounds import next_round
from kaopt.experiments.store import Store
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats


def lived(
    question: Question, *, workers: int = 1, listener: Listener = silent, store: Store | None = None
) -> list[Floats]:
    """By policy: [years, measures], all that it takes to answer the question.

    The same for every number of workers, and for a run that was stopped and goes on with its `store`.
    """
    kept = store or Store()
    years = [np.zeros((0, len(question.measures))) for _ in question.policies]
    began = perf_counter()
    with compute.crew(work, bench_of(question), compute.Where(workers=workers)) as perform:
        while tasks := next_round(question, years):
            parts: list[list[Floats]] = [[one] for one in years]
            for task, values in done(tasks, kept, perform):
                parts[task.policy].append(values)
                count = sum(len(one) for many in parts for one in many)
                text = f"{question.policies[task.policy].name}: {task.end} years"
                listener(Progress("experiment", text, perf_counter() - began, done=count))
            years = [np.concatenate(many) for many in parts]
            listener(told(question, years, perf_counter() - began))
    return years


def done(tasks: list[Task], store: Store, perform: compute.Perform[Task, Floats]) -> Iterator[tuple[Task, Floats]]:
    """Every task with its years in the order of the tasks: what is on disk already is not lived again."""
    found = {task: values for task in tasks if (values := store.find(task)) is not None}
    fresh = perform(missing(tasks, found))
    for task in tasks:
        if task not in found:
            values = next(fresh)
            store.keep(task, values)
            yield task, values
        else:
            yield task, found[task]


def missing(tasks: list[Task], found: dict[Task, Floats]) -> Iterable[Task]:
    """Tasks that are still to be done."""
    return [task for task in tasks if task not in found]


def told(question: Question, years: list[Floats], seconds: float) -> Progress:
    """How far it is after a round."""
    open_now = len({task.policy for task in next_round(question, years)} - {question.baseline})
    count, most = sum(map(len, years)), question.stop.most * len(years)
    text = f"{open_now} of {len(years)} policies open"
    return Progress("round", text, seconds, done=count, total=most)
