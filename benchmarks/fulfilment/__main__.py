"""CPU seconds of one simulated year three ways: `python -m benchmarks.fulfilment --size small --seed 1 --json`.

`obvious` is the yardstick (a process per line), `product` is kaopt, `limit` is the product's loops under a compiled
clock. Product and limit must leave the same ledger bit by bit; the obvious fill rate must lie within what years of the
product scatter. The least of several years is taken for product and limit, years alternating.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

from benchmarks.fulfilment import limit, obvious
from benchmarks.fulfilment.worlds import SIZES, world_of
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.state import ledger_of
from kaopt.fulfilment.world import live_through
from kaopt.plan import Plan

YARDSTICK = 300_000  # events a second of the obvious year on the machine for which nanoseconds are asked
YEARS = {"small": 20, "large": 5}
SPREAD = 4.0  # standard deviations of a year within which the obvious year's fill rate must lie


def main(arguments: list[str] | None = None) -> int:
    """The benchmark's command; 1 where the three do not agree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fulfilment", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = measured(asked.size, asked.seed)
    print(json.dumps(found) if asked.json else "\n".join(f"{name:24} {value}" for name, value in found.items()))
    agree = found["identical"] and abs(found["obvious_deviation"]) <= SPREAD
    return 0 if agree else 1


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds, and what came of it."""
    began = process_time()
    result = work()
    return process_time() - began, result


def measured(size: str, seed: int) -> dict[str, Any]:
    """All three ways."""
    world = world_of(size)
    inputs = prepare(world, Plan.nothing(), seed)
    product, bare, same, fills = years(inputs, YEARS[size])
    plain, books = timed(obvious.Year(world, seed).run)
    year = live_through(inputs, 0)
    lines, orders = (int(year.ledger.counts[:, column].sum()) for column in (0, 2))
    fill = books.accepted / books.ordered
    return {
        "size": size,
        "seed": seed,
        "obvious": plain,
        "product": product,
        "limit": bare,
        "identical": same,
        "events_per_order": next(year.env._eid) / orders,
        "product_faster_than_obvious": plain / product,
        "product_over_limit": product / bare,
        "limit_ns_per_line": bare / lines * 1e9,
        "limit_ns_per_line_at_yardstick": at_yardstick(bare / lines * 1e9, books.events / plain),
        "obvious_events_per_second": books.events / plain,
        "orders": orders,
        "lines": lines,
        "fill": {"product": float(np.mean(fills)), "obvious": fill},
        "obvious_deviation": float((fill - np.mean(fills)) / max(np.std(fills, ddof=1), 1e-9)),
    }


def at_yardstick(nanoseconds: float, events_per_second: float) -> float:
    """What it would take where the obvious year does `YARDSTICK` events a second: machines and their load compared."""
    return nanoseconds * events_per_second / YARDSTICK


def years(inputs: Inputs, count: int) -> tuple[float, float, bool, list[float]]:
    """Least CPU seconds of the product and of the limit, whether they agree in every year, and the fill rates."""
    live_through(inputs, 0), limit.live(inputs, 0)  # compiled and warm
    product, bare, same, fills = [], [], True, []
    for replication in range(count):
        seconds, year = timed(lambda one=replication: live_through(inputs, one))
        product.append(seconds)
        seconds, state = timed(lambda one=replication: limit.live(inputs, one))
        bare.append(seconds)
        same &= all(np.array_equal(a, b) for a, b in zip(year.ledger, ledger_of(state), strict=True))
        value = year.ledger.value.sum(axis=(0, 1))
        fills.append(float(value[1] / value[0]))
    return min(product), min(bare), same, fills


if __name__ == "__main__":
    sys.exit(main())
