"""Sales from a file: what is read, what cannot be read, and what was odd with what was done about it."""

from __future__ import annotations

from datetime import timedelta
from math import log
from pathlib import Path

import numpy as np
import pytest

from kaopt.errors import InputError
from kaopt.review.notes import problems_of
from kaopt.review.promoted import reviewed
from kaopt.review.sales import Sales, read_sales
from kaopt.review.simulate import simulated_sales
from kaopt.review.words import PROBLEMS, WORDS
from kaopt.review.year import lived
from kaopt.scenario.model import Scenario
from tests.review.small import sales, written
from tests.worlds import plan, world

HERE = world(2, 2, 10)  # base price 62.5


def problems(of: Sales) -> dict[str, tuple[str, ...]]:
    return {one.what: one.where for one in of.problems}


def test_a_file_in_full(tmp_path: Path) -> None:
    text = "account,sku,week,units,price,display,feature,gift,spend,executed\nA1,S2,3,120.5,50,40%,0.5,1,300,no\n"
    found = read_sales(HERE, written(tmp_path, text))
    at = (0, 1, 2)
    assert found.units[at] == 120.5 and found.seen.sum() == 1
    assert found.log_ratio[at] == pytest.approx(log(50 / 62.5))
    assert found.stores[at].tolist() == [0.4, 0.5, 1.0]
    assert (found.spend[at], found.executed[at], found.believed[at]) == (300.0, 0.0, True)
    assert found.problems == ()


def test_dates_chinese_headers_and_own_regular_prices(tmp_path: Path) -> None:
    day = HERE.start + timedelta(days=9)  # in the second week
    text = f"客户,品项,日期,销量,零售价,原价,陈列,海报\nA2,S1,{day},80,9,10,,\n"
    found = read_sales(HERE, written(tmp_path, text))
    assert found.units[1, 0, 1] == 80
    assert found.log_ratio[1, 0, 1] == pytest.approx(log(0.9))
    assert np.isnan(found.stores).all()


def test_a_mapping_names_columns(tmp_path: Path) -> None:
    names = written(tmp_path, "account: shop\nunits: volume\n", "names.yaml")
    text = "shop,sku,week,volume,units\nA1,S1,1,7,999\n"
    assert read_sales(HERE, written(tmp_path, text), names).units[0, 0, 0] == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("account,sku,week\nA1,S1,1\n", "units = nothing: must be a column (units)"),
        ("account,sku,week,units\n", "no rows"),
        ("account,sku,week,units\nA1,S1,,5\n", "week = nothing: must be given"),
        ("account,sku,week,units\nA1,S1,1,many\n", "units = many: must be a number"),
        ("account,sku,week,units,display\nA1,S1,1,5,60\n", "display = 60: must be between 0 and 1"),
        ("account,sku,week,units,executed\nA1,S1,1,5,perhaps\n", "executed = perhaps: must be yes or no"),
        ("account,sku,week,units,cases\nA1,S1,1,5,6\n", "is there twice"),
    ],
)
def test_what_cannot_be_read_is_a_fault(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as told:
        read_sales(HERE, written(tmp_path, text))
    assert words in str(told.value)


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    text = "account,sku,week,units,price\nA1,S1,1,x,5\nA1,S1,2,5,y\n"
    with pytest.raises(InputError) as told:
        read_sales(HERE, written(tmp_path, text))
    assert [(one.file, one.line, one.column) for one in told.value.faults] == [
        ("sales.csv", 2, "units"),
        ("sales.csv", 3, "price"),
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [("volume: units\n", "is not a canonical name"), ("units: [a]\n", "must be the name of a column")],
)
def test_a_wrong_mapping_is_told(tmp_path: Path, names: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_sales(HERE, written(tmp_path, "account,sku,week,units\n"), written(tmp_path, names, "names.yaml"))


ODD = """account,sku,week,units,price,display,feature
A1,S1,1,100,62.5,0,0
A1,S1,1,100,62.5,0,0
A1,S1,2,100,62.5,0,0
A1,S1,2,90,62.5,0,0
Q,S1,3,100,62.5,0,0
A1,Q,3,100,62.5,0,0
A1,S1,11,100,62.5,0,0
A1,S1,4,0,62.5,0,0
A1,S1,5,-3,62.5,0,0
A1,S1,6,,62.5,0,0
A1,S1,7,100,0.01,0,0
A1,S1,8,100,-5,0,0
"""


def test_what_is_odd_is_listed_and_says_what_was_done(tmp_path: Path) -> None:
    found = read_sales(HERE, written(tmp_path, ODD))
    assert problems(found) == {
        "same_again": ("sales.csv:3",),
        "unlike": ("sales.csv:5 = sales.csv:4",),
        "unknown_account": ("sales.csv:6 Q",),
        "unknown_sku": ("sales.csv:7 Q",),
        "outside": ("sales.csv:8 11",),
        "zero": ("sales.csv:9",),
        "negative": ("sales.csv:10",),
        "no_units": ("sales.csv:11",),
        "absurd_price": ("sales.csv:12 0.01", "sales.csv:13 0"),
    }
    assert found.seen[0, 0].nonzero()[0].tolist() == [0, 3, 6, 7]
    assert found.believed[0, 0].nonzero()[0].tolist() == [0]  # the others are zero, or absurd
    assert np.isnan(found.log_ratio[0, 0, 6:8]).all()
    kept = 1 + 1 + 2  # one of the doubled, the zero, the two absurd prices
    assert found.seen.sum() == kept


def test_what_the_account_does_not_sell_is_left_out(tmp_path: Path) -> None:
    from dataclasses import replace

    here = replace(HERE, listed=np.array([[True, False], [True, True]]))
    found = read_sales(here, written(tmp_path, "account,sku,week,units,price,display,feature\nA1,S2,1,5,60,0,0\n"))
    assert problems(found) == {"not_listed": ("sales.csv:2 A1 S2",)}


def test_columns_that_are_not_there_are_told(tmp_path: Path) -> None:
    found = read_sales(HERE, written(tmp_path, "account,sku,week,units\nA1,S1,1,5\n"))
    assert problems(found) == {"no_column": ("price", "display", "feature")}


def in_other_units(here: Scenario, factor: float) -> str:
    frame = simulated_sales(here, plan((0, 0, 3, 1, 0)), seed=1)
    return frame.assign(price=frame["price"] * factor).to_csv(index=False)


def test_prices_in_another_unit_are_understood(tmp_path: Path) -> None:
    """A price per bottle, 12 to the case: the usual price of the year is the regular one."""
    found = read_sales(HERE, written(tmp_path, in_other_units(HERE, 1 / 12)))
    assert problems(found) == {"other_price": tuple(f"A{a} S{s} × 0.0833" for a in (1, 2) for s in (1, 2))}
    assert found.log_ratio[0, 0, 3] == pytest.approx(log(0.8), abs=1e-3)
    assert np.abs(np.delete(found.log_ratio[0, 0], 3)).max() < 1e-3
    plain = read_sales(HERE, written(tmp_path, in_other_units(HERE, 1.0)))
    assert problems(plain) == {}


def test_a_year_with_holes_lists_them() -> None:
    events = plan((0, 0, 1, 2, 0), (0, 1, 3, 1, 0), (1, 0, 4, 1, 1))
    units = sales(HERE, events).units
    units[0, 0, 2] = units[0, 1, 3] = np.nan
    units[1, 1] = np.nan
    executed = np.full(HERE.shape, np.nan)
    executed[1, 0, 4] = 0.0
    year = lived(HERE, events, sales(HERE, events, units=units, executed=executed))
    found = {one.what: one.where for one in problems_of(year, reviewed(year))}
    assert found == {
        "missing": ("A1 S1: 3", "A1 S2: 4"),
        "never_seen": ("A2 S2",),
        "no_sales": ("A1 S2, 4",),
        "part_seen": ("A1 S1, 2",),
        "no_error": ("elasticity", "display"),
        "said_not": ("A2 S1, 5",),
    }


def test_an_unplanned_promotion_without_spend_is_told() -> None:
    ratio = np.zeros(HERE.shape)
    ratio[0, 0, 5] = log(0.7)
    year = lived(HERE, plan(), sales(HERE, plan(), log_ratio=ratio))
    found = {one.what: one.where for one in problems_of(year, reviewed(year))}
    assert found["no_spend"] == ("A1 S1, 6",)


def test_every_word_is_there_in_both_languages() -> None:
    for en, zh in (*PROBLEMS.values(), *WORDS.values()):
        assert en and zh and en != zh
        assert any("一" <= sign <= "鿿" for sign in zh)


def test_simulated_sales_have_the_mean_and_luck_of_their_own() -> None:
    here = world(1, 2, 400)
    frame = simulated_sales(here, plan(), seed=3)
    first = frame[frame["sku"] == "S1"]["units"]
    assert first.mean() == pytest.approx(100, rel=0.04)
    assert first.std() / first.mean() == pytest.approx(0.2, rel=0.1)
    again = simulated_sales(here, plan((0, 1, 5, 1, 0)), seed=3)
    assert (again[again["sku"] == "S1"]["units"] == first).all()
    other = simulated_sales(here, plan(), seed=4)
    assert (other[other["sku"] == "S1"]["units"] != first).mean() > 0.9
