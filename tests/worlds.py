"""Small worlds made in memory, so that a test states only what it is about."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from kaopt.plan import Plan
from kaopt.scenario.columns import columns_of
from kaopt.scenario.model import Response, Scenario
from kaopt.scenario.settings import Words
from kaopt.scenario.tables import Accounts, Skus, Treatments

ARRAYS = {"Floats": float, "Ints": np.int64, "Bools": bool}


def table(cls: type, size: int, **given: Any) -> Any:
    """A table with `size` rows: given columns (scalars are repeated), declared defaults elsewhere."""
    types = {one.name: one.type for one in fields(cls)}
    values = {}
    for name, spec in columns_of(cls):
        value = given.get(name, spec.default)
        assert not spec.required or name in given, f"{name} is required"
        if types[name] in ARRAYS:
            values[name] = np.broadcast_to(np.asarray(value, dtype=ARRAYS[types[name]]), size).copy()
        elif name in given and isinstance(value, (tuple, list)) and len(value) == size:
            values[name] = tuple(value)
        else:
            values[name] = (value,) * size
    return cls(**values)


def response(accounts: int, skus: int, **given: Any) -> Response:
    """Response arrays, zero where not given."""
    values = {}
    for one in fields(Response):
        kind = np.int64 if one.name in ("dip_weeks", "forward_weeks") else float
        values[one.name] = np.broadcast_to(np.asarray(given.get(one.name, 0), kind), (accounts, skus)).copy()
    return Response(**values)


def world(accounts: int = 2, skus: int = 2, weeks: int = 8, **given: Any) -> Scenario:
    """A world with two treatments (a 20 % price cut of 1 or 2 weeks; a display), effects without dip or mates.

    Keyword arguments replace fields of Scenario; `account_columns`, `sku_columns`, `treatment_columns` and
    `response_columns` replace columns of those tables.
    """
    account = {"account": [f"A{i + 1}" for i in range(accounts)]}
    account |= {"last_year_revenue": 50_000.0, "customer_growth": 0.02}
    sku = {"sku": [f"S{i + 1}" for i in range(skus)], "list_price": 50.0, "unit_cost": 25.0}
    treatment = {
        "treatment": ["cut20", "display"],
        "family": ["price", "display"],
        "depth": [0.2, 0.0],
        "display": [0.0, 1.0],
        "slots": [0, 1],
        "weekly_cost": [0.0, 300.0],
        "lengths": [(1, 2), (1,)],
    }
    account |= given.pop("account_columns", {})
    sku |= given.pop("sku_columns", {})
    treatment |= given.pop("treatment_columns", {})
    effects = {"elasticity": -2.5, "display": 0.6} | given.pop("response_columns", {})
    kinds = len(treatment["treatment"])
    base = np.full((accounts, skus, weeks), 100.0) * (1 + 0.1 * np.arange(skus))[None, :, None]
    fresh = Scenario(
        name=Words(en="test world"),
        folder=Path(),
        model="annual_agreement",
        start=date(2027, 1, 4),
        weeks=weeks,
        planned_on=None,
        currency="CNY",
        accounts=table(Accounts, accounts, **account),
        skus=table(Skus, skus, **sku),
        treatments=table(Treatments, kinds, **treatment),
        listed=np.ones((accounts, skus), bool),
        base_cases=base,
        base_price=np.full((accounts, skus, weeks), 62.5),
        response=response(accounts, skus, **effects),
        eligible=np.ones((accounts, skus, kinds, weeks), bool),
    )
    return replace(fresh, **given)


def plan(*events: tuple[int, int, int, int, int]) -> Plan:
    """A plan from (account, sku, week, weeks, treatment), all 0-based."""
    columns = np.array(events, dtype=np.int64).reshape(-1, 5).T
    return Plan(*columns)
