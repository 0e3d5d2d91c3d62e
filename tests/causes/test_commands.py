"""`kaopt causes` and `kaopt trace` from the command line: tables, data, run folder, faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaopt import cli
from tests.calibration.test_overlay import starter


def kaopt(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["kaopt", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return starter(tmp_path_factory.mktemp("starter"))


def test_causes_as_data_and_as_a_table(
    where: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("causes", str(where), "--years", "3", "--out", str(tmp_path))
    assert kaopt(monkeypatch, *asked, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    total = said["total"]
    shares = [one["shapley"]["mean"] for one in total["causes"].values()]
    assert sum(shares) == pytest.approx(total["gap"]["mean"], abs=1e-12)
    assert total["gap"]["mean"] + total["other"] == pytest.approx(1 - total["fill"]["mean"], abs=1e-12)
    assert json.loads((Path(said["run"]) / "causes.json").read_text("utf-8"))["years"] == said["years"] == 3
    assert json.loads((Path(said["run"]) / "run.json").read_text("utf-8"))["status"] == "done"
    assert kaopt(monkeypatch, *asked, "--lang", "zh") == 0
    assert "Shapley" in (text := capsys.readouterr().out) and "全部客户" in text


def test_a_trace_as_data_and_in_words(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = [row.split(",")[0] for row in (where / "tables/accounts.csv").read_text("utf-8-sig").splitlines()][1]
    asked = ("trace", str(where), "--order", f"{account},W2")
    assert kaopt(monkeypatch, *asked, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ordered"] > 0 and said["missing"] == sum(said["by_cause"].values())
    assert kaopt(monkeypatch, *asked) == 0
    assert f"ordered {said['ordered']}, accepted {said['accepted']}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("causes", "--account", "nobody"), ("trace", "--order", "nobody,W1"), ("trace",)])
def test_faults_are_told(words: tuple[str, ...], where: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert kaopt(monkeypatch, words[0], str(where), *words[1:], "--out", str(tmp_path)) == 2
