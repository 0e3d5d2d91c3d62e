"""Who buys, what is sold and how promotions work: the tables before anything is agreed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.generator.sizes import Size

LENGTHS = (1, 2)
SEASONS = 6  # profiles: a year's wave with its peak in another month, and New Year


def tables(size: Size, luck: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Accounts, SKUs, mechanics, response, base and seasons, with every number rounded as a person would write it."""
    accounts, skus = draw_accounts(size, luck), draw_skus(size, luck)
    return {
        "accounts": accounts.drop(columns="volume"),
        "skus": skus.drop(columns="volume"),
        "mechanics": mechanics(),
        "seasons": seasons(size.weeks, luck),
        "base": base(accounts, skus, luck),
        "response": response(accounts, skus, luck),
    }


def draw_accounts(size: Size, luck: np.random.Generator) -> pd.DataFrame:
    """Accounts of unequal size; `volume` is relative."""
    n = size.accounts
    return pd.DataFrame(
        {
            "account": [f"A{i + 1:03d}" for i in range(n)],
            "customer_growth": luck.uniform(0, 0.05, n).round(3),
            "on_invoice": luck.uniform(0.02, 0.06, n).round(3),
            "rebate": luck.uniform(0.0, 0.03, n).round(3),
            "logistics": luck.uniform(0.5, 1.5, n).round(2),
            "display_slots": size.slots,
            "volume": luck.lognormal(0, 0.45, n),
        }
    )


def draw_skus(size: Size, luck: np.random.Generator) -> pd.DataFrame:
    """SKUs of unequal size and margin."""
    n = size.skus
    price = luck.uniform(18, 60, n).round(1)
    cost = (price * luck.uniform(0.38, 0.58, n)).round(2)
    margin = 1 - cost / price
    return pd.DataFrame(
        {
            "sku": [f"S{i + 1:03d}" for i in range(n)],
            "list_price": price,
            "unit_cost": cost,
            "high_margin": np.where(margin > np.quantile(margin, 0.6), "yes", "no"),
            "volume": luck.lognormal(0, 0.6, n),
        }
    )


def mechanics() -> pd.DataFrame:
    """Two price depths, display, feature, display with price; each for one or two weeks."""
    return pd.DataFrame(
        {
            "treatment": ["cut10", "cut20", "display", "feature", "display_cut10"],
            "family": ["price", "price", "display", "feature", "display"],
            "depth": [0.1, 0.2, 0.0, 0.0, 0.1],
            "pass_through": [1.1, 1.1, 1.0, 1.0, 1.1],
            "display": [0, 0, 1, 0, 1],
            "feature": [0, 0, 0, 1, 0],
            "lengths": "|".join(str(one) for one in LENGTHS),
            "fixed_cost": [30, 30, 60, 50, 80],
            "weekly_cost": [0, 0, 220, 130, 220],
            "slots": [0, 0, 1, 0, 1],
        }
    )


def seasons(weeks: int, luck: np.random.Generator) -> pd.DataFrame:
    """Waves over the year, 1 on average."""
    week = np.arange(weeks)
    rows = []
    for n in range(SEASONS):
        height, noise = luck.uniform(0.1, 0.4), luck.normal(0, 0.04, weeks)
        wave = 1 + height * np.cos(2 * np.pi * (week / weeks - n / SEASONS)) + noise
        index = (wave / wave.mean()).round(4)
        rows += [(f"wave{n + 1}", w + 1, i) for w, i in zip(week.tolist(), index.tolist(), strict=True)]
    return pd.DataFrame(rows, columns=["season", "week", "index"])


def base(accounts: pd.DataFrame, skus: pd.DataFrame, luck: np.random.Generator) -> pd.DataFrame:
    """A weekly mean and a season for every account-SKU; seasons go by SKU."""
    shape = len(accounts), len(skus)
    mean = 70 * np.outer(accounts["volume"], skus["volume"]) * luck.lognormal(0, 0.4, shape)
    season = [f"wave{n + 1}" for n in luck.integers(0, SEASONS, len(skus))]
    return pairs(accounts, skus, cases=np.maximum(mean, 4.0).round(1)).assign(season=season * len(accounts))


def response(accounts: pd.DataFrame, skus: pd.DataFrame, luck: np.random.Generator) -> pd.DataFrame:
    """How each account-SKU responds; dips are no longer than the spacing of three weeks, so that the model is exact."""
    shape = len(accounts), len(skus)
    return pairs(
        accounts,
        skus,
        elasticity=-luck.uniform(2.2, 4.4, shape).round(2),
        display=luck.uniform(0.25, 0.8, shape).round(2),
        feature=luck.uniform(0.15, 0.5, shape).round(2),
        fatigue=luck.uniform(0.05, 0.25, shape).round(2),
        dip=luck.uniform(0.05, 0.3, shape).round(2),
        dip_weeks=luck.integers(1, 4, shape),
    )


def pairs(accounts: pd.DataFrame, skus: pd.DataFrame, **columns: np.ndarray) -> pd.DataFrame:
    """A table by account and SKU from [A, S] arrays."""
    return pd.DataFrame(
        {
            "account": np.repeat(accounts["account"].to_numpy(), len(skus)),
            "sku": np.tile(skus["sku"].to_numpy(), len(accounts)),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
