"""`kaopt fit deliveries` from the command line: figures, the model's folder, faults."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from kaopt import cli
from kaopt.deliveries.card import ledger, overrides
from kaopt.deliveries.fit import fitted
from kaopt.deliveries.records import read_records
from kaopt.scenario.ledger_settings import Calibrate
from tests.deliveries.helpers import SMALL, made, write


def kaopt(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["kaopt", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_json_is_the_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "models" / "small"
    assert kaopt(monkeypatch, "fit", "deliveries", str(write(tmp_path)), "--out", str(out), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    line, order = {"on_time": 0.4, "in_full": 0.6, "otif": 0.4}, {"on_time": 0.25, "in_full": 0.5, "otif": 0.25}
    assert said == {"model": str(out), "service": {"line": line, "order": order}}


def test_the_models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert kaopt(monkeypatch, "fit", "deliveries", str(write(tmp_path))) == 0
    assert "line   on time 0.4000, in full 0.6000, otif 0.4000" in capsys.readouterr().out
    folder = tmp_path / "models" / "service" / "lines"
    table = pd.read_csv(folder / "service.csv", encoding="utf-8-sig")
    assert list(table.columns) == ["account", "term", "value", "low", "high", "evidence"]
    late = table[table["term"] == "late"].set_index("account")
    assert sorted(late.index) == ["*", "A", "B"]
    assert late.loc["A", "evidence"] == 2
    assert late.loc["A", "low"] < late.loc["A", "value"] < late.loc["A", "high"]
    card = yaml(folder / "card.yaml")
    assert (card["lines"], card["orders"], card["accounts"]) == (5, 4, 2)
    assert card["rebuild"] == "kaopt fit deliveries lines.csv"
    assert card["measured"]["order"] == {"on_time": 0.25, "in_full": 0.5, "otif": 0.25}
    assert card["lateness"]["law"] == "empirical"
    assert card["lateness"]["orders_that_never_came_whole"] == 1
    assert card["simulation"] == {}, "whole days say nothing about minutes"
    assert str(tmp_path) not in (folder / "card.yaml").read_text(encoding="utf-8")


def test_the_ledger_is_a_section_that_calibrate_reads(tmp_path: Path) -> None:
    books = ledger(read_records(write(tmp_path)))
    # A ordered 25: a line of 10 came late; nothing is missing on time. B ordered 12: all of it late or never there
    read = Calibrate.model_validate(books["calibrate"])
    assert read.ledger["A"].losses == {"late": 0.4, "shortage": 0.0}
    assert read.ledger["B"].losses == {"late": 1.0, "shortage": 0.0}
    short = "order,account,ordered,delivered,agreed,actual\n1,A,10,7,{0},{0}\n2,A,10,12,{0},{0}\n".format("2026-03-02")
    assert ledger(read_records(write(tmp_path, short)))["calibrate"]["ledger"]["A"]["losses"] == {
        "late": 0.0,
        "shortage": 0.15,
    }
    assert ledger(read_records(write(tmp_path, "order,account,ordered,delivered\n1,A,10,9\n"))) == {}


def test_delays_in_minutes_become_settings_of_the_simulation() -> None:
    records = made([0.2] * 10, 300, delay=(-3.0, 0.5))  # some 72 minutes
    found = overrides(fitted(records), timed=True)
    assert float(found["supply.unfamiliar"]) == pytest.approx(0.2, abs=0.02)
    minutes = int(found["supply.unfamiliar_minutes"].removesuffix("min"))
    assert minutes == pytest.approx(1440 * np.exp(-3.0 + 0.125), rel=0.05)
    assert float(found["supply.unfamiliar_cv"]) == pytest.approx((np.exp(0.25) - 1) ** 0.5, rel=0.08)
    assert overrides(fitted(records), timed=False) == {}
    assert overrides(fitted(replace(records, delay=None, agreed=None)), timed=True) == {}


def test_faults_are_listed_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write(tmp_path, SMALL.replace("10,8", "ten,8").replace("5,6", "5,six"))
    assert kaopt(monkeypatch, "fit", "deliveries", str(bad), "--out", str(tmp_path / "m"), "--json") == 2
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert [(one["line"], one["column"]) for one in errors] == [(3, "ordered"), (4, "delivered")]
    assert not (tmp_path / "m").exists()


def test_a_mapping_by_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        tmp_path, "shipment,customer,scheduled,delivered\n1,A,2026-03-02,2026-03-05\n2,A,2026-03-02,2026-03-01\n"
    )
    names = write(tmp_path, "order: shipment\naccount: customer\nagreed: scheduled\nactual: delivered\n", "names.yaml")
    out = tmp_path / "m"
    assert kaopt(monkeypatch, "fit", "deliveries", str(path), "--mapping", str(names), "--out", str(out)) == 0
    assert yaml(out / "card.yaml")["measured"]["line"] == {"on_time": 0.5, "in_full": None, "otif": None}
    assert yaml(out / "card.yaml")["rebuild"].endswith("--mapping names.yaml")
    assert not (out / "ledger.yaml").exists()
