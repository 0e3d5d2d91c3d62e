"""A plan from a table that somebody keeps: last year's, a competitor of ours, or one made by hand."""

from __future__ import annotations

from pathlib import Path

from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.plan_rows import read_plan


def load_plan(world: Scenario, path: str | Path) -> Plan:
    """Read plan.csv (account, sku, week from 1, weeks, treatment, reason) for `world`; further columns are read over.

    Raises InputError with every fault: unknown ids, weeks outside the horizon, SKUs that the account does not sell.
    """
    rows = read_plan(world, path)
    return Plan(rows.account, rows.sku, rows.week, rows.weeks, rows.treatment, rows.reason)
