"""Cells of tables as settings: the same world as if they stood in the table, and faults at the setting's own place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kaopt import api
from kaopt.errors import InputError
from kaopt.scenario.model import Scenario
from tests.test_cli import CORNER, corner


def world(folder: Path, *said: str, settings: str = "", variant: str | None = None) -> Scenario:
    corner(folder)
    (folder / "scenario.yaml").write_text(CORNER["scenario.yaml"].lstrip("\n") + settings, encoding="utf-8")
    return api.load(folder, overrides=said, variant=variant)


def faults(folder: Path, *said: str, settings: str = "") -> list[str]:
    with pytest.raises(InputError) as stop:
        world(folder, *said, settings=settings)
    return [str(one) for one in stop.value.faults]


def test_a_cell_is_as_if_it_stood_in_the_table(tmp_path: Path) -> None:
    said = world(tmp_path / "said", "tables.skus.tea.list_price=60", "tables.accounts.A.customer_growth=7%")
    there = world(tmp_path / "there")
    for name, old, new in (("skus", "tea,50,25", "tea,60,25"), ("accounts", "1000,2%", "1000,7%")):
        table = tmp_path / "there" / "tables" / f"{name}.csv"
        text = table.read_text(encoding="utf-8")
        assert name == "accounts" or old in text
        table.write_text(text.replace(old, new).replace("1200,2%", "1200,7%"), encoding="utf-8")
    there = api.load(tmp_path / "there")
    assert np.array_equal(said.skus.list_price, there.skus.list_price) and said.skus.list_price.tolist() == [60, 40]
    assert said.accounts.customer_growth.tolist() == there.accounts.customer_growth.tolist() == [0.07, 0.03]
    assert np.array_equal(said.net_per_case, there.net_per_case)


def test_a_column_that_the_table_lacks_keeps_its_default_elsewhere(tmp_path: Path) -> None:
    found = world(tmp_path, "tables.skus.tea.shelf_life=90d")
    assert found.skus.shelf_life[0] == 90 and found.skus.shelf_life[1] == world(tmp_path).skus.shelf_life[1] != 90


def test_a_pattern_is_every_row_like_it_and_the_last_said_wins(tmp_path: Path) -> None:
    found = world(tmp_path, "tables.accounts.*.acceptance_age=1/2", "tables.accounts.B.acceptance_age=1/3")
    assert found.accounts.acceptance_age.tolist() == [0.5, pytest.approx(1 / 3)]
    assert world(tmp_path, "tables.skus.t*.unit_cost=1").skus.unit_cost.tolist() == [1.0, 22.0]


def test_headers_may_be_chinese(tmp_path: Path) -> None:
    english = world(tmp_path, "tables.skus.tea.unit_cost=9")
    from kaopt.scenario.grid import columns

    chinese = columns("skus")["unit_cost"].zh[0]
    assert world(tmp_path, f"tables.skus.tea.{chinese}=9").skus.unit_cost.tolist() == english.skus.unit_cost.tolist()


def test_variants_may_differ_in_cells(tmp_path: Path) -> None:
    settings = "  strict: {tables: {accounts: {A: {acceptance_age: 20%}}}}\n"
    assert CORNER["scenario.yaml"].endswith("lean: {budget: {total: 1500}}\n")
    before, after = world(tmp_path, settings=settings), world(tmp_path, settings=settings, variant="strict")
    assert before.accounts.acceptance_age[0] != 0.2 == after.accounts.acceptance_age[0]
    assert after.resolved["tables"] == {"accounts": {"A": {"acceptance_age": "20%"}}}
    assert "tables" not in before.resolved


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("tables.skus.tea.unit_cost=dear", "--set tables.skus.tea.unit_cost=dear: must be"),
        ("tables.skus.teas.unit_cost=9", "tables.skus.teas = teas: is not a known name here. Did you mean 'tea'?"),
        ("tables.skus.tea.unit_coast=9", "is not a known name here. Did you mean 'unit_cost'?"),
        ("tables.skus.tea.sku=cola", "tables.skus.tea.sku = sku: is not a known name here"),
        ("tables.accunts.A.vat=9%", "tables.accunts = accunts: is not a known name here. Did you mean 'accounts'?"),
        ("tables.base.A.cases=9", "tables.base = base: is not a known name here"),
        ("tables.skus.tea=9", "--set tables.skus.tea=9: must be rows with their columns"),
        ("tables.skus=9", "--set tables.skus=9: must be rows with their columns"),
        ("tables=9", "--set tables=9: must be a mapping"),
        ("tables.skus.tea.unit_cost=[1, 2]", "tables.skus.tea.unit_cost = a list: must be a single value"),
    ],
)
def test_faults(tmp_path: Path, said: str, expected: str) -> None:
    found = faults(tmp_path, said)
    assert any(expected in one for one in found), found


def test_a_fault_in_the_file_has_its_line(tmp_path: Path) -> None:
    settings = "tables:\n  skus:\n    tea: {unit_cost: dear}\n"
    line = CORNER["scenario.yaml"].lstrip("\n").count("\n") + 3
    assert any(f"scenario.yaml:{line} unit_cost = dear" in one for one in faults(tmp_path, settings=settings))
