"""The offers of one account, SKU and week; and where there are none, which rules shut them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kaopt.eligible import notice_kept
from kaopt.errors import Fault, InputError
from kaopt.offers import Offers
from kaopt.scenario.columns import Bools, Ints, Texts
from kaopt.scenario.model import Scenario
from kaopt.scenario.sources import suggest


@dataclass(frozen=True)
class Asked:
    """Which offer is meant, in the scenario's own ids; `week` from 1. Without treatment or weeks: any."""

    account: str
    sku: str
    week: int
    treatment: str | None = None
    weeks: int | None = None


def offers_of(world: Scenario, offers: Offers, asked: Asked, chosen: Bools) -> Ints:
    """Places of the offers that start in the week, and of chosen ones that run in it; InputError where none does."""
    a, s = index(world.accounts.account, asked.account, "account"), index(world.skus.sku, asked.sku, "sku")
    week = asked.week - 1
    if not 0 <= week < world.weeks:
        raise unknown("week", str(asked.week), f"must be from 1 to {world.weeks}", "")
    runs = (offers.week <= week) & (week < offers.week + offers.weeks)
    meant = (offers.account == a) & (offers.sku == s) & ((offers.week == week) | (runs & chosen))
    if asked.treatment is not None:
        meant &= offers.treatment == index(world.treatments.treatment, asked.treatment, "treatment")
    if asked.weeks is not None:
        meant &= offers.weeks == asked.weeks
    found: Ints = np.flatnonzero(meant).astype(np.int64)
    if not len(found):
        what = f"{asked.account} {asked.sku} week {asked.week}"
        raise unknown("offer", what, shut_out(world, asked, (a, s, week)), "Ask for another week or mechanic.")
    return found


def index(names: Texts, name: str, kind: str) -> int:
    """The place of an id; a fault with a suggestion where it is unknown."""
    if name not in names:
        raise unknown(kind, name, f"must be a known {kind}", suggest(name, sorted(names)))
    return names.index(name)


def unknown(kind: str, found: str, expected: str, remedy: str) -> InputError:
    """What was asked for does not exist."""
    return InputError([Fault("why", None, kind, found, expected, remedy)])


def shut_out(world: Scenario, asked: Asked, cell: tuple[int, int, int]) -> str:
    """Why no offer starts in a cell, rule by rule."""
    account, sku, week = cell
    kinds: Sequence[int] = range(len(world.treatments.treatment))
    if asked.treatment is not None:
        kinds = [world.treatments.treatment.index(asked.treatment)]
    if not world.listed[account, sku]:
        return "no promotion: the account does not sell the SKU (blackout)"
    reasons = []
    forbidden = [x for x in world.locks if x.kind == "forbidden" and (x.account, x.sku) == (account, sku)]
    if any(x.week <= week < x.week + x.weeks for x in forbidden):
        reasons.append("the week is forbidden (locks)")
    if not any(world.eligible[account, sku, k, week] for k in kinds):
        reasons.append("the week is closed for it (blackout)")
    if not any(notice_kept(world)[account, k, week] for k in kinds):
        reasons.append("it would come too late for its lead time (lead_time)")
    return "no promotion starts here: " + ("; ".join(reasons) or "no length of it fits into the open weeks (blackout)")
