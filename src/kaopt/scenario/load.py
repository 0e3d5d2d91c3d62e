"""Files in, Scenario out: the one door through which a world comes in, with every fault of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.runs import plain
from kaopt.scenario.budget import budget_lines
from kaopt.scenario.cells import frozen, to_table
from kaopt.scenario.columns import Ints
from kaopt.scenario.cross import check_tables, events, room_of
from kaopt.scenario.fill import base_arrays, eligible_array, response_arrays
from kaopt.scenario.ledger_settings import Calibrate
from kaopt.scenario.lock_rows import locks_of
from kaopt.scenario.model import WEEKS_PER_QUARTER, Scenario
from kaopt.scenario.network import NETWORK, Network
from kaopt.scenario.overlays import FILE, RECIPE, Asked, Chain, provenance, read_chain, settle, variants_of
from kaopt.scenario.promise_rows import capacity_of, clauses_of, given_of
from kaopt.scenario.sections import missing, validate
from kaopt.scenario.settings import Budget, Objective, RuleSettings, Solve, Supply, Targets, Words
from kaopt.scenario.shelf import Shelf, read_shelf
from kaopt.scenario.sources import Origin, Reading, in_table, unknown
from kaopt.scenario.tables import Accounts, Skus, Treatments
from kaopt.scenario.term_rows import fees_of, rebates_of
from kaopt.scenario.yaml_file import Node

Rules = Mapping[str, type[RuleSettings]]


def load(
    scenario: str | Path,
    *,
    rule_settings: Rules,
    variant: str | None = None,
    overrides: Sequence[str] = (),
    model: str | None = None,
) -> Scenario:
    """Read a scenario folder (or its scenario.yaml) into an immutable Scenario.

    `rule_settings`: the settings class of every rule by name. `variant` names a set of overrides in the file,
    `overrides` are `path=value` texts that win over everything, `model` names a recipe of models/allocation.
    Raises InputError with every fault of every file.
    """
    reading = Reading(folder_of(scenario))
    chain = read_chain(reading.folder, reading)
    settings = settle(chain, Asked(variant, tuple(overrides), model), reading)
    values = validate(settings, rule_settings, reading.faults)
    if chain.readable:
        missing(settings, reading.faults)
    _check_variants(chain, rule_settings, reading)
    shelf = read_shelf(chain, settings, values, reading)
    reading.faults.extend(_between(values, settings, shelf))
    return _assemble(values, settings, shelf, reading)


def folder_of(scenario: str | Path) -> Path:
    """The scenario's folder, from the folder or from its scenario.yaml."""
    path = Path(scenario).expanduser()
    folder = path.parent if path.name == FILE else path
    if (folder / FILE).is_file():
        return folder.resolve()
    expected = f"must be a folder with a {FILE}"
    remedy = "Make one with `kaopt new DIR`, or check the name" if not folder.exists() else f"Add {FILE}"
    raise InputError([Origin(str(scenario)).fault(None, str(folder), expected, remedy)])


def _check_variants(chain: Chain, rule_settings: Rules, reading: Reading) -> None:
    """A variant that nobody asked for today must be right too; a fault of the whole is told once."""
    for name in variants_of(chain):
        aside = Reading(reading.folder, reading.faults)  # files that only a variant reads are no inputs of this world
        validate(settle(chain, Asked(variant=name), aside), rule_settings, reading.faults)


def _between(values: Mapping[str, Any], settings: Node, shelf: Shelf) -> list[Fault]:
    """Faults that only show when tables and settings meet."""
    faults = list(check_tables(shelf))
    horizon = values.get("horizon")
    if horizon is not None and horizon.planned_on is not None and horizon.planned_on > horizon.start:
        place = settings.at(("horizon", "planned_on")).origin
        expected = f"must not be after the start of the horizon ({horizon.start})"
        faults.append(place.fault("horizon.planned_on", str(horizon.planned_on), expected))
    faults += strange_weights(values.get("objective"), settings, shelf)
    if "plan" in shelf.tables:
        list(events(shelf.tables["plan"], room_of(shelf), faults))
    return faults


def strange_weights(objective: Objective | None, settings: Node, shelf: Shelf) -> list[Fault]:
    """Weights of accounts, brands or segments that the tables do not have."""
    tables = {"account": "accounts", "segment": "accounts", "brand": "skus"}
    found = []
    if objective is None:
        return []
    for kind, table in tables.items():
        for name in getattr(objective.weights, kind) if shelf.sound(table) else ():
            known = dict.fromkeys(str(one) for one in shelf.tables[table].values[kind] if one)
            if name not in known:
                path = ("objective", "weights", kind, name)
                found.append(unknown(settings.at(path).origin, ".".join(path), name, known))
    return found


def _assemble(values: Mapping[str, Any], settings: Node, shelf: Shelf, reading: Reading) -> Scenario:
    """The Scenario with its arrays; stops where anything was wrong."""
    terms = _terms(values, settings, shelf, reading.faults)
    if not any(in_table(one) for one in reading.faults) and "horizon" in values:
        base = base_arrays(shelf)
        response = response_arrays(shelf, base.listed, reading.faults)
    reading.stop_on_faults()
    return Scenario(
        name=values.get("name", Words(en=reading.folder.name, zh=reading.folder.name)),
        folder=reading.folder,
        model=values.get("model", RECIPE),
        start=values["horizon"].start,
        weeks=values["horizon"].weeks,
        planned_on=values["horizon"].planned_on,
        currency=values.get("currency", "CNY"),
        accounts=agreeing(to_table(Accounts, shelf.tables["accounts"].values), values["horizon"].notice),
        skus=to_table(Skus, shelf.tables["skus"].values),
        treatments=to_table(Treatments, shelf.tables["mechanics"].values),
        listed=base.listed,
        base_cases=base.cases,
        base_price=base.price,
        response=response,
        eligible=eligible_array(shelf, base.listed),
        network=_network(shelf),
        **terms,
        **_settings(values),
        plan_file=shelf.plan_file,
        provenance=MappingProxyType(provenance(settings)),
        inputs=MappingProxyType(dict(sorted(reading.hashes.items()))),
        resolved=MappingProxyType(resolved(values)),
    )


def _terms(values: Mapping[str, Any], settings: Node, shelf: Shelf, faults: list[Fault]) -> dict[str, Any]:
    """What is settled, promised, limited and owed."""
    terms: dict[str, Any] = {"locks": locks_of(shelf, faults)}
    if "horizon" in values and shelf.sound("accounts", "mechanics"):
        quarter = _quarter(values["horizon"].weeks)
        lines, wrong = budget_lines(values.get("budget", Budget()), settings, shelf, quarter)
        faults.extend(wrong)
        terms |= {"budget": tuple(lines), "fees": fees_of(shelf, quarter, faults), "capacity": capacity_of(shelf)}
    return terms | {
        "rebates": rebates_of(shelf, faults),
        "agreements": clauses_of(shelf, faults),
        "given": given_of(shelf),
    }


def _network(shelf: Shelf) -> Network:
    """The tables of the supply side that there are; an empty sheet says nothing."""
    named = [name for name in NETWORK if len(shelf.tables.get(name, ()))]
    return Network(**{name: to_table(NETWORK[name], shelf.tables[name].values) for name in named})


def agreeing(accounts: Accounts, days: int) -> Accounts:
    """The accounts when plans are shared with them so many days ahead: none agrees later, some may agree earlier."""
    return replace(accounts, notice_days=frozen(np.maximum(accounts.notice_days, days)))


def _quarter(weeks: int) -> Ints:
    """[W] the quarter of each week, from 0; as in `Scenario.quarter`."""
    last = max(weeks // WEEKS_PER_QUARTER - 1, 0)
    return np.minimum(np.arange(weeks) // WEEKS_PER_QUARTER, last).astype(np.int64)


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sections that go into the Scenario as they are."""
    return {
        "objective": values.get("objective", Objective()),
        "rules": MappingProxyType(values.get("rules", {})),
        "supply": values.get("supply", Supply()),
        "solve": values.get("solve", Solve()),
        "rolling": values.get("rolling"),
        "risk": values.get("risk"),
        "targets": values.get("targets", Targets()),
        "calibrate": values.get("calibrate", Calibrate()),
        "assumptions": values.get("assumptions", ()),
    }


def resolved(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that hold as plain data: numbers in units of the dictionary, infinite limits as null."""

    def data(value: Any) -> Any:
        if isinstance(value, tuple):
            return [data(one) for one in value]
        if isinstance(value, dict):
            return {key: data(one) for key, one in value.items()}
        return value.model_dump() if hasattr(value, "model_dump") else value

    whole = {"budget": Budget()} | _settings(values) | dict(values)
    whole.pop("variants", None)
    whole["rules"] = dict(whole["rules"])
    content: dict[str, Any] = plain({key: data(one) for key, one in whole.items()})
    return content
