"""From run folders and scorecards to the plans that are compared."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kaopt.comparison.differences import Event
from kaopt.comparison.nouns import Side
from kaopt.errors import Fault, InputError
from kaopt.runs import Run, open_run
from kaopt.scorecard import Scorecard

Given = Scorecard | Run | str | Path


def sides_of(given: Sequence[Given] | Mapping[str, Given]) -> tuple[Side, ...]:
    """The plans with distinct names: those given, else a run's folder, else the scenario of a scorecard.

    Raises InputError where a folder is no finished run or has no scorecard; every such folder at once.
    """
    return sides_from(list(given.items()) if isinstance(given, Mapping) else [("", one) for one in given])


def sides_from(named: Sequence[tuple[str, Given]]) -> tuple[Side, ...]:
    """As `sides_of`, from pairs of a name (may be empty) and a plan."""
    sides: list[Side] = []
    faults: list[Fault] = []
    for name, one in named:
        try:
            sides.append(side_of(name, one))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return distinct(sides)


def side_of(name: str, given: Given) -> Side:
    """One plan from its scorecard or its run folder."""
    if isinstance(given, Scorecard):
        return Side(name or given.name, given.as_dict(), given.name)
    run = given if isinstance(given, Run) else open_run(Path(given))
    for file in ("scorecard.json", "plan.csv"):
        if not (run.folder / file).is_file():
            words = (f"no {file}", "must be a run that was scored", "Run the scenario again.")
            raise InputError([Fault(str(run.folder), None, None, *words)])
    settings = run.manifest.get("scenario") or {}
    said = settings.get("name")
    title = (said.get("en") or said.get("zh") or "") if isinstance(said, Mapping) else str(said or "")
    return Side(
        name=name or short(run.folder.resolve().name, title),
        scorecard=run.json("scorecard.json"),
        scenario=title,
        run=str(run.folder),
        certificate=run.json("certificate.json") if (run.folder / "certificate.json").is_file() else None,
        events=events_in((run.folder / "plan.csv").read_text(encoding="utf-8-sig")),
        settings=settings,
        inputs=run.manifest.get("inputs") or {},
    )


def short(folder: str, title: str) -> str:
    """A run's name where nobody gave one: its scenario and the last part of its folder's name."""
    return f"{title} {folder.rpartition('-')[2]}" if title and "-" in folder else folder


def events_in(text: str) -> tuple[Event, ...]:
    """The events of a run's plan.csv."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return tuple(
        Event(row["account"], row["sku"], int(row["week"]), int(row["weeks"]), row["treatment"]) for row in rows
    )


def distinct(sides: Sequence[Side]) -> tuple[Side, ...]:
    """The same plans; names that are there twice are numbered."""
    count, seen = Counter(side.name for side in sides), Counter[str]()
    found = []
    for side in sides:
        seen[side.name] += 1
        name = side.name if count[side.name] == 1 else f"{side.name} {seen[side.name]}"
        found.append(replace(side, name=name))
    return tuple(found)
