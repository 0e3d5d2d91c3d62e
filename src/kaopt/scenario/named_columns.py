"""Columns of a user's own file by canonical names: known headers, aliases, and a mapping file that renames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kaopt.errors import Fault
from kaopt.scenario.columns import Texts
from kaopt.scenario.grid import folded
from kaopt.scenario.sources import Origin, Reading, suggest
from kaopt.scenario.yaml_file import read_yaml


def read_names(path: Path, known: Collection[str], reading: Reading, *, free: str | None = None) -> dict[str, str]:
    """A mapping file's `canonical name: the file's own`; names that begin with `free` need not be known."""
    node = read_yaml(path, reading)
    names: dict[str, str] = {}
    for name, one in node.value.items() if node is not None and isinstance(node.value, dict) else ():
        if name not in known and not (free and name.startswith(free)):
            reading.faults.append(one.origin.fault(name, name, "is not a canonical name", suggest(name, known)))
        elif not isinstance(one.value, str):
            reading.faults.append(one.origin.fault(name, one.shown, "must be the name of a column", ""))
        else:
            names[name] = one.value
    return names


@dataclass(frozen=True)
class Names:
    """What a file's columns may be called, and which must be there."""

    aliases: Mapping[str, Texts]  # by canonical name
    needed: Texts
    given: Mapping[str, str]  # by the mapping file: canonical name -> the file's own


def columns_of(header: Sequence[str], of: Names, place: Origin, faults: list[Fault]) -> dict[str, int]:
    """Canonical name -> column of the header. A column that the mapping uses has no other meaning."""
    heads, names = [folded(one) for one in header], of.given
    used = {folded(one) for one in names.values()}
    columns: dict[str, int] = {}
    for name, also in of.aliases.items():
        wanted = [names[name]] if name in names else [one for one in (name, *also) if folded(one) not in used]
        found = [at for at, head in enumerate(heads) if head in {folded(one) for one in wanted}]
        if len(found) > 1:
            faults.append(place.fault(name, header[found[1]], "is there twice", "Keep one of them"))
        elif found:
            columns[name] = found[0]
        elif name in names or name in of.needed:
            remedy = suggest(wanted[0], header) or f"Name it in a mapping file: `{name}: COLUMN`"
            faults.append(place.fault(name, "nothing", f"must be a column ({wanted[0]})", remedy))
    return columns
