"""`kaopt calibrate` from the command line: table, data, overlay, run folder, exit codes, faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kaopt as ka
from kaopt import cli
from kaopt.calibration.calibrate import Calibration, Found
from kaopt.calibration.ledger import Line
from kaopt.calibration.show import as_dict, text_of
from tests.calibration.small import asking, warehouse
from tests.calibration.test_overlay import starter

SECTION = """
calibrate:
  ledger:
    '*': {fill: 80%, causes: {late: 50%}}
  knobs:
    - {setting: supply.unfamiliar, loss: late, low: 1%, high: 70%, scale: log}
  replications: 4
"""


def kaopt(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["kaopt", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def scenario(folder: Path, section: str = SECTION) -> Path:
    where = starter(folder)
    with (where / "scenario.yaml").open("a", encoding="utf-8") as file:
        file.write(section)
    return where


def test_from_a_ledger_to_a_calibrated_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = scenario(tmp_path)
    out = tmp_path / "runs"
    assert kaopt(monkeypatch, "calibrate", str(where), "--out", str(out), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    (knob,) = said["knobs"]
    assert said["status"] == "done"
    assert (knob["knob"], knob["figure"], knob["account"]) == ("supply.unfamiliar", "late", "*")
    assert knob["ledger"] == pytest.approx(0.1)
    assert knob["reached"] == pytest.approx(0.1, abs=0.02)
    assert 0.01 <= knob["low"] < knob["value"] < knob["high"] <= 0.7
    assert [one["figure"] for one in said["checks"]] == ["fill"]
    overlay = ka.load(said["overlay"])
    assert overlay.supply.unfamiliar == knob["value"]
    assert Path(said["overlay"]) == tmp_path.resolve() / "scenarios" / "starter_calibrated"
    run = Path(said["run"])
    assert json.loads((run / "run.json").read_text("utf-8"))["status"] == "done"
    assert json.loads((run / "calibration.json").read_text("utf-8"))["knobs"] == said["knobs"]
    assert (run / "events.jsonl").read_text("utf-8").count("calibrate") >= said["places"]
    card = (Path(said["overlay"]) / "card.yaml").read_text("utf-8")
    assert "scenario: starter" in card
    assert "no promotion" in card
    # once more, from its own answer, with another seed: the earlier overlay is replaced
    assert kaopt(monkeypatch, "calibrate", str(where), "--out", str(out), "--seed", "8", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["seed"] == 8
    assert again["knobs"][0]["value"] != knob["value"]
    assert ka.load(said["overlay"]).supply.unfamiliar == again["knobs"][0]["value"]


def test_no_time_saves_the_best_so_far_with_exit_code_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = scenario(tmp_path)
    assert kaopt(monkeypatch, "calibrate", str(where), "--out", str(tmp_path / "runs"), "--time-limit", "0.001s") == 5
    text = capsys.readouterr().out
    assert "stopped by the time limit" in text
    assert "supply.unfamiliar" in text
    ka.load(tmp_path / "scenarios" / "starter_calibrated")


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("", "calibrate.knobs"),
        (SECTION.replace("supply.unfamiliar", "supply.unfamilar"), "Did you mean 'unfamiliar'?"),
        (SECTION.replace("loss: late", "loss: age"), "calibrate.knobs.0.loss"),
        (SECTION.replace("'*'", "nobody"), "calibrate.ledger.nobody"),
        (SECTION.replace("high: 70%", "hihg: 70%"), "hihg"),
    ],
)
def test_faults_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], section: str, words: str
) -> None:
    assert kaopt(monkeypatch, "calibrate", str(scenario(tmp_path, section)), "--out", str(tmp_path / "runs")) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "scenarios" / "starter_calibrated").exists()


def result(status: str = "short") -> Calibration:
    late = Found("supply.unfamiliar", 0.2, 0.266, 0.012, 0.234, 0.302, Line("W", "late", 0.137), 0.1372, True)
    lots = Found("skus.lot_cover_weeks x", 1.0, 0.7, float("inf"), 0.5, 2.0, Line("W", "age", 0.106), 0.09, False)
    checks = ((Line("W", "penalties", 150_000.0), 149_012.3, 2_000.0),)
    world = asking(warehouse(4), {})
    import numpy as np

    return Calibration(world, (late, lots), checks, np.zeros(2), np.zeros((2, 2)), 32, 40, status, 12.3)


def test_the_table_says_what_was_found_and_what_was_not() -> None:
    lines = text_of(result()).splitlines()
    assert lines[1].split() == [
        *("supply.unfamiliar", "0.2", "0.266", "0.012", "0.234", "to", "0.302"),
        *("late", "W", "13.70%", "13.72%"),
    ]
    assert lines[2].endswith("10.60%   9.00% !")
    assert "?" in lines[2]
    assert lines[3].split() == ["(no", "knob)", "penalties", "W", "150,000", "149,012"]
    assert "not every loss is met" in lines[5]
    assert "已中断" in text_of(result("interrupted"), "zh")


def test_data_have_null_for_what_cannot_be_told() -> None:
    said = as_dict(result())
    assert said["knobs"][1]["se"] is None
    assert said["knobs"][0]["se"] == 0.012
    assert said["checks"] == [
        {"account": "W", "figure": "penalties", "ledger": 150_000.0, "reached": 149_012.3, "year_sd": 2_000.0}
    ]
    json.dumps(said, allow_nan=False)
