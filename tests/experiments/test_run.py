"""`kaopt experiment` as a user meets it: figures, bytes, workers, a kill at a random moment, and going on."""

from __future__ import annotations

import csv
import json
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import kaopt as ka
from kaopt.experiments.live import Task, bench_of, work
from kaopt.experiments.lived import lived
from kaopt.experiments.read import Said, read
from kaopt.experiments.store import Store, open_store, unfinished
from kaopt.fulfilment.replicate import live_block
from kaopt.statistics.interval import compare, interval
from tests.experiments.files import TRYING, written
from tests.test_cli import kaopt

RESULTS = ("experiment.csv", "experiment.json", "experiment.html")
SMALL = TRYING.replace("supply.trucks: [1, 2]", "supply.trucks: [2]")


def run_in(folder: Path, *words: object) -> Path:
    said = kaopt("experiment", folder / "trying.yaml", *words, cwd=folder)
    assert said.code == 0, said.err
    return max((folder / "runs").iterdir(), key=lambda path: path.name)


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experiment")
    written(folder, SMALL)
    return folder


@pytest.fixture(scope="module")
def done(home: Path) -> Path:
    return run_in(home)


def test_a_row_for_each_policy(done: Path) -> None:
    with (done / "experiment.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    said = json.loads((done / "experiment.json").read_text(encoding="utf-8"))
    assert [row["policy"] for row in rows] == [one["name"] for one in said["policies"]]
    assert [row["state"] for row in rows].count("baseline") == 1
    assert rows[1]["supply.dispatch_slack"] == "30min" and rows[1]["settings"].startswith("supply.unfamiliar=0.3")
    for row, one in zip(rows, said["policies"], strict=True):
        for label, figure in one["measures"].items():
            assert float(row[label]) == figure["mean"]
            assert float(row[f"{label}_low"]) <= figure["mean"] <= float(row[f"{label}_high"])
            assert (row[f"{label}_difference"] == "") == (one["state"] == "baseline")
        assert int(row["replications"]) == one["years"]


def test_figures_are_those_of_the_simulation(home: Path, done: Path) -> None:
    """Every policy simulated by the public verb with its settings and as many years: the same mean and difference."""
    said = json.loads((done / "experiment.json").read_text(encoding="utf-8"))
    fills = {}
    for one in said["policies"]:
        count = one["years"]
        again = [*one["settings"], f"supply.replications.min={count}", f"supply.replications.max={count}"]
        world = ka.load(home / "corner", overrides=again)
        plan = ka.load_plan(world, world.plan_file) if world.plan_file else ka.Plan.nothing()
        service = ka.simulate(world, plan, seed=5)
        fills[one["name"]] = service.accepted_value.sum(axis=(1, 2)) / service.ordered_value.sum(axis=(1, 2))
        figure = one["measures"]["fill"]
        expected = interval(fills[one["name"]])
        assert (figure["mean"], figure["low"]) == pytest.approx((expected.mean, expected.low), rel=1e-12)
    for one in said["policies"][1:]:
        pair = compare(fills[one["name"]], fills["baseline"])
        gap = one["measures"]["fill"]["difference"]
        assert (gap["mean"], gap["high"]) == pytest.approx((pair.difference.mean, pair.difference.high), abs=1e-12)
        assert gap["correlation"] == pytest.approx(pair.correlation, abs=1e-9)
        assert gap["p_holm"] >= gap["p"]


def test_it_stops_where_it_was_told_to(done: Path) -> None:
    said = json.loads((done / "experiment.json").read_text(encoding="utf-8"))
    for one in said["policies"][1:]:
        gap = one["measures"]["fill"]["difference"]
        narrow = (gap["high"] - gap["low"]) / 2 <= 0.02
        assert narrow == (one["state"] == "narrow") and (narrow or one["years"] == 40)


def test_the_verb_gives_the_same(home: Path, done: Path, tmp_path: Path) -> None:
    made = ka.experiment(home / "trying.yaml")
    assert isinstance(made, ka.Experiment)
    assert ka.experiment.__doc__ is not None and "careless" in str(made)
    assert made.to_html(tmp_path / "page.html").read_bytes() == (done / "experiment.html").read_bytes()


@pytest.mark.thorough
def test_two_workers_give_the_same_bytes(home: Path, done: Path) -> None:
    assert results(run_in(home, "--workers", 2)) == results(done)


def test_a_finished_experiment_is_run_anew_in_a_folder_of_its_own(home: Path, done: Path) -> None:
    again = run_in(home)
    assert again != done and results(again) == results(done)


def test_json_is_the_only_thing_on_stdout(home: Path) -> None:
    said = kaopt("experiment", home / "trying.yaml", "--json", "--lang", "zh", cwd=home)
    assert len(said.json["policies"]) == 4 and said.json["digest"][:8] in Path(said.json["run"]).name


def test_words_in_chinese(home: Path) -> None:
    said = kaopt("experiment", home / "trying.yaml", "--lang", "zh", cwd=home)
    assert "策略" in said.out and "金额满足率" in said.out and "基准" in said.out


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    said = kaopt("experiment", "nothing.yaml", cwd=tmp_path)
    assert said.code == 2 and "nothing.yaml" in said.err


# --- stopped and gone on with


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, done: Path) -> None:
    path = written(tmp_path, SMALL)
    keep, kept = Store.keep, []

    def stop_at_the_fifth(self: Store, task: Task, values: np.ndarray) -> None:
        keep(self, task, values)
        kept.append(task)
        if len(kept) == 5:
            raise KeyboardInterrupt

    with patch.object(Store, "keep", stop_at_the_fifth):
        assert kaopt("experiment", path, cwd=tmp_path).code == 130
    folder = next((tmp_path / "runs").iterdir())
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["status"] == "interrupted"
    assert len(list((folder / "blocks").iterdir())) == 5
    assert unfinished(tmp_path / "runs", read(path).digest) == folder
    with patch("kaopt.experiments.live.live_block", wraps=live_block) as again_lived:
        again = run_in(tmp_path)
    assert again == folder and results(again) == results(done)
    assert again_lived.call_count == len(list((folder / "blocks").iterdir())) - 5
    assert unfinished(tmp_path / "runs", read(path).digest) is None


def test_another_question_does_not_go_on_with_it(tmp_path: Path) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    open_store(tmp_path / "runs" / "a", "one")
    assert unfinished(tmp_path / "runs", "two") is None
    assert unfinished(tmp_path / "runs", "one") == tmp_path / "runs" / "a"
    assert unfinished(tmp_path / "nowhere", "one") is None


def test_half_written_files_are_swept_away_and_numbers_come_back_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / ".0000-000000-000008.json.x1.part").write_text("[[0.1", encoding="utf-8")
    store = open_store(tmp_path, "d")
    assert list((tmp_path / "blocks").iterdir()) == []
    values = np.random.default_rng(1).normal(size=(8, 3)) / 3
    store.keep(Task(0, 0, 8), values)
    found = store.find(Task(0, 0, 8))
    assert found is not None and np.array_equal(found, values)
    assert store.find(Task(0, 0, 16)) is None and Store().find(Task(0, 0, 8)) is None


def started(folder: Path, workers: int) -> subprocess.Popen[bytes]:
    program = "from kaopt.cli import main; main()"
    words = [sys.executable, "-c", program, "experiment", "trying.yaml", "--workers", str(workers)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, cwd=folder, stdout=quiet, stderr=quiet)


@pytest.mark.thorough
@pytest.mark.parametrize("workers", [1])
def test_killed_at_a_random_moment_it_goes_on_to_the_same_bytes(tmp_path: Path, done: Path, workers: int) -> None:
    killed_and_resumed(tmp_path, done, workers, random.Random(workers))


@pytest.mark.thorough
@pytest.mark.parametrize("moment", range(4))
def test_killed_with_workers_again_and_again(tmp_path: Path, done: Path, moment: int) -> None:
    killed_and_resumed(tmp_path, done, 2, random.Random(moment))


def killed_and_resumed(folder: Path, done: Path, workers: int, chance: random.Random) -> None:
    """Kill when a random number of blocks is there; nothing of the killed run may be left over or be lived twice."""
    written(folder, SMALL)
    process = started(folder, workers)
    wanted = chance.randint(1, 8)
    while process.poll() is None and len(list(folder.glob("runs/*/blocks/*.json"))) < wanted:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = next((folder / "runs").iterdir())
    if (run / "run.json").exists():
        pytest.fail("it had ended before it could be killed")
    before = {path: path.stat().st_mtime_ns for path in (run / "blocks").glob("*.json")}
    again = run_in(folder)
    assert again == run and results(again) == results(done)
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())


# --- the parts


def test_inputs_are_prepared_once_for_each_policy(home: Path) -> None:
    question = read(home / "trying.yaml")
    bench = bench_of(question)
    with patch(
        "kaopt.experiments.live.prepare", wraps=__import__("kaopt.fulfilment.inputs", fromlist=["x"]).prepare
    ) as made:
        first = work(bench, Task(0, 0, 4))
        second = work(bench, Task(0, 4, 8))
        work(bench, Task(1, 0, 4))
    assert made.call_count == 2
    assert np.array_equal(np.concatenate([first, second]), work(bench_of(question), Task(0, 0, 8)))


def test_a_policy_of_ones_own_is_in_all_worlds_and_in_the_digest(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "nothing.py"
    file.write_text("def production(view):\n    return 0 * view.target\n", encoding="utf-8")
    question = read(home / "trying.yaml", Said(policies=file))
    assert all(one.own_policies for one in question.worlds)
    assert question.digest != read(home / "trying.yaml").digest
    with_own, without = (
        work(bench_of(question), Task(0, 0, 4)),
        work(bench_of(read(home / "trying.yaml")), Task(0, 0, 4)),
    )
    assert with_own[:, 0].max() < without[:, 0].min()  # who makes nothing delivers next to nothing
    assert pickle.loads(pickle.dumps(bench_of(question))).seed == 5


def test_what_does_not_fit_is_prepared_again(home: Path) -> None:
    bench = bench_of(read(home / "trying.yaml"))
    with patch("kaopt.experiments.live.ROOM", 0):
        work(bench, Task(0, 0, 4))
        work(bench, Task(1, 0, 4))
    assert list(bench.ready) == [1]


def test_a_policy_that_is_the_baseline_by_another_name_has_its_very_years(tmp_path: Path) -> None:
    """Another cost of disposal changes nothing where nothing is disposed of: the same luck, the same year."""
    question = read(written(tmp_path, SMALL.replace("supply.issue_error: 20%", "supply.disposal_cost: 3")))
    assert [one.name for one in question.policies][::3] == ["baseline", "careless"]
    years = lived(question)
    both = min(len(years[0]), len(years[-1]))
    assert np.array_equal(years[0][:both], years[-1][:both])
