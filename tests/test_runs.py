"""Run folders: whole files or none, the manifest last, what is written can be read back."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt import csv_text, runs
from kaopt.errors import EnvironmentFault, InputError
from kaopt.plan import Breach
from kaopt.progress import Progress, silent

NOON = datetime(2027, 1, 4, 12, 0, 0, tzinfo=UTC)


def manifest(**changes: object) -> runs.Manifest:
    given = {
        "command": ("run", "scenarios/x"),
        "status": "done",
        "exit_code": 0,
        "seed": 7,
        "scenario": {"horizon": {"start": date(2027, 1, 4), "weeks": 52}},
        "inputs": {"scenario.yaml": "ab" * 32},
    }
    return runs.Manifest(**(given | changes))


def test_a_folder_is_named_by_time_name_and_hash(tmp_path: Path) -> None:
    folder = runs.create(tmp_path / "runs", "cheese", "0123456789abcdef", now=NOON)
    assert folder.name == "20270104T120000Z-cheese-01234567"
    assert folder.is_dir()


def test_two_runs_in_one_second_do_not_collide(tmp_path: Path) -> None:
    folders = [runs.create(tmp_path, "x", "abc", now=NOON) for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(folder.is_dir() for folder in folders)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b/c", "方案B 高毛利", "", "...", "x" * 300])
def test_no_name_leaves_the_root_or_breaks_the_file_system(tmp_path: Path, name: str) -> None:
    folder = runs.create(tmp_path, name, "abc", now=NOON)
    assert folder.parent == tmp_path
    assert folder.resolve().parent == tmp_path.resolve()


def test_chinese_names_stay_readable(tmp_path: Path) -> None:
    assert "方案B-高毛利" in runs.create(tmp_path, "方案B 高毛利", "abc", now=NOON).name


def test_a_crash_while_writing_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = runs.write_text(tmp_path / "plan.csv", "old")

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        runs.write_text(target, "new and much longer")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.csv"]


def test_a_crash_before_the_end_leaves_no_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = runs.create(tmp_path, "x", "abc")
    runs.write_text(folder / "plan.csv", "a")

    def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(os, "fdopen", crash)
    with pytest.raises(RuntimeError):
        runs.finish(folder, manifest())
    assert not (folder / runs.MANIFEST).exists()
    assert runs.latest(tmp_path) is None
    with pytest.raises(InputError, match=r"must be a finished run"):
        runs.open_run(folder)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "permission is missing"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "--out"),
    ],
)
def test_what_the_disk_refuses_is_said_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(EnvironmentFault, match=words) as caught:
        runs.write_text(tmp_path / "x", "y")
    assert caught.value.exit_code == 6
    assert not list(tmp_path.iterdir())


def test_a_root_that_is_a_file_is_an_environment_fault(tmp_path: Path) -> None:
    blocked = runs.write_text(tmp_path / "runs", "a file")
    with pytest.raises(EnvironmentFault, match="--out"):
        runs.create(blocked, "x", "abc")


def test_the_manifest_repeats_the_run(tmp_path: Path) -> None:
    folder = runs.create(tmp_path, "x", "abc")
    runs.write_text(folder / "plan.csv", "account\n")
    runs.finish(folder, manifest())
    opened = runs.open_run(folder)
    assert opened.manifest["scenario"] == {"horizon": {"start": "2027-01-04", "weeks": 52}}
    assert opened.manifest["inputs"] == {"scenario.yaml": "ab" * 32}
    assert (opened.manifest["status"], opened.manifest["exit_code"], opened.manifest["seed"]) == ("done", 0, 7)
    assert opened.manifest["command"] == ["run", "scenarios/x"]
    assert opened.manifest["versions"]["numpy"] == np.__version__
    assert opened.manifest["files"] == {"plan.csv": runs.sha256(folder / "plan.csv")}
    assert set(opened.manifest) >= {"python", "platform", "finished"}


def test_the_fingerprint_is_sha_256(tmp_path: Path) -> None:
    # NIST's example: SHA-256("abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert runs.sha256(runs.write_bytes(tmp_path / "x", b"abc")) == known


def test_latest_is_the_newest_that_is_finished(tmp_path: Path) -> None:
    assert runs.latest(tmp_path / "nowhere") is None
    early = runs.create(tmp_path, "x", "a", now=NOON)
    late = runs.create(tmp_path, "x", "b", now=NOON.replace(hour=13))
    runs.create(tmp_path, "x", "c", now=NOON.replace(hour=14))  # never finished
    for folder in (late, early):
        runs.finish(folder, manifest())
    assert runs.latest(tmp_path) == late


def test_events_are_kept_and_passed_on(tmp_path: Path) -> None:
    heard: list[Progress] = []
    with runs.events(tmp_path, also=heard.append) as listener:
        listener(Progress("allocate", "方案", seconds=1.5, best=3.0, bound=float("inf"), gap=0.1))
        # on disk at once, not only at the end
        assert len((tmp_path / runs.EVENTS).read_text(encoding="utf-8").splitlines()) == 1
        listener(Progress("simulate", "year", done=1, total=20))
    lines = [json.loads(line) for line in (tmp_path / runs.EVENTS).read_text(encoding="utf-8").splitlines()]
    assert [line["stage"] for line in lines] == ["allocate", "simulate"]
    assert lines[0]["message"] == "方案"
    assert lines[0]["bound"] is None
    assert lines[1]["total"] == 20
    assert [event.stage for event in heard] == ["allocate", "simulate"]


def test_events_outlive_a_crash(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), runs.events(tmp_path, also=silent) as listener:
        listener(Progress("allocate", "half way"))
        raise RuntimeError
    assert "half way" in (tmp_path / runs.EVENTS).read_text(encoding="utf-8")


def test_json_has_no_nan_and_keeps_chinese(tmp_path: Path) -> None:
    content = {"a": np.float64("nan"), "b": np.array([1.0, np.inf]), "c": (np.int64(3), True), "名": date(2027, 1, 4)}
    path = runs.write_json(tmp_path / "x.json", content | {"d": Breach("budget", "total", 2.0, 1.0, "money")})
    text = path.read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "名" in text
    back = json.loads(text)
    assert back["a"] is None
    assert back["b"] == [1.0, None]
    assert back["c"] == [3, True]
    assert (back["d"]["rule"], back["d"]["used"], back["d"]["unit"]) == ("budget", 2.0, "money")


def test_csv_opens_in_a_spreadsheet_and_keeps_every_text() -> None:
    frame = pd.DataFrame(
        {"id": ["007", 'a "b", c', "客户"], "value": [1.0, 0.1 + 0.2, np.nan], "yes": [True, False, True]}
    )
    text = csv_text.csv_bytes(frame)
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").splitlines() == [
        "id,value,yes",
        "007,1,yes",
        '"a ""b"", c",0.30000000000000004,no',
        "客户,,yes",
    ]


def test_a_column_is_written_as_its_cells() -> None:
    """Whole columns of one kind take a short cut; mixed ones go value by value."""
    frame = pd.DataFrame(
        {
            "money": [1e15, -1e15, 3.0, -0.0, 5e-324, np.nan, np.inf, 0.1],
            "count": np.arange(8),
            "small": np.linspace(0, 1, 8, dtype=np.float32),
            "any": [None, 1.0, 2, True, "a", np.float64(3.5), np.nan, -np.inf],
            "day": pd.date_range("2027-01-04", periods=8),
        }
    )
    for name, column in frame.items():
        assert csv_text.texts(column) == [csv_text.cell(one) for one in column], name
    assert csv_text.texts(frame["money"])[:4] == ["1000000000000000.0", "-1000000000000000.0", "3", "0"]
    assert csv_text.csv_bytes(frame.iloc[:0]).decode("utf-8-sig") == "money,count,small,any,day\n"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_read_back_is_the_number_written(value: float) -> None:
    assert float(csv_text.cell(value)) == value


def test_parquet_comes_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"account": ["W", "X"], "cases": [1.5, 2.5]})
    runs.write_parquet(tmp_path / "weekly.parquet", frame)
    runs.finish(tmp_path, manifest())
    pd.testing.assert_frame_equal(runs.open_run(tmp_path).frame("weekly.parquet"), frame, check_dtype=False)
