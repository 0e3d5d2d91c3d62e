"""The table of cases by account, SKU and week, by hand; and that its file reads back digit by digit."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaopt.plan import Plan
from kaopt.report.by_week import by_sku_frame, by_week_frame, long_csv
from kaopt.report.folder import write_service
from kaopt.service import FINE_CAUSES, ByWeek
from tests import worlds
from tests.report import samples

C = len(FINE_CAUSES)
AGE, LATE = FINE_CAUSES.index("age"), FINE_CAUSES.index("late_trip")


def two_by_two() -> ByWeek:
    """A1: 10 cases of S2 in week 1, of which 2 are late and 3 too old; A2: 4.5 of S1 in week 3, all accepted."""
    ordered = np.zeros((2, 3, 2))
    ordered[0, 0, 1], ordered[1, 2, 0] = 10, 4.5
    cell = np.array([1 * C + AGE, 1 * C + LATE])
    assert (np.diff(cell) > 0).all()
    return ByWeek(ordered, cell, np.array([3.0, 2.0]))


def test_rows_by_hand() -> None:
    frame = by_week_frame(worlds.world(2, 2, 3), two_by_two())
    assert list(frame.columns) == ["account", "sku", "week", "ordered", "accepted", "lost", *FINE_CAUSES]
    told = frame[["account", "sku", "week", "ordered", "accepted", "lost", "age", "late_trip"]].to_numpy().tolist()
    assert told == [["A1", "S2", 1, 10, 5, 5, 3, 2], ["A2", "S1", 3, 4.5, 4.5, 0, 0, 0]]
    assert frame[list(FINE_CAUSES)].to_numpy().sum() == 5


def test_one_row_for_all_accounts_has_no_name() -> None:
    found = two_by_two()
    frame = by_week_frame(worlds.world(2, 2, 3), replace(found, ordered=found.ordered.sum(axis=0, keepdims=True)))
    assert frame["account"].tolist() == ["*", "*"] and frame["sku"].tolist() == ["S1", "S2"]
    assert frame["week"].tolist() == [3, 1] and frame["lost"].tolist() == [0, 5]


def test_the_file_reads_back_as_it_was_written() -> None:
    world = worlds.world(2, 2, 3, account_columns={"account": ['"K", A', "重点客户"]})
    frame = by_week_frame(world, replace(two_by_two(), lost=np.array([1 / 3, 2.0])))
    data = long_csv(frame)
    assert data.startswith(b"\xef\xbb\xbfaccount,sku,week,ordered,")
    back = pd.read_csv(io.BytesIO(data), encoding="utf-8-sig")
    assert back["account"].tolist() == ['"K", A', "重点客户"]
    assert back.loc[0, "age"] == 0.333333 and back.loc[0, "accepted"] == 7.666667
    assert np.array_equal(back[list(frame.columns[2:])].to_numpy(), frame[list(frame.columns[2:])].to_numpy())


def test_a_run_writes_the_table_and_another_where_accounts_are_one_row(tmp_path: Path) -> None:
    world = worlds.world(2, 2, 3)
    run = samples.run(world, Plan.nothing())
    assert run.service is not None
    for name, found in (("whole", two_by_two()), ("small", replace(two_by_two(), ordered=np.ones((1, 3, 2))))):
        (tmp_path / name).mkdir()
        lost = np.zeros((2, 2, C))
        lost[0, 1, AGE] = 3
        year = replace(
            run.service, by_week=found, ordered_cases_by_sku=np.array([[0.0, 10], [4, 0]]), lost_cases_by_sku=lost
        )
        write_service(tmp_path / name, world, year)
        assert (tmp_path / name / "fulfilment_by_week.csv").is_file()
        assert (tmp_path / name / "fulfilment_by_sku.csv").is_file() == (name == "small")
    text = (tmp_path / "small" / "fulfilment_by_sku.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[1].startswith("A1,S2,10,7,3,0,")  # no marks around plain names
    rows = pd.read_csv(tmp_path / "small" / "fulfilment_by_sku.csv", encoding="utf-8-sig")
    assert rows[["account", "sku", "ordered", "accepted", "age"]].to_numpy().tolist() == [
        ["A1", "S2", 10, 7, 3],
        ["A2", "S1", 4, 4, 0],
    ]
    assert len(by_sku_frame(world, year)) == 2


@pytest.mark.parametrize("ordered", [0.0, 1e6])
def test_a_mean_may_be_small_or_large(ordered: float) -> None:
    found = ByWeek(np.full((2, 3, 2), ordered), np.zeros(0, np.int64), np.zeros(0))
    frame = by_week_frame(worlds.world(2, 2, 3), found)
    assert len(frame) == (12 if ordered else 0) and frame["accepted"].sum() == 12 * ordered
