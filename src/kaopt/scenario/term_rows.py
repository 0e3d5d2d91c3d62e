"""Fees and rebates of the tables as terms of the scenario; what cannot be becomes a fault."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed, frozen, matches
from kaopt.scenario.columns import Ints, Texts
from kaopt.scenario.fill import index
from kaopt.scenario.shelf import Shelf
from kaopt.scenario.sources import suggest, unknown
from kaopt.scenario.terms import WEEKS_PER_MONTH, Fee, Rebate

PERIODS = {"year": "year", "quarter": "quarter", "month": "month"}
PERIODS |= {"年": "year", "季": "quarter", "季度": "quarter", "月": "month"}
MEASURES = {"revenue": "revenue", "cases": "cases"}
MEASURES |= {"收入": "revenue", "销售额": "revenue", "箱": "cases", "销量": "cases"}
KINDS = {"all_unit": "all_unit", "stepped": "stepped", "全额": "all_unit", "超额": "stepped", "分段": "stepped"}
FEES = ("account", "family", "sku", "brand", "per", "amount", "kind", "because")
REBATES = ("account", "measure", "kind", "threshold", "rate", "because")


def fees_of(shelf: Shelf, quarter: Ints, faults: list[Fault]) -> tuple[Fee, ...]:
    """The fees that events can open, in the order of the table; `quarter` [W] from 0."""
    table = shelf.tables.get("fees")
    found: list[Fee] = []
    if table is None or not shelf.sound("accounts", "skus", "mechanics"):
        return ()
    for row, cells in table.rows(*FEES):
        said = dict(zip(FEES, cells, strict=True))
        wrong = strangers(table, row, said, shelf)
        faults.extend(wrong)
        if not wrong and said["amount"] > 0:
            found.append(fee(said, row, shelf, quarter))
    return tuple(found)


def strangers(table: Typed, row: int, said: dict[str, Any], shelf: Shelf) -> list[Fault]:
    """Families and brands that nothing has, periods that nobody knows."""
    found = []
    for name, home in (("family", "mechanics"), ("brand", "skus")):
        known = tuple(dict.fromkeys(str(one) for one in shelf.ids(home, name) if one))
        if said[name] != "*" and not any(matches(said[name], known)):
            expected = f"must be a {name} of the table {home}, a pattern of one, or *"
            place = table.grid.origin(row, name)
            found.append(place.fault(name, said[name], expected, suggest(said[name], known)))
    if said["per"] not in PERIODS:
        found.append(unknown(table.grid.origin(row, "per"), "per", said["per"], PERIODS))
    return found


def fee(said: dict[str, Any], row: int, shelf: Shelf, quarter: Ints) -> Fee:
    """One fee with what it means by position."""
    per: Any = PERIODS[said["per"]]
    weeks = np.arange(len(quarter), dtype=np.int64)
    period = {"year": 0 * weeks, "quarter": quarter, "month": weeks // WEEKS_PER_MONTH}[per]
    brands = np.array(matches(said["brand"], shelf.ids("skus", "brand")), dtype=bool)
    return Fee(
        name=said["kind"] or f"fee {row + 1}",
        accounts=frozen(np.array(matches(said["account"], shelf.accounts), dtype=bool)),
        skus=frozen(brands & np.array(matches(said["sku"], shelf.skus), dtype=bool)),
        treatments=frozen(np.array(matches(said["family"], shelf.ids("mechanics", "family")), dtype=bool)),
        period=frozen(period.copy()),
        amount=float(said["amount"]),
        per=per,
        because=said["because"],
    )


def rebates_of(shelf: Shelf, faults: list[Fault]) -> tuple[Rebate, ...]:
    """The rebates by tier: one for each account, measure and kind, its tiers in ascending order."""
    table = shelf.tables.get("rebates")
    tiers: dict[tuple[str, str, str], list[tuple[float, float, str]]] = defaultdict(list)
    if table is None:
        return ()
    for row, (account, measure, kind, threshold, rate, because) in table.rows(*REBATES):
        wrong = odd(table, row, (measure, kind, rate))
        faults.extend(wrong)
        if not wrong:
            tiers[account, MEASURES[measure], KINDS[kind]].append((threshold, rate, because))
    accounts, found = index(shelf.accounts), []
    for (account, measure, kind), rows in tiers.items():
        thresholds, rates, reasons = zip(*sorted(rows), strict=True)
        how: dict[str, Any] = {"measure": measure, "kind": kind, "because": joined(reasons)}
        found.append(Rebate(accounts.get(account, -1), thresholds=thresholds, rates=rates, **how))
    return tuple(found)


def odd(table: Typed, row: int, said: tuple[str, str, float]) -> list[Fault]:
    """Measures and kinds that nobody knows, shares above 1."""
    measure, kind, rate = said
    found = []
    for name, one, known in (("measure", measure, MEASURES), ("kind", kind, KINDS)):
        if one not in known:
            found.append(unknown(table.grid.origin(row, name), name, one, known))
    if MEASURES.get(measure) == "revenue" and rate > 1:
        expected = "must be between 0 and 1 where the measure is revenue"
        found.append(table.grid.origin(row, "rate").fault("rate", f"{rate:g}", expected, f"Did you mean {rate:g}%?"))
    return found


def joined(reasons: Texts) -> str:
    """Reasons without repeats."""
    return "; ".join(dict.fromkeys(one for one in reasons if one))
