r"""Nothing runs where or when it is closed: only listed SKUs, open weeks, lengths that the mechanic allows."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules.cover import no_rows
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.locks import signed
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running, some

NAME = "blackout"
UNIT = "closed week"
FORMULA = r"x_o = 0 \quad \forall o:\; \exists w \in [w_o, w_o + r_o):\; \neg\,\text{open}(a_o, s_o, k_o, w)"


class Settings(RuleSettings):
    """Always holds; what is closed stands in the eligibility table. Events that are committed are exempt."""

    hard: Literal[True] = True


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """None: closed events are never offered."""
    return no_rows(NAME, UNIT, offers)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Weeks that each event runs in though they are closed for it; all of them where its length is not allowed."""
    found: list[Breach] = []
    closed, exempt = closed_weeks(world, ledger.plan), signed(world)
    shut = np.flatnonzero(closed)
    for event, weeks in zip(events_of(some(ledger.plan, shut)), closed[shut].tolist(), strict=True):
        if event not in exempt:
            found += at_most(NAME, scope(world, event.account, event.sku, week=event.week + 1), weeks, 0.0, UNIT)
    return tuple(found)


def closed_weeks(world: Scenario, plan: Plan) -> Ints:
    """[N] in how many of its weeks each event may not run."""
    what, a, s, k = world.treatments, plan.account, plan.sku, plan.treatment
    lengths = [set(one) for one in what.lengths]
    pairs = zip(k.tolist(), plan.weeks.tolist(), strict=True)
    of_this_length = np.array([weeks in lengths[kind] for kind, weeks in pairs], dtype=bool)
    never = ~world.listed[a, s] | ~of_this_length | (what.depth * what.pass_through >= 1)[k]
    event, week = running(plan)
    inside = np.minimum(week, world.weeks - 1)
    open_ = world.eligible[a[event], s[event], k[event], inside] & (world.base_price[a[event], s[event], inside] > 0)
    closed = np.bincount(event[(week >= world.weeks) | ~open_], minlength=len(plan))
    return np.where(never, plan.weeks, closed)


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """The open weeks."""
    return Calendar(allowed=world.eligible & world.listed[:, :, None, None])
