"""From files to a frozen world: the arithmetic of base, price, eligibility, response and budget by hand."""

from __future__ import annotations

import dataclasses
from datetime import date
from math import inf, isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kaopt.errors import InputError
from kaopt.plan_file import load_plan
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Supply
from kaopt.scenario.table_file import Sheet
from tests.scenario.files import FILES, overlay, read, write


def faults_of(folder: Path, *overrides: str, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, *overrides, **options)
    return [str(one) for one in caught.value.faults]


def test_the_small_world_by_hand(tmp_path: Path) -> None:
    world = read(write(tmp_path))
    assert world.shape == (2, 2, 4)
    assert (world.start, world.weeks, world.currency, world.model) == (date(2027, 1, 4), 4, "CNY", "annual_agreement")
    assert world.listed.tolist() == [[True, True], [True, False]]
    assert world.base_cases[:, :, 0].tolist() == [[100, 50], [80, 0]]
    assert world.base_price[:, :, 3].tolist() == pytest.approx(np.array([[50.0, 62.5], [44.0, 55.0]]))
    assert world.accounts.acceptance_age.tolist() == [1 / 3, 2 / 3]
    assert world.accounts.notice_days.tolist() == [60, 60]  # the declared default
    assert isnan(world.accounts.fill_target[0])
    assert world.treatments.lengths == ((1, 2), (1,))
    assert world.eligible.sum() == 3 * 2 * 4
    assert not world.eligible[1, 1].any()  # Z does not sell tea
    assert world.response.elasticity.tolist() == [[-2.5] * 2] * 2
    assert world.budget == ()
    assert set(world.rules) == {"one_event", "blackout", "lead_time", "locks", "budget", "display_slots"}


def test_the_folder_or_its_file(tmp_path: Path) -> None:
    folder = write(tmp_path)
    assert read(folder).inputs == read(folder / "scenario.yaml").inputs


def test_a_scenario_that_is_not_there(tmp_path: Path) -> None:
    assert "must be a folder with a scenario.yaml" in faults_of(tmp_path / "nowhere")[0]


def test_everything_is_frozen(tmp_path: Path) -> None:
    world = read(write(tmp_path))
    arrays = [
        getattr(part, one.name)
        for part in (world, world.accounts, world.skus, world.treatments, world.response)
        for one in dataclasses.fields(part)
    ]
    arrays = [one for one in arrays if isinstance(one, np.ndarray)]
    assert len(arrays) > 50
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.weeks = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        world.rules["spacing"] = ()  # type: ignore[index]
    with pytest.raises(Exception, match="frozen"):
        world.solve.gap = 1.0


def test_base_by_week_and_by_season(tmp_path: Path) -> None:
    weekly = "".join(f"W,cola,{w},{100 + w},,\n" for w in (2, 1, 4, 3, 5))
    base = "account,sku,week,cases,price,season\n" + weekly + "W,tea,,50,60,calm\nZ,cola,,80,,\n"
    seasons = "season,week,index\ncalm,1,0.5\ncalm,2,1.5\ncalm,3,1\ncalm,4,1\ncalm,5,9\n"
    world = read(write(tmp_path, base=base, seasons=seasons))
    assert world.base_cases[0, 0].tolist() == [101, 102, 103, 104]  # a fifth week lies outside the horizon
    assert world.base_cases[0, 1].tolist() == [25, 75, 50, 50]
    assert world.base_cases[1, 0].tolist() == [80] * 4
    assert world.base_price[0, 1].tolist() == [60] * 4
    assert world.base_price[0, 0].tolist() == [50] * 4


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("*,*,stack,2-3,no\n", {"cut": [1, 1, 1, 1], "stack": [1, 0, 0, 1]}),  # closes parts of an open world
        ("*,*,cut,1-2,yes\n", {"cut": [1, 1, 0, 0], "stack": [0, 0, 0, 0]}),  # opens parts of a closed one
        ("*,*,*,,yes\nW,*,*,4,no\nW,cola,st*,4,yes\n", {"cut": [1, 1, 1, 0], "stack": [1, 1, 1, 1]}),  # later rows win
        ("Z,*,*,,no\n", {"cut": [1, 1, 1, 1], "stack": [1, 1, 1, 1]}),  # another account
        ("*,*,*,3-99,no\n", {"cut": [1, 1, 0, 0], "stack": [1, 1, 0, 0]}),  # weeks beyond the horizon
    ],
)
def test_eligibility_of_cola_at_w(tmp_path: Path, rows: str, expected: dict[str, list[int]]) -> None:
    world = read(write(tmp_path, eligibility="account,sku,treatment,weeks,allowed\n" + rows))
    assert {
        k: world.eligible[0, 0, i].astype(int).tolist() for i, k in enumerate(world.treatments.treatment)
    } == expected


def test_response_rows_override_the_cells_that_they_fill(tmp_path: Path) -> None:
    rows = "account,sku,elasticity,display,dip_weeks\n*,*,-2.5,0.4,2\nW,*,,0.6,\n*,tea,-1.5,,0\n"
    how = read(write(tmp_path, response=rows)).response
    assert how.elasticity.tolist() == [[-2.5, -1.5], [-2.5, -1.5]]
    assert how.display.tolist() == [[0.6, 0.6], [0.4, 0.4]]
    assert how.dip_weeks.tolist() == [[2, 0], [2, 0]]  # a zero that is written counts
    assert how.dip_weeks.dtype == np.int64


def fitted(tmp_path: Path, rows: str) -> None:
    folder = tmp_path / "models" / "response" / "mine"
    folder.mkdir(parents=True)
    (folder / "coefficients.csv").write_text("account,sku,term,value,se\n" + rows, encoding="utf-8")


def test_a_fitted_response_model_below_the_table(tmp_path: Path) -> None:
    fitted(
        tmp_path,
        "W,cola,elasticity,-3.1,0.2\nW,cola,display,0.7,0.1\nW,tea,elasticity,-1,0.3\nZ,cola,elasticity,-2,0\n"
        "elsewhere,cola,elasticity,-9,0\nW,cola,level,5,0\nW,cola,other_x,1,\n",
    )
    text = FILES["scenario.yaml"] + "response: models/response/mine\n"
    alone = read(write(tmp_path, scenario=text, response=None))
    assert alone.response.elasticity.tolist() == [[-3.1, -1.0], [-2.0, 0.0]]
    assert alone.response.elasticity_se[0].tolist() == [0.2, 0.3]
    assert alone.response.display_se[0, 0] == 0.1
    assert "models/response/mine/coefficients.csv" in alone.inputs
    both = read(write(tmp_path, "both", scenario=text, response="account,sku,elasticity\nW,tea,-4\n"))
    assert both.response.elasticity.tolist() == [[-3.1, -4.0], [-2.0, 0.0]]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("W,tea,elasticty,-1,0\n", "Did you mean 'elasticity'"),
        ("W,tea,elasticity,1,0\n", "at most 0"),
        ("W,cola,display,1,0\n", "twice"),
    ],
)
def test_a_fitted_model_with_faults(tmp_path: Path, row: str, words: str) -> None:
    fitted(tmp_path, "W,cola,display,0.7,0.1\n" + row)
    folder = write(tmp_path, scenario=FILES["scenario.yaml"] + "response: models/response/mine\n")
    assert any(words in one and "coefficients.csv:3" in one for one in faults_of(folder))


def test_every_account_sku_needs_a_response(tmp_path: Path) -> None:
    (fault,) = faults_of(write(tmp_path, response="account,sku,elasticity\nW,*,-2\n"))
    assert "1 account-SKUs without a row, first Z, cola" in fault
    assert "models/response/NAME" in faults_of(write(tmp_path, "none", response=None))[0]


def test_budget_lines(tmp_path: Path) -> None:
    text = FILES["scenario.yaml"].replace("weeks: 4", "weeks: 30") + (
        "budget:\n  total: {max: 10万, min: 2万}\n  by_quarter: {2: 6万}\n  by_account: tables/budgets.csv\n"
        "  nodes:\n    - {channel: hyper, family: disp*, weeks: 1-2|30, max: 500}\n"
        "    - {name: floor, account: Z, min: 1}\n"
    )
    table = "account,quarter,max,min\nW,1,3万,\nZ,,,5\nW,,,\n"
    lines = {one.scope: one for one in read(write(tmp_path, scenario=text, budgets=table)).budget}
    assert list(lines) == [
        "total",
        "quarter=2",
        "channel=hyper family=disp* weeks=1-2|30",
        "floor",
        "account=W quarter=1",
        "account=Z",
    ]
    assert (lines["total"].low, lines["total"].high) == (20_000, 100_000)
    assert lines["total"].accounts.all()
    assert lines["total"].weeks.all()
    assert lines["total"].treatments.all()
    assert np.flatnonzero(lines["quarter=2"].weeks).tolist() == list(
        range(13, 30)
    )  # the last quarter takes what is over
    assert lines["account=W quarter=1"].accounts.tolist() == [True, False]
    assert (lines["account=Z"].low, lines["account=Z"].high) == (5, inf)
    node = lines["channel=hyper family=disp* weeks=1-2|30"]
    assert np.flatnonzero(node.weeks).tolist() == [0, 1, 29]
    assert node.treatments.tolist() == [False, True]
    assert lines["floor"].accounts.tolist() == [False, True]


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("{total: -5}", "budget.total = -5: must be at least 0"),
        ("{total: {max: 1, min: 2}}", "budget.total = min 2: must not be above max 1"),
        ("{by_quarter: {2: 5}}", "must be a quarter of the horizon, 1-1"),
        ("{nodes: [{chanel: hyper}]}", "Did you mean 'channel'"),
        ("{nodes: [{channel: hypr, max: 1}]}", "Did you mean 'hyper'"),
        ("{nodes: [{weeks: 1-9, max: 1}]}", "must be a week from 1 to 4"),
        ("{by_account: tables/bugdets.csv}", "must be a file of this scenario"),
        ("{total: 5%}", "unit '%'"),
        ("[1]", "must be a mapping of settings"),
    ],
)
def test_budgets_that_cannot_be(tmp_path: Path, budget: str, words: str) -> None:
    (fault,) = faults_of(write(tmp_path, scenario=FILES["scenario.yaml"] + f"budget: {budget}\n"))
    assert words in fault
    assert fault.startswith("scenario.yaml:3 ")


def test_locks(tmp_path: Path) -> None:
    rows = "W,cola,2,,,must,tv\nW,tea,3,2,,禁止,\nZ,cola,1,2,cut,committed,\n"
    world = read(write(tmp_path, locks="account,sku,week,weeks,treatment,lock,because\n" + rows))
    assert world.locks == (
        Lock(0, 0, 1, 1, -1, "must", "tv"),
        Lock(0, 1, 2, 2, -1, "forbidden"),
        Lock(1, 0, 0, 2, 0, "committed"),
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("W,cola,4,2,,must", "week = weeks 4-5: must lie in weeks 1-4"),
        ("W,cola,5,1,,must", "week = 5: must lie in weeks 1-4"),
        ("Z,tea,1,1,,must", "must be sold by Z"),
        ("W,cola,1,1,,musst", "Did you mean 'must'"),
        ("W,cola,1,1,,committed", "must be given for a committed event"),
        ("W,cola,1,2,stack,committed", "must be a length that stack allows: 1"),
        ("W,cola,1,0,,must", "weeks = 0: must be at least 1"),
        ("W,cola,2027-01-11,1,,must", "This day lies in week 2: write 2"),
        ("W,cola,2028-01-11,1,,must", "outside the horizon"),
        ("W,cola,1,1,cutt,must", "Did you mean 'cut'"),
    ],
)
def test_locks_that_cannot_be(tmp_path: Path, row: str, words: str) -> None:
    (fault,) = faults_of(write(tmp_path, locks=f"account,sku,week,weeks,treatment,lock\n{row}\n"))
    assert words in fault
    assert fault.startswith("tables/locks.csv:2 ")


def test_rules_once_several_times_and_off(tmp_path: Path) -> None:
    text = FILES["scenario.yaml"] + (
        "rules:\n  spacing: {gap: 2, because: habit}\n"
        "  margin_mix: [{min: 33%}, {min: 20%, per: account, hard: false, regret: 30}]\n"
        "  locks: false\n  blackout: {hard: true}\n"
    )
    rules = read(write(tmp_path, scenario=text)).rules
    assert [(one.gap, one.because) for one in rules["spacing"]] == [(2, "habit")]  # type: ignore[attr-defined]
    assert [(one.min, one.per, one.hard, one.regret) for one in rules["margin_mix"]] == [
        (0.33, "total", True, 0),
        (0.2, "account", False, 30),
    ]  # type: ignore[attr-defined]
    assert rules["locks"] == ()  # off, also where it would hold by itself
    assert rules["blackout"][0].hard is True


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("spacng: {gap: 2}", "rules.spacng = spacng: is not a known name here. Did you mean 'spacing'?"),
        ("spacing: {gaps: 2}", "rules.spacing.gaps = gaps: is not a known name here. Did you mean 'gap'?"),
        ("spacing: true", "rules.spacing.gap = nothing: must be given"),
        ("spacing: {gap: 1.5}", "must be a whole number"),
        (
            "spacing: 3",
            "must be true, false, a mapping of settings or a list of those. Settings: hard, regret, because, gap",
        ),
        ("margin_mix: [{min: 33%}, {min: 133%}]", "rules.margin_mix.1.min = 133%: must be between 0 and 1"),
        ("margin_mix: {min: 1%, per: acount}", "must be one of: account, total. Did you mean 'account'?"),
        ("blackout: {hard: false}", "must be one of: True"),
    ],
)
def test_rules_that_nobody_knows(tmp_path: Path, rule: str, words: str) -> None:
    found = faults_of(write(tmp_path, scenario=FILES["scenario.yaml"] + f"rules:\n  {rule}\n"))
    assert any(words in one and one.startswith("scenario.yaml:4 ") for one in found), found
    assert len(found) <= 2  # a missing gap is told beside an unknown one


def test_sections_with_units(tmp_path: Path) -> None:
    text = FILES["scenario.yaml"] + (
        "name: 方案B\nsolve: {gap: 0.5%, time_limit: 5min}\n"
        "supply: {replications: {half_width: 0.5pp}, shift_start: 05:30, gate: false}\n"
        "targets: {fill_rate: 90%}\nobjective: {contribution_floor: -1万}\nassumptions: [one, two]\n"
    )
    world = read(write(tmp_path, scenario=text))
    assert (world.name.en, world.name.zh) == ("方案B", "方案B")
    assert (world.solve.gap, world.solve.time_limit) == (0.005, 300)
    assert (world.supply.replications.half_width, world.supply.shift_start, world.supply.gate) == (0.005, 330, False)
    assert (world.targets.fill_rate, world.objective.contribution_floor) == (0.9, -10_000)
    assert world.assumptions == ("one", "two")
    assert world.supply.pick_crews == Supply().pick_crews
    assert world.resolved["solve"]["gap"] == 0.005
    assert world.resolved["horizon"] == {"start": "2027-01-04", "weeks": 4, "planned_on": None, "notice": 0}
    assert world.resolved["budget"]["total"] == {"max": None, "min": 0.0}


def test_a_plan_is_read_with_ids_and_weeks_from_one(tmp_path: Path) -> None:
    world = read(write(tmp_path))
    file = tmp_path / "plan.csv"
    file.write_text(
        "账号备注,account,sku,week,weeks,treatment,cases,reason\nx,Z,cola,1,2,cut,12.5,habit\n,W,tea,4,,stack,,\n",
        encoding="utf-8-sig",
    )
    plan = load_plan(world, file)
    columns = [plan.account, plan.sku, plan.week, plan.weeks, plan.treatment]
    assert [one.tolist() for one in columns] == [[1, 0], [0, 1], [0, 3], [2, 1], [0, 1]]
    assert plan.reason == ("habit", "")
    assert all(one.dtype == np.int64 and not one.flags.writeable for one in columns)


def test_a_plan_without_rows_is_no_promotion(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("account,sku,week,treatment\n", encoding="utf-8")
    assert len(load_plan(read(write(tmp_path)), file)) == 0


def test_a_plan_with_faults_lists_them_all(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(
        "account,sku,week,treatment\nV,cola,1,cut\nW,cola,9,cut\nZ,tea,1,cut\nW,tea,0,ct\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        load_plan(read(write(tmp_path)), file)
    assert [(one.line, one.column) for one in caught.value.faults] == [
        (2, "account"),
        (3, "week"),
        (4, "sku"),
        (5, "treatment"),
        (5, "week"),
    ]
    with pytest.raises(InputError, match="can be read"):
        load_plan(read(write(tmp_path)), tmp_path / "none.csv")


def test_the_scenarios_own_plan(tmp_path: Path) -> None:
    text = FILES["scenario.yaml"] + "plan: tables/plan.csv\n"
    folder = write(tmp_path, scenario=text, plan="account,sku,week,treatment,extra\nW,cola,1,cut,7\n")
    assert read(folder).plan_file == folder / "tables/plan.csv"
    wrong = write(tmp_path, "wrong", scenario=text, plan="account,sku,week,treatment\nW,cola,1,cutt\n")
    assert "tables/plan.csv:2 treatment = cutt" in faults_of(wrong)[0]
    assert "must be a file of this scenario" in faults_of(write(tmp_path, "gone", scenario=text))[0]


def test_after_the_reader_nobody_knows_what_a_csv_is() -> None:
    """A workbook's sheet is the same noun: header cells, rows of cells with the line they stand in."""
    assert {one.name for one in dataclasses.fields(Sheet)} == {"file", "header_line", "header", "rows", "letters"}


def test_planned_after_the_start(tmp_path: Path) -> None:
    (fault,) = faults_of(write(tmp_path), "horizon.planned_on=2027-02-01")
    assert "must not be after the start of the horizon (2027-01-04)" in fault


def test_overlay_helper_is_a_scenario_too(tmp_path: Path) -> None:
    write(tmp_path)
    assert read(overlay(tmp_path, "more", "extends: ../small\n")).shape == (2, 2, 4)
