"""`kaopt experiment FILE`: the folder, its blocks and results; the same command goes on where it was stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kaopt import runs
from kaopt.errors import Fault, InputError, KaoptError
from kaopt.experiments.lived import lived
from kaopt.experiments.question import Question
from kaopt.experiments.read import Said, read
from kaopt.experiments.result import Experiment, judged
from kaopt.experiments.store import open_store, unfinished
from kaopt.options import Options
from kaopt.pipeline import RUNS, Outcome
from kaopt.progress import Listener
from kaopt.screen import Screen

NAMES = ("experiment.html", "experiment.csv", "experiment.json")
WROTE = {"en": "wrote", "zh": "写入"}


def experiment(file: Path, options: Options) -> Outcome:
    """Read, live, judge, write."""
    if not file.is_file():
        words = ("no file", "must be an experiment's file", "See docs/experiment.md for an example")
        raise InputError([Fault(str(file), None, None, *words)])
    overrides = tuple(options.overrides())
    said = Said(overrides, options.variant, options.model, options.seed, options.book(), options.policies)
    question = read(file, said)
    folder = unfinished(options.out or RUNS, question.digest) or new_folder(file, question, options)
    with room(folder, question) as listener:
        store = open_store(folder, question.digest)
        years = lived(question, workers=options.workers or 1, listener=listener, store=store)
        made = judged(question, years)
        write(folder, made, options.lang)
    runs.finish(folder, manifest(question, "done", 0))
    word = WROTE.get(options.lang, WROTE["en"])
    lines = [made.text(options.lang), "", *(f"{word} {folder / name}" for name in NAMES)]
    return Outcome(0, "\n".join(lines), {"run": str(folder), **runs.plain(made.as_dict())}, options.json)


def new_folder(file: Path, question: Question, options: Options) -> Path:
    """A folder of its own."""
    return runs.create(options.out or RUNS, file.stem, question.digest)


@contextmanager
def room(folder: Path, question: Question) -> Iterator[Listener]:
    """Whoever listens; whatever stops the run is written into its manifest."""
    (folder / runs.MANIFEST).unlink(missing_ok=True)  # of a run that was interrupted and goes on now
    with Screen() as screen, runs.events(folder, also=screen) as listener:
        try:
            yield listener
        except (KaoptError, KeyboardInterrupt) as stop:
            code = getattr(stop, "exit_code", 130)
            runs.finish(folder, manifest(question, "interrupted" if code == 130 else "failed", code))
            raise


def write(folder: Path, made: Experiment, language: str) -> None:
    """The results; the same answer gives the same bytes."""
    runs.write_csv(folder / "experiment.csv", made.frame())
    runs.write_json(folder / "experiment.json", made.as_dict())
    made.to_html(folder / "experiment.html", language)


def manifest(question: Question, status: str, code: int) -> runs.Manifest:
    """What it takes to repeat this run."""
    world = question.worlds[question.baseline]
    inputs = {**world.inputs, **question.sources}
    return runs.Manifest(tuple(sys.argv), status, code, question.seed, world.resolved, inputs)
