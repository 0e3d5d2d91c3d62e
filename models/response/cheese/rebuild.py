"""Fit the cheese response model again from its public package: `python models/response/cheese/rebuild.py`.

Needs Debian's `apt-get` and `dpkg-deb`, and `pip install kaopt[data]`. The data set (sliced cheese at 88 US retailers,
Boatwright, McCulloch and Rossi 1999) comes under GPL-2+ with the R package bayesm; nothing of it is copied here,
only what was fitted: `coefficients.csv`, `levels.csv` and `card.yaml`.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadr

from kaopt.response.evidence import About, Evidence, evidence
from kaopt.response.folder import write_model
from kaopt.response.held_out import hold_out
from kaopt.response.packages import debian

HERE = Path(__file__).resolve().parent
PACKAGE, FILE = "r-cran-bayesm", "cheese.rda"
SKU = "sliced-cheese-12oz"
HELD_OUT = 8  # weeks at the end of each account


def read(rda: Path) -> pd.DataFrame:
    """The data set as sales rows: account, sku, week, units, price, display; `retailer` keeps the source's name.

    The source has no week column. Its rows are blocks, one per week, each listing the retailers in one fixed order, so
    a new week begins where a retailer comes up again. Checked: 68 blocks, and every retailer without a missing week.
    """
    raw = pyreadr.read_r(str(rda))["cheese"]
    retailer = raw["RETAILER"].astype(str).to_list()
    weeks: list[int] = []
    week, listed = 1, set[str]()
    for name in retailer:
        if name in listed:
            week, listed = week + 1, set()
        listed.add(name)
        weeks.append(week)
    sales = pd.DataFrame({"account": [clean(r) for r in retailer], "sku": SKU, "week": weeks, "retailer": retailer})
    sales["units"], sales["price"], sales["display"] = (raw[c].to_numpy(float) for c in ("VOLUME", "PRICE", "DISP"))
    span = sales.groupby("account")["week"].agg(["min", "max", "count"])
    assert (span["max"] - span["min"] + 1 == span["count"]).all(), "the rows are not blocks of weeks"
    return sales


def clean(retailer: str) -> str:
    """A text id of the retailer: lower case, words joined by dashes."""
    words = "".join(letter if letter.isalnum() else " " for letter in retailer.lower().replace("'", "")).split()
    return "-".join(words)


def pooled_regression(sales: pd.DataFrame) -> dict[str, float]:
    """Ln units on price and display without account effects, as in the vignette of bayesm: 9.19, -.393, .54."""
    x = np.column_stack([np.ones(len(sales)), sales["price"], sales["display"]])
    found = np.linalg.lstsq(x, np.log(sales["units"].to_numpy()), rcond=None)[0]
    return dict(zip(("level", "price", "display"), found.tolist(), strict=True))


def rebuilt(sales: pd.DataFrame, version: str) -> Evidence:
    """The model with its card."""
    about = About(
        name="cheese",
        what="Weekly unit sales of sliced cheese (12 oz packs) at 88 US key accounts: price and display",
        source={
            "package": f"Debian {PACKAGE} {version} (R package bayesm), file cheese.rda",
            "citation": "Boatwright, McCulloch and Rossi (1999), Account-level modeling for trade promotion, "
            "JASA 94, 1063-1073",
        },
        licence="The data set comes under GPL-2+; only fitted values are here, no observation is copied",
        date=date.today().isoformat(),
        rebuild="python models/response/cheese/rebuild.py",
        definitions={
            "display": "share of ACV on display",
            "week": "not in the source: rows are week blocks in one fixed retailer order; "
            "no calendar dates, so no season",
        },
    )
    short = hold_out(sales, weeks=HELD_OUT, history_weeks=8)
    checks = {
        "wmape_with_8_weeks_of_history": short.wmape,
        "pooled_regression_without_accounts": pooled_regression(sales),
    }
    return evidence(sales.drop(columns="retailer"), about, weeks=HELD_OUT, checks=checks)


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
    names = sales.groupby("account")["retailer"].first().rename("retailer")
    levels = pd.read_csv(out / "levels.csv").join(names, on="account")
    levels.insert(2, "retailer", levels.pop("retailer"))
    levels.to_csv(out / "levels.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
