"""From typed tables to the arrays of a Scenario; what only shows when tables meet is checked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kaopt.errors import Fault
from kaopt.scenario.cells import frozen, matches
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.grid import columns
from kaopt.scenario.kinds import parse
from kaopt.scenario.model import Response
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.shelf import Shelf
from kaopt.scenario.sources import Origin, unknown

TERMS = tuple(one.name for one in fields(Response))
WHOLE_TERMS = ("dip_weeks", "forward_weeks")
SHAPE_ONLY = ("level", "base_price", "holiday")  # terms of a fit that say what sells without a promotion
NOT_A_TERM = ("other_", "season_")


@dataclass(frozen=True, eq=False)
class Base:
    """Sales with no promotion: where listed, cases and retail price, each [A, S(, W)]."""

    listed: Bools
    cases: Floats
    price: Floats


def index(ids: tuple[str, ...]) -> dict[str, int]:
    """Position of every id."""
    return {one: at for at, one in enumerate(ids)}


def base_arrays(shelf: Shelf) -> Base:
    """Base volumes by week, or a weekly mean times its season; without a price, list price plus the mark-up."""
    accounts, skus, weeks = index(shelf.accounts), index(shelf.skus), shelf.cast.weeks or 0
    listed = np.zeros((len(accounts), len(skus)), dtype=bool)
    cases = np.zeros((*listed.shape, weeks))
    markup = np.array(shelf.tables["accounts"].values["retail_markup"])
    list_price = np.array(shelf.tables["skus"].values["list_price"])
    price = np.repeat((1 + markup)[:, None, None] * list_price[None, :, None], weeks, axis=2)
    seasons = season_profiles(shelf)
    for _, (account, sku, week, volume, paid, season) in shelf.tables["base"].rows(*BASE):
        a, s = accounts[account], skus[sku]
        listed[a, s] = True
        when = slice(None) if week == 0 else slice(week - 1, min(week, weeks))
        cases[a, s, when] = volume * (seasons[season][when] if season else 1.0)
        if not np.isnan(paid):
            price[a, s, when] = paid
    return Base(frozen(listed), frozen(cases), frozen(price))


BASE = ("account", "sku", "week", "cases", "price", "season")


def season_profiles(shelf: Shelf) -> dict[str, Floats]:
    """Season -> [W] index; NaN in weeks that the table does not have."""
    weeks = shelf.cast.weeks or 0
    profiles: dict[str, Floats] = {}
    if "seasons" in shelf.tables:
        for _, (season, week, factor) in shelf.tables["seasons"].rows("season", "week", "index"):
            profile = profiles.setdefault(season, np.full(weeks, np.nan))
            profile[week - 1 : week] = factor
    return profiles


def eligible_array(shelf: Shelf, listed: Bools) -> Bools:
    """[A, S, K, W] where a treatment may be active: rows in their order, a later one overrides an earlier one.

    A table that begins by closing something closes parts of an open world; one that begins by opening something
    opens parts of a closed world.
    """
    weeks, kinds = shelf.cast.weeks or 0, len(shelf.treatments)
    open_ = np.ones((*listed.shape, kinds, weeks), dtype=bool)
    if "eligibility" in shelf.tables and len(shelf.tables["eligibility"]):
        open_[:] = not shelf.tables["eligibility"].values["allowed"][0]
        for _, (account, sku, treatment, when, allowed) in shelf.tables["eligibility"].rows(*ELIGIBLE):
            pairs = ((shelf.accounts, account), (shelf.skus, sku), (shelf.treatments, treatment))
            chosen = [np.flatnonzero(matches(pattern, ids)) for ids, pattern in pairs]
            inside = np.array([week - 1 for week in (when or range(1, weeks + 1)) if week <= weeks], dtype=np.int64)
            open_[np.ix_(*chosen, inside)] = allowed
    return np.asarray(frozen(open_ & listed[:, :, None, None]))


ELIGIBLE = ("account", "sku", "treatment", "weeks", "allowed")


def response_arrays(shelf: Shelf, listed: Bools, faults: list[Fault]) -> Response:
    """[A, S] coefficients: the fitted model's first, then the table's rows, each cell that is given wins."""
    arrays: dict[str, Any] = {
        name: np.zeros(listed.shape, dtype=np.int64 if name in WHOLE_TERMS else float) for name in TERMS
    }
    covered = np.zeros(listed.shape, dtype=bool)
    if "coefficients" in shelf.tables:
        _from_model(shelf, arrays, covered, faults)
    if "response" in shelf.tables:
        _from_table(shelf, arrays, covered)
    if (bare := listed & ~covered).any():
        a, s = (int(one[0]) for one in np.nonzero(bare))
        place = shelf.tables["response"].grid.head if "response" in shelf.tables else Origin("tables/response.csv")
        found = f"{int(bare.sum())} account-SKUs without a row, first {shelf.accounts[a]}, {shelf.skus[s]}"
        remedy = "Add rows (* stands for every one) or name a fitted model: `response: models/response/NAME`"
        faults.append(place.fault(None, found, "must say what promotions do to each", remedy))
    return Response(**{name: frozen(array) for name, array in arrays.items()})


def _from_model(shelf: Shelf, arrays: Mapping[str, Any], covered: Bools, faults: list[Fault]) -> None:
    table = shelf.tables["coefficients"]
    accounts, skus, specs = index(shelf.accounts), index(shelf.skus), columns("response")
    for row, (account, sku, term, value, se) in table.rows("account", "sku", "term", "value", "se"):
        if term in SHAPE_ONLY or term.startswith(NOT_A_TERM):
            continue
        if term not in TERMS:
            faults.append(unknown(table.grid.origin(row, "term"), "term", term, TERMS))
            continue
        try:
            number = parse(specs[term].kind, repr(value))
        except Wrong as wrong:
            expected = f"{wrong.expected} ({specs[term].doc})"
            faults.append(table.grid.origin(row, "value").fault("value", repr(value), expected, "Fit the model again"))
            continue
        if account in accounts and sku in skus:
            at = accounts[account], skus[sku]
            covered[at] = True
            arrays[term][at] = number
            if term == "dip":  # a fit looks at the week after
                arrays["dip_weeks"][at] = 1
            if f"{term}_se" in arrays:
                arrays[f"{term}_se"][at] = se


def _from_table(shelf: Shelf, arrays: Mapping[str, Any], covered: Bools) -> None:
    table = shelf.tables["response"]
    who, what = index(shelf.accounts), index(shelf.skus)
    for row, (account, sku) in table.rows("account", "sku"):
        if account in who and sku in what:  # a large table names its rows one by one
            at: Any = who[account], what[sku]
        else:
            at = np.ix_(matches(account, shelf.accounts), matches(sku, shelf.skus))
        covered[at] = True
        for term in TERMS:
            if table.given[term][row] and table.values[term][row] is not None:
                arrays[term][at] = table.values[term][row]
