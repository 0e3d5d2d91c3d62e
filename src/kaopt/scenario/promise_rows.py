"""What agreements promise, what can be produced, and the plan to stay near: from their tables, by position."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

import numpy as np

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed, frozen, matches
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.cross import events, ranges, room_of
from kaopt.scenario.fill import index
from kaopt.scenario.model import Clause, Lock
from kaopt.scenario.shelf import Shelf
from kaopt.scenario.sources import suggest, unknown

WHAT = {one: one for one in ("promotions", "activities", "displays", "cases", "revenue")}
WHAT |= {"促销": "promotions", "促销次数": "promotions", "活动": "activities", "活动次数": "activities"}
WHAT |= {"陈列": "displays", "陈列周": "displays", "销量": "cases", "箱数": "cases"}
WHAT |= {"收入": "revenue", "销售额": "revenue"}
SOLD = ("cases", "revenue")  # not counted by mechanic
CLAUSE = ("account", "what", "family", "brand", "sku", "weeks", "least", "most", "because")


def clauses_of(shelf: Shelf, faults: list[Fault]) -> tuple[Clause, ...]:
    """The promises in the order of the table; a row for several accounts holds at each of them."""
    table = shelf.tables.get("agreements")
    if table is None or not shelf.sound("accounts", "skus", "mechanics"):
        return ()
    found: list[Clause] = []
    for row, cells in table.rows(*CLAUSE):
        said = dict(zip(CLAUSE, cells, strict=True))
        wrong = list(_wrong(table, row, said, shelf))
        faults.extend(wrong)
        if not wrong:
            accounts = np.flatnonzero(matches(said["account"], shelf.accounts))
            found += [clause(said, int(account), shelf) for account in accounts]
    return tuple(found)


def clause(said: dict[str, Any], account: int, shelf: Shelf) -> Clause:
    """One promise to one account."""
    parts = [f"account={shelf.accounts[account]}", f"what={WHAT[said['what']]}"]
    parts += [f"{name}={said[name]}" for name in ("family", "brand", "sku") if said[name] != "*"]
    parts += [f"weeks={ranges(set(said['weeks'])).replace(', ', '|')}"] if said["weeks"] else []
    skus = np.array(matches(said["brand"], shelf.ids("skus", "brand")), dtype=bool)
    return Clause(
        scope=" ".join(parts),
        account=account,
        what=WHAT[said["what"]],
        skus=frozen(skus & np.array(matches(said["sku"], shelf.skus), dtype=bool)),
        weeks=frozen(week_mask(said["weeks"], shelf)),
        treatments=frozen(np.array(matches(said["family"], shelf.ids("mechanics", "family")), dtype=bool)),
        least=float(said["least"]),
        most=float(said["most"]),
        because=said["because"],
    )


def week_mask(weeks: tuple[int, ...], shelf: Shelf) -> Bools:
    """[W] the weeks that a cell names; all where it names none."""
    number = np.arange(shelf.cast.weeks or 0) + 1
    mask: Bools = np.isin(number, weeks) if weeks else np.ones(len(number), dtype=bool)
    return mask


def _wrong(table: Typed, row: int, said: dict[str, Any], shelf: Shelf) -> Iterator[Fault]:
    """What nobody knows, and promises that cannot be."""
    for name, home in (("family", "mechanics"), ("brand", "skus")):
        known = tuple(dict.fromkeys(str(one) for one in shelf.ids(home, name) if one))
        if said[name] != "*" and not any(matches(said[name], known)):
            expected = f"must be a {name} of the table {home}, a pattern of one, or *"
            yield table.grid.origin(row, name).fault(name, said[name], expected, suggest(said[name], known))
    if said["what"] not in WHAT:
        yield unknown(table.grid.origin(row, "what"), "what", said["what"], WHAT)
    elif WHAT[said["what"]] in SOLD and said["family"] != "*":
        expected = f"must be empty or * for {said['what']}, which no mechanic has to itself"
        yield table.grid.origin(row, "family").fault("family", said["family"], expected, "Empty the cell")
    if said["least"] > said["most"]:
        expected = f"must not be above most ({said['most']:g})"
        yield table.grid.origin(row, "least").fault("least", f"{said['least']:g}", expected, "Lower it")


def capacity_of(shelf: Shelf) -> Floats | None:
    """[S, W] cases that can be produced, inf where there is no limit; None where nothing has one."""
    table = shelf.tables.get("capacity")
    if table is None or len(table) == 0:
        return None
    most = np.full((len(shelf.skus), shelf.cast.weeks or 0), inf)
    for _, (sku, weeks, cases) in table.rows("sku", "weeks", "cases"):
        most[np.ix_(np.array(matches(sku, shelf.skus), dtype=bool), week_mask(weeks, shelf))] = cases
    return np.asarray(frozen(most))


def given_of(shelf: Shelf) -> tuple[Lock, ...]:
    """The events of the scenario's own plan; those that cannot be have their faults already."""
    table = shelf.tables.get("plan")
    if table is None:
        return ()
    accounts, skus, treatments = (index(ids) for ids in (shelf.accounts, shelf.skus, shelf.treatments))
    return tuple(
        Lock(accounts[e.account], skus[e.sku], e.week - 1, e.weeks, treatments[e.treatment], "given")
        for _, e in events(table, room_of(shelf), [])
        if e.account in accounts and e.sku in skus and e.treatment in treatments
    )
