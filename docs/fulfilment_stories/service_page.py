"""The page of the fulfilment stories: a text with places for figures, shown as the other stories show them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from page import minus, pct, thousand

import kaopt as ka

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE.parents[1] / "scenarios"
LEVERS = {
    "gate": "gate: only what W still accepts is sent, the right lot",
    "small_lots": "slow SKUs in smaller lots, production counts only fit stock",
    "trained_drivers": "drivers who know W's procedure",
    "early_notice": "promotions agreed 50 days ahead instead of 10",
    "safety_stock": "fast SKUs no longer planned short",
    "clean_paper": "prices and papers checked before the truck leaves",
    "acceptance_40": "W accepts goods of up to 40 % of their life (terms, not operations)",
}

Figures = dict[str, Any]


def page(figures: Figures) -> str:
    """The whole page."""
    text = (HERE / "service_page.md.j2").read_text(encoding="utf-8")
    shown = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    return shown.from_string(text).render(f=figures, levers=LEVERS, **facts(), **WAYS)


def facts() -> Figures:
    """What the text says of the world itself."""
    world = ka.load(SCENARIOS / "case2_order_penalties")
    cliff = ka.load(SCENARIOS / "acceptance_age", variant="near_the_cliff")
    w, slow = world.accounts.account.index("W"), world.skus.sku.index("slow01")
    return {
        "life": int(world.skus.shelf_life[slow]),
        "limit": int(world.accounts.acceptance_age[w] * world.skus.shelf_life[slow] + 1e-9),
        "lot_days": round(7 * float(world.skus.lot_cover_weeks[slow])),
        "cliff_days": f"{7 * float(cliff.skus.lot_cover_weeks[slow]):g}",
        "years": world.supply.replications.min,
    }


def sure(one: Figures, digits: int = 1) -> str:
    """A share with its interval: 64.9 ± 0.5 %."""
    if one["low"] == one["high"] == 0:
        return "0 %"
    return f"{100 * one['mean']:.{digits}f} ± {100 * half(one):.{digits}f} %"


def points(one: Figures, digits: int = 1) -> str:
    """A difference of shares with its interval, in points."""
    if one["low"] == one["high"] == 0:
        return "0"
    return minus(f"{100 * one['mean']:+.{digits}f} ± {100 * half(one):.{digits}f}")


def money(one: Figures, sign: str = "") -> str:
    """Thousands with their interval."""
    if one["low"] == one["high"] == 0:
        return "0"
    return minus(f"{one['mean'] / 1e3:{sign},.1f} ± {half(one) / 1e3:.1f}")


def days(one: Figures) -> str:
    """A mean age."""
    return f"{one['mean']:.1f}"


def half(one: Figures) -> float:
    """Half the width of an interval."""
    return float(one["high"] - one["low"]) / 2


def a_day(ages: Figures) -> tuple[float, float]:
    """Points of fill and money of penalties that a day brought on average, from the first age to the last."""
    rows = sorted(((int(day), one) for day, one in ages.items()), key=lambda row: row[0])
    (first, low), (last, high) = rows[0], rows[-1]
    gain, saved = high["fill"]["mean"] - low["fill"]["mean"], low["penalties"]["mean"] - high["penalties"]["mean"]
    return 100 * gain / (last - first), saved / (last - first)


WAYS: Figures = {
    "pct": pct,
    "thousand": thousand,
    "sure": sure,
    "points": points,
    "money": money,
    "days": days,
    "bare": lambda one: sure(one).removesuffix(" %"),
    "a_day": a_day,
    "num": lambda value: f"{value:,.0f}",
    "one": lambda value: minus(f"{value:.1f}"),
    "two": lambda value: minus(f"{value:.2f}"),
    "listed_shares": lambda shares: ", ".join(
        f"{name} {pct(share)}" for name, share in sorted(shares.items(), key=lambda one: -one[1])
    ),
}
