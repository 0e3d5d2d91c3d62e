"""Write the agreements of the beverage world in full: `python scenarios/beverage_in_full/build.py`, seeded.

Everything follows from one greedy plan that keeps every rule (`plans/reference.csv`): each promise, limit and target is
set a little beside what that plan reaches, so that all of them can be met and many of them bind.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
BASE = HERE.parent / "beverage"
sys.path.insert(0, str(BASE))

from reference import GAP, as_table, habit_plan, reference_plan  # noqa: E402

from kaopt.allocation.rules import rule_settings  # noqa: E402
from kaopt.demand import Demand, live  # noqa: E402
from kaopt.plan import Plan  # noqa: E402
from kaopt.scenario.load import load as read  # noqa: E402
from kaopt.scenario.model import Scenario  # noqa: E402

EASE = 0.99  # promises are this share of what the reference plan reaches
VAT = 0.13
DISPLAY_FEE = 2_500  # CNY a quarter in which an account shows any display, times its room for displays
GIFT_FEE = 6_000  # CNY a year at accounts that run gifts or tastings
TIERS = dict.fromkeys(("weilan", "yuelai", "baicheng", "haoduo"), "all_unit") | {"hengfeng": "stepped"}
RATES = (0.005, 0.01, 0.015)
SHORT_SUPPLY = ("juice-1", "juice-2", "plant-milk-1", "tea-1", "water-1", "coffee-1", "sports-1", "soda-1")


@dataclass(frozen=True, eq=False)
class Year:
    """The world and its reference plan as lived through."""

    world: Scenario
    plan: Plan
    demand: Demand

    def events(self, a: int, family: str = "") -> np.ndarray:
        """Places of the plan's events at an account, of one mechanic family or of all."""
        families = np.array(self.world.treatments.family)[self.plan.treatment]
        return np.flatnonzero((self.plan.account == a) & ((families == family) | (family == "")))


def tables() -> dict[str, pd.DataFrame]:
    """Every table of the overlay, and the reference plan."""
    world = read(BASE, rule_settings=rule_settings())
    world = replace(world, accounts=replace(world.accounts, vat=np.full(world.shape[0], VAT)))
    habit = live(world, habit_plan(world))
    plan = reference_plan(world, habit, apart=GAP)
    year = Year(world, plan, live(world, plan))
    return {
        "accounts": accounts(year),
        "skus": opening(year),
        "budgets": budgets(year),
        "fees": fees(year),
        "rebates": rebates(year),
        "agreements": agreements(year),
        "capacity": capacity(year),
        "reference": as_table(world, plan),
    }


def accounts(year: Year) -> pd.DataFrame:
    """Targets, promises net of execution, tax, credit limits and what the retailer earned last year."""
    world, sales = year.world, year.demand.net_revenue.sum((1, 2))
    events = np.array([len(year.events(a)) for a in range(world.shape[0])])
    buyers = year.demand.retailer.sum((1, 2)) + world.accounts.contract_fee
    weeks = year.plan.weeks * (world.treatments.slots[year.plan.treatment] > 0)
    shown = np.bincount(year.plan.account, weights=weeks, minlength=world.shape[0])
    return pd.DataFrame(
        {
            "account": world.accounts.account,
            "sales_target": np.floor(EASE * sales / 1000).astype(int) * 1000,
            "promotions_due": np.floor(EASE * events * world.accounts.compliance).astype(int),
            "displays_due": np.floor(EASE * shown * world.accounts.compliance).astype(int),
            "vat": VAT,
            "credit_limit": np.ceil(1.03 * owed(year) / 1000).astype(int) * 1000,
            "retailer_profit_last_year": np.floor(0.995 * buyers / 1000).astype(int) * 1000,
        }
    )


def owed(year: Year) -> np.ndarray:
    """[A] the most that is invoiced within one payment term."""
    world = year.world
    price = (1 - world.accounts.on_invoice)[:, None] * world.skus.list_price[None, :]
    invoiced = (year.demand.cases * price[:, :, None]).sum(1)
    terms = np.ceil(world.accounts.payment_days / 7).astype(int)
    return np.array([np.convolve(invoiced[a], np.ones(max(n, 1)))[: world.weeks].max() for a, n in enumerate(terms)])


def opening(year: Year) -> pd.DataFrame:
    """A week of base sales in stock of what is short."""
    world = year.world
    places = [world.skus.sku.index(sku) for sku in SHORT_SUPPLY]
    stock = np.ceil(world.base_cases.mean(2).sum(0)[places]).astype(int)
    return pd.DataFrame({"sku": SHORT_SUPPLY, "opening_cases": stock})


def capacity(year: Year) -> pd.DataFrame:
    """The least even weekly output that serves the reference plan, and 2 % more."""
    world, stock = year.world, opening(year).set_index("sku")["opening_cases"]
    rows = []
    for sku in SHORT_SUPPLY:
        s = world.skus.sku.index(sku)
        fresh = int(world.accounts.acceptance_age[world.listed[:, s]].min() * world.skus.shelf_life[s] / 7)
        asked = np.concatenate([[0.0], np.cumsum(year.demand.cases[:, s].sum(0))])
        need = [
            (asked[w + 1] - asked[u] - (stock[sku] if u - fresh < 0 else 0.0)) / (w - max(u - fresh, 0) + 1)
            for u in range(world.weeks)
            for w in range(u, world.weeks)
        ]
        rows.append((sku, "", int(np.ceil(1.02 * max(need))), "one filling line"))
    return pd.DataFrame(rows, columns=["sku", "weeks", "cases", "because"])


def budgets(year: Year) -> pd.DataFrame:
    """No account gets more than a twentieth above what the reference plan spends on it, fees included."""
    world, due = year.world, fees(year)
    spent = year.demand.spend.sum((1, 2))
    quarterly = {row.account: row.amount for row in due.itertuples() if row.per == "quarter"}
    for a, account in enumerate(world.accounts.account):
        spent[a] += 4 * quarterly.get(account, 0) + GIFT_FEE
    return pd.DataFrame(
        {"account": world.accounts.account, "quarter": "", "max": np.ceil(1.05 * spent / 1000).astype(int) * 1000}
    )


def fees(year: Year) -> pd.DataFrame:
    """A display fee by quarter at accounts with floor space, and a fee for gifts by year."""
    world = year.world
    rows = []
    for a, account in enumerate(world.accounts.account):
        if len(year.events(a, "display")):
            amount = DISPLAY_FEE * int(world.accounts.display_slots[a])
            rows.append((account, "display", "quarter", amount, "display fee", "annual agreement"))
    rows.append(("*", "gift", "year", GIFT_FEE, "activity threshold", "annual agreement"))
    return pd.DataFrame(rows, columns=["account", "family", "per", "amount", "kind", "because"])


def rebates(year: Year) -> pd.DataFrame:
    """Three tiers at five accounts: the reference plan has just passed the second, or stands just below it."""
    world, sales = year.world, year.demand.net_revenue.sum((1, 2))
    rows = []
    for nth, (account, kind) in enumerate(TIERS.items()):
        at = sales[world.accounts.account.index(account)] * (0.995 if nth % 2 == 0 else 1.004)
        for rate, share in zip(RATES, (0.93, 1.0, 1.05), strict=True):
            rows.append((account, "revenue", kind, int(at * share / 1000) * 1000, rate, "annual agreement"))
    return pd.DataFrame(rows, columns=["account", "measure", "kind", "threshold", "rate", "because"])


def agreements(year: Year) -> pd.DataFrame:
    """Displays of the first half, activities, and the leading brand's volume, a little below the reference plan."""
    world, plan, rows = year.world, year.plan, []
    lead = np.array(world.skus.brand) == "Yunxiu"
    for a, account in enumerate(world.accounts.account):
        first = [n for n in year.events(a) if plan.week[n] + plan.weeks[n] <= 26]
        slots = world.treatments.slots[plan.treatment]
        shown = int(sum(plan.weeks[n] for n in first if slots[n] > 0))
        active = int(sum(world.treatments.depth[plan.treatment[n]] == 0 for n in year.events(a)))
        volume = float(year.demand.cases[a][lead].sum())
        clauses = (("displays", "1-26", "*", shown), ("activities", "", "*", active), ("cases", "", "Yunxiu", volume))
        rows += [
            (account, what, brand, weeks, int(EASE * least), "annual agreement")
            for what, weeks, brand, least in clauses
            if int(EASE * least) > 0
        ]
    return pd.DataFrame(rows, columns=["account", "what", "brand", "weeks", "least", "because"])


def main(folder: Path = HERE) -> None:
    """Write the tables and the reference plan."""
    for name, table in tables().items():
        place = folder / ("plans" if name == "reference" else "tables") / f"{name}.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(place, index=False, lineterminator="\n", encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
