"""Words in the tables receiving, clauses and plants that must be one of a few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed
from kaopt.scenario.ledger_settings import BookedCauses
from kaopt.scenario.receiving import CLAUSES
from kaopt.scenario.sites import LEAD_LAWS
from kaopt.scenario.sources import unknown

UNFILLED = ("lost", "backorder", "standing")
PERIODS = ("month", "quarter", "year")


def contract_faults(tables: Mapping[str, Typed]) -> Iterator[Fault]:
    """Every word that says nothing."""
    for table, column, known in (
        ("receiving", "unfilled", UNFILLED),
        ("clauses", "clause", CLAUSES),
        ("clauses", "period", PERIODS),
        ("clauses", "causes", BookedCauses),
        ("plants", "lead_law", LEAD_LAWS),
    ):
        if table in tables:
            yield from _strange(tables[table], column, known)


def causes_of(said: str) -> tuple[str, ...]:
    """The causes in a cell: shortage|late."""
    return tuple(one.strip() for one in said.split("|") if one.strip())


def _strange(table: Typed, column: str, known: tuple[str, ...]) -> Iterator[Fault]:
    for row, (said,) in table.rows(column):
        for word in causes_of(said) if column == "causes" else (said,):
            if word not in known:
                yield unknown(table.grid.origin(row, column), column, word, known)
