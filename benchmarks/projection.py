"""What planning costs per account-SKU-year as worlds grow, and what a whole country would cost.

`python -m benchmarks.projection --engine blocks --shard 10x2000 --of 10000x2000 --out DIR` measures the sizes and one
shard: some whole accounts with all SKUs of the country. The country is planned shard by shard, each with its part of
what is common, so that its CPU time is that of one shard times their number, and its memory that of one shard.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.allocation import size_name
from benchmarks.generator.sizes import Size, named
from benchmarks.measure import OURS, PEERS
from benchmarks.records import Job, Record, records
from benchmarks.scale_table import markdown, share

HEAD = ("size", "account-SKU-years", "CPU s", "ms per account-SKU-year", "against {first}", "gap, worst", "peak MB")
FURTHER = ("country", "shards", "CPU hours from the shard", "CPU hours at the rate of {last}", "MB of one shard")


def main(arguments: list[str] | None = None) -> int:
    """Measure and print the two tables."""
    asked = parse(arguments)
    shards(named(asked.country), named(asked.shard))  # refused before hours of measuring
    sizes = [*asked.sizes, asked.shard]
    jobs = [Job(size, seed, asked.engine, asked.time_limit, asked.gap) for size in sizes for seed in asked.seeds]
    found = list(records(jobs, asked.out))
    words = tables(found, asked.shard, asked.country)
    (asked.out / "projection.md").write_text(words, encoding="utf-8")
    print(words)
    return int(any(not one.found for one in found))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.projection", description=__doc__)
    parser.add_argument("--engine", choices=(*OURS, *PEERS), default="blocks")
    parser.add_argument("--sizes", type=size_name, nargs="+", default=["S3", "S4", "S5"])
    parser.add_argument("--shard", type=size_name, default="10x2000")
    parser.add_argument("--of", dest="country", type=size_name, default="10000x2000", help="accounts x SKUs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--time-limit", type=float, default=600.0, metavar="S")
    parser.add_argument("--gap", type=float, default=0.001, help="proven gap that is good enough, share of 1")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    return parser.parse_args(arguments)


def tables(found: Sequence[Record], shard: str, country: str) -> str:
    """Markdown: cost by size, and the country's."""
    names = dict.fromkeys(one.job.size for one in found)
    by_size = {size: [one for one in found if one.job.size == size] for size in names}
    sizes = [size for size in by_size if size != shard]
    first, last = rate(sizes[0], by_size[sizes[0]]), rate(sizes[-1], by_size[sizes[-1]])
    head = [one.format(first=sizes[0]) for one in HEAD]
    text = markdown(head, (row(size, mine, first) for size, mine in by_size.items()))
    further = [one.format(last=sizes[-1]) for one in FURTHER]
    text += ["", *markdown(further, [projected(named(country), named(shard), by_size[shard], last)])]
    return "\n".join([*text, ""])


def row(size: str, mine: Sequence[Record], first: float) -> list[str]:
    """One size: medians over seeds, memory and gap at their worst."""
    done = [one for one in mine if one.found]
    if not done:
        return [size, f"{years(named(size)):,}", *["failed"] * (len(HEAD) - 2)]
    each = rate(size, mine)
    gaps = [float("inf") if one.gap is None else one.gap for one in done]
    return [
        size,
        f"{years(named(size)):,}",
        f"{cost(done):.1f}",
        f"{1000 * each:.2f}",
        f"{each / first - 1:+.0%}",
        share(max(gaps)),
        f"{memory(done):.0f}",
    ]


def projected(country: Size, shard: Size, mine: Sequence[Record], last: float) -> list[str]:
    """The country, by its shards."""
    number = shards(country, shard)
    done = [one for one in mine if one.found]
    hours = number * cost(done) / 3600
    at_rate = years(country) * last / 3600
    return [country.name, f"{number:,}", f"{hours:.1f}", f"{at_rate:.1f}", f"{memory(done):.0f}" if done else ""]


def shards(country: Size, shard: Size) -> int:
    """How many shards of whole accounts make up a country; a shard must have all its SKUs."""
    if shard.skus != country.skus:
        raise SystemExit(f"a shard of {country.name} has all its {country.skus} SKUs, not {shard.skus}")
    return -(-country.accounts // shard.accounts)


def years(size: Size) -> int:
    """Account-SKU-years."""
    return size.accounts * size.skus


def rate(size: str, mine: Sequence[Record]) -> float:
    """CPU seconds per account-SKU-year."""
    return cost([one for one in mine if one.found]) / years(named(size))


def cost(done: Sequence[Record]) -> float:
    """CPU seconds, the median over seeds; NaN where nothing was measured."""
    return median(one.cpu for one in done) if done else float("nan")


def memory(done: Sequence[Record]) -> float:
    """MB, the most over seeds."""
    return max(float(one.found["peak_mb"]) for one in done)


if __name__ == "__main__":
    sys.exit(main())
