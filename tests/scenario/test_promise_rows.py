"""Clauses of agreements, limits of production and the plan at hand, read from files; what cannot be is told."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from kaopt.errors import Fault, InputError
from kaopt.scenario.model import Lock
from tests.scenario.files import FILES, read, write

SKUS = "sku,brand,list_price,unit_cost\ncola,Fizz,40,20\ntea,Leaf,50,22.5\n"


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as told:
        read(folder)
    return told.value.faults


def test_without_the_tables_nothing_is_promised_and_nothing_is_scarce(tmp_path: Path) -> None:
    world = read(write(tmp_path))
    assert (world.agreements, world.capacity, world.given) == ((), None, ())
    assert world.accounts.credit_limit.tolist() == [inf, inf]
    assert read(write(tmp_path, "bare", capacity="sku,weeks,cases\n")).capacity is None


def test_a_clause_says_what_counts_where_and_when(tmp_path: Path) -> None:
    rows = "account,what,family,brand,weeks,least,most,because\nW,displays,display,Leaf,2-3|9,6,8,signed in May\n"
    (one,) = read(write(tmp_path, skus=SKUS, agreements=rows)).agreements
    assert (one.account, one.what, one.least, one.most, one.because) == (0, "displays", 6, 8, "signed in May")
    assert one.skus.tolist() == [False, True]
    assert one.weeks.tolist() == [False, True, True, False]
    assert one.treatments.tolist() == [False, True]
    assert one.scope == "account=W what=displays family=display brand=Leaf weeks=2-3|9"


def test_a_clause_for_every_account_is_one_for_each_and_speaks_chinese(tmp_path: Path) -> None:
    rows = "客户,条款,至少\n*,销量,1200\nZ,收入,5万\n"
    found = read(write(tmp_path, agreements=rows)).agreements
    assert [(c.account, c.what, c.least, c.most) for c in found] == [
        (0, "cases", 1200, inf),
        (1, "cases", 1200, inf),
        (1, "revenue", 50_000, inf),
    ]
    assert all(c.skus.all() and c.weeks.all() and c.treatments.all() for c in found)
    assert [c.scope for c in found] == ["account=W what=cases", "account=Z what=cases", "account=Z what=revenue"]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("W,promotion,*,*,1,2", "what", "Did you mean 'promotions'"),
        ("W,cases,price,*,1,2", "family", "no mechanic has to itself"),
        ("W,displays,dispaly,*,1,2", "family", "Did you mean 'display'"),
        ("W,displays,*,Laef,1,2", "brand", "Did you mean 'Leaf'"),
        ("W,displays,*,*,3,2", "least", "must not be above most (2)"),
        ("Q,displays,*,*,1,2", "account", "must be an id of the table accounts"),
    ],
)
def test_promises_that_cannot_be_are_told_with_their_place(tmp_path: Path, row: str, column: str, words: str) -> None:
    rows = f"account,what,family,brand,least,most\n{row}\n"
    (fault,) = faults_of(write(tmp_path, skus=SKUS, agreements=rows))
    assert (fault.file, fault.line, fault.column) == ("tables/agreements.csv", 2, column)
    assert words in str(fault)


def test_capacity_is_per_sku_and_week_and_a_later_row_wins(tmp_path: Path) -> None:
    world = read(write(tmp_path, capacity="sku,weeks,cases\n*,2-3,500\ntea,3|4,80\n"))
    assert world.capacity is not None
    assert world.capacity.tolist() == [[inf, 500, 500, inf], [inf, 500, 80, 80]]
    (fault,) = faults_of(write(tmp_path, "wrong", capacity="sku,cases\ncoal,500\n"))
    assert (fault.column, fault.remedy) == ("sku", "Did you mean 'cola'?")


def test_the_plan_of_a_scenario_is_the_one_to_stay_near(tmp_path: Path) -> None:
    scenario = FILES["scenario.yaml"] + "plan: tables/plan.csv\n"
    plan = "account,sku,week,weeks,treatment\nW,tea,2,2,cut\nZ,cola,4,1,stack\n"
    world = read(write(tmp_path, scenario=scenario, plan=plan))
    assert world.given == (Lock(0, 1, 1, 2, 0, "given"), Lock(1, 0, 3, 1, 1, "given"))
