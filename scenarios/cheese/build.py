"""Write the tables of the cheese scenario again from its response model: `python scenarios/cheese/build.py`.

Base volumes and regular prices are estimates of `models/response/cheese/levels.csv`; everything else is an assumption
that `scenario.yaml` names. No raw data is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "models" / "response" / "cheese"
PACKS = 12  # packs of 12 oz in a case
LIST, COST, LOGISTICS = 26.40, 12.40, 0.90  # USD per case
ON_INVOICE, REBATE = 0.02, 0.02
GROWTH = 0.02  # the customers' cheese sales over last year
LAST_YEAR_CUT, LAST_YEAR_WEEKS = 0.15, 16  # last year: eight two-week cuts of 15 % at every account
LAST_YEAR_SETUP = 8 * 100  # USD; mechanics.csv: fixed cost of a cut
LONG = {  # the source's shortened city names
    "BALTI/WASH": "BALTIMORE/WASHINGTON",
    "BIRMINGHAM/MONTGOM": "BIRMINGHAM/MONTGOMERY",
    "HARRISBURG/SCRANTN": "HARRISBURG/SCRANTON",
    "GIANT FOOD STO": "GIANT FOOD STORES",
    "SAN ANT/CORPUS CHR": "SAN ANTONIO/CORPUS CHRISTI",
    "P & C FOOD MARKE": "P & C FOOD MARKETS",
    " (NEW)": "",
}
TRIPS = (60, 90, 120, 180)  # minutes from the regional warehouse


def accounts(levels: pd.DataFrame, elasticity: pd.Series[float]) -> pd.DataFrame:
    """One row per retailer; terms, last year and delivery are assumptions."""
    cases = (levels["mean_units"] / PACKS).round(2)
    net = (1 - ON_INVOICE - REBATE) * LIST
    lift = np.exp(elasticity.to_numpy() * np.log(1 - LAST_YEAR_CUT))
    sold = cases * (52 + LAST_YEAR_WEEKS * (lift - 1))
    spent = cases * LAST_YEAR_WEEKS * lift * LIST * LAST_YEAR_CUT + LAST_YEAR_SETUP
    large = cases >= cases.quantile(0.7)
    late = np.arange(len(levels)) % 4
    table = pd.DataFrame({"account": levels["account"], "name": [readable(r) for r in levels["retailer"]]})
    table["segment"] = np.select([large, cases >= cases.quantile(0.35)], ["A", "B"], "C")
    table["channel"] = "grocery"
    table["region"] = [readable(r.split(" - ")[0]) for r in levels["retailer"]]
    table["last_year_revenue"] = np.floor((sold * net - spent) / (1 + GROWTH)).astype(int)
    table["last_year_cases"] = (sold / (1 + GROWTH)).round(0).astype(int)
    table["customer_growth"] = GROWTH
    table["notice_days"] = 28
    table["on_invoice"], table["rebate"], table["logistics"] = ON_INVOICE, REBATE, LOGISTICS
    table["contract_fee"] = (0.03 * sold * net).round(-2).astype(int)
    table["compliance"] = 0.9
    table["display_slots"] = np.where(large, 2, 1)
    table["payment_days"] = 30
    table["acceptance_age"] = np.where(large, 0.4, 0.5)
    table["order_days"] = [("Mon|Wed|Fri", "Tue|Thu", "Mon|Thu", "Tue|Fri")[k] for k in late]
    table["window_open"], table["window_close"] = "06:00", [("11:00", "12:00", "14:00", "16:00")[k] for k in late]
    table["grace_minutes"] = 30
    table["travel_minutes"] = [TRIPS[k] for k in late]
    table["penalty_rate"], table["mismatch"], table["fill_target"] = 0.03, 0.005, 0.95
    return table


def readable(text: str) -> str:
    """`ALBANY,NY - PRICE CHOPPER` as `Albany, NY - Price Chopper`."""
    for short, full in LONG.items():
        text = text.replace(short, full)
    words = text.replace(",", ", ").title().replace("'S", "'s")
    for state in ("Ny", "Fl", "Oh"):
        words = words.replace(f", {state}", f", {state.upper()}")
    return words


def base(levels: pd.DataFrame) -> pd.DataFrame:
    """Expected cases of a week at the regular price without display; the source has no dates, so no season."""
    return pd.DataFrame(
        {
            "account": levels["account"],
            "sku": levels["sku"],
            "cases": (levels["mean_units"] / PACKS).round(2),
            "price": (levels["regular_price"] * PACKS).round(2),
        }
    )


def main(folder: Path = HERE / "tables") -> None:
    """Write accounts.csv and base.csv into `folder`."""
    levels = pd.read_csv(MODEL / "levels.csv")
    coefficients = pd.read_csv(MODEL / "coefficients.csv")
    elasticity = coefficients[coefficients["term"] == "elasticity"].set_index("account")["value"][levels["account"]]
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {"accounts": accounts(levels, elasticity), "base": base(levels)}.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
