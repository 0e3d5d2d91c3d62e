r"""What may not meet in a week stays apart: SKUs of a cluster, brands in one account, rival accounts at a low price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Annotated, Literal, Self

import numpy as np
import scipy.sparse as sp
from pydantic import Field, model_validator

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import known, regret_of, scope
from kaopt.eligible import Events, eligible_events
from kaopt.errors import Fault
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Bools, Ints, Texts
from kaopt.scenario.kinds import Money, Share
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running

NAME = "exclusion"
UNIT = "event"
FORMULA = r"\sum_{o \in G \text{ runs in } w} x_o \le n \quad \forall \text{ groups } G, \text{ weeks } w"
SAME = 1e-9  # of a price or depth: nearer is rounding

Group = Annotated[tuple[str, ...], Field(min_length=2)]
Piece = tuple[sp.csr_matrix, Callable[[int], str], float]  # rows, their names by number, most events


class Settings(RuleSettings):
    """Any of the three kinds; events are counted, so that two of one SKU at once break this rule as well."""

    per: Annotated[Literal["cluster"] | None, Field(description="SKUs of a cluster exclude each other")] = None
    max: Annotated[int, Field(ge=1, description="most events of a cluster in an account-week")] = 1
    brands: Annotated[tuple[Group, ...], Field(description="brands that may not meet in an account-week")] = ()
    accounts: Annotated[tuple[Group, ...], Field(description="rivals: one of them at a low price, per SKU-week")] = ()
    below: Annotated[Money | None, Field(description="a low price: retail price under this, money/case")] = None
    depth: Annotated[Share | None, Field(description="or: shoppers' discount (depth x pass-through) from this")] = None

    @model_validator(mode="after")
    def something_is_excluded(self) -> Self:
        """Rivals need to know what a low price is, and a low price needs rivals."""
        if not (self.per or self.brands or self.accounts):
            raise ValueError("must name `per: cluster`, `brands` or `accounts`")
        if bool(self.accounts) != (self.below is not None or self.depth is not None):
            raise ValueError("`accounts` goes with `below` or `depth`")
        if self.below is not None and self.depth is not None:
            raise ValueError("must have one of `below` and `depth`")
        return self


def faults(world: Scenario, settings: Settings) -> Iterator[Fault]:
    """Brands and accounts that nobody knows."""
    for name in sum(settings.brands, ()):
        yield from known(NAME, "brands", name, world.skus.brand)
    for name in sum(settings.accounts, ()):
        yield from known(NAME, "accounts", name, world.accounts.account)


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """A packing row per group and week in which more events than allowed could meet; equal neighbours once."""
    pieces = [clusters(world, offers, settings)] if settings.per else []
    pieces += [strangers(world, offers, group) for group in settings.brands]
    inside = len(pieces)  # these concern one account each
    pieces += [rivals(world, offers, group, settings) for group in settings.accounts]
    everyone = pieces
    if offers.part is not None:  # what rivals elsewhere may run decides which rows there are
        members = np.flatnonzero(np.isin(world.accounts.account, sum(settings.accounts, ())))
        events = eligible_events(world, members)
        everyone = pieces[:inside] + [rivals(world, events, group, settings) for group in settings.accounts]
    chosen = [np.flatnonzero(needed(piece, settings)) for piece in everyone]
    return make_rows(
        NAME,
        UNIT,
        tuple(name(row) for (_, name, _), some in zip(pieces, chosen, strict=True) for row in some.tolist()),
        sp.csr_matrix(sp.vstack([body[some] for (body, _, _), some in zip(pieces, chosen, strict=True)])),
        high=np.repeat([most for _, _, most in pieces], [len(some) for some in chosen]),
        regret=regret_of(world, settings),
    )


def needed(piece: Piece, settings: Settings) -> Bools:
    """Rows in which more events than allowed could meet, of hard ones without what their neighbour says."""
    body, _, most = piece
    kept: Bools = np.diff(body.indptr) > most
    return kept & ~same_as_before(body) if settings.hard else kept


def same_as_before(body: sp.csr_matrix) -> Bools:
    """Rows that say what the row above says: events that run in two weeks alike."""
    size, found = np.diff(body.indptr), np.zeros(body.shape[0], dtype=bool)
    for n in (1 + np.flatnonzero((size[1:] == size[:-1]) & (size[1:] > 0))).tolist():
        before, begin, end = body.indptr[n - 1 : n + 2]
        found[n] = np.array_equal(body.indices[before:begin], body.indices[begin:end])
    return found


def clusters(world: Scenario, offers: Offers, settings: Settings) -> Piece:
    """A row per account, cluster and week."""
    groups = sorted({one for one in world.skus.cluster if one})
    number = {one: n for n, one in enumerate(groups)}
    of_sku = np.array([number.get(one, -1) for one in world.skus.cluster], dtype=np.int64)
    accounts, _, weeks = world.shape
    offer, week = active_weeks(world, offers)
    mine = of_sku[offers.sku[offer]]
    cell = np.where(mine >= 0, (offers.account[offer] * len(groups) + mine) * weeks + week, -1)
    size = accounts * len(groups) * weeks

    def name(row: int) -> str:
        place, w = divmod(row, weeks)
        return scope(world, place // len(groups), cluster=groups[place % len(groups)], week=w + 1)

    return sums(cell, offer, np.ones(len(offer)), (size, len(offers))), name, float(settings.max)


def strangers(world: Scenario, offers: Offers, group: Texts) -> Piece:
    """A row per account, week and pair of SKUs of two brands; events of one SKU exclude each other anyway."""
    accounts, skus, weeks = world.shape
    offer, week = active_weeks(world, offers)
    brand = world.skus.brand
    pairs = [(s, t) for one, two in combinations(group, 2) for s, t in apart(brand, one, two)]
    cells, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    places = [np.flatnonzero(offers.sku[offer] == s) for s in range(skus)]
    for n, (s, t) in enumerate(pairs):
        both = np.concatenate([places[s], places[t]])
        account = offers.account[offer[both]]
        sold = world.listed[account, s] & world.listed[account, t]
        cells.append(np.where(sold, (n * accounts + account) * weeks + week[both], -1))
        columns.append(offer[both])

    def name(row: int) -> str:
        n, a, w = (int(one) for one in np.unravel_index(row, (len(pairs), accounts, weeks)))
        return scope(world, a, pairs[n][0], beside=world.skus.sku[pairs[n][1]], week=w + 1)

    column, size = np.concatenate(columns), len(pairs) * accounts * weeks
    return sums(np.concatenate(cells), column, np.ones(len(column)), (size, len(offers))), name, 1.0


def apart(brand: Texts, one: str, two: str) -> list[tuple[int, int]]:
    """Pairs of SKUs of two brands."""
    return [(s, t) for s, b in enumerate(brand) if b == one for t, c in enumerate(brand) if c == two and s != t]


def rivals(world: Scenario, offers: Offers | Events, group: Texts, settings: Settings) -> Piece:
    """A row per SKU and week over the low-priced events of all accounts of the group."""
    _, skus, weeks = world.shape
    member = np.isin(world.accounts.account, group)
    offer, week = active_weeks(world, offers)
    cheap = member[offers.account[offer]] & low_priced(world, offers, (offer, week), settings)
    cell = np.where(cheap, offers.sku[offer] * weeks + week, -1)
    label = "|".join(group)

    def name(row: int) -> str:
        return scope(world, -1, row // weeks, accounts=label, week=row % weeks + 1)

    return sums(cell, offer, np.ones(len(offer)), (skus * weeks, len(offers.week))), name, 1.0


def low_priced(
    world: Scenario, offers: Offers | Events, running: tuple[Ints, Ints], settings: Settings
) -> Bools:
    """Which running weeks (offer, week) count as low-priced at the shelf."""
    offer, week = running
    kind = offers.treatment[offer]
    cut = world.treatments.depth[kind] * world.treatments.pass_through[kind]
    if settings.depth is not None:
        deep: Bools = cut >= settings.depth * (1 - SAME)
        return deep
    assert settings.below is not None
    price = world.base_price[offers.account[offer], offers.sku[offer], week] * (1 - cut)
    low: Bools = price < settings.below * (1 - SAME)
    return low


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count what runs at once, group by group and week by week."""
    plan = ledger.plan
    event, week = running(plan, world.weeks)
    cell = plan.account[event], plan.sku[event], week
    cut = (world.treatments.depth * world.treatments.pass_through)[plan.treatment[event]]
    low = np.zeros(len(event), dtype=bool)
    if settings.depth is not None:
        low = cut >= settings.depth * (1 - SAME)
    elif settings.below is not None:
        low = world.base_price[cell] * (1 - cut) < settings.below * (1 - SAME)
    busy, cheap = np.zeros((2, *world.shape), dtype=np.int64)
    np.add.at(busy, cell, 1)
    np.add.at(cheap, cell, low)
    found: list[Breach] = []
    for label, count in sorted(meetings(world, busy, settings).items()):
        found += at_most(NAME, label, count, float(settings.max), UNIT)
    for label, count in sorted({**encounters(world, busy, settings), **fights(world, cheap, settings)}.items()):
        found += at_most(NAME, label, count, 1.0, UNIT)
    return tuple(found)


def meetings(world: Scenario, busy: Ints, settings: Settings) -> dict[str, int]:
    """Events of one cluster in an account-week, where there are too many."""
    found: dict[str, int] = {}
    for cluster in sorted(set(world.skus.cluster) - {""}) if settings.per else ():
        count = busy[:, [name == cluster for name in world.skus.cluster]].sum(axis=1)
        for account, week in np.argwhere(count > settings.max).tolist():
            found[scope(world, account, cluster=cluster, week=week + 1)] = int(count[account, week])
    return found


def encounters(world: Scenario, busy: Ints, settings: Settings) -> dict[str, int]:
    """Events of two SKUs of brands that may not meet, where the account sells both and more than one runs."""
    found: dict[str, int] = {}
    for group in settings.brands:
        members = [[s for s, brand in enumerate(world.skus.brand) if brand == one] for one in group]
        pairs = [pair for first, second in combinations(members, 2) for pair in product(first, second)]
        for s, t in pairs:
            count = (busy[:, s] + busy[:, t]) * (world.listed[:, s] & world.listed[:, t] & (s != t))[:, None]
            for account, week in np.argwhere(count > 1).tolist():
                label = scope(world, account, s, beside=world.skus.sku[t], week=week + 1)
                found[label] = int(count[account, week])
    return found


def fights(world: Scenario, cheap: Ints, settings: Settings) -> dict[str, int]:
    """Low-priced events of a SKU in a week at accounts that are rivals, where there is more than one."""
    found: dict[str, int] = {}
    for group in settings.accounts:
        count = cheap[[name in group for name in world.accounts.account]].sum(axis=0)
        for sku, week in np.argwhere(count > 1).tolist():
            found[scope(world, -1, sku, accounts="|".join(group), week=week + 1)] = int(count[sku, week])
    return found
