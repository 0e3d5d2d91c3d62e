"""The supply side beyond one warehouse: what stands in the tables warehouses, plants, fleet, doors and their kin.

A scenario without these tables has one warehouse, one plant, one fleet and one door per account, as `supply:` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaopt.scenario.columns import Floats, Ints, Texts, column
from kaopt.scenario.contracts import Clauses, Receiving


@dataclass(frozen=True, eq=False)
class Warehouses:
    """Where stock lies; [P] entries. An empty cell takes what `supply:` says."""

    warehouse: Texts = column("id", "the warehouse's id", zh=("仓库",))
    name: Texts = column("text", "name to show", zh=("仓库名称",), default="")


@dataclass(frozen=True, eq=False)
class Plants:
    """Where goods are made; [M] entries. An empty cell takes what `supply:` says."""

    plant: Texts = column("id", "the plant's id", zh=("工厂",))
    name: Texts = column("text", "name to show", zh=("工厂名称",), default="")


@dataclass(frozen=True, eq=False)
class Doors:
    """Receiving points of customers: an account may have several; [D] entries."""

    door: Texts = column("id", "the receiving point's id", zh=("收货点",))
    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    share: Floats = column("share", "its share of the account's orders", unit="share of 1", zh=("占比",), default=1.0)


@dataclass(frozen=True, eq=False)
class OpeningLots:
    """Stock when the clock starts, lot by lot (file: lots): a snapshot instead of a warm-up."""

    sku: Texts = column("id", "SKU", zh=("品项",), refers="skus")
    age: Ints = column("days", "age when the horizon begins", unit="day", zh=("货龄",), default=0)
    cases: Floats = column("cases", "free stock", unit="case", zh=("箱数",))


NETWORK: Mapping[str, type] = {
    "warehouses": Warehouses,
    "plants": Plants,
    "doors": Doors,
    "lots": OpeningLots,
    "receiving": Receiving,
    "clauses": Clauses,
}
NETWORK_KEYS: Mapping[str, tuple[str, ...]] = {
    "warehouses": ("warehouse",),
    "plants": ("plant",),
    "doors": ("door",),
    "receiving": ("account",),
}


@dataclass(frozen=True, eq=False)
class Network:
    """The tables of the supply side that a scenario has; None where it has none."""

    warehouses: Warehouses | None = None
    plants: Plants | None = None
    doors: Doors | None = None
    lots: OpeningLots | None = None
    receiving: Receiving | None = None
    clauses: Clauses | None = None
