"""What an experiment costs beside the years it lives: CPU seconds of the whole against its years alone, same process.

`python -m benchmarks.experiment FILE --json`. The bare years are lived policy by policy from prepared inputs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import pairwise
from pathlib import Path
from time import process_time

from kaopt.experiments.live import Bench, bench_of
from kaopt.experiments.lived import lived
from kaopt.experiments.question import Question
from kaopt.experiments.read import read
from kaopt.experiments.result import judged
from kaopt.experiments.store import open_store
from kaopt.fulfilment.replicate import live_block


def main(arguments: list[str] | None = None) -> int:
    """Print seconds by part and their ratio to the years alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    report = measured(asked.file)
    print(json.dumps(report) if asked.json else "\n".join(f"{key:20} {value:,.3f}" for key, value in report.items()))
    return 0


def measured(file: Path) -> dict[str, float]:
    """CPU seconds of reading, of living with everything around it, of judging, and of the same years alone."""
    live_block(bench_of(question := read(file)).inputs(0), range(1))  # what is compiled is compiled before
    marks = [process_time()]
    question = read(file)
    marks.append(process_time())
    with tempfile.TemporaryDirectory() as folder:
        years = lived(question, store=open_store(Path(folder), question.digest))
        marks.append(process_time())
        made = judged(question, years)
        made.to_html(Path(folder) / "page.html")
        marks.append(process_time())
    bare, count = alone(question, [len(one) for one in years]), sum(map(len, years))
    parts = [end - start for start, end in pairwise(marks)]
    return {
        "policies": float(len(years)),
        "years": float(count),
        "read": parts[0],
        "lived": parts[1],
        "judged_and_page": parts[2],
        "years_alone": bare,
        "ratio": sum(parts) / bare,
        "cpu_ms_a_year": 1000 * bare / count,
    }


def alone(question: Question, counts: list[int]) -> float:
    """CPU seconds of the years by themselves."""
    bench: Bench = bench_of(question)
    seconds = 0.0
    for policy, count in enumerate(counts):
        inputs = bench.inputs(policy)
        began = process_time()
        live_block(inputs, range(count))
        seconds += process_time() - began
    return seconds


if __name__ == "__main__":
    raise SystemExit(main())
