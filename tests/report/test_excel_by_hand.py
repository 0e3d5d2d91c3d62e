"""The workbook of results against figures on paper: spend by mechanic and quarter, the bridge, names, empty cases.

A year of 26 weeks in two quarters, 100 cases a week: a cut of 20 % that nobody notices gives away 10 a case, 1 000 a
week; a display costs 300 and doubles the week.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from kaopt.plan import Certificate, Plan
from kaopt.report import tables
from kaopt.report.excel import results_workbook
from kaopt.report.excel_inputs import inputs_workbook
from kaopt.report.excel_plan import kind_of, spoken
from kaopt.report.excel_read_me import STEPS, WRITING
from kaopt.report.excel_summary import verdict
from kaopt.report.excel_words import SAYS, say
from kaopt.report.result import RunResult
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Targets, Words
from tests.report import samples
from tests.worlds import plan, world

CUT, DISPLAY = 0, 1
# A2 cuts for two weeks over the end of the first quarter; A1 has a display in each quarter and a cut in the first
EVENTS = ((1, 0, 12, 2, CUT), (0, 0, 3, 1, DISPLAY), (0, 1, 20, 1, DISPLAY), (0, 1, 5, 1, CUT))


def half_year(**given: Any) -> Scenario:
    flat = {"base_cases": np.full((2, 2, 26), 100.0), "response_columns": {"elasticity": 0.0, "display": log(2)}}
    return world(2, 2, 26, **(flat | given))


@pytest.fixture(scope="module")
def result() -> RunResult:
    return samples.run(half_year(), plan(*EVENTS))


def book(result: RunResult, constraints: pd.DataFrame | None = None) -> Any:
    made = results_workbook(result, tables.plan_frame(result.world, result.ledger), constraints)
    return load_workbook(io.BytesIO(made), data_only=True)


@pytest.fixture(scope="module")
def shown(result: RunResult) -> Any:
    return book(result)


def columns(sheet: Any) -> dict[str, list[Any]]:
    """Header -> the cells below it."""
    head, *rows = sheet.iter_rows(values_only=True)
    return {title: [row[at] for row in rows] for at, title in enumerate(head)}


def beside(sheet: Any) -> list[tuple[Any, Any]]:
    """The first two columns, as they come."""
    return [row[:2] for row in sheet.iter_rows(values_only=True)]


# --- spend


def test_spend_by_mechanic_and_quarter_on_paper(shown: Any) -> None:
    """A1: a cut of 1 000 and two displays; A2: a cut of two weeks, one of them in each quarter. Sums stand below."""
    found = columns(shown["spend"])
    assert found["account"] == ["A1", "A2", "total"]
    assert found["promotions · price cut"] == pytest.approx([1000, 2000, 3000])
    assert found["promotions · display"] == pytest.approx([600, 0, 600])
    assert found["promotions, each event alone · quarter 1"] == pytest.approx([1300, 1000, 2300])
    assert found["promotions, each event alone · quarter 2"] == pytest.approx([300, 1000, 1300])
    assert found["promotions"] == pytest.approx([1600, 2000, 3600])


def test_kinds_of_spend_add_up_across_and_down(result: RunResult) -> None:
    terms = {"on_invoice": [0.1, 0.0], "rebate": [0.0, 0.05], "contract_fee": [500.0, 0.0]}
    found = columns(book(samples.run(half_year(account_columns=terms), plan(*EVENTS)))["spend"])
    kinds = np.array([found[one] for one in ("promotions", "standing invoice discount", "rebate", "agreement fees")])
    # A1: 54 weeks of 100 cases at 50 are 270 000 gross; A2: 52 weeks, 260 000
    assert kinds[:, 0] == pytest.approx([1600, 27_000, 0, 500])
    assert kinds[:, 1] == pytest.approx([2000, 0, 13_000, 0])
    assert kinds.sum(axis=0) == pytest.approx(found["all kinds"])


# --- the plan and the calendar


def test_each_event_has_its_first_day_and_its_names_beside_its_ids(result: RunResult) -> None:
    """Week 4 begins three weeks after the 4th of January 2027; A1's names are told, A2 has its id."""
    named = replace(result.world.accounts, name=("Corner", ""), name_zh=("街角", "乙"))
    made = replace(result, world=replace(result.world, accounts=named))
    found = columns(book(made)["plan"])
    assert list(found)[:4] == ["account", "account_name", "sku", "sku_name"] and list(found)[-1] == "lock"
    assert found["account_name"] == ["Corner", "Corner", "Corner", "A2"]
    days = [(1, 25), (2, 8), (5, 24), (3, 29)]
    assert found["first_day"] == [datetime(2027, month, day) for month, day in days]
    assert columns(book(replace(made, language="zh"))["plan"])["account_name"] == ["街角", "街角", "街角", "乙"]


def test_names_are_of_the_language_then_english_then_the_id(result: RunResult) -> None:
    table = replace(result.world.accounts, name=("Corner", ""), name_zh=("", "乙"))
    assert spoken(table, "account", "en") == {"A1": "Corner", "A2": "A2"}
    assert spoken(table, "account", "zh") == {"A1": "Corner", "A2": "乙"}


def test_the_calendar_has_a_line_for_each_pair_that_is_promoted(shown: Any) -> None:
    rows = list(shown["calendar"].iter_rows(min_row=3, values_only=True))
    assert [row[:2] for row in rows] == [("A1", "S1"), ("A1", "S2"), ("A2", "S1")]
    weeks = [{week: cell for week, cell in enumerate(row[2:], start=1) if cell} for row in rows]
    assert weeks == [{4: "display"}, {6: "cut20", 21: "display"}, {13: "cut20", 14: "cut20"}]
    days = {week: cell for week, cell in enumerate([c.value for c in shown["calendar"][1]][2:], start=1) if cell}
    assert list(days) == [1, 5, 9, 13, 17, 21, 25] and days[5] == datetime(2027, 2, 1)


@pytest.mark.parametrize(
    ("title", "cells", "kind"),
    [
        ("trade_spend", [1.5], "amount"), ("incremental_cases", [2], "amount"), ("weeks", [1, 2], "count"),
        ("depth", [0.2], "exact"), ("soft", [True], "text"), ("reason", ["x"], "text"),
    ],
)  # fmt: skip
def test_how_a_column_is_shown_follows_its_name_and_its_values(title: str, cells: list[Any], kind: str) -> None:
    assert kind_of(title, pd.Series(cells)) == kind


# --- the summary


def test_the_plan_in_figures_on_paper(shown: Any) -> None:
    """Margin 25 a case: a display earns 2 500 - 300, a cut loses its 1 000 a week."""
    found = dict(beside(shown["summary"]))
    assert found["promotions chosen"] == 4
    assert found["promotion spend, each event alone"] == pytest.approx(3600)
    assert found["contribution gained, each event alone"] == pytest.approx(2 * 2200 - 3000)


def test_the_bridge_shows_every_step_that_moves_and_adds_up(shown: Any, result: RunResult) -> None:
    rows = beside(shown["summary"])
    for title, name in (("net sales", "sales"), ("operating profit", "profit")):
        at = next(n for n, row in enumerate(rows) if row[0] == f"From planned to delivered: {title}")
        end = next(n for n in range(at, len(rows)) if rows[n][0] == "delivered")
        steps = [value for _, value in rows[at + 1 : end]]
        bridge = getattr(result.card.total, name).bridge
        assert steps == pytest.approx([value for step, value in bridge[:-1] if value or step == "planned"])
        assert sum(steps) == pytest.approx(rows[end][1])
        assert rows[at + 1][0] == "planned" and rows[at + 2][0] == "lost: shortage"


def test_without_a_simulation_there_is_no_bridge_and_no_delivered_figure(result: RunResult) -> None:
    bare = book(samples.run(result.world, plan(*EVENTS), simulated=False))
    assert not [label for label, _ in beside(bare["summary"]) if label and "From planned" in str(label)]
    rows = {row[1]: row for row in bare["summary"].iter_rows(values_only=True) if row[1]}
    assert rows["net sales"][2] is not None and rows["net sales"][3:6] == (None, None, None)
    assert "service" not in bare.sheetnames


def test_the_proof_never_shows_a_gap_below_nothing(result: RunResult) -> None:
    proof: Certificate = replace(result.certificate, gap=-1e-12, status="stopped")  # type: ignore[type-var]
    found = dict(beside(book(replace(result, certificate=proof))["summary"]))
    assert found["so at most this is left"] == 0.0
    assert found["search"] == "stopped by a limit"
    unproven = dict(beside(book(replace(result, certificate=None))["summary"]))
    assert "no plan can exceed" not in unproven and unproven["promotions chosen"] == 4


def test_the_verdict_counts_only_what_can_be_judged(result: RunResult) -> None:
    assert verdict(result) == "no KPI has a target in this scenario"
    asked = replace(result.world, targets=Targets(high_margin=0.3, contribution=1.0, growth_index=1e6))
    judged = samples.run(asked, plan(*EVENTS))  # profit is met, share is missed, no SKU is marked as high-margin
    assert verdict(judged) == "1 of 2 KPIs with a target are met"
    assert verdict(replace(judged, language="zh")) == "有目标的 2 项指标中达成 1 项"


# --- text of users


EVIL = ("=1+1", "<script>alert(1)</script>", "+cmd|' /C calc'!A0", "@x")


def test_names_assumptions_and_places_of_users_stay_text(result: RunResult) -> None:
    """Wherever a user can write, the cell is text and says just what was written."""
    accounts = replace(result.world.accounts, name=EVIL[:2])
    skus = replace(result.world.skus, name=EVIL[2:])
    here = replace(
        result.world, accounts=accounts, skus=skus, name=Words(en=EVIL[0], zh=EVIL[0]),
        assumptions=EVIL, provenance={EVIL[0]: EVIL[1]}, inputs={EVIL[2]: EVIL[3]},
    )  # fmt: skip
    rules = pd.DataFrame({"rule": EVIL[0], "scope": EVIL[2], "limit": [1.0], "slack": [0.0]})
    made = book(replace(result, world=here), rules)
    assert made["summary"]["A1"].value == EVIL[0] and made["summary"]["A1"].data_type == "s"
    assert [made["assumptions"].cell(row, 1).value for row in range(2, 6)] == list(EVIL)
    assert made["constraints"]["A2"].value == EVIL[0] and made["constraints"]["A2"].quotePrefix
    cells = [cell for sheet in made for row in sheet.iter_rows() for cell in row if cell.value in EVIL]
    assert len(cells) > 12 and {cell.data_type for cell in cells} == {"s"}


# --- rules


def test_rules_are_ordered_by_room_as_a_part_of_their_limit(result: RunResult) -> None:
    """10 of 1 000 is less room than 1 of 10; below a limit of one, room counts as it is; a breach stands first."""
    rules = pd.DataFrame(
        {"rule": list("abcde"), "limit": [10.0, 1000.0, 0.0, -200.0, 10.0], "slack": [1.0, 10.0, 0.05, 4.0, -3.0]}
    )
    assert columns(book(result, rules)["constraints"])["rule"] == ["e", "b", "d", "c", "a"]
    unlimited = rules[["rule", "slack"]]
    assert columns(book(result, unlimited)["constraints"])["rule"] == ["e", "c", "a", "d", "b"]


def test_rules_without_figures_keep_their_order(result: RunResult) -> None:
    assert columns(book(result, pd.DataFrame({"rule": ["b", "a"]}))["constraints"])["rule"] == ["b", "a"]


# --- words


def test_words_fall_back_from_the_workbook_to_the_page_the_rules_and_the_mechanics() -> None:
    assert [say(key, "en") for key in ("total", "sales", "budget", "gift", "nobody's")] == [
        "total", "Sales revenue", "budget", "gift", "nobody's"
    ]  # fmt: skip
    assert [say(key, "zh") for key in ("total", "sales", "gift", "nobody's")] == [
        "合计",
        "销售收入",
        "赠品",
        "nobody's",
    ]
    assert say("quarter", "zh", number=3) == "第 3 季度"
    for english, chinese in SAYS.values():
        assert any("\u4e00" <= one <= "\u9fff" for one in chinese) and english


def test_a_plan_of_nothing_in_chinese_has_a_total_and_no_calendar_line() -> None:
    made = book(samples.run(world(), Plan.nothing(), language="zh", rules=(), chosen=None))
    assert made["calendar"].max_row == 2
    assert made["spend"].cell(4, 1).value == "合计"
    assert dict(beside(made["summary"]))["场促销入选"] == 0


# --- the workbook of inputs


def test_the_first_page_says_what_each_sheet_is_and_leads_to_it() -> None:
    made = load_workbook(io.BytesIO(inputs_workbook({"accounts": [["account"], ["A1"]], "fees": [["amount"], ["5"]]})))
    page = made["read me"]
    lines = [row[0] for row in page.iter_rows(values_only=True) if row[0]]
    for english, _ in (*STEPS, *WRITING):
        assert sum(line.startswith(english) for line in lines) == 1
    head = next(n for n, row in enumerate(page.iter_rows(values_only=True), start=1) if row[0] == "sheet")
    rows = [[cell.value for cell in row[:4]] for row in page.iter_rows(min_row=head + 1)]
    assert [row[0] for row in rows] == ["accounts", "fees"] == made.sheetnames[1:]
    assert [row[2].split()[0] for row in rows] == ["needed", "optional"]
    assert (
        rows[1][3] == "Fees that a promotion opens: due once per account and period in which any matching event runs."
    )
    links = {cell.coordinate: cell.hyperlink.location for row in page.iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"A{head + 1}": "'accounts'!A1", f"A{head + 2}": "'fees'!A1"}


@pytest.mark.parametrize("name", ["loss", "quarter", "more_rows", "a{b}", "value"])
def test_a_family_is_called_as_the_user_wrote_it(name: str) -> None:
    """A family's name is the user's text: it is neither a key of ours nor a pattern to fill in."""
    from kaopt.report.excel_words import family_name

    assert family_name(name, "en") == family_name(name, "zh") == name
