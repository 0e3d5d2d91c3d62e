"""Write the tables of the journey scenario again from its response model: `python scenarios/journey/build.py`.

Base volumes, regular prices and categories are estimates and means of `models/response/journey`;
everything else is an assumption that `scenario.yaml` names. No raw data is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "models" / "response" / "journey"
LEAST = 0.10  # of store-weeks, on display and in the mailer: SKUs whose response was seen
PACKS, PANEL = 12, 100  # units in a case; households of the chain for each one of the panel
LIST, COST, LOGISTICS = 0.70, 0.55, 0.60  # of the regular price; of the list price; USD per case
ON_INVOICE, REBATE, FEE = 0.01, 0.02, 0.02
WEEKS = 52


def products() -> pd.DataFrame:
    """One row per SKU that was often enough on display and in the mailer."""
    known = {"sku": str}
    levels = pd.read_csv(MODEL / "levels.csv", dtype=known).set_index("sku")
    terms = pd.read_csv(MODEL / "coefficients.csv", dtype=known).pivot(index="sku", columns="term", values="value")
    habits = pd.read_csv(MODEL / "habits.csv", dtype=known, index_col="sku")
    table = habits.join(levels).join(terms.add_suffix("_effect"))
    table = table[(table["display"] >= LEAST) & (table["feature"] >= LEAST)].copy()
    table["cases"] = table["mean_units"] * np.exp(table["recent"]) * PANEL / PACKS
    table["list_price"] = (LIST * table["regular_price"] * PACKS).round(2)
    return table


def skus(table: pd.DataFrame) -> pd.DataFrame:
    """Products of one category take sales from each other."""
    rows = pd.DataFrame({"sku": table.index, "name": [f"{readable(c)} {s}" for s, c in table["category"].items()]})
    rows["category"] = [readable(one) for one in table["category"]]
    rows["cluster"] = rows["category"]
    rows["list_price"] = table["list_price"].to_numpy()
    rows["unit_cost"] = (COST * table["list_price"]).round(2).to_numpy()
    rows["shelf_life"], rows["lot_cover_weeks"], rows["safety_weeks"], rows["demand_cv"] = 150, 1, 0.5, 0.3
    return rows


def readable(category: str) -> str:
    """`REFRGRATD JUICES/DRNKS` as `refrgratd juices, drnks`: the source's own short words."""
    return category.lower().replace("/", ", ").replace(":", ", ")


def accounts(table: pd.DataFrame) -> pd.DataFrame:
    """The chain; fees are a part of a year's sales at the list price without promotion."""
    net = WEEKS * float((table["cases"] * table["list_price"]).sum())
    row = {
        "account": "chain",
        "name": "Retail chain",
        "channel": "grocery",
        "notice_days": 42,
        "on_invoice": ON_INVOICE,
        "rebate": REBATE,
        "logistics": LOGISTICS,
        "contract_fee": round(FEE * net / 100) * 100,
        "compliance": 0.9,
        "display_slots": 12,
        "payment_days": 30,
        "acceptance_age": 0.5,
        "order_days": "Mon|Tue|Wed|Thu|Fri",
        "window_open": "06:00",
        "window_close": "14:00",
        "grace_minutes": 30,
        "travel_minutes": 90,
        "dock_count": 8,
        "penalty_rate": 0.03,
        "mismatch": 0.005,
        "fill_target": 0.95,
    }
    return pd.DataFrame([row])


def base(table: pd.DataFrame) -> pd.DataFrame:
    """Expected cases of a week at the regular price without support; one year of data carries no season."""
    rows = pd.DataFrame({"account": "chain", "sku": table.index, "cases": table["cases"].round(2).to_numpy()})
    return rows.assign(price=(table["regular_price"] * PACKS).round(2).to_numpy())


def main(folder: Path = HERE / "tables") -> None:
    """Write accounts.csv, skus.csv and base.csv into `folder`."""
    table = products()
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {"accounts": accounts(table), "skus": skus(table), "base": base(table)}.items():
        rows.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
