"""Sales that happened, set beside a plan: by account, SKU and week, and what was wrong with them and what was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kaopt.response.history import REGULAR
from kaopt.response.structure import RATIO
from kaopt.review.promotions import CUT, MECHANICS
from kaopt.review.sheet_rows import Row, read_rows
from kaopt.scenario.columns import Bools, Floats, Texts
from kaopt.scenario.fill import index
from kaopt.scenario.model import Scenario

ENOUGH = 8  # weeks at least from which a regular price is told
OF_STORES = MECHANICS[1:]  # display, feature, gift


@dataclass(frozen=True)
class Problem:
    """Something wrong with the sales: what, where (places or scopes, as they come), and what was done about it."""

    what: str  # a key of `kaopt.review.words`
    where: Texts

    @property
    def count(self) -> int:
        """How many rows, weeks or promotions."""
        return len(self.where)


@dataclass(frozen=True, eq=False)
class Sales:
    """What happened, each [A, S, W]; NaN where the file says nothing."""

    units: Floats  # case that consumers bought; not below 0
    log_ratio: Floats  # ln of shelf price over regular price
    stores: Floats  # [A, S, W, 3] display, feature, gift, share of stores
    spend: Floats  # money booked
    executed: Floats  # 1 yes, 0 no
    believed: Bools  # the week can teach something: units above 0 and nothing absurd in it
    problems: tuple[Problem, ...]

    @property
    def seen(self) -> Bools:
        """[A, S, W] the week has sales, be they zero."""
        return np.isfinite(self.units)


@dataclass(frozen=True, eq=False)
class Found:
    """Problems by kind, in the order in which they were met."""

    of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, what: str, where: Iterable[str]) -> None:
        """Note one kind of problem at some places."""
        for one in where:
            self.of[what].append(one)

    def problems(self) -> tuple[Problem, ...]:
        """All of them."""
        return tuple(Problem(what, tuple(where)) for what, where in self.of.items())


def read_sales(world: Scenario, path: str | Path, mapping: str | Path | None = None) -> Sales:
    """Read sales that happened: account, sku, week (from 1, or a date), units (cases sold) and, where known, price,
    base_price, display, feature, gift (shares of stores), spend (money booked) and executed (yes or no).

    What cannot be read is a fault (InputError); what can be read but not be right, a problem.
    """
    rows, columns = read_rows(world, Path(path), None if mapping is None else Path(mapping))
    found = Found()
    for name in ("price", *OF_STORES[:2]):
        found.add("no_column", () if name in columns else (name,))
    return in_grid(world, one_per_week(known(world, rows, found), found), found)


Cell = tuple[int, int, int]


def known(world: Scenario, rows: list[Row], found: Found) -> list[tuple[Cell, Row]]:
    """The rows whose account, SKU and week the world has."""
    accounts, skus = index(world.accounts.account), index(world.skus.sku)
    kept = []
    for row in rows:
        account, sku, week = (row.cells[name] for name in ("account", "sku", "week"))
        if account not in accounts:
            found.add("unknown_account", [f"{row.place} {account}"])
        elif sku not in skus:
            found.add("unknown_sku", [f"{row.place} {sku}"])
        elif not world.listed[accounts[account], skus[sku]]:
            found.add("not_listed", [f"{row.place} {account} {sku}"])
        elif not 0 <= week < world.weeks:
            found.add("outside", [f"{row.place} {week + 1}"])
        else:
            kept.append(((accounts[account], skus[sku], week), row))
    return kept


def one_per_week(rows: list[tuple[Cell, Row]], found: Found) -> dict[Cell, Row]:
    """One row for each cell: a row that says the same again is left out; where they differ, none is believed."""
    first: dict[Cell, Row] = {}
    unlike: set[Cell] = set()
    for cell, row in rows:
        if cell not in first:
            first[cell] = row
        elif first[cell].cells == row.cells:
            found.add("same_again", [row.place])
        else:
            unlike.add(cell)
            found.add("unlike", [f"{row.place} = {first[cell].place}"])
    return {cell: row for cell, row in first.items() if cell not in unlike}


def in_grid(world: Scenario, rows: dict[Cell, Row], found: Found) -> Sales:
    """The rows as arrays; figures that cannot be are left out and noted."""
    units, spend, executed = np.full((3, *world.shape), np.nan)
    ratio = log_ratios(world, rows, found)
    stores = np.full((*world.shape, len(OF_STORES)), np.nan)
    believed = np.zeros(world.shape, bool)
    for cell, row in rows.items():
        said = row.cells
        sold = said["units"]
        if sold is None or sold < 0:
            found.add("no_units" if sold is None else "negative", [row.place])
            continue
        units[cell], believed[cell] = sold, sold > 0
        found.add("zero", [row.place] if sold == 0 else ())
        believed[cell] &= said.get("price") is None or np.isfinite(ratio[cell])
        stores[cell] = [np.nan if said.get(name) is None else said[name] for name in OF_STORES]
        spend[cell] = np.nan if said.get("spend") is None else said["spend"]
        executed[cell] = np.nan if said.get("executed") is None else float(said["executed"])
    return Sales(units, ratio, stores, spend, executed, believed, found.problems())


def log_ratios(world: Scenario, rows: dict[Cell, Row], found: Found) -> Floats:
    """[A, S, W] ln of price over regular price: the row's own, else the scenario's; NaN where none can be believed.

    Where most prices of a series lie elsewhere, its regular price was changed, or is told in another unit: then the
    level that four weeks in five do not exceed is the regular price.
    """
    price, regular = np.full((2, *world.shape), np.nan)
    given = np.zeros(world.shape, bool)
    for cell, row in rows.items():
        paid, own = row.cells.get("price"), row.cells.get("base_price")
        price[cell] = np.nan if paid is None else max(paid, 0.0)
        given[cell] = own is not None
        regular[cell] = world.base_price[cell] if own is None else own
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = price / regular
    for a, s in np.argwhere((np.isfinite(price).sum(axis=2) >= ENOUGH) & ~given.any(axis=2)).tolist():
        usual = float(np.nanquantile(ratio[a, s], REGULAR))
        if usual > 0 and abs(np.log(usual)) > -np.log(1 - CUT):
            ratio[a, s] /= usual
            found.add("other_price", [f"{world.accounts.account[a]} {world.skus.sku[s]} × {usual:.3g}"])
    absurd = np.isfinite(price) & ~((ratio >= RATIO[0]) & (ratio <= RATIO[1]))
    found.add("absurd_price", [f"{rows[a, s, w].place} {price[a, s, w]:g}" for a, s, w in np.argwhere(absurd).tolist()])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(absurd, np.nan, np.log(ratio)))
