"""Service counted by hand, and identities that hold for any records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.deliveries.measure import Measured, Shares, measured, tally
from kaopt.deliveries.records import Records, read_records
from tests.deliveries.helpers import write


def test_the_small_file_by_hand(tmp_path: Path) -> None:
    # lines: on time 1 and 3 of five, in full 1, 3 and 5, both 1 and 3; of the orders 2 is on time, 2 and 4 are whole
    found = measured(read_records(write(tmp_path)))
    assert found.line == Shares(0.4, 0.6, 0.4)
    assert found.order == Shares(0.25, 0.5, 0.25)


def test_what_the_records_do_not_say_is_null(tmp_path: Path) -> None:
    found = measured(read_records(write(tmp_path, "order,account,ordered,delivered\n1,A,10,9\n1,A,5,5\n")))
    assert found == Measured(Shares(None, 0.5, None), Shares(None, 0.0, None))
    assert found.as_dict()["service"]["line"] == {"on_time": None, "in_full": 0.5, "otif": None}


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_against_a_second_way_of_counting(rows: list[tuple[int, bool, bool]]) -> None:
    order = np.unique([one[0] for one in rows], return_inverse=True)[1]
    late, short = (np.array([one[n] for one in rows]) for n in (1, 2))
    ones = np.ones(len(rows))
    records = Records(("A",), np.zeros(len(rows), int), order, ones, ones - short, ones, late.astype(float))
    found = measured(records)
    frame = pd.DataFrame({"order": order, "on_time": ~late, "in_full": ~short, "otif": ~late & ~short})
    by_order = frame.groupby("order").all().mean()
    by_line = frame.drop(columns="order").mean()
    for name in ("on_time", "in_full", "otif"):
        assert getattr(found.line, name) == pytest.approx(by_line[name])
        assert getattr(found.order, name) == pytest.approx(by_order[name])
    assert found.order.otif is not None
    assert found.order.otif <= min(found.order.on_time or 0, found.order.in_full or 0)


def test_tallies_count_and_add() -> None:
    group = np.array([0, 2, 2])
    assert tally(group, 4).tolist() == [1, 0, 2, 0]
    assert tally(group, 3, np.array([0.5, 1.0, 2.0])).tolist() == [0.5, 0, 3.0]
    assert tally(group, 3, np.array([True, False, True])).tolist() == [1, 0, 1]
