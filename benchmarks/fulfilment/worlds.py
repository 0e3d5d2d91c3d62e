"""The worlds of the benchmark: every account orders every day, a fifth (large: a tenth) of its SKUs each time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from kaopt.scenario.columns import columns_of
from kaopt.scenario.model import Response, Scenario
from kaopt.scenario.settings import Supply, Words
from kaopt.scenario.tables import Accounts, Skus, Treatments

WEEKS = 52
DAILY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class Size:
    """How large a world is; `cases` a week of one SKU at one account, so that an order has `lines` lines."""

    accounts: int
    skus: int
    cases: float
    trucks: int


SIZES = {"small": Size(20, 100, 1.4, 24), "large": Size(200, 500, 0.7, 240)}


def table(cls: type, size: int, **given: Any) -> Any:
    """A table of `size` rows: given columns, declared defaults elsewhere."""
    values: dict[str, Any] = {}
    for name, spec in columns_of(cls):
        value = given.get(name, spec.default)
        kind = {"Floats": float, "Ints": np.int64, "Bools": bool}.get(str(_types(cls)[name]))
        if kind is not None:
            values[name] = np.broadcast_to(np.asarray(value, dtype=kind), size).copy()
        else:
            values[name] = tuple(value) if name in given and len(value) == size else (value,) * size
    return cls(**values)


def _types(cls: type) -> dict[str, Any]:
    return {one.name: one.type for one in fields(cls)}


def world_of(size: str) -> Scenario:
    """A world without promotions, in which every figure of the supply side plays a part."""
    one = SIZES[size]
    a, s = one.accounts, one.skus
    opens = np.where(np.arange(a) % 2 == 0, 510, 540)
    accounts = table(
        Accounts,
        a,
        account=tuple(f"A{i + 1}" for i in range(a)),
        acceptance_age=np.where(np.arange(a) % 3 == 0, 1 / 3, 1 / 2),
        order_days=(DAILY,) * a,
        window_open=opens,
        window_close=opens + 120,
        travel_minutes=60 + 15 * (np.arange(a) % 5),
        mismatch=0.02,
        penalty_rate=0.03,
        retail_markup=0.25,
    )
    skus = table(
        Skus,
        s,
        sku=tuple(f"S{i + 1}" for i in range(s)),
        list_price=50.0,
        unit_cost=25.0,
        shelf_life=270,
        lot_cover_weeks=1.0 + np.arange(s) % 8,
        demand_cv=0.3,
    )
    nothing = {name: np.zeros((a, s)) for name in _types(Response)}
    nothing |= {name: np.zeros((a, s), np.int64) for name in ("dip_weeks", "forward_weeks")}
    return Scenario(
        name=Words(en=f"benchmark, {size}"),
        folder=Path(),
        model="annual_agreement",
        start=date(2027, 1, 4),
        weeks=WEEKS,
        planned_on=None,
        currency="CNY",
        accounts=accounts,
        skus=skus,
        treatments=table(Treatments, 1, treatment=("cut",), family=("price",)),
        listed=np.ones((a, s), bool),
        base_cases=np.full((a, s, WEEKS), one.cases),
        base_price=np.full((a, s, WEEKS), 62.5),
        response=Response(**nothing),
        eligible=np.zeros((a, s, 1, WEEKS), bool),
        supply=Supply(warmup_weeks=0, pick_crews=one.trucks, docks=one.trucks // 4, trucks=one.trucks, damage=0.01),
    )
