"""Tables of many measurements by hand: medians, worst, ratios that never claim too much, and runs that go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.generator.sizes import named
from benchmarks.records import Job, Record
from benchmarks.scale_chart import draw_chart, steps
from benchmarks.scale_table import Ratio, middle, ratio, row, table
from benchmarks.trajectory import Point

from benchmarks import projection, records, scale

JOB = Job("S2", 1, "blocks", 60.0, 0.001)


def record(engine: str, seed: int, ends: tuple[float, float | None], *, breaches: int = 0) -> Record:
    """At half of the CPU seconds a gap of 1 % or, where it ends worse, the last one; at the end the last one."""
    cpu, gap = ends
    half = None if gap is None else Point(cpu / 2, 100.0, 100 + 100 * max(gap, 0.01))
    points = () if gap is None or half is None else (half, Point(cpu, None, 100 + 100 * gap))
    found = {"gap": gap, "objective": 100.0, "cpu_seconds": cpu, "peak_mb": 100.0 * seed, "breaches": breaches}
    return Record(replace(JOB, engine=engine, seed=seed), 0, found, points)


OURS = [record("blocks", seed, ends) for seed, ends in enumerate([(4.0, 0.001), (2.0, 0.004), (6.0, 0.002)], start=1)]
THEIRS = [record("highs", seed, ends) for seed, ends in enumerate([(100.0, 0.01), (50.0, 0.02), (90.0, None)], start=1)]


def test_a_line_tells_medians_and_worst() -> None:
    assert row(OURS) == [
        *("blocks", "3 of 3", "0.200%", "0.400%", "4.0", "6.0", "300"),
        *("2.00", "3.00", "3", "0"),
    ]
    assert row([*OURS[:2], record("blocks", 3, (1.0, 0.5), breaches=2)])[-1] == "2"


def test_what_never_came_is_the_worst_and_not_left_out() -> None:
    assert row(THEIRS) == [
        *("highs", "3 of 3", "2.000%", "none", "90.0", "100.0", "300"),
        *("never", "never", "1", "0"),
    ]


def test_a_ratio_is_of_the_same_seed_and_at_least_where_one_never_arrived() -> None:
    assert [ratio(*pair) for pair in zip(OURS, THEIRS, strict=True)] == [
        Ratio(25.0),
        Ratio(50.0, at_least=True),  # all of its 50 s against 1 s
        Ratio(30.0, at_least=True),
    ]
    assert ratio(THEIRS[1], OURS[1]) is None  # where we never arrive, nothing is claimed
    assert str(middle([Ratio(50.0, at_least=True), Ratio(25.0)])) == "25"
    assert str(Ratio(1234.0, at_least=True)) == "> 1.23e+03"


def test_the_table_names_engines_ratios_and_failures() -> None:
    failed = Record(replace(JOB, engine="cpsat"), 6)
    lines = table([*OURS, *THEIRS, failed]).splitlines()
    assert lines[0].startswith("S2; asked gap 0.100%; limits: blocks 60 s, highs 60 s, cpsat 60 s")
    assert "| highs | > 30 | 25 | 3 of 3 |" in lines and "| cpsat |  |  | 0 |" in lines
    assert lines[-1] == "cpsat seed 1: failed, exit code 6"
    widths = {line.count("|") for line in lines[2:7]}
    assert widths == {12}


def test_a_chart_has_steps_from_the_first_proven_plan_to_the_end(tmp_path: Path) -> None:
    late = replace(OURS[0], points=(Point(1.0, None, 110.0), Point(3.0, 100.0, None)))
    cpu, gap = steps(late)
    assert cpu == [3.0, 4.0] and gap == pytest.approx([0.1, 0.1])
    assert steps(THEIRS[2]) == ([], [])
    for name in ("a", "b"):
        draw_chart([*OURS, *THEIRS, replace(THEIRS[2], job=replace(JOB, engine="scip"))], tmp_path / f"{name}.svg")
    text = (tmp_path / "a.svg").read_text()
    assert text == (tmp_path / "b.svg").read_text()
    assert all(f">{words}<" in text for words in ("blocks", "highs", "scip: no proven plan", "CPU seconds", "1 %"))


def test_what_was_measured_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Job] = []

    def measured(job: Job, scratch: Path) -> Record:
        assert scratch.is_dir()
        done.append(job)
        return Record(job, 6) if job.engine == "cpsat" else record(job.engine, job.seed, (4.0, 0.001))

    monkeypatch.setattr(records, "measured", measured)
    jobs = [replace(JOB, engine=engine, seed=seed) for seed in (1, 2) for engine in ("blocks", "cpsat")]
    first = list(records.records(jobs, tmp_path))
    assert done == jobs and [one.job for one in first] == jobs
    again = list(records.records([*jobs, replace(JOB, seed=3)], tmp_path))
    assert again[:4] == first and again[4].job.seed == 3
    assert done[4:] == [jobs[1], jobs[3], replace(JOB, seed=3)]  # failures are tried again


def test_the_command_writes_table_plot_and_measurements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Job] = []

    def measured(job: Job, _: Path) -> Record:
        seen.append(job)
        return record(job.engine, job.seed, (4.0, 0.001))

    monkeypatch.setattr(records, "measured", measured)
    more = ["--seeds", "5", "6", "--time-limit", "20", "--peer-limit", "90", "--tiers", "--out", str(tmp_path)]
    assert scale.main(["S3", "--engines", "arrays", "highs", *more]) == 0
    assert [(one.seed, one.engine, one.seconds, one.tiers) for one in seen] == [
        *((5, "arrays", 20.0, True), (5, "highs", 90.0, True), (6, "arrays", 20.0, True), (6, "highs", 90.0, True)),
    ]
    assert {one.name for one in tmp_path.iterdir()} == {"table.md", "gap.svg", "measured.jsonl"}
    assert "| highs | 1 | 1 | 2 of 2 |" in capsys.readouterr().out


# what a country costs


def grown(size: str, cpu: float, mb: float) -> Record:
    found = {"gap": 0.0005, "objective": 1.0, "cpu_seconds": cpu, "peak_mb": mb, "breaches": 0}
    return Record(Job(size, 1, "blocks", 600.0, 0.001), 0, found)


def test_cost_by_size_and_of_a_country_by_its_shards() -> None:
    found = [grown("S3", 18.0, 500.0), grown("S5", 550.0, 1400.0), grown("10x2000", 180.0, 900.0)]
    lines = projection.tables(found, "10x2000", "10000x2000").splitlines()
    assert lines[2] == "| S3 | 1,800 | 18.0 | 10.00 | +0% | 0.050% | 500 |"
    assert lines[3] == "| S5 | 50,000 | 550.0 | 11.00 | +10% | 0.050% | 1400 |"
    assert lines[4] == "| 10x2000 | 20,000 | 180.0 | 9.00 | -10% | 0.050% | 900 |"
    assert lines[-1] == "| 10000x2000 | 1,000 | 50.0 | 61.1 | 900 |"  # 1 000 x 180 s; 20 million x 11 ms


def test_a_shard_has_all_skus_and_whole_accounts() -> None:
    assert projection.shards(named("25x8"), named("10x8")) == 3
    with pytest.raises(SystemExit, match="all its 8 SKUs, not 4"):
        projection.shards(named("25x8"), named("10x4"))


def test_a_size_that_failed_is_told(tmp_path: Path) -> None:
    found = [grown("S3", 18.0, 500.0), Record(Job("10x2000", 1, "blocks", 600.0, 0.001), 4)]
    lines = projection.tables(found, "10x2000", "10000x2000").splitlines()
    assert lines[3].startswith("| 10x2000 | 20,000 | failed") and "| nan |" in lines[-1]


@pytest.mark.thorough
def test_engines_are_compared_in_processes_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = ["--time-limit", "30", "--peer-limit", "30", "--gap", "0.05"]
    assert scale.main(["S1", "--engines", "arrays", "highs", "--seeds", "1", *limits, "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "| arrays | 1 of 1 |" in out and "| highs | 1 of 1 |" in out
    known = records.kept(tmp_path)
    assert {one.engine for one in known} == {"arrays", "highs"}
    assert all(one.gap is not None and one.gap <= 0.05 and one.points for one in known.values())
