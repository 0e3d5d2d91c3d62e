"""The verb: policies tried out on the same luck, until what each does is known well enough."""

from __future__ import annotations

from pathlib import Path

from kaopt.experiments.lived import lived
from kaopt.experiments.read import Said, read
from kaopt.experiments.result import Experiment, judged
from kaopt.progress import Listener, silent


def experiment(
    file: str | Path, *, workers: int = 1, listener: Listener = silent, seed: int | None = None
) -> Experiment:
    """What each policy of an experiment's file does to fill, penalties and whatever else it measures.

    The same file gives the same figures, whatever the number of workers. Raises InputError with every fault of the
    file and of the scenario with its settings.
    """
    question = read(Path(file), Said(seed=seed))
    return judged(question, lived(question, workers=workers, listener=listener))
