"""What every possible event does alone, in numpy: money and cases against doing nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.response.model import strength
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Candidates:
    """Possible events with what each does alone; [C] entries."""

    event: np.ndarray  # [C, 5] account, SKU, week, weeks, treatment
    spend: np.ndarray
    contribution: np.ndarray
    cases: np.ndarray
    revenue: np.ndarray


def candidates(world: Scenario) -> Candidates:
    """Every event that may be run, with its money and net cases alone against doing nothing."""
    parts = [_one_kind(world, k, length) for k, many in enumerate(world.treatments.lengths) for length in many]
    event, spend, contribution, cases, revenue = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Candidates(event, spend, contribution, cases, revenue)


def _one_kind(world: Scenario, k: int, length: int) -> tuple[np.ndarray, ...]:
    """Events of one treatment and length at every place and week: the event itself, its dip, its cluster mates."""
    how, what = world.response, world.treatments
    starts = world.weeks - length + 1
    base = world.base_cases
    effect = strength(world)[:, :, k, None] * (1 - how.fatigue[:, :, None]) ** np.arange(length)
    sold = [base[:, :, j : j + starts] * np.exp(effect[:, :, j, None]) for j in range(length)]
    extra = sum(sold) - sum(base[:, :, j : j + starts] for j in range(length)) + _dip(world, effect[:, :, -1], length)
    income, money = (extra * worth[:, :, None] for worth in (world.net_per_case, world.margin_per_case))
    for j in range(length):
        lost = _mates(world, np.exp(-how.cross * effect[:, :, j]) - 1)
        for m in range(base.shape[1]):  # every cluster mate in turn
            part = lost[:, :, m, None] * base[:, m, None, j : j + starts]
            extra, income = extra + part, income + part * world.net_per_case[:, m, None, None]
            money = money + part * world.margin_per_case[:, m, None, None]
    per_case = world.skus.list_price * what.depth[k] + what.unit_cost[k]
    spend = sum(sold) * per_case[None, :, None] + what.weekly_cost[k] * length + what.fixed_cost[k]
    open_ = np.lib.stride_tricks.sliding_window_view(world.eligible[:, :, k], length, axis=2).all(-1)
    noticed = (what.lead_time[k] <= world.accounts.notice_days)[:, None, None]
    place = np.argwhere(open_ & noticed & world.listed[:, :, None])
    at = tuple(place.T)
    event = np.column_stack([place, np.full(len(place), length), np.full(len(place), k)])
    return event, spend[at], (money - spend)[at], extra[at], (income - spend)[at]


def _dip(world: Scenario, last: np.ndarray, length: int) -> np.ndarray:
    """[A, S, starts] what the weeks after the run lose; `last` [A, S] is the effect of its last week."""
    how, starts = world.response, world.weeks - length + 1
    lost = np.zeros((*last.shape, starts))
    for lag in range(1, int(how.dip_weeks.max()) + 1):
        fade = np.where(how.dip_weeks >= lag, how.dip * (how.dip_weeks + 1 - lag) / np.maximum(how.dip_weeks, 1), 0.0)
        later = world.base_cases[:, :, length - 1 + lag :]
        lost[:, :, : starts - lag] += later * (np.exp(-fade * last) - 1)[:, :, None]
    return lost


def _mates(world: Scenario, change: np.ndarray) -> np.ndarray:
    """[A, S, S] the change that an event of the second index makes to its cluster mates, the third."""
    cluster = np.array(world.skus.cluster)
    same = (cluster[:, None] == cluster[None, :]) & ~np.eye(len(cluster), dtype=bool)
    return change[:, :, None] * same[None]
