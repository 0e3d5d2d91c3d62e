"""Records read: names in two languages and by mapping, moments, what is left out, every fault with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kaopt.deliveries.records import moment, read_records
from kaopt.errors import InputError
from tests.deliveries.helpers import SMALL, write


def faults(path: Path, mapping: Path | None = None) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(InputError) as caught:
        read_records(path, mapping)
    return [(one.line, one.column, one.expected) for one in caught.value.faults]


def test_the_small_file(tmp_path: Path) -> None:
    records = read_records(write(tmp_path))
    assert records.accounts == ("A", "B")
    assert records.account.tolist() == [0, 0, 0, 1, 1]
    assert records.order.tolist() == [0, 0, 1, 2, 3]
    assert records.delay is not None
    assert records.delay.tolist() == [0.0, 2.0, -1.0, np.inf, 1.0]
    assert records.on_time is not None
    assert records.on_time.tolist() == [True, False, True, False, False]
    assert records.in_full is not None
    assert records.in_full.tolist() == [True, False, True, False, True]
    assert not records.timed


def test_chinese_headers_and_a_mapping_give_the_same(tmp_path: Path) -> None:
    chinese = SMALL.replace(
        "order,account,sku,ordered,delivered,agreed,actual", "订单号,客户,品项,订货数量,实收数量,约定日期,实际日期"
    )
    own = SMALL.replace(
        "order,account,sku,ordered,delivered,agreed,actual", "No,Ship To,Item,Qty,Received,Due,delivered"
    )
    mapping = write(
        tmp_path,
        "order: No\naccount: Ship To\nsku: Item\nordered: Qty\ndelivered: Received\nagreed: Due\nactual: delivered\n",
        "names.yaml",
    )
    first = read_records(write(tmp_path))
    for path, names in ((write(tmp_path, chinese, "zh.csv"), None), (write(tmp_path, own, "own.csv"), mapping)):
        again = read_records(path, names)
        assert again.delay is not None
        assert first.delay is not None
        assert again.delay.tolist() == first.delay.tolist()
        assert again.accounts == first.accounts
        assert again.delivered is not None
        assert again.delivered.tolist() == [10, 8, 6, 0, 8]


def test_other_columns_are_read_over_and_pairs_may_be_missing(tmp_path: Path) -> None:
    dates = read_records(write(tmp_path, "order,account,agreed,actual,driver\n1,A,2026-03-02,2026-03-03,Li\n"))
    assert dates.in_full is None
    assert dates.delay is not None
    assert dates.delay.tolist() == [1.0]
    counts = read_records(write(tmp_path, "order,account,ordered,delivered\n1,A,10,9\n"))
    assert counts.on_time is None
    assert counts.in_full is not None
    assert counts.in_full.tolist() == [False]


def test_moments() -> None:
    day = date(2026, 3, 2).toordinal()
    assert moment("2026-03-02") == moment("2026年3月2日") == moment("2 Mar 2026") == day
    assert moment("2026-03-02 09:30") == moment("2026-03-02T09:30:00") == pytest.approx(day + 570 / 1440)


def test_times_of_day_are_noticed_and_count(tmp_path: Path) -> None:
    text = "order,account,agreed,actual\n1,A,2026-03-02 09:00,2026-03-02 09:45\n2,A,2026-03-02 09:00,2026-03-02 08:00\n"
    records = read_records(write(tmp_path, text))
    assert records.timed
    assert records.delay is not None
    assert records.delay * 1440 == pytest.approx([45, -60])


def test_every_fault_with_its_line(tmp_path: Path) -> None:
    text = """order,account,sku,ordered,delivered,agreed,actual
1,A,x,ten,10,2026-03-02,2026-03-02
,A,x,10,10,2026-03-02,2026-03-02
3,A,x,0,0,2026-03-02,2026-03-02
4,A,x,5,-5,2026-03-32,2026-03-02
5,A,x,5,5,2026-03-02,
6,A,x,5,5,03/02/2026,2026-03-02
7,A,x,5,5,2026-03-02,2026-03-02
7,B,x,5,5,2026-03-02,2026-03-02
"""
    found = [(line, column) for line, column, _ in faults(write(tmp_path, text))]
    assert found == [
        (2, "ordered"),
        (3, "order"),
        (4, "ordered"),
        (5, "agreed"),
        (5, "delivered"),
        (6, "delivered"),
        (7, "agreed"),
        (9, "account"),
    ]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("account,ordered,delivered", "must be a column (order)"),
        ("order,acount,ordered,delivered", "must be a column (account)"),
        ("order,account,ordered", "must be a column beside ordered"),
        ("order,account,actual", "must be a column beside actual"),
        ("order,account", "ordered and delivered, or agreed and actual"),
        ("order,order_id,account,ordered,delivered", "is there twice"),
    ],
)
def test_columns_that_lack(tmp_path: Path, header: str, words: str) -> None:
    path = write(tmp_path, f"{header}\n" + ",".join("1" for _ in header.split(",")) + "\n")
    assert any(words in expected for _, _, expected in faults(path))


def test_faults_of_a_mapping(tmp_path: Path) -> None:
    mapping = write(tmp_path, "ordr: No\naccount: [a]\n", "names.yaml")
    found = faults(write(tmp_path), mapping)
    assert [(line, column) for line, column, _ in found] == [(1, "ordr"), (2, "account")]
    missing = write(tmp_path, "account: Customer\n", "names.yaml")
    assert faults(write(tmp_path), missing) == [(1, "account", "must be a column (Customer)")]


def test_a_file_without_rows_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "must have order lines" in faults(write(tmp_path, "order,account,ordered,delivered\n"))[0][2]
    assert "must be a file" in faults(tmp_path / "nothing.csv")[0][2]


def test_a_part_keeps_its_accounts_and_counts_its_orders_anew(tmp_path: Path) -> None:
    part = read_records(write(tmp_path)).part(np.array([False, False, True, True, False]))
    assert part.accounts == ("A", "B")
    assert part.order.tolist() == [0, 1]
    assert part.account.tolist() == [0, 1]
