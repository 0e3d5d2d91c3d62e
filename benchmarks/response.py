"""How fast response models are fitted: CPU seconds of partial pooling on planted histories.

`python -m benchmarks.response --json`. `cheese`: 88 series of 60 weeks with three coefficients, the size of the public
data; `large`: 3 600 series of 60 weeks with six. One fit each, the least of several; choosing terms takes about fifty.
"""

from __future__ import annotations

import argparse
import json
from time import process_time

import numpy as np

from kaopt.response.fit import pooled
from kaopt.response.history import History
from kaopt.scenario.columns import Floats

SIZES = {"cheese": (88, 60, 3, 3), "large": (3600, 60, 6, 2)}  # series, weeks, coefficients, repeats
LIMITS = {"cheese": 0.1, "large": 10.0}  # CPU seconds


def main(arguments: list[str] | None = None) -> int:
    """Print seconds, rounds and the error of the mean coefficients; exit code 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.response", description=__doc__)
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    report = {size: measured(size, asked.seed) for size in asked.size or SIZES}
    lines = [
        f"{size}: " + ", ".join(f"{key} {one:.4g}" for key, one in found.items()) for size, found in report.items()
    ]
    print(json.dumps(report) if asked.json else "\n".join(lines))
    return int(any(found["cpu_seconds"] > LIMITS[size] for size, found in report.items()))


def measured(size: str, seed: int) -> dict[str, float]:
    """The least CPU time of some fits of one history."""
    series, weeks, terms, repeats = SIZES[size]
    data, mean = history(series, weeks, terms, seed)
    seconds = []
    for _ in range(repeats):
        begun = process_time()
        fit = pooled(data)
        seconds.append(process_time() - begun)
    return {
        "series": series,
        "rows": len(data.y),
        "coefficients": terms,
        "cpu_seconds": min(seconds),
        "limit": LIMITS[size],
        "rounds": len(fit.likelihood),
        "error_of_means": float(np.abs(fit.mean - mean).max()),
    }


def history(series: int, weeks: int, terms: int, seed: int) -> tuple[History, Floats]:
    """Series of twelve SKUs each an account, their coefficients around planted means; [P] these means."""
    rng = np.random.default_rng(seed)
    mean = np.array([7.0, -2.2, 0.9, 0.4, 0.3, 0.2])[:terms]
    b = rng.normal(mean, [0.7, 0.6, 0.4, 0.3, 0.2, 0.2][:terms], (series, terms))
    at = np.repeat(np.arange(series), weeks)
    x = np.ones((len(at), terms))
    x[:, 1] = np.log(np.where(rng.random(len(at)) < 0.35, rng.uniform(0.6, 0.95, len(at)), 1.0))
    x[:, 2:] = (rng.random((len(at), terms - 2)) < 0.25) * rng.uniform(0.1, 1.0, (len(at), terms - 2))
    y = (x * b[at]).sum(1) + 0.3 * rng.normal(size=len(at))
    skus = 12 if series > 1000 else 1
    names = tuple((f"A{n // skus:04}", f"S{n % skus:02}") for n in range(series))
    labels = ("level", "elasticity", "display", "feature", "price_display", "price_feature")[:terms]
    return History(names, labels, at, np.tile(np.arange(weeks), series), x, y), mean


if __name__ == "__main__":
    raise SystemExit(main())
