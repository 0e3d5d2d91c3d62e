"""results.xlsx: the run's own figures, sums that carry their values, a plan that comes back, the same bytes twice."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries

from kaopt.plan import Plan
from kaopt.plan_file import load_plan
from kaopt.report import tables
from kaopt.report.binding import constraints_frame
from kaopt.report.calendar import colour
from kaopt.report.excel import results_workbook
from kaopt.report.excel_pen import shown_width
from kaopt.report.excel_plan import LOCK_WORDS, on
from kaopt.report.excel_sheets import MANY_ROWS
from kaopt.report.result import RunResult
from kaopt.scenario.lock_rows import LOCKS
from kaopt.scenario.model import Scenario
from kaopt.scenario.plan_rows import read_locks
from tests import worlds
from tests.report import samples

EVENTS = ((1, 1, 3, 1, 1), (0, 1, 4, 1, 1), (0, 0, 1, 2, 0))  # not in order
SHEETS = ["summary", "plan", "calendar", "accounts", "constraints", "spend", "service", "assumptions"]
Book = Any


@pytest.fixture(scope="module")
def world() -> Scenario:
    made = worlds.world(response_columns={"dip": 0.3, "dip_weeks": 2})
    return replace(made, assumptions=("prices are made up",), provenance={"horizon.weeks": "scenario.yaml:2"})


@pytest.fixture(scope="module")
def result(world: Scenario) -> RunResult:
    return samples.run(world, worlds.plan(*EVENTS))


def content(result: RunResult) -> bytes:
    plan = tables.plan_frame(result.world, result.ledger)
    rules = None if result.chosen is None else constraints_frame(result.rules, result.chosen)
    return results_workbook(result, plan, rules)


@pytest.fixture(scope="module")
def values(result: RunResult) -> Book:
    return load_workbook(io.BytesIO(content(result)), data_only=True)


@pytest.fixture(scope="module")
def formulas(result: RunResult) -> Book:
    return load_workbook(io.BytesIO(content(result)))


def frame(book: Book, name: str, rows: int) -> pd.DataFrame:
    """A sheet that is one table, without what stands below it."""
    head, *body = book[name].iter_rows(min_row=1, max_row=rows + 1, values_only=True)
    return pd.DataFrame(body, columns=head)


def test_every_part_has_its_sheet(values: Book) -> None:
    assert values.sheetnames == SHEETS


def test_what_was_not_made_has_no_sheet(world: Scenario) -> None:
    bare = samples.run(world, Plan.nothing(), simulated=False, certificate=None, rules=(), chosen=None)
    book = load_workbook(io.BytesIO(content(bare)), data_only=True)
    assert book.sheetnames == ["summary", "plan", "calendar", "accounts", "spend", "assumptions"]


def test_the_same_run_gives_the_same_bytes(result: RunResult) -> None:
    slower = replace(result.certificate, seconds=99.0)
    assert content(result) == content(replace(result, certificate=slower))


def labelled(book: Book) -> dict[str, Any]:
    """Label in the first column of the summary -> the value beside it."""
    return {row[0]: row[1] for row in book["summary"].iter_rows(values_only=True) if row[0]}


def test_the_summary_says_what_the_scorecard_says(values: Book, result: RunResult) -> None:
    rows = {row[1]: row for row in values["summary"].iter_rows(min_row=6, values_only=True) if row[1]}
    sales, fill = result.card.total.sales, result.card.total.fill_rate
    delivered, value = sales.at("delivered", "net_revenue"), fill.at("value")
    assert rows["net sales"][2] == pytest.approx(sales.at("planned", "net_revenue"), rel=1e-14)
    assert rows["net sales"][3:6] == pytest.approx((delivered.mean, delivered.low, delivered.high), rel=1e-14)
    assert rows["value fill"][2] is None
    assert rows["value fill"][3] == pytest.approx(value.mean, rel=1e-14)
    assert rows["high-margin share"][8] == "no SKU is marked as high-margin"
    assert rows["trade spend, all kinds"][2] == pytest.approx(result.card.total.profit.at("trade_spend", "total"))


def test_targets_and_verdicts_stand_beside_the_figures() -> None:
    world = worlds.world(account_columns={"sales_target": 1e9})
    book = load_workbook(io.BytesIO(content(samples.run(world, worlds.plan(*EVENTS)))), data_only=True)
    rows = {row[1]: row for row in book["summary"].iter_rows(values_only=True) if row[1]}
    assert rows["net sales"][6:8] == (2e9, "✗ missed")
    assert book["summary"]["A3"].value.startswith("0 of ")
    header = [cell.value for cell in book["accounts"][1]]
    assert book["accounts"].cell(2, header.index("net sales · target") + 1).value == 1e9


def test_what_is_proven_and_what_the_plan_brings(values: Book, result: RunResult) -> None:
    found, proof = labelled(values), result.certificate
    assert proof is not None
    assert found["promotions chosen"] == 3
    assert found["promotion spend, each event alone"] == pytest.approx(result.ledger.event_spend.sum())
    assert found["contribution gained, each event alone"] == pytest.approx(result.ledger.event_contribution.sum())
    assert found["objective of this plan"] == pytest.approx(proof.objective)
    assert found["so at most this is left"] == proof.gap


def evaluated(book: Book, sheet: str, formula: str) -> float:
    """What a formula of ours means: the sum or the count of a range, computed here."""
    match = re.fullmatch(r"=(SUM|COUNTA)\((?:(\w+)!)?([A-Z]+\d+:[A-Z]+\d+)\)", formula)
    assert match is not None, formula
    left, top, right, bottom = range_boundaries(match[3])
    cells = [
        cell
        for row in book[match[2] or sheet].iter_rows(top, bottom, left, right, values_only=True)
        for cell in row
        if cell is not None
    ]
    return float(len(cells)) if match[1] == "COUNTA" else float(sum(cells))


def test_every_formula_carries_its_own_value(values: Book, formulas: Book) -> None:
    checked = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    shown = values[sheet.title][cell.coordinate].value
                    assert shown == pytest.approx(evaluated(values, sheet.title, cell.value), rel=1e-9), cell.coordinate
                    checked += 1
    assert checked > 20


def test_the_bridge_runs_from_planned_to_delivered(values: Book, result: RunResult) -> None:
    for name in ("sales", "profit"):
        bridge = getattr(result.card.total, name).bridge
        column = list(values["summary"].iter_rows(max_col=2, values_only=True))
        title = f"From planned to delivered: {'net sales' if name == 'sales' else 'operating profit'}"
        start = next(i for i, row in enumerate(column) if row[0] == title)
        end = next(i for i in range(start, len(column)) if column[i][0] == "delivered")
        assert column[start + 1][1] == pytest.approx(bridge[0][1])
        assert column[end][1] == pytest.approx(bridge[-1][1])
        assert end - start - 1 == len([step for step in bridge[1:-1] if step[1]]) + 1


def test_the_plan_is_plan_csv_with_names_days_and_a_lock(values: Book, result: RunResult) -> None:
    plan = tables.plan_frame(result.world, result.ledger)
    sheet = frame(values, "plan", len(plan))
    for name in plan.columns[:-1]:
        assert sheet[name].tolist() == pytest.approx(plan[name].tolist())
    assert [str(day.date()) for day in sheet["first_day"]] == ["2027-01-11", "2027-02-01", "2027-01-25"]
    assert sheet.columns[-1] == "lock"
    assert sheet["lock"].isna().all()


def test_the_plan_comes_back(tmp_path: Path, result: RunResult) -> None:
    (tmp_path / "results.xlsx").write_bytes(content(result))
    back = load_plan(result.world, tmp_path / "results.xlsx")
    assert samples.rows_of(back) == sorted(samples.rows_of(result.ledger.plan))


def test_locks_come_back(tmp_path: Path, result: RunResult) -> None:
    (tmp_path / "results.xlsx").write_bytes(content(result))
    assert read_locks(result.world, tmp_path / "results.xlsx") == ()
    book = load_workbook(tmp_path / "results.xlsx")
    column = next(cell.column for cell in book["plan"][1] if cell.value == "lock")
    for row, word in ((2, "keep"), (4, "forbidden")):
        book["plan"].cell(row, column, word)
    book.save(tmp_path / "results.xlsx")
    kept, closed = read_locks(result.world, tmp_path / "results.xlsx")
    assert (kept.account, kept.sku, kept.week, kept.weeks, kept.treatment, kept.kind) == (0, 0, 1, 2, 0, "committed")
    assert (closed.account, closed.sku, closed.week, closed.kind) == (1, 1, 3, "forbidden")


def test_the_drop_down_offers_what_the_reader_knows(formulas: Book) -> None:
    (rule,) = formulas["plan"].data_validations.dataValidation
    assert rule.formula1 == '"keep,must,forbidden"'
    assert set(LOCK_WORDS) <= set(LOCKS)
    column = next(cell.column_letter for cell in formulas["plan"][1] if cell.value == "lock")
    assert str(rule.sqref) == f"{column}2:{column}204"  # rows that somebody adds have it too
    assert "forbidden" in formulas["plan"][f"{column}1"].comment.text


def test_the_calendar_is_the_year_lived_through(formulas: Book, result: RunResult) -> None:
    active = result.ledger.realised.treatment
    names = result.world.treatments.treatment
    sheet = formulas["calendar"]
    shown = {
        (row[0].value, row[1].value, week): (cell.value, cell.fill.fgColor.rgb)
        for row in sheet.iter_rows(min_row=3)
        for week, cell in enumerate(row[2:])
        if cell.value
    }
    expected = {
        (f"A{a + 1}", f"S{s + 1}", int(w)): (names[active[a, s, w]], f"FF{colour(int(active[a, s, w]))[1:].upper()}")
        for a, s, w in np.argwhere(active >= 0)
    }
    assert shown == expected
    assert [cell.value for cell in sheet[2]][2:] == list(range(1, 9))
    assert sheet.freeze_panes == "C3"


def test_ink_can_be_read_on_every_colour() -> None:
    assert on("#f0e442") == "#111827"
    assert on("#0072b2") == "#ffffff"


def test_accounts_and_spend_say_what_the_scorecard_says(values: Book, result: RunResult) -> None:
    accounts, spend = frame(values, "accounts", 2), frame(values, "spend", 2)
    cards = list(result.card.accounts.values())
    totals = [card.profit.at("trade_spend", "total") for card in cards]
    assert accounts["trade spend, all kinds"].tolist() == pytest.approx(totals)
    assert accounts["value fill"].tolist() == pytest.approx([card.fill_rate.at("value").mean for card in cards])
    assert spend["all kinds"].tolist() == pytest.approx(totals)
    families = spend[[name for name in spend.columns if name.startswith("promotions · ")]]
    quarters = spend[[name for name in spend.columns if " · quarter " in name]]
    alone = np.bincount(result.ledger.plan.account, result.ledger.event_spend.sum(axis=1))
    assert families.sum(axis=1).tolist() == pytest.approx(alone.tolist())
    assert quarters.sum(axis=1).tolist() == pytest.approx(alone.tolist())
    assert values["accounts"].cell(4, 1).value == "total"


def test_service_adds_up_to_what_was_ordered(values: Book) -> None:
    service = frame(values, "service", 2)
    lost = service[[name for name in service.columns if name.startswith("lost: ")]].sum(axis=1)
    assert lost.gt(0).all()
    assert (service["accepted"] + lost).tolist() == pytest.approx(service["ordered"].tolist())
    assert service["value fill"].tolist() == pytest.approx((service["accepted"] / service["ordered"]).tolist())


def test_constraints_with_the_least_room_come_first(result: RunResult) -> None:
    size = MANY_ROWS + 5
    rows = pd.DataFrame({"rule": "budget", "scope": "x", "used": 0.0, "limit": 100.0, "slack": np.arange(size)[::-1]})
    plan = tables.plan_frame(result.world, result.ledger)
    book = load_workbook(io.BytesIO(results_workbook(result, plan, rows)), read_only=True)
    shown = list(book["constraints"].iter_rows(values_only=True))
    assert [row[4] for row in shown[1:4]] == [0, 1, 2]
    assert len(shown) == MANY_ROWS + 2
    assert shown[-1][0].startswith("5 further rows")


def test_assumptions_settings_and_inputs(values: Book) -> None:
    column = [row[0] for row in values["assumptions"].iter_rows(max_col=1, values_only=True)]
    assert column[:2] == ["What we assumed", "prices are made up"]
    assert "horizon.weeks" in column


RISKY = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "http://x.example", "<b>&amp;</b>")


def test_what_users_write_stays_text(world: Scenario) -> None:
    names = replace(world.accounts, name=RISKY[:2], name_zh=RISKY[2:4])
    plan = replace(worlds.plan(*EVENTS), reason=RISKY[4:])
    made = samples.run(replace(world, accounts=names), plan)
    book = load_workbook(io.BytesIO(content(replace(made, ledger=replace(made.ledger, plan=plan)))))
    seen = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(re.match(r"=(SUM|COUNTA)\(", cell.value) for cell in seen if cell.data_type == "f")
    assert not [cell for cell in seen if cell.hyperlink]
    texts = {cell.value for cell in seen if cell.data_type == "s"}
    assert {*RISKY[:2], *RISKY[4:]} <= texts
    assert all(
        cell.quotePrefix for cell in seen if cell.data_type == "s" and str(cell.value).startswith(("=", "+", "@"))
    )


def test_figures_that_do_not_apply_are_empty_cells(values: Book) -> None:
    for sheet in values:
        for row in sheet.iter_rows(values_only=True):
            assert not [cell for cell in row if isinstance(cell, float) and not np.isfinite(cell)]
            assert not [cell for cell in row if cell in ("nan", "None", "inf")]


def test_in_chinese(result: RunResult) -> None:
    book = load_workbook(io.BytesIO(content(replace(result, language="zh"))), data_only=True)
    assert book.sheetnames == SHEETS  # what commands read keeps its name
    assert book["accounts"]["A1"].value == "客户"
    assert book["plan"]["A1"].value == "account"
    assert "从计划到兑现：净销售额".replace("：", ": ") in labelled(book)


def test_a_plan_without_events() -> None:
    world = worlds.world()
    book = load_workbook(io.BytesIO(content(samples.run(world, Plan.nothing(), rules=(), chosen=None))), data_only=True)
    assert labelled(book)["promotions chosen"] == 0
    assert book["plan"].max_row == 1
    assert [cell.value for cell in book["plan"][1]][-1] == "lock"


def test_an_independent_reader_opens_it(tmp_path: Path, result: RunResult) -> None:
    """pandas' own path into the file, with its dtypes: numbers are numbers."""
    (tmp_path / "r.xlsx").write_bytes(content(result))
    plan = pd.read_excel(tmp_path / "r.xlsx", sheet_name="plan")
    assert plan["trade_spend"].dtype == float
    assert plan["week"].dtype == int
    assert plan["first_day"].dtype.kind == "M"


@pytest.mark.parametrize(
    ("value", "kind", "width"), [("客户", "text", 4), ("ab", "text", 2), (1234.5, "amount", 5), (None, "text", 0)]
)
def test_widths_count_chinese_twice(value: object, kind: str, width: int) -> None:
    assert shown_width(value, kind) == width


def test_workbook_opens_without_a_word_of_complaint(result: RunResult) -> None:
    """Every part that is referred to is there: sheets, styles, comments."""
    book: Workbook = load_workbook(io.BytesIO(content(result)))
    assert book.properties.creator == "kaopt"
    assert str(book.properties.created) == "2000-01-01 00:00:00"
