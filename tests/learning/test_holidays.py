"""Public holidays as a column: Spring Festival moves, and so does its week."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaopt.errors import InputError
from kaopt.learning.holidays import days_off, with_holidays
from kaopt.response.sales import Sales, read_sales


def test_spring_festival_of_2027_is_in_its_week():
    """New Year's Day of the lunar calendar is Saturday 6 February 2027; of 2026, Tuesday 17 February."""
    assert days_off("CN", date(2027, 2, 8).toordinal()) >= 1
    assert days_off("CN", date(2027, 2, 1).toordinal()) >= 2  # eve and the day itself
    assert days_off("CN", date(2026, 2, 16).toordinal()) >= 4
    assert days_off("CN", date(2027, 3, 8).toordinal()) == 0


def test_a_week_over_the_turn_of_the_year_knows_both_years():
    assert days_off("CN", date(2026, 12, 28).toordinal()) >= 1  # 1 January 2027 is its Friday
    assert days_off("US", date(2026, 12, 21).toordinal()) == 1  # Christmas


def test_rows_have_the_share_of_their_week():
    first = date(2027, 2, 1).toordinal()
    rows = pd.DataFrame({"week": [1, 2, 6, 1]})
    found = with_holidays(rows, Sales(rows, first - 7, "CN"))
    expected = [days_off("CN", first + 7 * n) / 7 for n in (0, 1, 5, 0)]
    assert found["holiday"].tolist() == expected and expected[0] > 0 == expected[2]


def test_dates_of_a_file_lead_to_the_right_weeks(tmp_path):
    text = "account,sku,week,units,price\nA,S,2027-02-06,5,3\nA,S,2027-03-10,5,3\n"
    (tmp_path / "h.csv").write_text(text, encoding="utf-8")
    (tmp_path / "names.yaml").write_text("holidays: CN\n", encoding="utf-8")
    sales = read_sales(tmp_path / "h.csv", tmp_path / "names.yaml")
    found = with_holidays(sales.rows, sales)["holiday"]
    assert found[0] == days_off("CN", date(2027, 2, 1).toordinal()) / 7 > 0 and found[1] == 0


def test_without_a_country_nothing_is_added():
    rows = pd.DataFrame({"week": [1]})
    assert with_holidays(rows, Sales(rows, None)) is rows


def test_holidays_need_dates_and_a_known_country():
    rows = pd.DataFrame({"week": [1]})
    with pytest.raises(InputError, match="dates"):
        with_holidays(rows, Sales(rows, None, "CN"))
    with pytest.raises(InputError, match="country code"):
        with_holidays(rows, Sales(rows, 739000, "Atlantis"))
