"""The page's part about what was delivered: the table of fills adds up, clauses by size, ages drawn, both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kaopt.report import service_view
from kaopt.report.page import render
from kaopt.report.result import RunResult
from kaopt.service import Ages, Service
from tests import worlds
from tests.report import samples


def counted(service: Service) -> Service:
    """The sample with what failed first, ages and clauses; three of ten orders and a tenth of the lines fail."""
    years, accounts, causes = len(service.ordered_value), service.lines.shape[1], service.lost_value.shape[3]
    blamed = np.zeros((years, accounts, 3, causes))
    blamed[:, :, 0, 0] = service.lines[:, :, 0] - service.lines[:, :, 1]
    blamed[:, :, 1, 8] = service.orders[:, :, 0] - service.orders[:, :, 1]
    blamed[:, :, 2, 8] = service.orders[:, :, 0] - service.orders[:, :, 2]
    stock = np.zeros((years, 21))
    stock[:, :6] = 100.0
    met = np.zeros((years, accounts, 21))
    met[:, :, 2:4] = 50.0
    limit = np.stack(
        [np.arange(accounts) * 10.0 + 0 * service.lines[:, :, 0], 100 + 0 * service.lines[:, :, 0]], axis=2
    )
    paid = service.penalties.sum(axis=2)
    return replace(
        service,
        blamed=blamed,
        ordered_cases_by_sku=service.lost_cases_by_sku.sum(axis=2) * 10,
        clauses={"failed_value": paid, "late_truck": 2 * paid, "wrong_line": 0 * paid},
        returned_value=paid,
        cash=np.stack([paid, 37.5 * paid], axis=2),
        ages=Ages(stock=stock, met=met, past_limit=limit),
    )


@cache
def page() -> RunResult:
    world = worlds.world(3, 3, 12)
    run = samples.run(world, samples.random_plan(world, 4))
    assert run.service is not None
    return replace(run, service=counted(run.service))


def test_the_causes_and_the_fill_of_a_definition_add_up_to_one() -> None:
    table = service_view.fills(page())
    assert table is not None
    for column in range(5):
        parts = [cells[column] for _, cells in (*table.rows, *table.sums)]
        shown = [float(re.sub("[%−]", "", one)) for one in parts if one[0].isdigit() or one[0] in "-−"]
        assert sum(shown) == pytest.approx(100, abs=0.4)


def test_clauses_stand_by_size_and_those_without_money_are_left_out() -> None:
    bars = service_view.clauses(page())
    assert ["late truck" in bars[0].label, "failed value" in bars[1].label, len(bars)] == [True, True, 2]
    assert bars[0].width == 1 and bars[1].width == pytest.approx(0.5)


def test_accounts_stand_by_how_much_of_the_stock_is_too_old() -> None:
    bars = service_view.past_limit(page())
    assert [str(bar.value) for bar in bars] == ["20.0\xa0%", "10.0\xa0%"]  # the first account takes everything


def test_what_came_after_is_told_in_money_and_days() -> None:
    told = {str(label): str(value) for label, value in service_view.after(page())}
    assert any("37.5" in value for value in told.values()) and len(told) == 3


def test_the_page_holds_it_in_both_languages_and_a_page_without_it_is_whole() -> None:
    text = render(page())
    for said in (
        "From order fill to value fill",
        "从整单满足率到金额满足率",
        "按合同条款的扣款",
        "货龄分布",
        'id="ages-',
    ):
        assert said in text
    world = worlds.world(2, 2, 12)
    plain = render(samples.run(world, samples.random_plan(world, 2), simulated=False))
    assert "From order fill" not in plain and 'id="ages-' not in plain
