"""Write the tables of this world: `python scenarios/case2_order_penalties/build.py`.

The source tells of customer W: 150 000 yuan of order penalties a year at a fill rate of 65 %. At 3 % of what fails that
is 14.29 million yuan of orders. Everything else is an assumption, chosen so that the story can be told: four customers,
12 fast and 28 slow SKUs, lots of slow SKUs that cover twelve weeks of what all four buy.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "tables"
WEEKS = 52
ORDERS = 13.68e6  # of W a year without promotions, CNY at list price
SLOW_SHARE = 0.255  # of W's value
HOT, SLOW = 12, 28
SIZE = {"W": 1.0, "X": 0.4, "Y": 0.3, "Z": 0.2}  # of W's volume; together 1.9
UPLIFT = 1.5  # a promotion sells two and a half times the base for two weeks


def skus() -> list[dict[str, Any]]:
    """Prices rise evenly: fast SKUs from 36 to 46, slow ones from 48 to 60."""
    fast = [("hot", i, 36 + 10 * i / (HOT - 1)) for i in range(HOT)]
    slow = [("slow", i, 48 + 12 * i / (SLOW - 1)) for i in range(SLOW)]
    return [
        {
            "sku": f"{kind}{i + 1:02d}",
            "name": f"{'Fast' if kind == 'hot' else 'Slow'} drink {i + 1}",
            "name_zh": f"{'畅销' if kind == 'hot' else '小'}品项{i + 1}",
            "category": "drinks",
            "list_price": round(price, 2),
            "unit_cost": round(price * (0.62 if kind == "hot" else 0.5), 2),
            "high_margin": "no" if kind == "hot" else "yes",
            "shelf_life": 270,
            "lot_cases": 200 if kind == "hot" else 0,
            "lot_cover_weeks": 0.1 if kind == "hot" else 12,
            "safety_weeks": -0.06 if kind == "hot" else 0,
            "demand_cv": 0.25 if kind == "hot" else 0.45,
        }
        for kind, i, price in fast + slow
    ]


def base() -> list[dict[str, Any]]:
    """Weekly cases: equal value for every fast SKU, and for every slow one."""
    rows = []
    for account, size in SIZE.items():
        for sku in skus():
            share = (1 - SLOW_SHARE) / HOT if sku["high_margin"] == "no" else SLOW_SHARE / SLOW
            cases = ORDERS / WEEKS * share / sku["list_price"] * size
            rows.append({"account": account, "sku": sku["sku"], "cases": round(cases, 2)})
    return rows


def plan() -> list[dict[str, Any]]:
    """Twelve promotions a year for each customer, one a month, each on another fast SKU."""
    return [
        {"account": account, "sku": f"hot{(month + 3 * turn) % HOT + 1:02d}", "week": 2 + turn + 4 * month, "weeks": 2}
        | {"treatment": "cut20", "reason": "as every year"}
        for turn, account in enumerate(SIZE)
        for month in range(12)
    ]


def write(name: str, rows: list[dict[str, Any]]) -> None:
    """One table."""
    with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    write("skus", skus())
    write("base", base())
    write("plan", plan())
