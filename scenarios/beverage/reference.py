"""Two calendars of the beverage world, last year's habit and a plan that keeps every rule; targets from both."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from events import Candidates, candidates

from kaopt.allocation.rules import rule_settings
from kaopt.demand import Demand, live
from kaopt.plan import Plan
from kaopt.scenario.load import load as read
from kaopt.scenario.model import Scenario

PLAIN = "kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 52, planned_on: 2026-10-26}\ncurrency: CNY\n"
GAP, PER_QUARTER, PER_YEAR = 2, 2, 7  # as in scenario.yaml: spacing and the most promotions of one SKU at an account
BUDGET, QUARTER_SHARE = 3_300_000, 0.29  # CNY, as in scenario.yaml; the habit cost 4.5 million
ACCOUNT_ROOM = 1.15  # of the habit's spend at the account
HABIT = ("cut15", 2, (3, 16, 29, 42))  # the buyers' habit: a two-week 15 % cut in each quarter on whatever sells
MORE = 1.25  # times the promotions that pay or hold sales: buyers ask for activity
KEPT = 120_000  # CNY set aside for those
SHOWN = 24  # display-weeks at least, where displays can be arranged in time
HELD = 0.995  # of the habit's sales at every account
DRAWN = (1.02, 0.80, 1.04, 1.01, 1.06, 0.86, 1.05, 0.84, 1.03, 1.01, 1.08, 0.90)  # share of the habit's money in fees


def agree(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with fees, last year, targets and budgets of each account, and the two plans."""
    world = load(tables)
    habit = habit_plan(world)
    reference = reference_plan(world, live(world, habit))
    accounts = with_terms(world, tables["accounts"].drop(columns="size"), live(world, habit), live(world, reference))
    accounts["promotions_due"], accounts["displays_due"] = promised(world, reference)
    tables = tables | {"accounts": accounts, "budgets": budgets(world, live(world, reference))}
    return tables | {"habit": as_table(world, habit), "reference": as_table(world, reference)}


def load(tables: dict[str, pd.DataFrame]) -> Scenario:
    """The world without any rule, as kaopt reads it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tables").mkdir()
        (folder / "scenario.yaml").write_text(PLAIN, encoding="utf-8")
        for table, rows in tables.items():
            rows.drop(columns="size", errors="ignore").to_csv(folder / "tables" / f"{table}.csv", index=False)
        return read(folder, rule_settings=rule_settings())


def habit_plan(world: Scenario) -> Plan:
    """Everybody gets the same price cuts in the same weeks of every quarter, slow SKUs excepted."""
    name, weeks, starts = HABIT
    k = world.treatments.treatment.index(name)
    rows = []
    for a, s in np.argwhere(world.listed):
        for week in starts:
            first = week - 1 + int(a) % 4
            if world.eligible[a, s, k, first : first + weeks].all() and world.skus.lot_cover_weeks[s] < 5:
                rows.append((a, s, first, weeks, k))
    return plan_of(rows)


def reference_plan(world: Scenario, habit: Demand, *, apart: int = 0) -> Plan:
    """Greedy: what is signed first; price cuts that hold sales where nothing else can be arranged in time; some
    displays at every account; sales held elsewhere; what pays best; small events that the buyers want to see.

    Keeps the budgets, the calendar rules and the display slots; promotes one SKU of a cluster at a time, with `apart`
    weeks between two of them.
    """
    pool = candidates(world)
    ledger = _Ledger(world, habit.spend.sum((1, 2)) * ACCOUNT_ROOM, apart)
    for lock in world.locks:
        if lock.kind != "forbidden":
            ledger.take(pool, _signed(pool, lock))
    open_ = np.array([not _forbidden(world, event) for event in pool.event])
    goal = HELD * habit.net_revenue.sum((1, 2))
    _hold(world, pool, ledger, np.where(world.accounts.notice_days < 21, goal, 0.0), open_)
    _show(world, pool, ledger, open_)
    _hold(world, pool, ledger, goal, open_)
    ledger.room -= KEPT
    score = np.where(open_ & (pool.contribution > 0), _appeal(world, pool), 0.0)
    for c in np.argsort(-score, kind="stable"):
        if score[c] > 0:
            ledger.take(pool, [int(c)])
    ledger.room += KEPT
    wanted = np.ceil(MORE * ledger.count.sum((1, 2)))
    for c in np.argsort(pool.spend, kind="stable"):
        account = pool.event[c, 0]
        if open_[c] and ledger.count[account].sum() < wanted[account]:
            ledger.take(pool, [int(c)])
    return plan_of(sorted(ledger.rows))


def _appeal(world: Scenario, pool: Candidates) -> np.ndarray:
    """[C] sales over the root of spend, high-margin SKUs counted 2.5 times: large events are worth their calendar."""
    high = world.skus.high_margin[pool.event[:, 1]]
    return np.asarray(pool.revenue * np.where(high, 2.5, 1.0) / pool.spend**0.5)


def _hold(world: Scenario, pool: Candidates, ledger: _Ledger, goal: np.ndarray, open_: np.ndarray) -> None:
    """Add what costs least per yuan of sales, in spend and in lost money, at accounts below their goal [A]."""
    need = goal - live(world, plan_of(ledger.rows)).net_revenue.sum((1, 2))
    gain = np.where(open_, pool.revenue / np.maximum(pool.spend - 2 * pool.contribution, 1.0), 0.0)
    for c in np.argsort(-gain, kind="stable"):
        account = pool.event[c, 0]
        if gain[c] > 0 and need[account] > 0 and ledger.take(pool, [int(c)]):
            need[account] -= pool.revenue[c]


def _show(world: Scenario, pool: Candidates, ledger: _Ledger, open_: np.ndarray) -> None:
    """Add the displays that cost least at accounts with fewer than `SHOWN` display-weeks."""
    slots = world.treatments.slots[pool.event[:, 4]]
    shown = open_ & (slots > 0)
    for c in np.argsort(pool.spend - 2 * pool.contribution, kind="stable"):
        if shown[c] and ledger.slots[pool.event[c, 0]].sum() < SHOWN:
            ledger.take(pool, [int(c)])


def _signed(pool: Candidates, lock: object) -> list[int]:
    """The candidates that keep a lock, best first."""
    want = (lock.account, lock.sku, lock.week, lock.weeks)  # type: ignore[attr-defined]
    fits = (pool.event[:, :4] == want).all(1)
    if lock.treatment >= 0:  # type: ignore[attr-defined]
        fits &= pool.event[:, 4] == lock.treatment  # type: ignore[attr-defined]
    found = np.flatnonzero(fits)
    return [int(c) for c in found[np.argsort(-pool.contribution[found])]][:1]


def _forbidden(world: Scenario, event: np.ndarray) -> bool:
    a, s, week, weeks, _ = event
    return any(
        lock.kind == "forbidden"
        and (lock.account, lock.sku) == (a, s)
        and week < lock.week + lock.weeks
        and lock.week < week + weeks
        for lock in world.locks
    )


class _Ledger:
    """What the greedy plan has used so far."""

    def __init__(self, world: Scenario, account_room: np.ndarray, apart: int) -> None:
        accounts, skus, weeks = world.shape
        self.world, self.rows, self.apart = world, list[tuple[int, ...]](), apart
        self.busy = np.zeros((accounts, skus, weeks + 2 * GAP + 4), bool)
        self.count = np.zeros((accounts, skus, 4), int)
        self.slots = np.zeros((accounts, weeks), int)
        self.account_room = account_room.copy()
        self.quarter_room = np.full(4, BUDGET * QUARTER_SHARE)
        self.room = float(BUDGET)
        self.clusters = np.array(world.skus.cluster)
        self.cluster_busy: set[tuple[int, str, int]] = set()

    def take(self, pool: Candidates, choice: list[int]) -> bool:
        """Add the events that fit; true where the last of them did."""
        fits = False
        for c in choice:
            a, s, week, weeks, k = (int(v) for v in pool.event[c])
            active = range(week, week + weeks)
            quarter, quarters = int(self.world.quarter[week]), np.unique(self.world.quarter[week : week + weeks])
            spend, need = pool.spend[c], int(self.world.treatments.slots[k])
            fits = not self.busy[a, s, week : week + weeks + 2 * GAP].any()
            fits &= self.count[a, s, quarter] < PER_QUARTER and self.count[a, s].sum() < PER_YEAR
            fits &= all(self.slots[a, w] + need <= self.world.accounts.display_slots[a] for w in active)
            fits &= not any((a, self.clusters[s], w) in self.cluster_busy for w in active)
            fits &= spend <= min(self.room, self.account_room[a], self.quarter_room[quarters].min())
            if fits:
                self.rows.append((a, s, week, weeks, k))
                self.busy[a, s, week + GAP : week + weeks + GAP] = True
                self.count[a, s, quarter] += 1
                self.slots[a, week : week + weeks] += need
                kept_free = range(week - self.apart, week + weeks + self.apart)
                self.cluster_busy |= {(a, self.clusters[s], w) for w in kept_free}
                self.room, self.account_room[a] = self.room - spend, self.account_room[a] - spend
                self.quarter_room[quarters] -= spend  # in full in both, to be on the safe side
        return bool(fits)


def with_terms(world: Scenario, accounts: pd.DataFrame, habit: Demand, reference: Demand) -> pd.DataFrame:
    """Fees that eat what the habit leaves, and last year's sales that the reference plan just outgrows."""
    revenue, reached = habit.net_revenue.sum((1, 2)), reference.net_revenue.sum((1, 2))
    tight = np.arange(len(accounts)) % 3 == 1  # here the sales target is the tight one, elsewhere the growth index
    room, asked = np.where(tight, 1.012, 1.001), np.where(tight, 0.998, 0.99)
    growth = 1 + accounts["customer_growth"].to_numpy()
    accounts["last_year_revenue"] = np.floor(reached / growth / room / 1000).astype(int) * 1000
    accounts["last_year_cases"] = (
        (habit.cases.sum((1, 2)) * accounts["last_year_revenue"] / revenue).round(0).astype(int)
    )
    accounts["sales_target"] = (np.floor(asked * reached / 10_000) * 10_000).astype(int)
    share = 0.12 + 0.02 * (np.arange(len(accounts)) % 7)
    accounts["category_revenue"] = (accounts["last_year_revenue"] * 1.3 / share).round(-4).astype(int)
    accounts["contract_fee"] = (np.array(DRAWN) * habit.contribution.sum((1, 2))).round(-3).astype(int)
    return accounts


def promised(world: Scenario, reference: Plan) -> tuple[np.ndarray, np.ndarray]:
    """97 in 100 of the reference plan's promotions and display-weeks."""
    size, shown = len(world.accounts.account), world.treatments.slots[reference.treatment] > 0
    events = np.bincount(reference.account, minlength=size)
    displays = np.bincount(reference.account[shown], weights=reference.weeks[shown], minlength=size)
    return np.floor(0.97 * events).astype(int), np.floor(0.97 * displays).astype(int)


def budgets(world: Scenario, reference: Demand) -> pd.DataFrame:
    """No account gets more than a twentieth above what the reference plan spends on it."""
    most = np.ceil(reference.spend.sum((1, 2)) * 1.05 / 1000).astype(int) * 1000
    return pd.DataFrame({"account": world.accounts.account, "quarter": "", "max": most})


def plan_of(rows: list[tuple[int, ...]]) -> Plan:
    """A plan from (account, SKU, week, weeks, treatment) by index."""
    return Plan(*np.array(rows, dtype=np.int64).reshape(-1, 5).T)


def as_table(world: Scenario, plan: Plan) -> pd.DataFrame:
    """The plan with names, weeks from 1."""
    return pd.DataFrame(
        {
            "account": [world.accounts.account[a] for a in plan.account],
            "sku": [world.skus.sku[s] for s in plan.sku],
            "week": plan.week + 1,
            "weeks": plan.weeks,
            "treatment": [world.treatments.treatment[k] for k in plan.treatment],
        }
    )
