"""One plan that chases volume and keeps every rule by construction: what the year's targets are taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.generator.calendars import best_calendars
from benchmarks.generator.world import LENGTHS
from kaopt.eligible import Events
from kaopt.response.model import strength
from kaopt.scenario.model import Scenario

GAP, PER_QUARTER, PER_YEAR = 3, 4, 10  # spacing of three weeks leaves room for four events a quarter at most
THRIFT = 0.5  # the reference spends this part of what volume at any price would cost
SAMPLE = 4  # accounts from which the price of spend is found
ROUNDS = 12  # of pricing display slots


@dataclass(frozen=True, eq=False)
class Account:
    """What events of one account bring, each [S, W, L, K]: cases net of dip, and trade spend."""

    cases: np.ndarray
    spend: np.ndarray


def reference(world: Scenario) -> Events:
    """The reference plan of all accounts, sorted by account, SKU and week."""
    accounts = len(world.accounts.account)
    thrift = price_of_spend([account_of(world, a) for a in range(min(SAMPLE, accounts))], world)
    found = []
    for a in range(accounts):
        s, w, n, k = planned(account_of(world, a), world, thrift, int(world.accounts.display_slots[a]))
        found.append(np.stack([np.full(len(s), a), s, w, np.array(LENGTHS)[n], k]))
    return Events(*np.concatenate(found, axis=1).astype(np.int64))


def account_of(world: Scenario, a: int) -> Account:
    """Cases and spend of every event at an account, as in `kaopt.effects`, for all its SKUs at once."""
    base, how, what = world.base_cases[a], world.response, world.treatments
    weeks, first = world.weeks, strength(world)[a]
    padded = np.concatenate([base, np.zeros((len(base), max(LENGTHS) + 4))], axis=1)
    shape = (len(base), weeks, len(LENGTHS), first.shape[1])
    cases, spend = np.zeros(shape), np.zeros(shape)
    per_case = world.skus.list_price[:, None] * what.depth + what.unit_cost
    for n, length in enumerate(LENGTHS):
        for j in range(length):
            effect = first * (1 - how.fatigue[a])[:, None] ** j
            sold = padded[:, j : j + weeks, None] * np.expm1(effect)[:, None, :]
            cases[:, :, n] += sold
            spend[:, :, n] += (padded[:, j : j + weeks, None] + sold) * per_case[:, None, :] + what.weekly_cost
        for lag in range(1, int(how.dip_weeks[a].max(initial=0)) + 1):
            fading = how.dip[a] * np.maximum(how.dip_weeks[a] + 1 - lag, 0) / np.maximum(how.dip_weeks[a], 1)
            after = padded[:, length - 1 + lag : length - 1 + lag + weeks, None]
            cases[:, :, n] += after * np.expm1(-fading[:, None] * effect)[:, None, :]
    return Account(cases, spend + what.fixed_cost)


def price_of_spend(sample: list[Account], world: Scenario) -> float:
    """Cases per unit of money at which the sample spends `THRIFT` of what it would spend for volume at any price."""
    slots = int(world.accounts.display_slots[0])

    def spent(price: float) -> float:
        return sum(float(one.spend[planned(one, world, price, slots)].sum()) for one in sample)

    goal, low, high = THRIFT * spent(0.0), 0.0, 1.0
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(middle) > goal else (low, middle)
    return high


def planned(one: Account, world: Scenario, price: float, slots: int) -> tuple[np.ndarray, ...]:
    """(SKU, week, length, treatment) of the events of most cases at a price of spend, within the display slots."""
    gain = one.cases - price * one.spend
    shown = world.treatments.slots > 0
    rent = np.zeros(world.weeks + max(LENGTHS))
    step = np.quantile(gain[..., shown].max(axis=(2, 3)), 0.9) / 4
    for n in range(ROUNDS):
        events = chosen(gain, shown, rent)
        used = displays(events, shown, world.weeks)
        if np.all(used <= slots):
            return events
        rent[: world.weeks] = np.maximum(rent[: world.weeks] + step / (1 + n / 3) * np.clip(used - slots, -2, 2), 0.0)
    return trimmed(events, gain, shown, slots)


def chosen(gain: np.ndarray, shown: np.ndarray, rent: np.ndarray) -> tuple[np.ndarray, ...]:
    """The best calendars when a display costs `rent` [W] in each week that it stands."""
    weeks = gain.shape[1]
    charge = np.stack([sum(rent[j : j + weeks] for j in range(length)) for length in LENGTHS], axis=1)
    priced = gain - charge[None, :, :, None] * shown
    best = priced.argmax(axis=3)
    run = best_calendars(priced.max(axis=3), LENGTHS, gap=GAP, most=PER_YEAR)
    s, w, n = np.nonzero(run)
    return s, w, n, best[s, w, n]


def displays(events: tuple[np.ndarray, ...], shown: np.ndarray, weeks: int) -> np.ndarray:
    """[W] displays that stand."""
    _, w, n, k = events
    used = np.zeros(weeks + max(LENGTHS))
    for j in range(max(LENGTHS)):
        np.add.at(used, w + j, shown[k] & (np.array(LENGTHS)[n] > j))
    return used[:weeks]


def trimmed(events: tuple[np.ndarray, ...], gain: np.ndarray, shown: np.ndarray, slots: int) -> tuple[np.ndarray, ...]:
    """The events without the displays for which there is no room, the best ones kept."""
    room = np.full(gain.shape[1] + max(LENGTHS), slots)
    keep = np.ones(len(events[0]), dtype=bool)
    for e in np.argsort(-gain[events], kind="stable"):
        _, w, n, k = (int(one[e]) for one in events)
        stands = slice(w, w + LENGTHS[n])
        if shown[k] and np.any(room[stands] < 1):
            keep[e] = False
        elif shown[k]:
            room[stands] -= 1
    return tuple(one[keep] for one in events)
