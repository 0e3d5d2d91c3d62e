"""Policy packages of stock: each file can be read, and moves a small year where it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kaopt.fulfilment.replicate import outcome
from kaopt.fulfilment.simulate import service_of
from kaopt.fulfilment.world import live_through
from kaopt.scenario.settings import Supply
from kaopt.service import FINE_CAUSES, Service
from tests.fulfilment.helpers import CALM, calm, ready

MODELS = Path(__file__).parents[2] / "models" / "fulfilment"
NAMES = sorted(file.stem for file in MODELS.glob("*.yaml"))


def says(name: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(MODELS / f"{name}.yaml")
    return found


@cache
def service(name: str) -> Service:
    """Two years of scarce goods, noisy demand, a strict account with penalties and a lenient one without."""
    sku = {"shelf_life": 60, "demand_cv": 0.4, "safety_weeks": -0.3}
    columns = {"acceptance_age": [1 / 3, 0.8], "penalty_rate": [0.2, 0.0]}
    world = calm(2, 2, 26, account_columns=columns, sku_columns=sku, supply={**CALM, "warmup_weeks": 12, **says(name)})
    inputs = ready(world)
    return service_of(inputs, [outcome(live_through(inputs, one)) for one in range(2)])


def fill(name: str, a: int) -> float:
    one = service(name)
    return float(one.accepted_value[:, a].sum() / one.ordered_value[:, a].sum())


def lost(name: str, a: int, cause: str) -> float:
    return float(service(name).lost_value[:, a, :, FINE_CAUSES.index(cause)].sum())


@pytest.mark.parametrize("name", NAMES)
def test_every_package_is_a_sentence_and_then_settings(name: str) -> None:
    text = (MODELS / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# ") and len(text.split("\n")[0]) > 40
    Supply(**says(name))


def test_tiers_serve_the_strict_account_better_than_the_gate_alone() -> None:
    assert fill("tiered_freshness", 0) > fill("gated_fefo", 0)
    assert lost("tiered_freshness", 1, "reserved") > 0 == lost("gated_fefo", 1, "reserved")
    assert lost("protected_tiers", 1, "reserved") > 0 == lost("protected_tiers", 0, "reserved")
    assert fill("protected_tiers", 0) > fill("gated_fefo", 0) < fill("freshest_to_key_accounts", 0)


def test_a_ladder_loses_less_on_stock() -> None:
    assert service("aged_ladder").write_off_value.sum() < service("gated_fefo").write_off_value.sum()


def test_last_in_first_out_is_scrapped_more() -> None:
    assert service("lifo").write_off_cases.sum() > service("fifo").write_off_cases.sum()
