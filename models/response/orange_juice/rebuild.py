"""Fit the orange juice response model again from its public package: `python models/response/orange_juice/rebuild.py`.

Needs Debian's `apt-get` and `dpkg-deb`, and `pip install kaopt[data]`. The data set (refrigerated orange juice at 83
stores of Dominick's Finer Foods, Montgomery 1997) comes under GPL-2+ with the R package bayesm; nothing of it is copied
here, only what was fitted, and in `costs.csv` four means of every SKU.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import rdata

from kaopt.response.evidence import About, Evidence, evidence
from kaopt.response.folder import write_model
from kaopt.response.held_out import hold_out
from kaopt.response.history import regular_price
from kaopt.response.learn import KEYS
from kaopt.response.packages import debian

HERE = Path(__file__).resolve().parent
PACKAGE, FILE = "r-cran-bayesm", "orangeJuice.rda"
HELD_OUT, SHORT = 22, 26  # weeks
SKUS = (  # brand 1 … 11 of the source, with ounces
    "tropicana-premium-64",
    "tropicana-premium-96",
    "floridas-natural-64",
    "tropicana-64",
    "minute-maid-64",
    "minute-maid-96",
    "citrus-hill-64",
    "tree-fresh-64",
    "florida-gold-64",
    "dominicks-64",
    "dominicks-128",
)


def read(rda: Path) -> pd.DataFrame:
    """The data set as sales rows: account (store), sku, week, units (64 oz), price and cost (USD per 64 oz), feature.

    `other_deal`: the source's in-store coupon. The source has ounces in logarithms and prices per ounce; `profit` is
    the retailer's margin in percent of the price, so that what the store pays is known.
    """
    raw = rdata.read_rda(rda)["orangeJuice"]["yx"]
    brand = raw["brand"].to_numpy(int) - 1
    price = raw[[f"price{k}" for k in range(1, len(SKUS) + 1)]].to_numpy(float)[np.arange(len(raw)), brand] * 64
    sales = pd.DataFrame(
        {
            "account": [f"store-{store:03}" for store in raw["store"].astype(int)],
            "sku": np.array(SKUS)[brand],
            "week": raw["week"].to_numpy(int),
            "units": np.exp(raw["logmove"].to_numpy(float)) / 64,
            "price": price,
            "cost": price * (1 - raw["profit"].to_numpy(float) / 100),
            "feature": raw["feat"].to_numpy(float),
            "other_deal": raw["deal"].to_numpy(float),
        }
    )
    return sales.sort_values(["account", "sku", "week"], ignore_index=True)


def costs(sales: pd.DataFrame) -> pd.DataFrame:
    """Means of each SKU over all stores and weeks, dollars per 64 oz.

    `regular_cost`: what the store pays in weeks with neither feature nor coupon; `mean_cost`: in all weeks; `featured`:
    share of weeks in the leaflet; `featured_price`: the price in those weeks over the regular price.
    """
    regular = sales.join(regular_price(sales).rename("regular"), on=KEYS)["regular"]
    featured = sales["feature"] > 0
    plain = ~featured & (sales["other_deal"] == 0)
    ratio = (sales["price"] / regular).where(featured)
    columns = {
        "regular_cost": sales["cost"].where(plain),
        "mean_cost": sales["cost"],
        "featured": sales["feature"],
        "featured_price": ratio,
    }
    return pd.DataFrame(columns).groupby(sales["sku"]).mean().round(4)


def rebuilt(sales: pd.DataFrame, version: str) -> Evidence:
    """The model with its card."""
    about = About(
        name="orange_juice",
        what="Weekly sales of 11 refrigerated orange juices at 83 stores: price, feature, neighbours on the shelf",
        source={
            "package": f"Debian {PACKAGE} {version} (R package bayesm), file {FILE}",
            "citation": "Montgomery (1997), Creating micro-marketing pricing strategies using supermarket scanner "
            "data, Marketing Science 16(4), 315-337",
        },
        licence="The data set comes under GPL-2+; only fitted values are here, no observation is copied",
        date=date.today().isoformat(),
        rebuild="python models/response/orange_juice/rebuild.py",
        definitions={
            "units": "64 oz",
            "week": "the source's weeks 40 to 160, a few of them missing",
            "other_deal": "an in-store coupon or price special",
        },
    )
    short = hold_out(sales, weeks=HELD_OUT, history_weeks=SHORT)
    return evidence(sales, about, weeks=HELD_OUT, checks={f"wmape_with_{SHORT}_weeks_of_history": short.wmape})


def main() -> None:
    """Fetch, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        rda, version = debian(PACKAGE, FILE, Path(folder))
        sales = read(rda)
    found = rebuilt(sales, version)
    write_model(out, found.model, found.card)
    costs(sales).to_csv(out / "costs.csv", lineterminator="\n")


if __name__ == "__main__":
    main()
