"""Measurements as tables: medians and worst by engine, and how many times sooner one reaches a gap than the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from statistics import median

from benchmarks.records import Record

SOON = 0.01  # the gap to which times are compared
HEAD = (
    *("engine", "seeds", "gap, median", "worst", "CPU s, median", "worst", "peak MB"),
    *("s to 1 %, median", "worst", "reached", "breaches"),
)


@dataclass(frozen=True)
class Ratio:
    """How many times longer one search took than another; where it never arrived, at least this many times."""

    times: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'> ' if self.at_least else ''}{self.times:.3g}"


def table(records: Sequence[Record]) -> str:
    """Markdown: one line by engine, then the ratios of times to 1 % of the first engine to the others."""
    engines = list(dict.fromkeys(one.job.engine for one in records))
    by_engine = [[one for one in records if one.job.engine == engine] for engine in engines]
    text = [title(records), "", *markdown(HEAD, map(row, by_engine))]
    if len(engines) > 1:
        heading = ("engine", f"times longer to 1 % than {engines[0]}, median", "least", "seeds")
        text += ["", *markdown(heading, (against(by_engine[0], other) for other in by_engine[1:]))]
    return "\n".join([*text, *failures(records), ""])


def title(records: Sequence[Record]) -> str:
    """What was measured."""
    job = records[0].job
    tiers = " with tiers" if job.tiers else ""
    limits = dict.fromkeys((one.job.engine, one.job.seconds) for one in records)
    told = ", ".join(f"{engine} {seconds:g} s" for engine, seconds in limits)
    return f"{job.size}{tiers}; asked gap {job.gap:.3%}; limits: {told}. Gaps of peers: judged plan to claimed bound."


def row(records: Sequence[Record]) -> list[str]:
    """One engine."""
    done = [one for one in records if one.found]
    if not done:
        return [records[0].job.engine, f"0 of {len(records)}", *[""] * (len(HEAD) - 2)]
    gaps = [inf if one.gap is None else one.gap for one in done]
    spent = [one.cpu for one in done]
    times = [one.time_to(SOON) for one in done]
    soon = [inf if one is None else one for one in times]
    return [
        records[0].job.engine,
        f"{len(done)} of {len(records)}",
        share(median(gaps)),
        share(max(gaps)),
        f"{median(spent):.1f}",
        f"{max(spent):.1f}",
        f"{max(one.found['peak_mb'] for one in done):.0f}",
        seconds(median(soon)),
        seconds(max(soon)),
        f"{sum(isfinite(one) for one in soon)}",
        f"{sum(one.found['breaches'] for one in done)}",
    ]


def against(ours: Iterable[Record], theirs: Sequence[Record]) -> list[str]:
    """How many times longer another engine takes, over the seeds where ours arrives."""
    first = {one.job.seed: one for one in ours if one.found}
    pairs = [(first[one.job.seed], one) for one in theirs if one.found and one.job.seed in first]
    ratios = [found for found in (ratio(*pair) for pair in pairs) if found is not None]
    if not ratios:
        return [theirs[0].job.engine, "", "", "0"]
    least = min(ratios, key=lambda one: one.times)
    return [theirs[0].job.engine, str(middle(ratios)), str(least), f"{len(ratios)} of {len(pairs)}"]


def ratio(ours: Record, theirs: Record, gap: float = SOON) -> Ratio | None:
    """Their time to a gap over ours; all that they had where they never arrived, None where we did not."""
    sooner, later = ours.time_to(gap), theirs.time_to(gap)
    if sooner is None or sooner <= 0:
        return None
    return Ratio(theirs.cpu / sooner, at_least=True) if later is None else Ratio(later / sooner)


def middle(ratios: Sequence[Ratio]) -> Ratio:
    """The median; of an even number the lower of the two, which claims less."""
    ordered = sorted(ratios, key=lambda one: one.times)
    return ordered[(len(ordered) - 1) // 2]


def failures(records: Iterable[Record]) -> list[str]:
    """What did not work, by name."""
    told = [f"{one.job.engine} seed {one.job.seed}: failed, exit code {one.code}" for one in records if not one.found]
    return ["", *told] if told else []


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table's lines."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def share(value: float) -> str:
    """A gap in per cent."""
    return f"{value:.3%}" if isfinite(value) else "none"


def seconds(value: float) -> str:
    """CPU seconds, or that it never was."""
    return f"{value:.2f}" if isfinite(value) else "never"
