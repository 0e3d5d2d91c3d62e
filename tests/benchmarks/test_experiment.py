"""The measurement of an experiment's own cost: all parts there, the years those of the experiment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.experiment import main

from tests.experiments.files import TRYING, written


def test_every_part_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TRYING.replace("max: 40", "max: 16")
    assert main([str(written(tmp_path, text)), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["policies"], said["years"]) == (6.0, 96.0)
    assert min(said.values()) > 0
    parts = said["read"] + said["lived"] + said["judged_and_page"]
    assert said["ratio"] == pytest.approx(parts / said["years_alone"])
