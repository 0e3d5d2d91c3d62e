"""Tables in Parquet: the same world as CSV cell by cell, whole, in a folder, by account; faults with file and row."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.scenario import parquet_file
from kaopt.scenario.columns import Texts
from kaopt.scenario.model import Scenario
from kaopt.scenario.parquet_file import head, parquet_at, sheets, whole
from kaopt.scenario.sources import Reading
from tests.scenario.files import overlay, read, write

WEEKS = [("W", "cola", 100.5), ("W", "tea", 1 / 3), ("Z", "cola", 80.0)]
BASE = pd.DataFrame(
    [(a, s, w, cases + w, 50.25 if w == 2 else None) for a, s, cases in WEEKS for w in (1, 2, 3, 4)],
    columns=["account", "sku", "week", "cases", "price"],
)
FORMS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "file": lambda frame, tables: frame.to_parquet(tables / "base.parquet", index=False),
    "groups": lambda frame, tables: frame.to_parquet(tables / "base.parquet", index=False, row_group_size=3),
    "folder": lambda frame, tables: split(frame, tables / "base"),
    "accounts": lambda frame, tables: frame.to_parquet(tables / "base", index=False, partition_cols=["account"]),
    "both": lambda frame, tables: frame.to_parquet(tables / "base", index=False, partition_cols=["account", "sku"]),
}


def split(frame: pd.DataFrame, folder: Path) -> None:
    """Two files in a folder of folders."""
    (folder / "2027").mkdir(parents=True)
    frame[:5].to_parquet(folder / "2027" / "a.parquet", index=False)
    frame[5:].to_parquet(folder / "2027" / "b.parquet", index=False)


def as_csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False)


def in_parquet(root: Path, form: str, frame: pd.DataFrame = BASE) -> Path:
    folder = write(root, "parquet", base=None)
    FORMS[form](frame, folder / "tables")
    return folder


def same(one: Scenario, other: Scenario) -> bool:
    """Every array of the two worlds, bit by bit."""
    assert one.accounts.account == other.accounts.account
    arrays = [(getattr(one, name), getattr(other, name)) for name in ("listed", "base_cases", "base_price", "eligible")]
    arrays += [(getattr(one.response, f.name), getattr(other.response, f.name)) for f in fields(one.response)]
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in arrays)


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_gives_the_world_of_the_csv(tmp_path: Path, form: str) -> None:
    plain = read(write(tmp_path, "plain", base=as_csv(BASE)))
    assert same(plain, read(in_parquet(tmp_path, form)))
    assert plain.base_cases[0, 1, 0] == 1 / 3 + 1


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_batches_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(parquet_file, "ROWS", rows)
    plain = read(write(tmp_path, "plain", base=as_csv(BASE)))
    assert same(plain, read(in_parquet(tmp_path, "file")))


CELL = st.floats(0, 1e6, allow_subnormal=False) | st.none()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.lists(CELL, min_size=3, max_size=3))
def test_empty_cells_of_response_too(tmp_path_factory: pytest.TempPathFactory, cells: list[float]) -> None:
    root = tmp_path_factory.mktemp("response")
    names = {"account": ["*", "W", "Z"], "sku": ["*", "cola", "*"], "elasticity": [-2.0, -1.5, None]}
    frame = pd.DataFrame(names | {"display": cells, "dip_weeks": pd.array([None, 2, 0], dtype="Int64")})
    folder = write(root, "parquet", response=None)
    frame.to_parquet(folder / "tables" / "response.parquet", index=False)
    texts = io.StringIO()
    frame.to_csv(texts, index=False)
    assert same(read(write(root, "plain", response=texts.getvalue())), read(folder))


def test_chinese_headers_and_texts_with_units_mean_the_same(tmp_path: Path) -> None:
    frame = pd.DataFrame({"客户": ["W", "Z"], "品项": ["cola", "tea"], "基础销量": ["1.2万", "300 箱"]})
    folder = in_parquet(tmp_path, "folder", frame)
    assert read(folder).base_cases[:, :, 0].tolist() == [[12000.0, 0.0], [0.0, 300.0]]


def test_any_table_may_be_in_parquet(tmp_path: Path) -> None:
    folder = write(tmp_path)
    plain = read(folder)
    for name in ("accounts", "skus", "mechanics", "base", "response"):
        path = folder / "tables" / f"{name}.csv"
        pd.read_csv(path, dtype=str).to_parquet(path.with_suffix(".parquet"), index=False)
        path.unlink()
    assert same(plain, read(folder))


def test_every_file_is_an_input_with_its_hash(tmp_path: Path) -> None:
    folder = in_parquet(tmp_path, "folder")
    first = dict(read(folder).inputs)
    assert {"tables/base/2027/a.parquet", "tables/base/2027/b.parquet"} <= set(first)
    BASE[:4].to_parquet(folder / "tables" / "base" / "2027" / "a.parquet", index=False)
    BASE[4:].to_parquet(folder / "tables" / "base" / "2027" / "b.parquet", index=False)
    assert read(folder).inputs["tables/base/2027/a.parquet"] != first["tables/base/2027/a.parquet"]


def test_an_overlay_in_csv_patches_a_base_in_parquet(tmp_path: Path) -> None:
    in_parquet(tmp_path, "accounts")
    changed = "account,sku,week,cases\nW,tea,3,7\n"
    top = overlay(tmp_path, "top", "kaopt: 1\nextends: ../parquet\n", base=changed)
    there = read(top)
    assert there.base_cases[0, 1].tolist() == [1 / 3 + 1, 1 / 3 + 2, 7.0, 1 / 3 + 4]
    assert there.base_price[0, 1, 1] == 50.25


def test_an_overlay_in_parquet_patches_a_base_in_csv(tmp_path: Path) -> None:
    write(tmp_path, "below", base=as_csv(BASE))
    top = overlay(tmp_path, "top", "kaopt: 1\nextends: ../below\n")
    (top / "tables").mkdir(exist_ok=True)
    more = pd.DataFrame({"account": ["W"], "sku": ["tea"], "week": [3], "cases": [7.0]})
    more.to_parquet(top / "tables" / "base.parquet", index=False)
    assert read(top).base_cases[0, 1].tolist() == [1 / 3 + 1, 1 / 3 + 2, 7.0, 1 / 3 + 4]


# --- faults


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder)
    return [str(one) for one in caught.value.faults]


def test_a_wrong_cell_is_told_with_its_file_and_row(tmp_path: Path) -> None:
    frame = BASE.copy()
    frame.loc[7, "cases"] = -3.0
    (fault,) = faults_of(in_parquet(tmp_path, "folder", frame))
    assert fault.startswith("tables/base/2027/b.parquet:3 cases = -3: must be at least 0")


def test_a_name_that_no_table_has_is_told(tmp_path: Path) -> None:
    frame = BASE.replace({"account": {"Z": "Y"}})
    words = faults_of(in_parquet(tmp_path, "accounts", frame))
    assert any("account=Y" in one and "must be an id of the table accounts" in one for one in words)


def test_a_row_that_is_there_twice_is_told_across_files(tmp_path: Path) -> None:
    frame = pd.concat([BASE, BASE[1:2]])
    (fault,) = faults_of(in_parquet(tmp_path, "folder", frame))
    assert fault.startswith("tables/base/2027/b.parquet:8 account, sku, week = W, cola, 2: is there twice")
    assert "first in tables/base/2027/a.parquet:2" in fault


def test_a_week_that_is_missing_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(in_parquet(tmp_path, "file", BASE.drop(index=2)))
    assert "W, cola: no week 3" in fault


def test_what_is_no_parquet_file_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path, base=None)
    (folder / "tables" / "base.parquet").write_bytes(b"nothing")
    assert any("tables/base.parquet" in one and "must be a Parquet file" in one for one in faults_of(folder))


def test_an_empty_table_is_told(tmp_path: Path) -> None:
    words = faults_of(in_parquet(tmp_path, "file", BASE[:0]))
    assert any("tables/base.parquet" in one and "must have at least one row" in one for one in words)


def test_a_table_in_two_forms_is_told(tmp_path: Path) -> None:
    folder = in_parquet(tmp_path, "folder")
    shutil.copy(write(tmp_path, "plain") / "tables" / "base.csv", folder / "tables" / "base.csv")
    words = faults_of(folder)
    assert any("also tables/base/*.parquet" in one and "in one form only" in one for one in words)


@pytest.mark.parametrize("name", ["bsae.parquet", "bsae/part.parquet"])
def test_a_misspelt_table_does_not_pass_in_silence(tmp_path: Path, name: str) -> None:
    path = write(tmp_path) / "tables" / name
    path.parent.mkdir(exist_ok=True)
    BASE.to_parquet(path, index=False)
    (fault,) = faults_of(tmp_path / "scenarios" / "small")
    assert "is not a table of a scenario" in fault and "Did you mean 'base" in fault


# --- cells


def cells(tmp_path: Path, **columns: object) -> list[Texts]:
    pd.DataFrame(columns).to_parquet(tmp_path / "t.parquet", index=False)
    (sheet,) = sheets(tmp_path / "t.parquet", Reading(tmp_path))
    return [row.cells for row in sheet.rows]


def test_cells_are_as_csv_has_them(tmp_path: Path) -> None:
    days = [date(2027, 5, 1), None]
    stamps = pd.to_datetime(["2027-05-01", "2027-05-01 08:30"], format="ISO8601")
    found = cells(tmp_path, a=[0.1, np.nan], b=[True, False], c=[12, -1], d=days, e=stamps, f=["x", None])
    assert found == [
        ("0.1", "yes", "12", "2027-05-01", "2027-05-01", "x"),
        ("", "no", "-1", "", "2027-05-01 08:30:00", ""),
    ]


def test_names_of_categories_are_texts(tmp_path: Path) -> None:
    assert cells(tmp_path, a=pd.Categorical(["W", None, "W"])) == [("W",), ("",), ("W",)]


def test_folders_give_cells_also_empty_and_strange_ones(tmp_path: Path) -> None:
    for folder in ("season=__HIVE_DEFAULT_PARTITION__", "season=a%2Fb"):
        (tmp_path / "base" / folder).mkdir(parents=True)
        pd.DataFrame({"cases": [1]}).to_parquet(tmp_path / "base" / folder / "p.parquet", index=False)
    reading = Reading(tmp_path)
    found = [(one.header, one.rows[0].cells) for one in sheets(tmp_path / "base", reading)]
    assert found == [(("season", "cases"), ("", "1")), (("season", "cases"), ("a/b", "1"))]
    there = whole(tmp_path / "base", reading)
    assert there is not None and [(row.line, row.cells) for row in there.rows] == [(1, ("", "1")), (2, ("a/b", "1"))]
    assert str(head(tmp_path / "base", reading)) == "base/*.parquet"


def test_files_with_other_columns_stand_below_each_other(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    pd.DataFrame({"a": [1], "b": [2]}).to_parquet(tmp_path / "t" / "1.parquet", index=False)
    pd.DataFrame({"c": [3], "a": [4]}).to_parquet(tmp_path / "t" / "2.parquet", index=False)
    there = whole(tmp_path / "t", Reading(tmp_path))
    assert there is not None and there.header == ("a", "b", "c")
    assert [row.cells for row in there.rows] == [("1", "2", ""), ("4", "", "3")]


def test_a_folder_without_parquet_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "tables" / "base").mkdir(parents=True)
    (tmp_path / "tables" / "base" / "notes.txt").write_text("x")
    assert parquet_at(tmp_path, "base") is None

