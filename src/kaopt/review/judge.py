"""What the promotions say together: by account, by mechanic, which to stop, which to do more, who does not execute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import fsum, hypot

import numpy as np
from scipy import stats

from kaopt.review.promoted import Promotion, Reviewed, Split
from kaopt.review.year import Year
from kaopt.scenario.columns import Floats

STOP, MORE = 0.8, 0.1  # probability of losing money from which a mechanic should stop; up to which it earns more money
SURE = 0.9  # probability that an account executes less than was believed, from which it is named
MEASURED = 0.95  # a belief of full compliance that nobody measured counts as this
KEPT = ("as_planned", "longer")


@dataclass(frozen=True)
class Again:
    """What promotions would bring if they were done again as planned: contribution, money, with its 80 % interval."""

    mean: float
    low80: float
    high80: float
    loss: float  # probability that they lose money

    @property
    def verdict(self) -> str:
        """stop, more, or doubtful."""
        return "stop" if self.loss >= STOP else "more" if self.loss <= MORE else "doubtful"


@dataclass(frozen=True)
class Group:
    """Some promotions together. `cases` and `money` hold those of which something was seen."""

    account: str  # empty: every one
    treatment: str  # empty: every one; `unplanned`: what nobody planned
    planned: int
    compared: int
    cases: Split
    money: Split
    spend: tuple[float, float]  # planned and happened of those compared, money
    luck: float  # case, standard deviation of the uplift by chance
    again: Again | None  # None where nothing planned was seen


@dataclass(frozen=True)
class Execution:
    """How an account kept what was planned: promotions that ran whole and as planned, price cuts and displays built."""

    account: str
    planned: int  # promotions of which something was seen
    kept: int
    ran: int  # at all
    cut: float | None  # shelf price cut found over planned, in promotion-weeks; None where none was planned
    shown: float | None  # display found over planned, the same
    believed: float  # compliance in the scenario
    below: float  # probability that the account keeps less than was believed

    @property
    def named(self) -> bool:
        """True where it does not execute what is planned."""
        return self.planned > 0 and self.below >= SURE and self.kept < self.planned * self.believed


@dataclass(frozen=True, eq=False)
class Verdicts:
    """All groups of a review."""

    total: Group
    accounts: tuple[Group, ...]
    mechanics: tuple[Group, ...]
    both: tuple[Group, ...]  # by account and mechanic
    execution: tuple[Execution, ...]


def judged(year: Year, of: Reviewed) -> Verdicts:
    """Every group that has a promotion, in the order of the scenario's tables."""
    accounts = year.world.accounts.account
    kinds = (*year.world.treatments.treatment, "unplanned")  # -1 takes the last

    def groups(key: Callable[[Promotion], tuple[str, str]]) -> tuple[Group, ...]:
        members: dict[tuple[str, str], list[int]] = {}
        for n, one in enumerate(of.promotions):
            members.setdefault(key(one), []).append(n)
        order = sorted(
            members, key=lambda names: tuple(_place(name, table) for name, table in zip(names, both, strict=True))
        )
        return tuple(
            group_of(names, [of.promotions[n] for n in members[names]], [of.again[n] for n in members[names]])
            for names in order
        )

    both = (accounts, kinds)
    return Verdicts(
        total=group_of(("", ""), list(of.promotions), list(of.again)),
        accounts=groups(lambda one: (accounts[one.account], "")),
        mechanics=groups(lambda one: ("", kinds[one.treatment])),
        both=groups(lambda one: (accounts[one.account], kinds[one.treatment])),
        execution=tuple(execution_of(year, of, a) for a in range(len(accounts))),
    )


def _place(name: str, table: tuple[str, ...]) -> int:
    return table.index(name) if name else -1


def group_of(names: tuple[str, str], promotions: list[Promotion], again: list[Floats]) -> Group:
    """Promotions added up; draws are added draw by draw, so that errors that they share stay shared."""
    seen = [one for one in promotions if one.compared]
    drawn = [one for one in again if len(one)]
    return Group(
        account=names[0],
        treatment=names[1],
        planned=sum(one.treatment >= 0 for one in promotions),
        compared=len(seen),
        cases=added([one.cases for one in seen if one.cases]),
        money=added([one.money for one in seen if one.money]),
        spend=(sum(one.spend[0] for one in seen), sum(one.spend[1] for one in seen)),
        luck=hypot(*(one.luck for one in seen)),
        again=again_of(np.sum(drawn, axis=0)) if drawn else None,
    )


def added(splits: list[Split]) -> Split:
    """The sum of splits, part by part."""
    names = [one.name for one in fields(Split)]
    return Split(**{name: fsum(getattr(one, name) for one in splits) for name in names})


def again_of(draws: Floats) -> Again:
    """Mean, interval and probability of a loss of draws [D]."""
    low, high = np.quantile(draws, (0.1, 0.9)).tolist()
    return Again(float(draws.mean()), low, high, float((draws < 0).mean()))


def execution_of(year: Year, of: Reviewed, account: int) -> Execution:
    """What one account executed; compliance is judged with Jeffreys' prior, Beta(1/2, 1/2)."""
    mine = [one for one in of.promotions if one.account == account and one.treatment >= 0 and one.compared]
    kept = sum(one.status in KEPT for one in mine)
    believed = min(float(year.world.accounts.compliance[account]), MEASURED)
    below = float(stats.beta.cdf(believed, kept + 0.5, len(mine) - kept + 0.5)) if mine else 0.0
    return Execution(
        account=year.world.accounts.account[account],
        planned=len(mine),
        kept=kept,
        ran=sum(one.weeks_run > 0 for one in mine),
        cut=share([one.weeks * one.cut[0] for one in mine], [one.weeks_run * one.cut[1] for one in mine]),
        shown=share([one.weeks * one.shown[0] for one in mine], [one.weeks_run * one.shown[1] for one in mine]),
        believed=float(year.world.accounts.compliance[account]),
        below=below,
    )


def share(planned: list[float], found: list[float]) -> float | None:
    """What was found of what was planned, where anything was."""
    return sum(found) / sum(planned) if sum(planned) > 0 else None
