"""Every problem of a history is found, listed with what was done, and done; a clean history stays as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kaopt.response.problems import COLUMNS, LOOKED_FOR, listed, mended
from tests.response.histories import planted


@pytest.fixture
def clean() -> pd.DataFrame:
    sales = planted(4, 20, seed=31).sales.drop(columns="base_price")
    return sales.assign(week=sales["week"].astype(float), line=np.arange(2.0, len(sales) + 2))


def kinds(problems) -> list[str]:
    return [one.kind for one in problems]


def test_a_clean_history_has_no_problem_and_stays(clean):
    rows, problems = mended(clean)
    assert problems == []
    assert rows[clean.columns.tolist()].equals(clean.sort_values(["account", "sku", "week"], ignore_index=True))


@pytest.mark.parametrize(
    ("column", "value", "kind", "left"),
    [
        ("price", -2.0, "price not above 0", 79),
        ("price", 0.0, "price not above 0", 79),
        ("price", 0.01, "absurd price", 80),
        ("price", 50.0, "absurd price", 80),
        ("price", np.nan, "units or price missing", 79),
        ("units", 0.0, "units are 0", 79),
        ("units", -3.0, "units below 0", 79),
        ("units", np.nan, "units or price missing", 79),
        ("account", "", "no account, SKU or week", 79),
        ("week", np.nan, "no account, SKU or week", 79),
        ("display", 1.7, "display outside 0-1", 80),
        ("display", np.nan, "display outside 0-1", 80),
    ],
)
def test_one_bad_cell_is_listed_with_its_place(clean, column, value, kind, left):
    clean.loc[25, column] = value
    rows, problems = mended(clean)
    first = problems[0]
    assert first.kind == kind and len(rows) == left
    assert (first.sku, first.week) == ("S1", None if column == "week" else 6)
    assert first.account == ("" if column == "account" else "A001")
    assert set(kinds(problems[1:])) <= {"weeks missing"}  # a row in the middle that was left out leaves a gap
    assert rows["display"].between(0, 1).all() and (rows["price"] > 0).all() and (rows["units"] > 0).all()


def test_rows_of_one_week_are_put_together_by_units(clean):
    double = clean.loc[[3]].assign(units=clean.at[3, "units"] * 3, price=clean.at[3, "price"] * 2)
    rows, problems = mended(pd.concat([clean, double], ignore_index=True))
    one = rows[(rows["account"] == "A000") & (rows["week"] == 4)].iloc[0]
    assert kinds(problems) == ["week twice"] and len(rows) == 80
    assert one["units"] == pytest.approx(4 * clean.at[3, "units"])
    assert one["price"] == pytest.approx(clean.at[3, "price"] * (1 + 3 * 2) / 4)


def test_what_a_series_cannot_say_is_told(clean):
    clean.loc[clean["account"] == "A000", "display"] = 0.0
    clean.loc[clean["account"] == "A001", "price"] = 3.0
    clean = clean[(clean["account"] != "A002") | (clean["week"] > 13)]
    clean = clean[(clean["account"] != "A003") | ~clean["week"].isin([5, 6])]
    told = {(one.kind, one.account): one.found for one in mended(clean)[1]}
    assert told == {
        ("display never changed", "A000"): "always 0",
        ("price never changed", "A001"): "always 3",
        ("short history", "A002"): "7 weeks",
        ("weeks missing", "A003"): "2 of 20 weeks",
    }


def test_a_regular_price_that_is_no_price_is_replaced_by_the_series_own(clean):
    clean = clean.assign(base_price=3.0)
    clean.loc[7, "base_price"] = 0.0
    rows, problems = mended(clean)
    assert kinds(problems) == ["no regular price"]
    mended_price = rows[(rows["account"] == "A000") & (rows["week"] == 8)]["base_price"].item()
    assert mended_price == pytest.approx(clean[clean["account"] == "A000"]["price"].quantile(0.8))


def test_a_further_column_that_is_empty_counts_as_nothing(clean):
    clean = clean.assign(other_coupon=1.0)
    clean.loc[2, "other_coupon"] = np.nan
    rows, problems = mended(clean)
    assert kinds(problems) == ["other_coupon empty"] and rows["other_coupon"].sum() == 79


def test_the_list_has_a_row_for_each_problem_and_every_kind_is_looked_for(clean):
    clean.loc[1, "units"] = 0.0
    table = listed(mended(clean)[1])
    assert tuple(table.columns) == COLUMNS and len(table) == 2
    assert len(set(LOOKED_FOR)) == 13
