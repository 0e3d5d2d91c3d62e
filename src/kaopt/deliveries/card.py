"""A fitted service as a folder: `service.csv` by account, `ledger.yaml` for a calibration, `card.yaml` as evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from kaopt import runs
from kaopt.deliveries.fit import QUANTILES, ServiceFit
from kaopt.deliveries.held_out import Check
from kaopt.deliveries.measure import Measured, tally
from kaopt.deliveries.pooling import Pooled
from kaopt.deliveries.records import Records

ALL = "*"  # an account that nobody has seen
MINUTES = 1440


@dataclass(frozen=True)
class Source:
    """Where a fit comes from."""

    name: str
    file: str
    sha256: str
    date: str
    rebuild: str  # the command


def rows(fit: ServiceFit) -> Iterator[tuple[str, str, float, float, float, float]]:
    """(account, term, value, low, high, evidence); `*` stands for an account that nobody has seen."""
    pooled: dict[str, Pooled] = {}
    if (late := fit.lateness) is not None:
        pooled |= {"late": late.late, "log_delay": late.log_delay}
        yield (ALL, "log_delay_sd", late.log_sd, np.nan, np.nan, float(late.log_delay.count.sum()))
        for q, value in zip(QUANTILES, late.quantiles, strict=True):
            yield (ALL, f"delay_q{q * 100:02.0f}", float(value), np.nan, np.nan, float(late.log_delay.count.sum()))
    if (short := fit.shortness) is not None:
        pooled |= {"short": short.short, "filled": short.filled}
        yield (ALL, "filled_sd", short.filled_sd, np.nan, np.nan, float(short.filled.count.sum()))
        for q, value in zip(QUANTILES, short.quantiles, strict=True):
            yield (ALL, f"filled_q{q * 100:02.0f}", float(value), np.nan, np.nan, float(short.filled.count.sum()))
    for term, one in pooled.items():
        yield (ALL, term, one.common, np.nan, np.nan, float(one.count.sum()))
        for a, account in enumerate(fit.accounts):
            yield (account, term, float(one.value[a]), float(one.low[a]), float(one.high[a]), float(one.count[a]))


def overrides(fit: ServiceFit, *, timed: bool) -> dict[str, str]:
    """Settings of the simulation that follow from the fit: who does not know the customer is late by what was late.

    Only where the moments have a time of day: whole days say nothing about minutes at a dock. There `kaopt calibrate`
    finds the share of unfamiliar drivers from the late loss in `ledger.yaml`.
    """
    late = fit.lateness
    if late is None or not timed or not np.isfinite(late.quantiles).all():
        return {}
    mean = float(np.exp(late.log_delay.common + late.log_sd**2 / 2)) * MINUTES
    return {
        "supply.unfamiliar": f"{late.late.common:.4f}",
        "supply.unfamiliar_minutes": f"{round(mean)}min",
        "supply.unfamiliar_cv": f"{float(np.sqrt(np.expm1(late.log_sd**2))):.4f}",
    }


def ledger(records: Records) -> dict[str, Any]:
    """The records as a section `calibrate.ledger`: losses as shares of the ordered quantity, the first cause counting.

    A late line is lost to lateness whole; of a line on time what is missing is shortage. Quantities stand for values.
    """
    if records.ordered is None or records.delivered is None or records.on_time is None:
        return {}
    size, on_time = len(records.accounts), records.on_time
    ordered = tally(records.account, size, records.ordered)
    late = tally(records.account, size, records.ordered * ~on_time) / ordered
    gap = np.maximum(records.ordered - records.delivered, 0.0) * on_time
    short = tally(records.account, size, gap) / ordered
    books = {
        account: {"losses": {"late": round(float(late[a]), 6), "shortage": round(float(short[a]), 6)}}
        for a, account in enumerate(records.accounts)
    }
    return {"calibrate": {"ledger": books}}


def write_service(
    folder: Path, source: Source, records: Records, fit: ServiceFit, evidence: tuple[Measured, tuple[Check, ...]]
) -> None:
    """Write the model's folder."""
    with runs.disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    columns = ["account", "term", "value", "low", "high", "evidence"]
    said = [*rows(fit), (ALL, "timed", float(records.timed), np.nan, np.nan, float(records.lines))]
    table = pd.DataFrame([(*one[:2], *(_short(x) for x in one[2:])) for one in said], columns=columns)
    runs.write_csv(folder / "service.csv", table)
    if books := ledger(records):
        runs.write_text(folder / "ledger.yaml", _yaml(books))
    runs.write_text(folder / "card.yaml", _yaml(card(source, records, fit, evidence)))


def card(
    source: Source, records: Records, fit: ServiceFit, evidence: tuple[Measured, tuple[Check, ...]]
) -> dict[str, Any]:
    """What a reader must know before believing the fit."""
    seen, held = evidence
    late, short = fit.lateness, fit.shortness
    content: dict[str, Any] = {**asdict(source), "lines": records.lines, "orders": int(records.order.max()) + 1}
    content |= {
        "accounts": len(records.accounts),
        "definitions": dict(DEFINITIONS),
        "measured": seen.as_dict()["service"],
    }
    if late is not None:
        content["lateness"] = {
            "law": late.law,
            "late_orders": late.late.common,
            "between_accounts": late.late.spread,
            "different_delays": late.distinct,
            "orders_that_never_came_whole": late.never,
        }
    if short is not None:
        content["shortness"] = {"short_lines": short.short.common, "between_accounts": short.short.spread}
    content["split"] = "orders agreed for the last fifth of the time are held out and predicted from the others"
    content["held_out"] = [asdict(one) for one in held]
    content["simulation"] = overrides(fit, timed=records.timed)
    return content


DEFINITIONS: Mapping[str, str] = {
    "on_time": "came not later than agreed; early counts as on time; what never came does not",
    "in_full": "at least the ordered quantity came",
    "order": "an order is on time (in full) where all of its lines are",
    "late": "share of orders that are late, shrunk (beta-binomial)",
    "log_delay": "mean of ln(days) by which late orders are late, shrunk (normal); log_delay_sd inside an account",
    "short": "share of lines that come short, shrunk (beta-binomial)",
    "filled": "mean share of the ordered quantity that a short line brings, shrunk (normal)",
    "intervals": "95 %, of the account's own expectation; lines of an order are taken as independent",
}


def _short(value: float) -> float:
    """Six significant digits: more would pretend."""
    return float(f"{value:.6g}") if np.isfinite(value) else np.nan


def _yaml(content: Mapping[str, Any]) -> str:
    yaml, text = YAML(), StringIO()
    yaml.allow_unicode, yaml.width = True, 110
    yaml.dump(_rounded(content), text)
    return text.getvalue()


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
