"""A scenario to start from: the commented starter or a copy of any bundled one, with the bases that it extends."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from kaopt.errors import InputError
from kaopt.scenario.bundled import bundled, scenario_names
from kaopt.scenario.overlays import FILE, read_chain
from kaopt.scenario.sources import Origin, Reading, unknown

STARTER = "starter"
LEFT_OUT = ("__pycache__", "runs", "expected.toml")  # the last one is for our tests


def write_starter(folder: Path, template: str | None) -> tuple[Path, ...]:
    """Write the starter scenario (or the bundled one named `template`) into `folder`; never over a file that is there.

    Returns the files written. Raises InputError.
    """
    pairs = starter_files(folder, template)
    refuse_taken(target for _, target in pairs)
    _copy(pairs)
    return tuple(target for _, target in pairs)


def starter_files(folder: Path, template: str | None) -> list[tuple[Path, Path]]:
    """Every file of the starter (or of the bundled scenario named `template`), with the place where it goes."""
    return list(_copies(template or STARTER, Path(folder)))


def refuse_taken(targets: Iterable[Path]) -> None:
    """Raise InputError where a file is there already."""
    taken = [target for target in targets if target.exists()]
    if taken:
        remedy = "Choose another folder, or move these files away"
        raise InputError([Origin(str(path)).fault(None, "a file", "must not exist yet", remedy) for path in taken])


def copy_bundled(name: str, folder: Path) -> Path:
    """Put a bundled scenario into `folder`; one that is there already stays as it is, its owner may have changed it."""
    target = Path(folder) / name
    pairs = list(_copies(name, target))
    if not (target / FILE).exists():
        _copy([(source, place) for source, place in pairs if not place.exists()])
    return target


def _copies(name: str, folder: Path) -> Iterator[tuple[Path, Path]]:
    """Every file of a bundled scenario and of its bases, with the place where it goes."""
    if name not in scenario_names():
        raise InputError([unknown(Origin("bundled scenarios"), "name", name, scenario_names())])
    source = (bundled("scenarios") / name).resolve()
    reading = Reading(source)
    for one in read_chain(source, reading).folders:
        place = folder.joinpath(*_way(source, one))
        for path in sorted(one.rglob("*")):
            inside = path.relative_to(one)
            if path.is_file() and not set(inside.parts) & set(LEFT_OUT):
                yield path, place / inside
    reading.stop_on_faults()


def _way(source: Path, base: Path) -> tuple[str, ...]:
    """The way from a scenario to one that it extends: both are folders below the same root."""
    common = bundled("scenarios").resolve()
    up = len(source.relative_to(common).parts)
    return () if base == source else (*[".."] * up, *base.relative_to(common).parts)


def _copy(pairs: list[tuple[Path, Path]]) -> None:
    for source, target in pairs:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
