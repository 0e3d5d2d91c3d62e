"""What a rule uses of its limits in a plan, row by row, and how often it binds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaopt.allocation.explain.explanation import Explanation
from kaopt.allocation.rows import Rows
from kaopt.scenario.columns import Bools, Floats

# of the row's own scale: a plan of whole events uses up a row that counts, but rarely a budget to the last yuan
TOLERANCE = 0.005
PRICES = ("price", "price_money", "price_down", "price_up")


@dataclass(frozen=True)
class Binding:
    """One rule in one plan: its rows, and how many of them are used up to a limit (or beyond, where soft)."""

    rule: str
    unit: str
    rows: int
    binding: int

    @property
    def share(self) -> float:
        """Rows that bind over all rows of the rule."""
        return self.binding / self.rows if self.rows else 0.0


def used_of(rows: Rows, chosen: Floats) -> Floats:
    """[M] what the plan uses of each row, constants included; NaN for rows of switches where these are not known.

    `chosen`: [O] 1 for chosen offers, or [O + Z] with the switches behind them.
    """
    known = len(chosen)
    used: Floats = rows.used_without + rows.matrix[:, :known] @ chosen
    if known < rows.matrix.shape[1]:
        used[np.diff(rows.matrix[:, known:].indptr) > 0] = np.nan
    return used


def binds(rows: Rows, chosen: Floats) -> Bools:
    """[M] True where a finite limit is reached within half a percent of what moves in the row, or overstepped."""
    used, moved = used_of(rows, chosen), abs(rows.matrix[:, : len(chosen)]) @ chosen
    low, high = rows.low + rows.used_without, rows.high + rows.used_without
    scale = np.maximum.reduce([np.abs(used), moved, finite(low), finite(high), np.full(len(used), 1e-12)])
    reached: Bools = (used >= high - TOLERANCE * scale) | (used <= low + TOLERANCE * scale)
    return reached


def finite(limits: Floats) -> Floats:
    """Sizes of the limits, 0 where there is none."""
    return np.where(np.isfinite(limits), np.abs(limits), 0.0)


def bindings(rules: tuple[Rows, ...], chosen: Floats) -> tuple[Binding, ...]:
    """How often each rule binds, rules in their order; blocks of one rule are counted together."""
    found: dict[str, Binding] = {}
    for rows in rules:
        before = found.get(rows.rule, Binding(rows.rule, rows.unit, 0, 0))
        count = int(binds(rows, chosen).sum())
        found[rows.rule] = Binding(rows.rule, before.unit, before.rows + len(rows), before.binding + count)
    return tuple(found.values())


def constraints_frame(
    rules: tuple[Rows, ...], chosen: Floats, explanation: Explanation | None = None
) -> pd.DataFrame:
    """Every row of every rule: used, limit, slack, and where they are known its prices per natural unit.

    A row with two limits stands twice. `price`: objective units for one unit more of the limit (0 or below for a
    minimum); `price_money`: the same in money; `price_down`, `price_up`: what a unit of the last and of the next
    five percent of the limit is worth, by solving the relaxation again, for the limits that cost most.
    """
    parts = []
    for n, rows in enumerate(rules):
        price = None if explanation is None else explanation.prices.blocks[n]
        parts += [side_of(rows, chosen, side, price) for side in ("min", "max")]
    columns = ["rule", "scope", "side", "used", "limit", "slack", "unit", "soft", *PRICES]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=columns)
    frame = pd.concat(filled, ignore_index=True).reindex(columns=columns)
    return frame if explanation is None else priced(frame, explanation)


def priced(frame: pd.DataFrame, explanation: Explanation) -> pd.DataFrame:
    """The frame with prices in money, and those that were tested by re-solves."""
    told = frame.assign(price_money=frame["price"] * explanation.prices.money)
    for step in explanation.steps:
        rows = explanation.prices.problem.rows[step.block]
        row = (told["rule"] == rows.rule) & (told["scope"] == rows.scopes[step.row]) & (told["side"] == step.side)
        row &= told["limit"] == step.limit
        told.loc[row, "price_down"], told.loc[row, "price_up"] = step.down, step.up
    return told


def side_of(rows: Rows, chosen: Floats, side: str, price: Floats | None = None) -> pd.DataFrame:
    """The lower or the upper limits of one rule; negative slack is a violation. A price belongs to one side only."""
    used = used_of(rows, chosen)
    limit = (rows.low if side == "min" else rows.high) + rows.used_without
    slack = used - limit if side == "min" else limit - used
    kept = np.isfinite(limit)
    mine = np.full(len(used), np.nan) if price is None else np.where((price < 0) == (side == "min"), price, 0.0)
    return pd.DataFrame(
        {
            "rule": rows.rule,
            "scope": [scope for scope, keep in zip(rows.scopes, kept, strict=True) if keep],
            "side": side,
            "used": used[kept],
            "limit": limit[kept],
            "slack": slack[kept],
            "unit": [rows.unit_at(int(i)) for i in np.flatnonzero(kept)],
            "soft": ~np.isnan(rows.regret[kept]),
            "price": mine[kept],
        }
    )
