"""Whole small worlds from files: limits, locks, openings, seasons, dates, and where each setting came from."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kaopt.allocation.rules import rule_settings
from kaopt.errors import Fault, InputError
from kaopt.plan_file import load_plan
from kaopt.scenario.bundled import bundled, model_folders
from kaopt.scenario.load import load
from kaopt.scenario.model import BudgetLine, Lock, Scenario
from tests.scenario.files import FILES, overlay, read, write

YAML = FILES["scenario.yaml"]
ACCOUNTS = "account,channel,region,segment\nW,hyper,north,key\nZ,trade,south,key\nH,hyper,south,\n"


def faults_of(folder: Path, *overrides: str, **options: str) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        read(folder, *overrides, **options)
    return caught.value.faults


# --- limits on spend


def the_line(root: Path, node: str, weeks: int = 30) -> tuple[Scenario, BudgetLine]:
    text = YAML.replace("weeks: 4", f"weeks: {weeks}") + f"budget: {{nodes: [{node}]}}\n"
    world = read(write(root, scenario=text, accounts=ACCOUNTS))
    (line,) = world.budget
    return world, line


@pytest.mark.parametrize(
    ("node", "accounts", "treatments", "weeks"),
    [
        ("{account: W, max: 9}", "W", "cut stack", range(30)),
        ("{channel: hyper, max: 9}", "W H", "cut stack", range(30)),
        ("{region: south, max: 9}", "Z H", "cut stack", range(30)),
        ("{segment: key, max: 9}", "W Z", "cut stack", range(30)),
        ("{channel: hyper, region: south, max: 9}", "H", "cut stack", range(30)),
        ("{channel: hy*, max: 9}", "W H", "cut stack", range(30)),
        ("{family: price, max: 9}", "W Z H", "cut", range(30)),
        ("{family: '*play', max: 9}", "W Z H", "stack", range(30)),
        ("{quarter: 1, max: 9}", "W Z H", "cut stack", range(13)),
        ("{quarter: 2, max: 9}", "W Z H", "cut stack", range(13, 30)),
        ("{weeks: 1|30, max: 9}", "W Z H", "cut stack", (0, 29)),
        ("{quarter: 2, weeks: 12-15, max: 9}", "W Z H", "cut stack", (13, 14)),
        ("{region: north, family: display, quarter: 1, min: 9}", "W", "stack", range(13)),
    ],
)
def test_what_falls_under_a_limit(
    tmp_path: Path, node: str, accounts: str, treatments: str, weeks: range | tuple[int, ...]
) -> None:
    world, line = the_line(tmp_path, node)
    named = [one for one, inside in zip(world.accounts.account, line.accounts, strict=True) if inside]
    kinds = [one for one, inside in zip(world.treatments.treatment, line.treatments, strict=True) if inside]
    assert (" ".join(named), " ".join(kinds)) == (accounts, treatments)
    assert np.flatnonzero(line.weeks).tolist() == list(weeks)
    assert 9.0 in (line.low, line.high)


@pytest.mark.parametrize(
    ("weeks", "quarters"), [(4, [4]), (13, [13]), (25, [25]), (26, [13, 13]), (53, [13] * 3 + [14])]
)
def test_a_quarter_has_thirteen_weeks_and_the_last_takes_the_rest(
    tmp_path: Path, weeks: int, quarters: list[int]
) -> None:
    limits = ", ".join(f"{number + 1}: 5" for number in range(len(quarters)))
    text = YAML.replace("weeks: 4", f"weeks: {weeks}") + f"budget: {{by_quarter: {{{limits}}}}}\n"
    world = read(write(tmp_path, scenario=text))
    assert [int(line.weeks.sum()) for line in world.budget] == quarters
    assert np.bincount(world.quarter).tolist() == quarters
    assert sum(line.weeks.astype(int) for line in world.budget).tolist() == [1] * weeks  # each week in one quarter


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("{region: nort, max: 1}", "budget.nodes.0.region = nort: must be a known region. Did you mean 'north'?"),
        ("{segment: '', max: 1}", ""),
        ("{quarter: 0, max: 1}", "budget.nodes.0.quarter"),
        ("{family: gift, max: 1}", "must be a known family. Known: display, price"),
        ("{min: 2, max: 1}", "min 2: must not be above max 1"),
        ("{weeks: 31, max: 1}", "must be a week from 1 to 30"),
    ],
)
def test_limits_that_nothing_can_fall_under(tmp_path: Path, node: str, words: str) -> None:
    if not words:  # accounts without a segment are a node as well
        assert the_line(tmp_path, node)[1].accounts.tolist() == [False, False, True]
        return
    text = YAML.replace("weeks: 4", "weeks: 30") + f"budget: {{nodes: [{node}]}}\n"
    (fault,) = faults_of(write(tmp_path, scenario=text, accounts=ACCOUNTS))
    assert words in str(fault)


def test_least_and_most_may_be_the_same(tmp_path: Path) -> None:
    _, line = the_line(tmp_path, "{min: 7, max: 7}")
    assert (line.low, line.high, line.scope) == (7, 7, "total")


def test_an_account_twice_in_one_quarter(tmp_path: Path) -> None:
    text = YAML + "budget: {by_account: tables/budgets.csv}\n"
    (fault,) = faults_of(write(tmp_path, scenario=text, budgets="account,quarter,max\nW,1,5\nW,01,6\n"))
    assert (fault.line, fault.expected) == (3, "is there twice, first in line 2")


# --- locks


@pytest.mark.parametrize(
    ("said", "kind"),
    [("must", "must"), ("必须", "must"), ("必做", "must"), ("forbidden", "forbidden"), ("禁止", "forbidden"),
     ("committed", "committed"), ("已定", "committed"), ("已承诺", "committed")],
)  # fmt: skip
def test_a_lock_in_both_languages(tmp_path: Path, said: str, kind: str) -> None:
    head = "客户,品项,周,周数,机制,锁定,原因\n"
    world = read(write(tmp_path, locks=head + f"W,cola,3,2,cut,{said},门店\n"))
    assert world.locks == (Lock(0, 0, 2, 2, 0, kind, "门店"),)


@pytest.mark.parametrize(
    ("week", "weeks", "good"), [(4, 1, True), (3, 2, True), (4, 2, False), (1, 4, True), (1, 5, False)]
)
def test_a_lock_may_end_in_the_last_week(tmp_path: Path, week: int, weeks: int, good: bool) -> None:
    folder = write(tmp_path, locks=f"account,sku,week,weeks,lock\nW,cola,{week},{weeks},forbidden\n")
    if good:
        assert read(folder).locks == (Lock(0, 0, week - 1, weeks, -1, "forbidden"),)
    else:
        assert "must lie in weeks 1-4" in str(faults_of(folder)[0])


def test_two_locks_of_different_kind_on_one_week_are_not_the_same_row(tmp_path: Path) -> None:
    rows = "account,sku,week,lock\nW,cola,1,must\nW,cola,1,forbidden\n"
    assert [one.kind for one in read(write(tmp_path, locks=rows)).locks] == ["must", "forbidden"]
    (fault,) = faults_of(write(tmp_path, "twice", locks=rows + "W,cola,1,must\n"))
    assert (fault.line, fault.found) == (4, "W, cola, 1, must")


def test_only_a_committed_event_must_keep_the_lengths_of_its_mechanic(tmp_path: Path) -> None:
    head = "account,sku,week,weeks,treatment,lock\n"
    assert read(write(tmp_path, locks=head + "W,cola,1,3,cut,must\n")).locks[0].weeks == 3
    (fault,) = faults_of(write(tmp_path, "long", locks=head + "W,cola,1,3,cut,committed\n"))
    assert (fault.column, fault.found, fault.expected) == ("weeks", "3", "must be a length that cut allows: 1|2")


# --- openings and seasons


@pytest.mark.parametrize(
    ("rows", "open_"),
    [
        ("", 4 * 6),
        ("*,*,*,,no\n", 0),
        ("*,*,*,,yes\n", 4 * 6),
        ("W,*,*,,yes\n", 4 * 4),  # opens a part of a closed world
        ("W,*,*,,no\n", 4 * 2),  # closes a part of an open one
        ("W,*,*,1-2,no\nW,cola,*,2,yes\n", 24 - 8 + 2),
        ("W,cola,*,2,yes\nW,*,*,1-2,no\n", 0),  # the later row wins, in a world that began closed
        ("*,*,stack,4,no\n", 24 - 3),
        ("*,t*,*,,no\n", 24 - 8),
        ("*,*,*,3-99,no\n", 12),  # weeks behind the horizon count for nothing
        ("*,*,*,5-9,no\n", 24),
        (",,,,no\n", 0),  # empty means every one
    ],
)
def test_openings_in_their_order(tmp_path: Path, rows: str, open_: int) -> None:
    table = "account,sku,treatment,weeks,allowed\n" + rows
    world = read(write(tmp_path, eligibility=table))
    assert int(world.eligible.sum()) == open_
    assert not world.eligible[1, 1].any()


BASE = "account,sku,week,cases,price,season\n"


def test_a_season_shapes_cases_and_leaves_the_price(tmp_path: Path) -> None:
    seasons = "season,week,index\n" + "".join(
        f"s,{week},{index}\n" for week, index in ((2, 0.5), (1, 2), (4, 0), (3, 1))
    )
    base = BASE + "W,cola,,100,60,s\nW,tea,,10,,\nZ,cola,,80,,s\n"
    world = read(write(tmp_path, base=base, seasons=seasons))
    assert world.base_cases[0, 0].tolist() == [200, 50, 100, 0]
    assert world.base_cases[0, 1].tolist() == [10] * 4
    assert world.base_cases[1, 0].tolist() == [160, 40, 80, 0]
    assert world.base_price[0, 0].tolist() == [60] * 4
    assert world.base_price[1, 0].tolist() == pytest.approx([44.0] * 4)  # list price 40 and a mark-up of 10 %


def test_weeks_of_the_table_with_a_price_of_their_own(tmp_path: Path) -> None:
    weekly = "".join(f"W,cola,{week},{10 * week},{'' if week == 2 else 50 + week},\n" for week in (4, 3, 2, 1))
    world = read(write(tmp_path, base=BASE + weekly + "W,tea,,50,,\nZ,cola,,80,,\n"))
    assert world.base_cases[0, 0].tolist() == [10, 20, 30, 40]
    assert world.base_price[0, 0].tolist() == [51, 50, 53, 54]  # week 2: 40 and a mark-up of a quarter


@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_a_horizon_shorter_than_its_tables(tmp_path: Path, weeks: int) -> None:
    seasons = "season,week,index\n" + "".join(f"s,{week},{week}\n" for week in range(1, 5))
    weekly = "".join(f"W,cola,{week},{10 * week},,\n" for week in range(1, 5))
    folder = write(tmp_path, base=BASE + weekly + "W,tea,,50,,s\nZ,cola,,80,,\n", seasons=seasons)
    world = read(folder, f"horizon.weeks={weeks}")
    assert world.shape == (2, 2, weeks)
    assert world.base_cases[0, 0].tolist() == [10, 20, 30][:weeks]
    assert world.base_cases[0, 1].tolist() == [50, 100, 150][:weeks]
    assert world.eligible.shape == (2, 2, 2, weeks)
    assert "must have every week 1-5" in str(faults_of(folder, "horizon.weeks=5")[0])


# --- dates


@pytest.mark.parametrize(
    "text", ["2027-01-04", "2027-1-4", "2027/1/4", "'20270104'", "4 Jan 2027", "2027年1月4日", "２０２７-01-04"]
)
def test_the_first_day_in_any_notation(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, scenario=YAML.replace("2027-01-04", text))).start == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4/1/2027", "can be read in one way only"),
        ("2027-02-29", "that the calendar has"),
        ("soon", "must be a date"),
    ],
)
def test_a_first_day_that_is_none(tmp_path: Path, text: str, words: str) -> None:
    told = faults_of(write(tmp_path, scenario=YAML.replace("2027-01-04", text)))
    assert words in str(told[0])
    assert (told[0].line, told[0].column) == (2, "horizon.start")


@pytest.mark.parametrize(("day", "good"), [("2027-01-03", True), ("2027-01-04", True), ("2027-01-05", False)])
def test_a_plan_is_made_on_the_first_day_at_the_latest(tmp_path: Path, day: str, good: bool) -> None:
    folder = write(tmp_path)
    if good:
        assert read(folder, f"horizon.planned_on={day}").planned_on == date.fromisoformat(day)
    else:
        assert "must not be after the start of the horizon" in str(faults_of(folder, f"horizon.planned_on={day}")[0])


@pytest.mark.parametrize(("day", "week"), [("2027-01-04", 1), ("2027-01-10", 1), ("2027-01-11", 2), ("2027-01-31", 4)])
def test_a_date_in_place_of_a_week_is_told_its_week(tmp_path: Path, day: str, week: int) -> None:
    (fault,) = faults_of(write(tmp_path, locks=f"account,sku,week,lock\nW,cola,{day},must\n"))
    assert fault.remedy == f"This day lies in week {week}: write {week}"


@pytest.mark.parametrize("day", ["2027-01-03", "2027-02-01"])
def test_a_date_outside_the_horizon_has_no_week(tmp_path: Path, day: str) -> None:
    (fault,) = faults_of(write(tmp_path, locks=f"account,sku,week,lock\nW,cola,{day},must\n"))
    assert fault.remedy == "This day lies outside the horizon"


# --- where a setting came from


def test_each_layer_is_named_as_the_place_of_what_it_says(tmp_path: Path) -> None:
    recipe = tmp_path / "scenarios/models/allocation/mine.yaml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text("solve:\n  memory_gb: 3\n", encoding="utf-8")
    write(tmp_path, "base", scenario=YAML + "model: mine\nsolve:\n  seed: 4\n  gap: 9%\n")
    own = "extends: ../base\ncurrency: EUR\nvariants:\n  fast:\n    solve: {time_limit: 90s}\nsolve:\n  gap: 2%\n"
    world = read(overlay(tmp_path, "top", own), "targets.fill_rate=97%", variant="fast")
    said = world.provenance
    assert (world.solve.memory_gb, said["solve.memory_gb"]) == (3.0, "models/allocation/mine.yaml:2")
    assert (world.solve.seed, said["solve.seed"]) == (4, "../base/scenario.yaml:5")
    assert (world.solve.gap, said["solve.gap"]) == (0.02, "scenario.yaml:7")
    assert (world.solve.time_limit, said["solve.time_limit"]) == (90.0, "scenario.yaml:5")
    assert (world.targets.fill_rate, said["targets.fill_rate"]) == (0.97, "--set targets.fill_rate=97%")
    assert (world.currency, said["currency"]) == ("EUR", "scenario.yaml:2")
    assert said["model"] == "../base/scenario.yaml:3"
    assert "variants.fast.solve.time_limit" not in said


@pytest.mark.parametrize("name", ["starter", "cheese", "beverage"])
def test_every_place_of_a_bundled_scenario_is_there(name: str) -> None:
    folder = bundled("scenarios") / name
    world = load(folder, rule_settings=rule_settings())
    assert world.provenance
    for setting, place in world.provenance.items():
        file, _, line = place.rpartition(":")
        found = [root / file for root in (folder, *(one.parent for one in model_folders(folder)))]
        path = next((one for one in found if one.is_file()), None)
        assert path is not None, (setting, place)
        text = path.read_text(encoding="utf-8").splitlines()[int(line) - 1]
        key = setting.split(".")[-1]
        assert key.isdigit() or key in text, (setting, place, text)


@pytest.mark.parametrize("name", ["starter", "cheese", "beverage"])
def test_inputs_are_the_hashes_of_the_bytes_on_disk(name: str) -> None:
    folder = bundled("scenarios") / name
    world = load(folder, rule_settings=rule_settings())
    assert "scenario.yaml" in world.inputs
    assert list(world.inputs) == sorted(world.inputs)
    for file, digest in world.inputs.items():
        roots = (folder, *(one.parent for one in model_folders(folder)))
        path = next(root / file for root in roots if (root / file).is_file())
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_inputs_are_all_files_read_and_no_other(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    models = {"models/allocation/annual_agreement.yaml", "models/fulfilment/gated_fefo.yaml"}
    assert set(read(folder).inputs) == {*FILES, *models}


def test_what_holds_is_the_same_each_time_and_plain_data(tmp_path: Path) -> None:
    text = YAML + "budget: {total: 10万}\nrules: {spacing: {gap: 2}}\nsolve: {time_limit: 5min}\n"
    folder = write(tmp_path, scenario=text)
    one, two = (json.dumps(dict(read(folder).resolved), sort_keys=True, allow_nan=False) for _ in range(2))
    assert one == two
    found = json.loads(one)
    assert found["budget"]["total"] == {"max": 100_000.0, "min": 0.0}
    assert found["solve"]["time_limit"] == 300.0
    assert found["horizon"]["start"] == "2027-01-04"
    assert "variants" not in found
    assert json.dumps(dict(read(folder, "solve.time_limit=300").resolved), sort_keys=True) == one  # another notation
    assert json.dumps(dict(read(folder, "solve.seed=1").resolved), sort_keys=True) != one


# --- plans that people keep

HEAD = "account,sku,week,weeks,treatment\n"


def plan_of(root: Path, text: str | bytes) -> tuple[Scenario, Path]:
    file = root / "plan.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(write(root)), file


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "W,tea,2,1,stack\n",
        "note,treatment,weeks,week,sku,account,owner\nhello,stack,1,2,tea,W,me\n",
        HEAD.replace(",", ";") + "W;tea;2;1;stack\n",
        HEAD.replace(",", "\t") + "W\ttea\t2\t\tstack\n",
        "\ufeff" + HEAD + "\nW,tea,第2周,1,stack\n\n",
        "客户,品项,周,周数,机制\nW,tea,2,1,stack\n".encode("gb18030"),
        "重点,客户,品项,周,周数,机制,原因\n备注,W,tea,w2,1,stack,\n".encode("gb18030"),
    ],
)
def test_one_event_in_many_ways_of_writing(tmp_path: Path, text: str | bytes) -> None:
    plan = load_plan(*plan_of(tmp_path, text))
    columns = (plan.account, plan.sku, plan.week, plan.weeks, plan.treatment)
    assert [one.tolist() for one in columns] == [[0], [1], [1], [1], [1]]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("W,tea,0,1,stack", "week", "must be between 1 and 1e+09"),
        ("W,tea,5,1,stack", "week", "must lie in weeks 1-4, the horizon"),
        ("W,tea,4,2,stack", "week", "weeks 4-5: must lie in weeks 1-4"),
        ("W,tea,1,0,stack", "weeks", "must be at least 1"),
        ("W,tea,1,1,stak", "treatment", "Did you mean 'stack'?"),
        ("W,tea,1,1,", "treatment", "must be given"),
        ("W,tea,1,1,*", "treatment", "must be a plain name"),
        ("V,tea,1,1,stack", "account", "must be an id of the table accounts. Known: W, Z"),
        ("Z,tea,1,1,stack", "sku", "must be sold by Z"),
        ("合计,,,,", "account", "must be one row of the table, not its sum"),
        ("W,tea,1,1", None, "must have 5 cells like the header"),
    ],
)
def test_an_event_that_cannot_be(tmp_path: Path, row: str, column: str | None, words: str) -> None:
    world, file = plan_of(tmp_path, HEAD + "W,cola,1,1,cut\n" + row + "\n")
    with pytest.raises(InputError) as caught:
        load_plan(world, file)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.column) == ("plan.csv", 3, column)
    assert words.replace(". Known", " (account). Known") in str(fault)


@pytest.mark.parametrize(
    ("text", "words"), [("", "must be a table"), ("\n\n", "must be a table"), ("account,sku,week\n", "treatment")]
)
def test_a_plan_file_that_is_no_table(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_plan(*plan_of(tmp_path, text))


def test_a_plan_keeps_rows_that_are_there_twice(tmp_path: Path) -> None:
    """A plan has no key: the rules judge it, and `one_event` tells of events on each other."""
    plan = load_plan(*plan_of(tmp_path, HEAD + "W,tea,2,1,stack\n" * 2))
    assert plan.week.tolist() == [1, 1]
