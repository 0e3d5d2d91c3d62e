"""The supply side beyond one warehouse: what stands in the tables warehouses, plants, fleet, doors and their kin.

A scenario without these tables has one warehouse, one plant, one fleet and one door per account, as `supply:` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaopt.scenario.doors import Doors, ServiceTable, Windows
from kaopt.scenario.receiving import Clauses, Receiving
from kaopt.scenario.sites import Calendars, Lanes, OpeningLots, Plants, Warehouses

NETWORK: Mapping[str, type] = {
    "warehouses": Warehouses,
    "plants": Plants,
    "doors": Doors,
    "windows": Windows,
    "lanes": Lanes,
    "calendars": Calendars,
    "lots": OpeningLots,
    "receiving": Receiving,
    "clauses": Clauses,
    "service": ServiceTable,
}
NETWORK_KEYS: Mapping[str, tuple[str, ...]] = {
    "warehouses": ("warehouse",),
    "plants": ("plant",),
    "doors": ("door",),
    "lanes": ("plant", "warehouse"),
    "receiving": ("account",),
    "service": ("account", "term"),
}


@dataclass(frozen=True, eq=False)
class Network:
    """The tables of the supply side that a scenario has; None where it has none."""

    warehouses: Warehouses | None = None
    plants: Plants | None = None
    doors: Doors | None = None
    windows: Windows | None = None
    lanes: Lanes | None = None
    calendars: Calendars | None = None
    lots: OpeningLots | None = None
    receiving: Receiving | None = None
    clauses: Clauses | None = None
    service: ServiceTable | None = None  # fitted from delivery records; named by `supply.service`
