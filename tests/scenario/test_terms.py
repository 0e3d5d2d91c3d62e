"""Fees and rebates as people write them, in both languages, and every way in which they can be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kaopt.errors import InputError
from tests.scenario.files import FILES, overlay, read, write

LONG = "kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 27}\n"
BRANDS = "sku,brand,list_price,unit_cost,high_margin\ncola,Red,40,20,no\ntea,Green,50,22.5,yes\n"


def test_a_world_without_the_tables_has_neither(tmp_path: Path) -> None:
    here = read(write(tmp_path))
    assert here.fees == () and here.rebates == ()


def test_fees_mean_accounts_skus_mechanics_and_periods(tmp_path: Path) -> None:
    rows = "account,family,sku,brand,per,amount,kind,because\n"
    rows += "W,display,*,Red,quarter,1.2万,display,agreed\n*,*,t*,*,month,300,,\n,,,,,50,threshold,\n"
    one, two, three = read(write(tmp_path, scenario=LONG, skus=BRANDS, fees=rows)).fees
    assert (one.name, one.amount, one.per, one.because) == ("display", 12_000.0, "quarter", "agreed")
    assert one.accounts.tolist() == [True, False] and one.skus.tolist() == [True, False]
    assert one.treatments.tolist() == [False, True]
    assert one.period.tolist() == [0] * 13 + [1] * 14  # the last quarter takes the week that is over
    assert (two.name, two.skus.tolist()) == ("fee 2", [False, True])
    assert two.period.tolist() == [w // 4 for w in range(27)]
    assert (three.name, three.per, three.amount) == ("threshold", "year", 50.0)
    assert three.accounts.all() and three.skus.all() and three.treatments.all() and not three.period.any()
    assert not one.accounts.flags.writeable and not one.period.flags.writeable


def test_fees_in_chinese(tmp_path: Path) -> None:
    rows = "客户,类型,品项,品牌,周期,金额,费用名称\nW,price,*,*,季度,4400元,门槛费\n"
    (one,) = read(write(tmp_path, scenario=LONG, fees=rows)).fees
    assert (one.name, one.per, one.amount, one.treatments.tolist()) == ("门槛费", "quarter", 4400.0, [True, False])


def test_a_fee_of_nothing_is_none(tmp_path: Path) -> None:
    assert read(write(tmp_path, fees="account,amount\nW,0\nZ,1\n")).fees[0].accounts.tolist() == [False, True]


def test_tiers_of_an_account_stand_together_in_ascending_order(tmp_path: Path) -> None:
    rows = "account,measure,kind,threshold,rate,because\nW,revenue,all_unit,12万,3%,deal\nZ,cases,stepped,800,0.5,\n"
    rows += "W,revenue,all_unit,10万,2%,deal\nW,cases,all_unit,900,1,\nW,revenue,stepped,10万,1%,\n"
    found = {(one.account, one.measure, one.kind): one for one in read(write(tmp_path, rebates=rows)).rebates}
    assert {key: (one.thresholds, one.rates) for key, one in found.items()} == {
        (0, "revenue", "all_unit"): ((100_000.0, 120_000.0), (0.02, 0.03)),
        (1, "cases", "stepped"): ((800.0,), (0.5,)),
        (0, "cases", "all_unit"): ((900.0,), (1.0,)),
        (0, "revenue", "stepped"): ((100_000.0,), (0.01,)),
    }
    assert found[0, "revenue", "all_unit"].because == "deal"


def test_rebates_in_chinese(tmp_path: Path) -> None:
    rows = "客户,口径,返利方式,门槛,返利率\nW,销售额,全额,10万,2%\nW,销量,分段,800,1.5\n"
    one, two = read(write(tmp_path, rebates=rows)).rebates
    assert (one.measure, one.kind, one.rates) == ("revenue", "all_unit", (0.02,))
    assert (two.measure, two.kind, two.rates) == ("cases", "stepped", (1.5,))


def test_an_overlay_changes_a_tier_and_adds_a_fee(tmp_path: Path) -> None:
    """A tier is known by account, measure, kind and threshold; fees have no key: the overlay's come after."""
    tiers = "account,measure,kind,threshold,rate\nW,revenue,all_unit,100,2%\nW,revenue,all_unit,200,3%\n"
    write(tmp_path, rebates=tiers, fees="account,amount\nW,10\n")
    above = "account,measure,kind,threshold,rate\nW,revenue,all_unit,200,4%\nW,revenue,all_unit,300,5%\n"
    top = overlay(tmp_path, "top", "extends: ../small\n", rebates=above, fees="account,amount\nZ,20\n")
    here = read(top)
    assert [(one.thresholds, one.rates) for one in here.rebates] == [((100.0, 200.0, 300.0), (0.02, 0.04, 0.05))]
    assert [(one.amount, one.accounts.tolist()) for one in here.fees] == [(10.0, [True, False]), (20.0, [False, True])]


@pytest.mark.parametrize(
    ("table", "rows", "column", "found"),
    [
        ("fees", "account,family,amount\nW,dispay,10\n", "family", "dispay"),
        ("fees", "account,brand,amount\nW,Blue,10\n", "brand", "Blue"),
        ("fees", "account,per,amount\nW,week,10\n", "per", "week"),
        ("fees", "account,amount\nV,10\n", "account", "V"),
        ("fees", "account,amount\nW,-1\n", "amount", "-1"),
        ("fees", "account,sku\nW,cola\n", "amount", "nothing"),
        ("rebates", "account,threshold,rate\nW,10万,2\n", "rate", "2"),
        ("rebates", "account,measure,threshold,rate\nW,volume,10,2\n", "measure", "volume"),
        ("rebates", "account,kind,threshold,rate\nW,flat,10,2%\n", "kind", "flat"),
        ("rebates", "account,threshold,rate\n*,10,2%\n", "account", "*"),
        ("rebates", "account,threshold,rate\nW,10,-2%\n", "rate", "-2%"),
    ],
)
def test_what_cannot_be_is_told_at_its_place(tmp_path: Path, table: str, rows: str, column: str, found: str) -> None:
    with pytest.raises(InputError) as caught:
        read(write(tmp_path, **{table: rows}))
    faults = [(one.file, one.column, one.found) for one in caught.value.faults]
    assert faults == [(f"tables/{table}.csv", column, found)]


def test_the_same_tier_twice_is_a_fault(tmp_path: Path) -> None:
    rows = "account,measure,kind,threshold,rate\nW,revenue,all_unit,100,2%\nW,revenue,all_unit,100,3%\n"
    with pytest.raises(InputError, match="threshold"):
        read(write(tmp_path, rebates=rows))


def test_faults_of_other_tables_are_told_beside(tmp_path: Path) -> None:
    """A wrong mechanic does not hide the wrong tier, nor the other way round."""
    with pytest.raises(InputError) as caught:
        mechanics = FILES["tables/mechanics.csv"].replace("20%", "many")
        read(write(tmp_path, mechanics=mechanics, rebates="account,kind,threshold,rate\nW,flat,10,2%\n"))
    assert {one.file for one in caught.value.faults} == {"tables/mechanics.csv", "tables/rebates.csv"}


def test_periods_of_quarters_are_those_of_the_scenario(tmp_path: Path) -> None:
    here = read(write(tmp_path, scenario=LONG, fees="account,per,amount\nW,quarter,10\n"))
    assert np.array_equal(here.fees[0].period, here.quarter)
