"""The calibrated scenario: it extends the old one, wins where it must, and gives back exactly what was found."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

import kaopt as ka
from kaopt.calibration.calibrate import Calibration, Found
from kaopt.calibration.knobs import dials_of, turned
from kaopt.calibration.ledger import Line
from kaopt.calibration.overlay import Overlay, merged, place_for, prove, write_overlay
from kaopt.errors import ContradictionError, InputError
from kaopt.scenario.ledger_settings import Calibrate
from kaopt.scenario.model import Scenario

ROOT = Path(__file__).parents[2]
KNOBS = [
    {"setting": "supply.unfamiliar", "loss": "late", "low": 0.01, "high": 0.7, "scale": "log"},
    {"setting": "supply.unfamiliar_minutes", "loss": "damage", "low": 10, "high": 200},
    {"setting": "skus.lot_cover_weeks", "how": "times", "loss": "age", "low": 0.5, "high": 2.0, "search": "step"},
    {"setting": "skus.safety_weeks", "loss": "shortage", "low": -1.0, "high": 2.0},
    {"setting": "accounts.mismatch", "of": "W*", "loss": "paper", "low": 0.0, "high": 0.2},
]
VALUES = [0.234567, 33.4, 1.23457, -0.25, 0.0345678]


def starter(folder: Path) -> Path:
    """A copy of the bundled starter among other scenarios."""
    return Path(shutil.copytree(ROOT / "scenarios" / "starter", folder / "scenarios" / "starter"))


def found(world: Scenario, knobs: Sequence[dict[str, Any]] = KNOBS) -> Overlay:
    said = replace(world, calibrate=Calibrate.model_validate({"knobs": list(knobs)}))
    return Overlay(world.folder.with_name("found"), said, dials_of(said))


def made(place: Overlay, values: Sequence[float] = VALUES) -> Calibration:
    names = [
        Found(d.name, 0, v, 0.01, 0, 1, Line("*", "late", 0.1), 0.1, True)
        for d, v in zip(place.dials, values, strict=True)
    ]
    world = turned(place.base, place.dials, values)
    return Calibration(world, tuple(names), (), np.zeros(0), np.zeros((0, 0)), 8, 1, "done", 1.0)


def written(place: Overlay) -> Calibration:
    result = made(place)
    write_overlay(place, result, {"what": "a test"})
    return result


def test_the_overlay_gives_back_every_knob(tmp_path: Path) -> None:
    world = ka.load(starter(tmp_path))
    place = found(world)
    result = written(place)
    again = ka.load(place.folder)
    prove(again, result, place.dials)
    assert again.supply.unfamiliar == 0.234567
    assert again.supply.unfamiliar_minutes == 33
    assert np.array_equal(again.skus.lot_cover_weeks, world.skus.lot_cover_weeks * 1.23457)
    assert set(again.skus.safety_weeks.tolist()) == {-0.25}
    marked = np.array([one.startswith("W") for one in again.accounts.account])
    assert marked.any()
    assert not marked.all()
    assert np.array_equal(again.accounts.mismatch, np.where(marked, 0.0345678, world.accounts.mismatch))
    assert np.array_equal(again.base_cases, world.base_cases)
    assert again.supply.docks == world.supply.docks
    assert "supply.unfamiliar = 0.234567 (± 0.01)" in again.assumptions[-1]
    assert again.assumptions[:-1] == world.assumptions
    assert again.name.zh == "入门示例（已校准）"


def test_a_variant_and_set_are_written_where_they_win(tmp_path: Path) -> None:
    folder = starter(tmp_path)
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    text = text.replace("supply: {policy: blind_fefo}", "supply: {policy: blind_fefo, unfamiliar: 0.5}")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    world = ka.load(folder, variant="careless_warehouse", overrides=["supply.docks=1", "supply.replications.max=30"])
    place = replace(
        found(world), variant="careless_warehouse", overrides=("supply.docks=1", "supply.replications.max=30")
    )
    result = written(place)
    again = ka.load(place.folder, variant="careless_warehouse")
    prove(again, result, place.dials)
    assert (again.supply.docks, again.supply.replications.max, again.supply.gate) == (1, 30, False)
    plain = ka.load(place.folder)
    assert plain.supply.docks == ka.load(folder).supply.docks


def test_an_overlay_that_gives_back_something_else_is_refused(tmp_path: Path) -> None:
    world = ka.load(starter(tmp_path))
    place = found(world)
    result = written(place)
    with pytest.raises(ContradictionError, match=r"supply\.unfamiliar;"):
        prove(ka.load(place.folder, overrides=["supply.unfamiliar=0.2"]), result, place.dials)
    patch = place.folder / "tables" / "accounts.csv"
    patch.write_text(patch.read_text("utf-8-sig").replace("0.0345678", "0.0345679"), encoding="utf-8")
    with pytest.raises(ContradictionError, match=r"accounts\.mismatch"):
        prove(ka.load(place.folder), result, place.dials)


def test_only_rows_of_knobs_are_patched(tmp_path: Path) -> None:
    place = found(ka.load(starter(tmp_path)), knobs=[KNOBS[4]])
    write_overlay(place, made(place, [0.05]), {})
    lines = (place.folder / "tables" / "accounts.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "account,mismatch"
    assert [line.split(",")[0][0] for line in lines[1:]] == ["W"]
    assert not (place.folder / "tables" / "skus.csv").exists()


def test_where_an_overlay_may_be(tmp_path: Path) -> None:
    world = ka.load(starter(tmp_path))
    usual = place_for(world, None)
    assert usual == tmp_path.resolve() / "scenarios" / "starter_calibrated"
    assert place_for(world, usual.with_name("mine")).name == "mine"
    for wrong in (tmp_path / "elsewhere", world.folder):
        with pytest.raises(InputError, match="inside"):
            place_for(world, wrong)
    usual.mkdir()
    with pytest.raises(InputError, match="new folder"):
        place_for(world, None)
    (usual / "card.yaml").write_text("what: x\n", encoding="utf-8")
    assert place_for(world, None) == usual


def test_mappings_merge_key_by_key() -> None:
    below = {"a": {"b": 1, "c": 2}, "d": 3}
    assert merged(below, {"a": {"c": 4}, "e": 5}) == {"a": {"b": 1, "c": 4}, "d": 3, "e": 5}
    assert below == {"a": {"b": 1, "c": 2}, "d": 3}


def test_the_card_is_there(tmp_path: Path) -> None:
    place = found(ka.load(starter(tmp_path)))
    written(place)
    assert YAML(typ="safe").load((place.folder / "card.yaml").read_text("utf-8")) == {"what": "a test"}
