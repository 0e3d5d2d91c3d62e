"""Starters: what is written loads, nothing is overwritten, bases come along; the dictionary is current."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kaopt.errors import InputError
from kaopt.offers import make_offers
from kaopt.plan_file import load_plan
from kaopt.scenario import new
from kaopt.scenario.bundled import bundled, scenario_names
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.columns import columns_of
from kaopt.scenario.dictionary import comments, dictionary
from kaopt.scenario.load import load
from kaopt.scenario.model import Scenario
from kaopt.scenario.new import copy_bundled, write_starter
from kaopt.scenario.settings import BudgetNode, Supply
from tests.scenario.files import FILES, overlay, read, write

ROOT = Path(__file__).parents[2]


def rules() -> dict[str, type]:
    from kaopt.allocation.rules import rule_settings

    return dict(rule_settings())


def starter(folder: Path) -> Scenario:
    return load(folder, rule_settings=rules())


def test_the_starter_is_written_and_loads(tmp_path: Path) -> None:
    written = write_starter(tmp_path / "mine", None)
    assert tmp_path / "mine" / "scenario.yaml" in written
    assert all(path.is_file() for path in written)
    world = starter(tmp_path / "mine")
    assert world.shape == (4, 6, 13)
    assert (world.name.en, world.name.zh) == ("Starter", "入门示例")
    assert world.assumptions
    bundled_one = starter(bundled("scenarios") / "starter")
    assert dict(world.inputs) == dict(bundled_one.inputs)


def test_every_variant_of_the_starter_loads() -> None:
    folder = bundled("scenarios") / "starter"
    late = load(folder, rule_settings=rules(), variant="late_notice")
    careless = load(folder, rule_settings=rules(), variant="careless_warehouse")
    more = load(folder, rule_settings=rules(), variant="more_money")
    assert len(make_offers(late)) < len(make_offers(starter(folder)))
    assert careless.supply.gate is False
    assert more.budget[0].high == 180_000


def test_the_starter_is_interesting() -> None:
    """Every mechanic is open somewhere, some events pay for themselves and some do not."""
    world = starter(bundled("scenarios") / "starter")
    offers = make_offers(world)
    assert 1000 < len(offers) < 5000
    assert set(offers.treatment) == set(range(len(world.treatments.treatment)))
    assert 0.2 < (offers.contribution > 0).mean() < 0.8
    assert {lock.kind for lock in world.locks} == {"must", "forbidden", "committed"}


def test_last_years_plan_of_the_starter_is_a_plan() -> None:
    folder = bundled("scenarios") / "starter"
    plan = load_plan(starter(folder), folder / "tables/plan.csv")
    assert len(plan) == 34
    assert plan.week.min() == 1
    assert set(plan.reason) == {"as last year", "signed in October"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_starter(tmp_path / "mine", None)
    mark = tmp_path / "mine" / "scenario.yaml"
    mark.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="must not exist yet") as caught:
        write_starter(tmp_path / "mine", None)
    assert len(caught.value.faults) == len(list((tmp_path / "mine").rglob("*.*")))
    assert mark.read_text(encoding="utf-8") == "mine"


def test_one_file_in_the_way_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "skus.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        write_starter(tmp_path, None)
    assert [path.name for path in tmp_path.rglob("*.*")] == ["skus.csv"]


def test_an_unknown_template(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'starter'"):
        write_starter(tmp_path / "x", "startr")
    with pytest.raises(InputError, match="is not a known name"):
        copy_bundled("../starter", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_demo_keeps_what_its_owner_changed(tmp_path: Path) -> None:
    folder = copy_bundled("starter", tmp_path / "demo")
    assert folder == tmp_path / "demo" / "starter"
    (folder / "scenario.yaml").write_text("mine", encoding="utf-8")
    assert copy_bundled("starter", tmp_path / "demo") == folder
    assert (folder / "scenario.yaml").read_text(encoding="utf-8") == "mine"


def test_bases_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + "solve: {seed: 5}\n")
    overlay(tmp_path, "story", "extends: ../base\nsolve: {gap: 9%}\n")
    (tmp_path / "scenarios" / "story" / "__pycache__").mkdir()
    (tmp_path / "scenarios" / "story" / "__pycache__" / "x.pyc").write_text("", encoding="utf-8")
    (tmp_path / "scenarios" / "story" / "expected.toml").write_text("[plan]", encoding="utf-8")
    monkeypatch.setattr(new, "bundled", lambda kind: tmp_path / kind)
    monkeypatch.setattr(new, "scenario_names", lambda: ("base", "story"))
    world = read(copy_bundled("story", tmp_path / "demo"))
    assert not (world.folder / "expected.toml").exists()  # what our tests compare with
    assert (world.solve.gap, world.solve.seed) == (0.09, 5)
    assert world.folder == tmp_path / "demo" / "story"
    assert not (world.folder / "__pycache__").exists()
    again = write_starter(tmp_path / "mine" / "plan", "story")
    assert tmp_path / "mine" / "plan" / ".." / "base" / "scenario.yaml" in again
    assert read(tmp_path / "mine" / "plan").solve.seed == 5


def test_bundled_names() -> None:
    assert "starter" in scenario_names()
    assert all((bundled("models") / kind).is_dir() for kind in ("allocation", "fulfilment", "response"))


def test_the_bundled_folder_of_a_wheel_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kaopt.scenario import bundled as room

    monkeypatch.setattr(room, "PACKAGE", tmp_path / "src" / "kaopt")
    assert room.bundled("models") == tmp_path / "models"
    (tmp_path / "src" / "kaopt" / "bundled" / "models").mkdir(parents=True)
    assert room.bundled("models") == tmp_path / "src" / "kaopt" / "bundled" / "models"


def test_the_policies_differ_as_their_names_say(tmp_path: Path) -> None:
    folder = write(tmp_path)
    ways = {name: read(folder, f"supply.policy={name}").supply for name in ("gated_fefo", "blind_fefo", "fifo")}
    assert {n: (s.issue, s.gate, s.issue_error, s.position) for n, s in ways.items()} == {
        "gated_fefo": ("fefo", True, 0, "acceptable"),
        "blind_fefo": ("fefo", False, 0.1, "all"),
        "fifo": ("fifo", False, 0, "all"),
    }


def test_the_dictionary_is_current() -> None:
    command = "python -m kaopt.scenario.dictionary docs/dictionary.md"
    assert (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == dictionary(), f"run {command}"


def test_the_dictionary_names_every_column_and_its_headers() -> None:
    page = dictionary()
    for name, table in TABLES.items():
        part = page.split(f"### {name}\n")[1].split("\n### ")[0]
        for column, spec in columns_of(table):
            (row,) = [line for line in part.splitlines() if line.startswith(f"| `{column}` |")]
            assert all(alias in row for alias in spec.zh)
            assert spec.doc.replace("|", r"\|") in row


def test_comments_of_settings_are_their_meaning() -> None:
    assert comments(Supply)["gate"] == "send only what the account will accept at the expected arrival"
    assert comments(BudgetNode)["family"] == "mechanic family"
    assert all(comments(Supply)[name] for name in Supply.model_fields)


def test_no_two_columns_of_a_table_share_a_header() -> None:
    for name, table in TABLES.items():
        headers = [header for column, spec in columns_of(table) for header in (column, *spec.zh)]
        assert len(headers) == len(set(headers)), name
        assert set(KEYS.get(name, ())) <= {column for column, _ in columns_of(table)}


def test_bundled_scenarios_load() -> None:
    """Every scenario that ships is right as it stands."""
    for name in scenario_names():
        world = starter(bundled("scenarios") / name)
        assert np.isfinite(world.base_cases).all(), name
        assert (world.base_price[np.broadcast_to(world.listed[:, :, None], world.base_price.shape)] > 0).all()
