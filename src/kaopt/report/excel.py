"""results.xlsx: the run as a workbook whose plan can be locked and fed back.

Numbers are numbers; sums are formulas that carry their values; the same result gives the same bytes.
"""

from __future__ import annotations

import pandas as pd

from kaopt.report.excel_pen import Pen, workbook_bytes
from kaopt.report.excel_plan import calendar_sheet, plan_sheet
from kaopt.report.excel_sheets import (
    accounts_sheet,
    assumptions_sheet,
    constraints_sheet,
    service_sheet,
    spend_sheet,
)
from kaopt.report.excel_summary import summary_sheet
from kaopt.report.result import RunResult


def results_workbook(result: RunResult, plan: pd.DataFrame, constraints: pd.DataFrame | None = None) -> bytes:
    """The workbook of a run; `plan` and `constraints` are the tables of plan.csv and constraints.csv."""

    def fill(pen: Pen) -> None:
        summary_sheet(pen, result, plan)
        plan_sheet(pen, result, plan)
        calendar_sheet(pen, result)
        accounts_sheet(pen, result)
        if constraints is not None:
            constraints_sheet(pen, result, constraints)
        spend_sheet(pen, result)
        service_sheet(pen, result)
        assumptions_sheet(pen, result)

    return workbook_bytes(fill, result.world.name.en)
