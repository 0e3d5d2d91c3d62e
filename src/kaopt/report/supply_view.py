"""What plants, warehouses, docks and the aged-stock ladder did, with intervals: a table file and rows of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from kaopt.fulfilment.sites import plant_ids, warehouse_ids
from kaopt.report import numbers
from kaopt.report.result import RunResult
from kaopt.report.text import amount, word
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.service import Service
from kaopt.statistics.interval import critical

FREE = "donate"  # what is given away; markdown and transfer bring money


@dataclass(frozen=True, eq=False)
class Figures:
    """One figure of several plants, warehouses, SKUs or steps, in the whole horizon."""

    scope: str  # plant, warehouse, resource, trucks, sku, aged_stock
    names: tuple[str, ...]  # [n]
    figure: str
    unit: str
    values: Floats  # [R, n]

    def bounds(self, confidence: float) -> tuple[Floats, Floats, Floats]:
        """[n] mean and the ends of its interval; no ends from one replication."""
        mean, size = self.values.mean(axis=0), len(self.values)
        if size < 2:
            return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
        half = critical(size - 1, confidence) * self.values.std(axis=0, ddof=1) / size**0.5
        return mean, mean - half, mean + half


def figures(world: Scenario, service: Service) -> Iterator[Figures]:
    """Everything that was counted by place, SKU and step."""
    yield from of_plants(world, service)
    resources = tuple(service.use)
    if resources:
        used = np.stack([service.use[name] for name in resources], axis=1)
        yield Figures("resource", resources, "used", "share of 1", used)
    yield from of_trucks(service)
    yield from of_stock(world, service)


def of_trucks(service: Service) -> Iterator[Figures]:
    """How long trucks wait for our loading docks and for the customers': minutes a truck, and how many wait long."""
    if service.waits is None:
        return
    found = service.waits.sum(axis=1)
    for n, where in enumerate(("loading", "customer")):
        trucks, minutes, long = found[:, 3 * n : 3 * n + 3].T
        if trucks.any():
            each = np.maximum(trucks, 1)
            yield Figures("trucks", ("",), f"{where}_wait", "minute", (minutes / each)[:, None])
            yield Figures("trucks", ("",), f"{where}_long", "share of 1", (long / each)[:, None])


def of_plants(world: Scenario, service: Service) -> Iterator[Figures]:
    """By plant; and what waited at plants because a warehouse had no room."""
    if (found := service.plants) is None:
        return
    limited, ids = np.isfinite(found.capacity), plant_ids(world)
    yield Figures("plant", ids, "made", "case", found.made)
    yield Figures("plant", ids, "lots", "lot", found.lots)
    yield Figures("plant", ids, "broken", "day", found.broken)
    if limited.any():
        some = tuple(name for name, has in zip(ids, limited, strict=True) if has)
        capacity = np.tile(found.capacity[limited], (len(found.made), 1))
        yield Figures("plant", some, "capacity", "case", capacity)
        yield Figures("plant", some, "capacity_used", "share of 1", found.used[:, limited])
        yield Figures("plant", some, "cut", "case", found.cut[:, limited])
    yield Figures("warehouse", warehouse_ids(world), "without_room", "pallet-day", found.outside)


def of_stock(world: Scenario, service: Service) -> Iterator[Figures]:
    """By SKU; and what each step of the aged-stock ladder took and brought."""
    skus = world.skus.sku
    yield Figures("sku", skus, "stock", "case", service.stock_cases)
    yield Figures("sku", skus, "stock_age", "day", service.stock_age)
    yield Figures("sku", skus, "written_off", "case", service.write_off_cases)
    if (aged := service.aged) is None or not aged.ways:
        return
    free = np.array([way == FREE for way in aged.ways])
    paid = np.array([way in ("markdown", "transfer") for way in aged.ways])
    yield Figures("sku", skus, "given_away", "case", aged.cases[:, free].sum(axis=1))
    yield Figures("sku", skus, "sold_aged", "case", aged.cases[:, paid].sum(axis=1))
    yield Figures("sku", skus, "aged_proceeds", "money", aged.by_sku)
    steps = tuple(f"{k + 1} {way}" for k, way in enumerate(aged.ways))
    yield Figures("aged_stock", steps, "cases", "case", aged.cases.sum(axis=2))
    yield Figures("aged_stock", steps, "proceeds", "money", aged.proceeds)


def figures_frame(world: Scenario, service: Service) -> pd.DataFrame:
    """One row for each figure of each plant, warehouse, resource, SKU and step: mean and interval."""
    parts = []
    for one in figures(world, service):
        mean, low, high = one.bounds(service.confidence)
        columns = {"scope": one.scope, "name": one.names, "figure": one.figure, "unit": one.unit}
        parts.append(pd.DataFrame(columns | {"mean": mean, "low": low, "high": high}))
    return pd.concat(parts, ignore_index=True)


def busy(result: RunResult) -> tuple[tuple[Markup, Markup], ...]:
    """Rows of the page: plants and their limits, room, waits, steps of the ladder; none that is zero."""
    if result.service is None:
        return ()
    found = []
    for one in figures(result.world, result.service):
        if one.scope in ("plant", "warehouse", "trucks", "aged_stock"):
            mean, low, high = one.bounds(result.service.confidence)
            for n, name in enumerate(one.names):
                if mean[n]:
                    half = (high[n] - low[n]) / 2
                    found.append((label(one, name), said(one.unit, float(mean[n]), float(half))))
    return tuple(found)


def label(one: Figures, name: str) -> Markup:
    """What a figure is called, and whose it is."""
    title = word(f"supply_{one.figure}")
    return Markup("{}: {}").format(escape(name), title) if name else title


def said(unit: str, mean: float, half: float) -> Markup:
    """A figure with half the width of its interval and its unit."""
    if unit == "share of 1":
        text = Markup(numbers.percent(mean, 1))
        return text if not half > 0 else text + Markup(" ± ") + Markup(numbers.percent(half, 1))
    text = amount(mean) if unit == "money" else Markup(f"{mean:,.0f}")
    if half > 0:
        text += Markup(" ± ") + (amount(half) if unit == "money" else Markup(f"{half:,.1f}"))
    return text if unit == "money" else Markup("{} {}").format(text, word(f"unit_{unit}".replace("-", "_")))
