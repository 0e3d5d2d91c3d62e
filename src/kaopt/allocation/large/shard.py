"""Shards: the events of some whole accounts, each account-SKU's year a block, with what they use of common rows.

What a calendar rule says (spacing, a most number of events) is kept by each block's own dynamic program; what opens a
switch is kept by leaving out the events of a switch that is off; every other row links blocks and is priced. A shard
is made from the same offers and rows as every engine's program, used and forgotten: made again it is the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.large.carried import Year, year_of
from kaopt.allocation.large.openers import Openers, openers_of
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import settings_of, with_switches
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import Rule
from kaopt.errors import Fault, InputError
from kaopt.offers import Offers, make_offers
from kaopt.scenario.columns import Bools, Floats, Ints, Texts
from kaopt.scenario.model import Scenario

Name = tuple[str, str]  # which rule, numbered where it is said more than once, and the scope
PRIVATE = ("rebate", "overlap")  # rules each of whose rows speaks of one account


@dataclass(frozen=True, eq=False)
class Columns:
    """Events [E] sorted by account, SKU and week, block after block; the linking rows that they use, by column."""

    account: Ints
    sku: Ints
    week: Ints  # first week, 0-based
    weeks: Ints
    treatment: Ints
    cost: Floats  # [E] in the objective's unit
    start: Ints  # [E + 1]
    row: Ints  # [K] number of the linking row
    value: Floats  # [K]
    opener: Ints  # [E, 2] switches that the event needs, -1: none
    first: Ints  # [B + 1] a block's events are first[b]:first[b + 1]
    end: Ints  # [E] first week in which the block may start another event
    most: Ints  # [B] events in the horizon
    horizon: int  # weeks

    def __len__(self) -> int:
        """Number of events."""
        return len(self.cost)

    @property
    def calendar(self) -> tuple[Ints, Ints, Ints, Ints, int]:
        """The years as the compiled loops take them."""
        return self.first, self.week, self.end, self.most, self.horizon

    @property
    def used(self) -> tuple[Ints, Ints, Floats]:
        """What events use, as the compiled loops take it."""
        return self.start, self.row, self.value

    @property
    def blocks(self) -> int:
        """Number of account-SKUs with an event."""
        return len(self.first) - 1


@dataclass(frozen=True, eq=False)
class Switched:
    """Columns beside the events [Z]: fees, tiers; `matrix` [L, Z] what they use of linking rows."""

    cost: Floats
    low: Floats
    high: Floats
    whole: Bools
    nothing: Floats  # as they stand in a world without events
    opens: Bools  # needed by events: on, or its events are out
    account: Ints
    matrix: sp.csc_matrix

    def __len__(self) -> int:
        """Number of switches."""
        return len(self.cost)


@dataclass(frozen=True, eq=False)
class Linking:
    """The linking rows [L]: low <= used <= high; `regret` NaN for hard rows, else per unit of what is missed.

    `private`: nothing of another account can stand in them. `beside`: no event of the accounts stands in them, only
    what is decided beside events; that is told once, of all events, and stays true where some are left out.
    """

    names: tuple[Name, ...]
    low: Floats
    high: Floats
    regret: Floats
    private: Bools
    beside: Bools

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.low)


@dataclass(frozen=True, eq=False)
class Shard:
    """Some whole accounts: their events, their switches, and the rows that these use, by their own numbers.

    `never`: hard rows that nothing here touches and that do not hold by themselves.
    """

    columns: Columns
    switched: Switched
    rows: Linking
    never: tuple[Name, ...] = ()


def shard_of(world: Scenario, accounts: Ints | None, rules: tuple[Rule, ...]) -> Shard:
    """The events and linking rows of the listed accounts, all of each; None: of every account."""
    offers = with_switches(world, make_offers(world, accounts), rules)
    refuse_shared(offers)
    year = year_of(world, rules)
    openers, blocks = None, []
    for rule in rules:
        if rule.NAME in year.carried:
            continue
        for m, settings in enumerate(settings_of(world, rule)):
            rows = rule.rows(world, offers, settings)
            if rule.NAME == "fees":
                openers = openers_of(rows, offers)
                continue
            if len(rows):
                blocks.append((rule.NAME if m == 0 else f"{rule.NAME} {m + 1}", rows))
    body, linking, never = stacked(blocks, offers)
    events = len(offers)
    columns = columns_of(world, offers, sp.csc_matrix(body[:, :events]), openers or Openers.none(offers), year)
    return Shard(columns, switched_of(offers, sp.csc_matrix(body[:, events:]), openers), linking, never)


def refuse_shared(offers: Offers) -> None:
    """Columns that belong to no one account would stand in every shard: a rule that needs them is refused by name."""
    switches = offers.switches
    shared = sorted({rule for rule, account in zip(switches.rule, switches.account, strict=True) if account < 0})
    if shared:
        expected = f"must not be blocks where the rule {', '.join(shared)} holds: what it decides belongs to no account"
        raise InputError(
            [Fault("scenario.yaml", None, "solve.engine", "blocks", expected, "Set solve.engine: arrays.")]
        )


def stacked(blocks: list[tuple[str, Rows]], offers: Offers) -> tuple[sp.csr_matrix, Linking, tuple[Name, ...]]:
    """All rows that touch a column here, one below the other; hard ones that touch none and do not hold so."""
    width = offers.columns
    names: list[Name] = []
    never: list[Name] = []
    bodies, private = [sp.csr_matrix((0, width))], [np.zeros(0, dtype=bool)]
    ends: dict[str, list[Floats]] = {"low": [np.zeros(0)], "high": [np.zeros(0)], "regret": [np.zeros(0)]}
    for name, rows in blocks:
        used = np.diff(rows.matrix.indptr) > 0
        touched = np.flatnonzero(used)
        body = rows.matrix if len(touched) == len(rows) else rows.matrix[touched]
        bodies.append(sp.csr_matrix((body.data, body.indices, body.indptr), shape=(len(touched), width)))
        scopes = distinct(rows.scopes)
        names += [(name, scopes[i]) for i in touched]
        missed = np.isnan(rows.regret) & ((rows.low > slack(0.0)) | (rows.high < -slack(0.0)))
        never += [(name, scopes[i]) for i in np.flatnonzero(~used & missed)]
        private.append(np.full(len(touched), rows.rule in PRIVATE))
        for end, values in ends.items():
            values.append(getattr(rows, end)[touched])
    low, high, regret = (np.concatenate(ends[name]) for name in ("low", "high", "regret"))
    body = sp.csr_matrix(sp.vstack(bodies, format="csr"))
    beside = np.diff(body[:, : len(offers)].indptr) == 0
    return body, Linking(tuple(names), low, high, regret, np.concatenate(private), beside), tuple(never)


def distinct(scopes: Texts) -> Texts:
    """Each scope once: those that occur again are numbered."""
    if len(set(scopes)) == len(scopes):
        return scopes
    seen: Counter[str] = Counter()
    found = []
    for one in scopes:
        seen[one] += 1
        found.append(one if seen[one] == 1 else f"{one} #{seen[one]}")
    return tuple(found)


def columns_of(world: Scenario, offers: Offers, body: sp.csc_matrix, openers: Openers, year: Year) -> Columns:
    """The offers as blocks."""
    block = offers.account * world.shape[1] + offers.sku
    edges = np.flatnonzero(np.diff(block, prepend=-1))
    first = np.append(edges, len(offers)).astype(np.int64)
    return Columns(
        account=offers.account.astype(np.int16),
        sku=offers.sku.astype(np.int16),
        week=offers.week.astype(np.int16),
        weeks=offers.weeks.astype(np.int16),
        treatment=offers.treatment.astype(np.int16),
        cost=offers.value,
        start=body.indptr.astype(np.int64),
        row=body.indices.astype(np.int32),
        value=body.data,
        opener=openers.needs.astype(np.int32),
        first=first,
        end=np.minimum(offers.week + offers.weeks + year.gap, world.weeks).astype(np.int16),
        most=np.full(len(edges), year.most, dtype=np.int64),
        horizon=world.weeks,
    )


def switched_of(offers: Offers, body: sp.csc_matrix, openers: Openers | None) -> Switched:
    """What is decided beside the offers."""
    what = offers.switches
    opens = np.zeros(len(what), dtype=bool)
    if openers is not None:
        opens[openers.needs[openers.needs >= 0]] = True
    return Switched(what.value, what.low, what.high, what.whole, what.nothing, opens, what.account, body)


def kept(columns: Columns, keep: Bools) -> Columns:
    """Some of the events; blocks stay, if need be without any."""
    here = np.flatnonzero(keep)
    count = np.diff(columns.start)[here]
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    place = np.repeat(columns.start[here] - start[:-1], count) + np.arange(start[-1])
    inside = np.concatenate([[0], np.cumsum(keep)])
    names = ("account", "sku", "week", "weeks", "treatment", "cost", "opener", "end")
    parts: dict[str, Any] = {name: getattr(columns, name)[here] for name in names}
    return replace(
        columns,
        **parts,
        start=start,
        row=columns.row[place],
        value=columns.value[place],
        first=inside[columns.first].astype(np.int64),
    )
