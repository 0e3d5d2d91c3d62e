"""A history is read from any of its forms alike, and what cannot be read is told with its place."""

from __future__ import annotations

import pandas as pd
import pytest

from kaopt.errors import InputError
from kaopt.response.sales import NEEDED, read_sales

FIGURES = {"week": [1, 2], "units": [10.5, 7], "price": [2.0, 1.5], "display": [0, 0.25]}
ROWS = pd.DataFrame({"account": ["00123", "NA"], "sku": ["S1", "S1"], **FIGURES})


def faults(error) -> list[tuple[int | None, str | None, str]]:
    return [(one.line, one.column, one.found) for one in error.value.faults]


@pytest.mark.parametrize("form", ["csv", "semicolon", "xlsx", "parquet"])
def test_every_form_gives_the_same(tmp_path, form):
    path = tmp_path / f"h.{'csv' if form == 'semicolon' else form}"
    {
        "csv": lambda: ROWS.to_csv(path, index=False),
        "semicolon": lambda: ROWS.to_csv(path, index=False, sep=";", encoding="utf-8-sig"),
        "xlsx": lambda: ROWS.to_excel(path, index=False),
        "parquet": lambda: ROWS.to_parquet(path),
    }[form]()
    found = read_sales(path).rows
    assert found["account"].tolist() == ["00123", "NA"]
    for name in ("week", "units", "price", "display"):
        assert found[name].tolist() == pytest.approx(ROWS[name].tolist())


def test_chinese_headers_and_a_mapping_name_the_columns(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("门店,UPC code,周,销量,售价,special\nA,S,1,5,2,1\n", encoding="utf-8")
    mapping = tmp_path / "m.yaml"
    mapping.write_text("sku: UPC code\nother_special: special\n", encoding="utf-8")
    row = read_sales(path, mapping).rows.iloc[0]
    assert (row["account"], row["sku"], row["units"], row["other_special"]) == ("A", "S", 5.0, 1.0)


def test_dates_become_weeks_from_monday_to_sunday(tmp_path):
    path = tmp_path / "h.csv"
    days = ["2027-01-03", "2027-01-04", "2027-01-10", "2027-01-11"]  # a Sunday, a Monday, its Sunday, the next Monday
    path.write_text("account,sku,date,units,price\n" + "".join(f"A,S,{day},1,1\n" for day in days), encoding="utf-8")
    found = read_sales(path)
    assert found.rows["week"].tolist() == [1, 2, 2, 3]
    assert pd.Timestamp.fromordinal(found.first_day + 7 * 2).date().isoformat() == "2027-01-04"


def test_shares_may_be_per_cent_and_thousands_may_have_commas(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text('account,sku,week,units,price,display\nA,S,1,"1,250",2,40%\n', encoding="utf-8")
    row = read_sales(path).rows.iloc[0]
    assert (row["units"], row["display"]) == (1250.0, 0.4)


def test_what_is_no_number_is_told_with_its_line(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("account,sku,week,units,price\nA,S,1,five,2\nA,S,2,5,cheap\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_sales(path)
    assert faults(error) == [(2, "units", "five"), (3, "price", "cheap")]


def test_a_week_that_is_neither_number_nor_date_is_told(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("account,sku,week,units,price\nA,S,2027-01-04,5,2\nA,S,soon,5,2\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_sales(path)
    assert faults(error) == [(3, "week", "soon")]


def test_lacking_columns_are_all_told_and_units_may_lack_in_a_forecast(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("account,sku,week\nA,S,1\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_sales(path)
    assert {column for _, column, _ in faults(error)} == {"units", "price"}
    path.write_text("account,sku,week,price\nA,S,1,2\n", encoding="utf-8")
    assert len(read_sales(path, needed=tuple(name for name in NEEDED if name != "units")).rows) == 1


@pytest.mark.parametrize("text", ["", "account,sku,week,units,price\n"])
def test_nothing_is_no_history(tmp_path, text):
    path = tmp_path / "h.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_sales(path)
    with pytest.raises(InputError, match="must be a file"):
        read_sales(tmp_path / "none.csv")


def test_a_misspelt_canonical_name_in_the_mapping_gets_a_suggestion(tmp_path):
    path, mapping = tmp_path / "h.csv", tmp_path / "m.yaml"
    ROWS.to_csv(path, index=False)
    mapping.write_text("acount: account\n", encoding="utf-8")
    with pytest.raises(InputError, match="account"):
        read_sales(path, mapping)
