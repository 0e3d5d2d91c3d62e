"""The whole run folder: every file the contract names, none for what was not made, the manifest last."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kaopt import runs
from kaopt.plan import Plan
from kaopt.report import folder as writer
from kaopt.report.folder import write_result
from tests import worlds
from tests.report import samples

PLANNED = {"plan.csv", "plan.parquet", "weekly.parquet", "scorecard.json", "scorecard.csv"}
PLANNED |= {"report.html", "results.xlsx"}
WHOLE = PLANNED | {"certificate.json", "constraints.csv", "service.parquet", "fulfilment_figures.csv"}


def test_every_part_has_its_file(tmp_path: Path) -> None:
    world = worlds.world(2, 2, 12)
    result = samples.run(world, samples.random_plan(world, 6))
    write_result(tmp_path, result)
    assert {p.name for p in tmp_path.iterdir()} == WHOLE
    content = json.loads((tmp_path / "scorecard.json").read_text(encoding="utf-8"))
    assert content == json.loads(json.dumps(result.card.as_dict()))
    assert json.loads((tmp_path / "certificate.json").read_text())["solver"] == "HiGHS 1.13.1"
    rows = pd.read_csv(tmp_path / "constraints.csv", encoding="utf-8-sig")
    assert rows.loc[0, ["rule", "slack"]].tolist() == ["budget", 0]
    frame, table = pd.read_parquet(tmp_path / "plan.parquet"), pd.read_csv(tmp_path / "plan.csv", encoding="utf-8-sig")
    assert frame["contribution"].tolist() == table["contribution"].tolist()  # not a digit is lost in text


def test_what_was_not_made_has_no_file(tmp_path: Path) -> None:
    world = worlds.world()
    write_result(tmp_path, samples.run(world, Plan.nothing(), simulated=False, certificate=None, rules=(), chosen=None))
    assert {p.name for p in tmp_path.iterdir()} == PLANNED


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    world = worlds.world(2, 2, 12)
    plan = samples.random_plan(world, 6)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_result(tmp_path / name, samples.run(world, plan))
    for name in WHOLE:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_crash_on_the_way_leaves_an_unfinished_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = runs.create(tmp_path, "x", "abc")

    def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(writer, "write_report", crash)
    world = worlds.world()
    with pytest.raises(RuntimeError):
        write_result(folder, samples.run(world, samples.random_plan(world, 2)))
    assert not (folder / "run.json").exists()
    assert not list(folder.glob(".*"))
    assert runs.latest(tmp_path) is None
