"""A comparison as tables for spreadsheets."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kaopt.comparison.differences import Event
from kaopt.comparison.nouns import Comparison, Line

HEADER = ("kpi", "measure", "form")


def measures_frame(of: Comparison) -> pd.DataFrame:
    """One row for each measure and form (planned, delivered, gives_up), one column for each plan."""
    rows = [row for line in of.lines for row in rows_of(line)]
    marks = {name: "yes" if name in of.dominated else "no" for name in of.names}
    rows.append({"kpi": "all", "measure": "dominated", "form": "", **marks})
    return pd.DataFrame(rows, columns=[*HEADER, *of.names], dtype=object)


def rows_of(line: Line) -> list[dict[str, Any]]:
    """The forms of one measure that any plan has."""
    found = []
    for form in ("planned", "delivered", "gives_up"):
        values = {
            name: cell.gives_up if form == "gives_up" else getattr(cell, form).value
            for name, cell in line.cells.items()
        }
        if any(value is not None for value in values.values()):
            found.append({"kpi": line.kpi, "measure": line.measure, "form": form, **values})
    return found


def calendar_frame(of: Comparison) -> pd.DataFrame:
    """One row for each event that differs: what it is in each of the two plans."""
    rows = []
    for one in of.calendar:
        pairs = [("moved", a, b) for a, b in one.moved] + [("changed", a, b) for a, b in one.changed]
        singles = [("only_from", it, None) for it in one.only_first] + [("only_to", None, it) for it in one.only_second]
        for kind, before, after in [*pairs, *singles]:
            named = before or after
            assert named is not None
            row = {"from": one.first, "to": one.second, "difference": kind, "account": named.account, "sku": named.sku}
            rows.append(row | sided("from", before) | sided("to", after))
    columns = ["from", "to", "difference", "account", "sku"]
    columns += [f"{side}_{name}" for side in ("from", "to") for name in ("week", "weeks", "treatment")]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def sided(side: str, event: Event | None) -> dict[str, Any]:
    """One plan's event as cells."""
    names = ("week", "weeks", "treatment")
    return {f"{side}_{name}": None if event is None else getattr(event, name) for name in names}
