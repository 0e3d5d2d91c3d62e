"""Delivery records written as text, and records made in memory with known laws behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kaopt.deliveries.records import Records

# A: one order late and short in one line; one order on time and in full. B: a line that never came.
SMALL = """order,account,sku,ordered,delivered,agreed,actual
1,A,x,10,10,2026-03-02,2026-03-02
1,A,y,10,8,2026-03-02,2026-03-04
2,A,x,5,6,2026-03-05,2026-03-04
3,B,x,4,0,2026-03-06,
4,B,y,8,8,2026-03-09,2026-03-10
"""


def write(folder: Path, text: str = SMALL, name: str = "lines.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def made(late: list[float], orders: int, seed: int = 0, *, delay: tuple[float, float] = (0.5, 0.4)) -> Records:
    """One line an order: account a is late with chance late[a], by a lognormal delay; a third of the lines is short."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(len(late)), orders)
    is_late = rng.uniform(size=len(account)) < np.array(late)[account]
    days = np.where(is_late, np.exp(rng.normal(*delay, len(account))), 0.0)
    short = rng.uniform(size=len(account)) < 1 / 3
    delivered = np.where(short, 10 * rng.beta(8, 2, len(account)), 10.0)
    names = tuple(f"A{n:02d}" for n in range(len(late)))
    order = np.arange(len(account))
    agreed = rng.permutation(len(account)) / 10.0
    return Records(names, account, order, np.full(len(account), 10.0), delivered, agreed, days, timed=True)
