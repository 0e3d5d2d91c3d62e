"""A run that was made before: its world, read again from the files that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaopt import api, runs
from kaopt.errors import Fault, InputError
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.allocation.rules.rule import Rule


def world_of(run: runs.Run, rules: tuple[Rule, ...] | None = None) -> Scenario:
    """The world of a run, read again from its files; a fault where these are not what they were."""
    source = run.manifest.get("source") or {}
    folder = Path(str(source.get("folder", "")))
    if not source or not folder.is_dir():
        raise changed(run.folder, str(folder), "must be the folder that the run was made from", "Put it back there.")
    said = tuple(source["overrides"])
    world = api.load(folder, variant=source["variant"], overrides=said, model=source["model"], rules=rules)
    refuse_changes(run.folder, run.manifest["inputs"], world.inputs)
    return world


def refuse_changes(folder: Path, before: Mapping[str, Any], now: Mapping[str, str]) -> None:
    """The inputs must be those of the run, file by file."""
    names = sorted({*before, *now})
    differ = [name for name in names if name in now and before.get(name) != now[name]]
    missing = [name for name in names if name not in now]
    if differ or missing:
        what = ", ".join([*differ, *(f"{name} (not read any more)" for name in missing)])
        raise changed(folder, what, "must be as it was when the run was made", "Run the scenario again.")


def changed(folder: Path, found: str, expected: str, remedy: str) -> InputError:
    """The scenario of a run is no longer what it was."""
    return InputError([Fault(str(folder), None, "scenario", found, expected, remedy)])
