"""Cells of tables that settings change, also in a variant: `tables: {accounts: {W: {acceptance_age: 40%}}}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from kaopt.errors import Fault
from kaopt.scenario.catalogue import KEYS
from kaopt.scenario.grid import Grid, columns, folded
from kaopt.scenario.sources import unknown
from kaopt.scenario.yaml_file import Node

SECTION = "tables"
ROWS = "must be rows with their columns"
EXAMPLE = "Write it like tables: {accounts: {W: {acceptance_age: 40%}}}"


def amended(grids: Mapping[str, Grid], settings: Node, faults: list[Fault]) -> dict[str, Grid]:
    """The tables with the cells that the section `tables` changes; what is wrong with it is appended to `faults`.

    Tables whose rows have one name: accounts, skus, mechanics and others like them. `*` stands for any part of a name.
    """
    node = settings.at((SECTION,))
    said = node.value if settings.reach((SECTION,)) and isinstance(node.value, dict) else {}
    found = dict(grids)
    known = [name for name in grids if len(KEYS.get(name, ())) == 1]
    for name, rows in said.items():
        if name not in known:
            faults.append(unknown(rows.origin, f"{SECTION}.{name}", name, known))
        elif isinstance(rows.value, dict):
            for row, cells in rows.value.items():
                found[name] = _row(found[name], row, cells, faults)
        else:
            faults.append(rows.origin.fault(f"{SECTION}.{name}", rows.shown, ROWS, EXAMPLE))
    return found


def _row(grid: Grid, pattern: str, node: Node, faults: list[Fault]) -> Grid:
    """The table with the given cells of every row whose name is like `pattern`."""
    key = KEYS[grid.name][0]
    names = [text.strip() for text in grid.columns.get(key, [])]
    rows = [at for at, name in enumerate(names) if fnmatchcase(name, pattern)]
    path = f"{SECTION}.{grid.name}.{pattern}"
    if not rows:
        faults.append(unknown(node.origin, path, pattern, names))
    if not isinstance(node.value, dict):
        faults.append(node.origin.fault(path, node.shown, ROWS, EXAMPLE))
        return grid
    spelt = {folded(one): name for name, spec in columns(grid.name).items() for one in (name, *spec.zh) if name != key}
    cells, patched = dict(grid.columns), dict(grid.patched)
    for header, cell in node.value.items():
        column = spelt.get(folded(header))
        if column is None:
            own = [name for name in columns(grid.name) if name != key]
            faults.append(unknown(cell.origin, f"{path}.{header}", header, own))
        elif not isinstance(cell.value, str):
            faults.append(cell.origin.fault(f"{path}.{header}", cell.shown, "must be a single value", EXAMPLE))
        else:
            texts = list(cells.get(column) or [""] * len(grid))
            for at in rows:
                texts[at] = cell.value
                patched[at, column] = cell.origin
            cells[column] = texts
    return replace(grid, columns=cells, patched=patched)
