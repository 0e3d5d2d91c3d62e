"""Write the tables of the orange juice scenario again from its model: `python scenarios/orange_juice/build.py`.

Base volumes, regular prices, what the stores pay, last year's features and the whole category come from
`models/response/orange_juice`; everything else is an assumption that `scenario.yaml` names. No raw data is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "models" / "response" / "orange_juice"
KEYS = ["account", "sku"]
OURS = ("tropicana-premium-64", "tropicana-premium-96", "tropicana-64")
PACKS = 12  # of 64 oz in a case; 8 of 96 oz are as much
WEEKS = 52
COST = 0.55  # cost of goods, of the list price
REBATE, LOGISTICS, FEE = 0.03, 0.80, 0.02  # of the list price; USD per case; of last year's net sales
LEAFLET, SET_UP = 12, 5  # USD a store and week; USD an event (mechanics.csv)
DEPTHS = np.array([0.15, 0.20, 0.25])  # of the mechanics with a feature
SKUS = {  # name, Chinese name, high margin, shelf life in days
    "tropicana-premium-64": ("Tropicana Premium, 64 oz", "纯果乐鲜榨 64 盎司", "yes", 60),
    "tropicana-premium-96": ("Tropicana Premium, 96 oz", "纯果乐鲜榨 96 盎司", "yes", 60),
    "tropicana-64": ("Tropicana from concentrate, 64 oz", "纯果乐还原 64 盎司", "no", 50),
}


def series() -> pd.DataFrame:
    """One row per store and SKU: levels, coefficients and, from the means of its SKU, last year's habit."""
    levels = pd.read_csv(MODEL / "levels.csv")
    terms = pd.read_csv(MODEL / "coefficients.csv").pivot(index=KEYS, columns="term", values="value")
    table = levels.join(terms, on=KEYS).join(habit(), on="sku")
    cut = np.log(1 - table["depth"])
    lift = (table["elasticity"] + table["price_feature"]) * cut + table["feature"]
    table["usual"] = table["mean_units"] / PACKS
    table["promoted"] = table["usual"] * np.exp(lift) * table["weeks"]  # cases of last year's featured weeks
    table["sold"] = table["usual"] * (WEEKS - table["weeks"]) + table["promoted"]
    shelf = table["regular_price"] * PACKS
    table["retail"] = shelf * (table["sold"] - table["promoted"] * table["depth"])
    table["base"] = table["usual"] * np.exp(table["recent"])
    return table


def habit() -> pd.DataFrame:
    """What each SKU, ours and the rivals', did in a year: weeks in the leaflet, nearest depth, what the store pays."""
    costs = pd.read_csv(MODEL / "costs.csv", index_col="sku")
    off = 1 - costs["featured_price"].to_numpy()
    depth = DEPTHS[np.abs(off[:, None] - DEPTHS).argmin(axis=1)]
    weeks = (costs["featured"] * WEEKS).round().astype(int)
    return pd.DataFrame({"depth": depth, "weeks": weeks, "list_price": (costs["regular_cost"] * PACKS).round(2)})


def accounts(table: pd.DataFrame) -> pd.DataFrame:
    """One row per store: last year by the habit, category and its growth from all 11 SKUs; delivery is assumed."""
    ours = table[table["sku"].isin(OURS)].copy()
    ours["net"] = ours["sold"] * ours["list_price"] * (1 - REBATE)
    spent = ours["promoted"] * ours["depth"] * ours["list_price"] + ours["weeks"] * (LEAFLET + SET_UP)
    ours["net"] -= spent
    sums = ours.groupby("account")[["net", "sold", "base"]].sum()
    now = (table["retail"] * np.exp(table["recent"])).groupby(table["account"]).sum()
    category = table.groupby("account")["retail"].sum()
    large = sums["base"] >= sums["base"].quantile(0.7)
    shift = np.arange(len(sums)) % 4
    rows = pd.DataFrame({"account": sums.index, "name": [f"Store {int(one[-3:])}" for one in sums.index]})
    rows["segment"] = np.select([large, sums["base"] >= sums["base"].quantile(0.35)], ["A", "B"], "C")
    rows["channel"], rows["region"] = "grocery", "Chicago"
    rows["last_year_revenue"] = sums["net"].round().astype(int).to_numpy()
    rows["last_year_cases"] = sums["sold"].round().astype(int).to_numpy()
    rows["customer_growth"] = (now / category - 1).round(4).to_numpy()
    rows["category_revenue"] = category.round().astype(int).to_numpy()
    rows["notice_days"] = 28
    rows["rebate"], rows["logistics"] = REBATE, LOGISTICS
    rows["contract_fee"] = (FEE * sums["net"]).round(-1).astype(int).to_numpy()
    rows["compliance"] = 0.95
    rows["payment_days"], rows["acceptance_age"] = 30, np.where(large, 0.5, 0.6)
    rows["order_days"] = [("Mon|Wed|Fri", "Tue|Thu|Sat")[k % 2] for k in shift]
    rows["window_open"], rows["window_close"] = "06:00", [("11:00", "12:00", "14:00", "16:00")[k] for k in shift]
    rows["grace_minutes"], rows["travel_minutes"] = 30, [(25, 35, 45, 60)[k] for k in shift]
    rows["penalty_rate"], rows["mismatch"] = 0.02, 0.003
    return rows


def skus(table: pd.DataFrame) -> pd.DataFrame:
    """Our three SKUs, one cluster: a promotion of one takes from the other two what the model says."""
    known = habit()["list_price"]
    weekly = table.groupby("sku")["base"].sum()
    rows = []
    for sku in OURS:
        name, zh, high, life = SKUS[sku]
        rows.append((sku, name, zh, "Tropicana", "orange juice", "orange-juice", known[sku], high, life, weekly[sku]))
    heads = [
        "sku",
        "name",
        "name_zh",
        "brand",
        "category",
        "cluster",
        "list_price",
        "high_margin",
        "shelf_life",
        "week",
    ]
    found = pd.DataFrame(rows, columns=heads)
    found["unit_cost"] = (COST * found["list_price"]).round(2)
    found["lot_cases"] = found.pop("week").mul(0.3).round(-2).astype(int)
    found["lot_cover_weeks"], found["safety_weeks"], found["demand_cv"] = 1, 0.3, 0.4
    return found


def base(table: pd.DataFrame) -> pd.DataFrame:
    """Expected cases of a week at the regular price without promotion, the latest news of the level counted."""
    ours = table[table["sku"].isin(OURS)]
    price = (ours["regular_price"] * PACKS).round(2)
    return ours[KEYS].assign(cases=ours["base"].round(2), price=price)


def last_year(table: pd.DataFrame) -> pd.DataFrame:
    """The habit as a plan: every store alike, each SKU's featured weeks spread over the year as evenly as they go."""
    stores = sorted(table["account"].unique())
    rows = []
    for sku, one in habit().loc[list(OURS)].iterrows():
        weeks = np.unique(np.linspace(FIRST, WEEKS, int(one["weeks"])).round().astype(int))
        treatment = f"feature-cut{100 * one['depth']:.0f}"
        rows += [(store, sku, week, 1, treatment, "last year's habit") for store in stores for week in weeks]
    return pd.DataFrame(rows, columns=["account", "sku", "week", "weeks", "treatment", "reason"])


FIRST = 3  # week from which a leaflet can still be printed


def main(folder: Path = HERE) -> None:
    """Write accounts, skus and base into `folder`/tables and last year's habit into `folder`/plans."""
    table = series()
    made = {"tables/accounts": accounts(table), "tables/skus": skus(table), "tables/base": base(table)}
    for name, rows in (made | {"plans/habit": last_year(table)}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
