"""The found knobs as a scenario of their own, which extends the one that was calibrated."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from kaopt import runs
from kaopt.calibration.calibrate import Calibration
from kaopt.calibration.knobs import Dial, value_at
from kaopt.errors import ContradictionError, Fault, InputError
from kaopt.scenario.catalogue import KEYS
from kaopt.scenario.model import Scenario
from kaopt.scenario.overlays import FILE, override, root_of
from kaopt.scenario.sources import Reading

CARD = "card.yaml"


@dataclass(frozen=True, eq=False)
class Overlay:
    """Where the knobs are written, over which scenario, and how that was read.

    A variant's settings and `--set` win over those of files, so the knobs are written where they win.
    """

    folder: Path
    base: Scenario
    dials: tuple[Dial, ...]
    variant: str | None = None
    overrides: tuple[str, ...] = ()


def place_for(world: Scenario, given: Path | None) -> Path:
    """The overlay's folder, beside the scenario where none is given. Raises InputError where it cannot be one."""
    folder = (given or world.folder.with_name(f"{world.folder.name}_calibrated")).expanduser().resolve()
    root = root_of(world.folder).resolve()
    wrong = ""
    if folder == world.folder or not folder.is_relative_to(root):
        wrong = f"must be a folder of its own inside {root}, because it extends {world.folder.name}"
    elif folder.exists() and not (folder / CARD).is_file():
        wrong = "must be a new folder, or one that an earlier calibration has made"
    if wrong:
        raise InputError([Fault("--overlay", None, None, str(folder), wrong, "Name another with --overlay DIR")])
    return folder


def write_overlay(place: Overlay, made: Calibration, card: Mapping[str, Any]) -> None:
    """Write scenario.yaml, the tables' changed cells and the card; the card comes last."""
    folder = place.folder
    with runs.disk(folder):
        (folder / "tables").mkdir(parents=True, exist_ok=True)
    runs.write_text(folder / FILE, _yaml(settings(place, made)))
    for name, frame in tables(made.world, place.dials):
        runs.write_csv(folder / "tables" / f"{name}.csv", frame)
    runs.write_text(folder / CARD, _yaml(card))


def settings(place: Overlay, made: Calibration) -> dict[str, Any]:
    """The content of the overlay's scenario.yaml."""
    found: dict[str, Any] = {}
    for text in place.overrides:
        node = override(text, Reading(place.folder))
        found = found if node is None else merged(found, node.plain())
    for dial, one in zip(place.dials, made.found, strict=True):
        if dial.rows is None:
            value = round(one.value) if dial.whole else one.value
            found = merged(found, nested(dial.path, value))
    base, name = place.base, place.base.name
    words = {"en": f"{name.en or base.folder.name}, calibrated", "zh": f"{name.zh or base.folder.name}（已校准）"}
    content = {"kaopt": 1, "extends": os.path.relpath(base.folder, place.folder), "name": words}
    said = "; ".join(f"{one.knob} = {one.value:g} (± {one.se:.2g})" for one in made.found)
    content["assumptions"] = [f"Found by `kaopt calibrate`, so that the ledger is met: {said}."]
    if place.variant is None:
        return merged(content, found)
    return content | ({"variants": {place.variant: found}} if found else {})


def tables(world: Scenario, dials: Sequence[Dial]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The changed cells of each table, by its key."""
    columns: dict[str, dict[str, Any]] = {}
    for dial in dials:
        if dial.rows is not None:
            marks = columns.setdefault(dial.path[0], {})
            marks[dial.path[1]] = marks.get(dial.path[1], False) | dial.rows
    for name, marks in columns.items():
        table, (key,) = getattr(world, name), KEYS[name]
        frame = pd.DataFrame({key: getattr(table, key)}, dtype=object)
        for column, rows in marks.items():
            frame[column] = [value if mark else None for value, mark in zip(getattr(table, column), rows, strict=True)]
        yield name, frame[np.logical_or.reduce(list(marks.values()))]


def prove(read: Scenario, made: Calibration, dials: Sequence[Dial]) -> None:
    """The overlay, read again, is the world that was found; else nothing is claimed. Raises ContradictionError."""
    for dial in dials:
        if dial.rows is None:
            same = value_at(read, dial) == value_at(made.world, dial)
        else:
            both = [getattr(getattr(world, dial.path[0]), dial.path[1]) for world in (read, made.world)]
            same = np.array_equal(*both)
        if not same:
            raise ContradictionError(f"the overlay does not give back {dial.name}; do not use it")


def nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """`{supply: {unfamiliar: value}}`."""
    return {path[0]: value if len(path) == 1 else nested(path[1:], value)}


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both mappings, key by key; `above` wins."""
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        both[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return both


def _yaml(content: Mapping[str, Any]) -> str:
    yaml, text = YAML(), StringIO()
    yaml.allow_unicode, yaml.width = True, 110
    yaml.dump(runs.plain(content), text)
    return text.getvalue()
