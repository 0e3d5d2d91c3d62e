"""The tables of a scenario, found along its chain of bases, patched and typed: all of them, or a fault for each gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaopt.scenario.amend import amended
from kaopt.scenario.bundled import model_folders
from kaopt.scenario.catalogue import FITTED, KEYS, TABLES
from kaopt.scenario.cells import Cast, Typed, read_cells
from kaopt.scenario.grid import Grid, patch, to_grid
from kaopt.scenario.in_batches import typed
from kaopt.scenario.overlays import Chain, root_of
from kaopt.scenario.parquet_file import SUFFIX, head, is_parts, sheets
from kaopt.scenario.sources import Origin, Reading, suggest, unknown
from kaopt.scenario.table_file import Unread, read_table
from kaopt.scenario.table_places import Places, places_of, usual
from kaopt.scenario.workbook import SUFFIXES, WORKBOOK
from kaopt.scenario.yaml_file import Node

NEEDED = ("accounts", "skus", "mechanics", "base")
ELSEWHERE = ("plan", "budgets", *FITTED)  # named by a setting, not by their place
SLIM = ("base", "response")  # the large tables: in Parquet they are read batch by batch
SETTING = {"budgets": ("budget", "by_account"), "plan": ("plan",)}
RESPONSE = "models/response/"
SERVICE = "models/service/"


@dataclass(frozen=True, eq=False)
class Shelf:
    """Every table that was found, typed; `cast` holds what their ids are."""

    tables: Mapping[str, Typed]
    cast: Cast
    plan_file: Path | None = None

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts in the order of the file."""
        return self.ids("accounts", "account")

    @property
    def skus(self) -> tuple[str, ...]:
        """Ids of the SKUs in the order of the file."""
        return self.ids("skus", "sku")

    @property
    def treatments(self) -> tuple[str, ...]:
        """Ids of the treatments in the order of the file."""
        return self.ids("mechanics", "treatment")

    def sound(self, *names: str) -> bool:
        """True where these tables are there, every row and cell of them."""
        return all(name in self.tables and self.tables[name].whole for name in names)

    def ids(self, table: str, column: str) -> tuple[str, ...]:
        """Ids of a table in the order of the file."""
        return tuple(self.tables[table].values[column]) if table in self.tables else ()


def read_shelf(chain: Chain, settings: Node, values: Mapping[str, Any], reading: Reading) -> Shelf:
    """Read, patch and type every table; `values` are the validated sections."""
    places = places_of(chain, reading)
    files = {name: usual(name) for name in TABLES if name not in ELSEWHERE}
    if (budget := values.get("budget")) is not None and budget.by_account:
        files |= _named(places, settings, "budgets", reading)
    if "plan" in values:
        files |= _named(places, settings, "plan", reading)
    slim = {name: path for name in SLIM if (path := places.alone(name)) is not None}
    found = {name: _patched(places, name, relative, reading) for name, relative in files.items() if name not in slim}
    found["coefficients"] = _coefficients(settings, reading)
    found["service"] = _service(settings, reading)
    grids = amended({name: grid for name, grid in found.items() if grid is not None}, settings, reading.faults)
    _lacking(places, reading)
    _strangers(chain, settings, reading)
    _unused(places, "budgets" in files, reading)
    horizon = values.get("horizon")
    ids = {name: _ids(grids.get(name)) for name in ("accounts", "skus", "mechanics", "seasons", "warehouses", "plants")}
    if places.find("seasons") is None:
        ids["seasons"] = frozenset()  # needed only where a base names one
    cast = Cast(ids, horizon and horizon.start, horizon and horizon.weeks)
    tables = {name: read_cells(grid, cast, reading.faults) for name, grid in grids.items()}
    for name, path in slim.items():
        tables[name] = typed(name, sheets(path, reading), head(path, reading), cast, reading.faults)
    return Shelf(tables, cast, places.find("plan", files["plan"]) if "plan" in files else None)


def _lacking(places: Places, reading: Reading) -> None:
    """Tables that every scenario needs and this one lacks."""
    for name in NEEDED if places.readable else ():
        if places.find(name) is None:
            remedy = f"Add the table {name}: see docs/dictionary.md"
            reading.faults.append(places.usual_place(name).fault(None, "nothing", "must be there", remedy))


def _ids(grid: Grid | None) -> frozenset[str] | None:
    """What other tables may refer to; rows that had to be left out count, so that one fault stays one fault."""
    if grid is None:
        return None
    column = grid.columns.get(KEYS[grid.name][0])
    if column is None or any(isinstance(text, Unread) for text in column):
        return None
    return frozenset(text.strip() for text in column) | grid.skipped


def _patched(places: Places, name: str, relative: str, reading: Reading) -> Grid | None:
    """The table from the first base that has it, patched by every overlay above."""
    whole: Grid | None = None
    for sheet in places.sheets(name, relative, reading):
        grid = to_grid(name, sheet, reading.faults, patching=whole is not None)
        whole = grid if whole is None else patch(whole, grid)
    return whole


def _named(places: Places, settings: Node, table: str, reading: Reading) -> dict[str, str]:
    """The file that a setting names for a table, if it is there and inside the root of all scenarios.

    `tables/NAME.csv` is also the sheet of that name in the workbook beside it.
    """
    chain = places.chain
    path = SETTING[table]
    node = settings.at(path)
    text = str(node.value)
    found = places.find(table, text)
    if found is not None and found.resolve().is_relative_to(root_of(chain.folders[-1]).resolve()):
        return {table: text}
    near = [one.relative_to(folder).as_posix() for folder in chain.folders for one in folder.glob("tables/*.csv")]
    near += [WORKBOOK] if any(table in book for book in places.books.values()) else []
    expected = "must be a file of this scenario" if found is None else "must stay inside the folder of all scenarios"
    reading.faults.append(node.origin.fault(".".join(path), text, expected, suggest(text, near)))
    return {}


def _coefficients(settings: Node, reading: Reading) -> Grid | None:
    """The coefficients of the response model that the scenario names."""
    node = settings.at(("response",))
    if settings.reach(("response",)) == () or not isinstance(node.value, str):
        return None
    name = node.value.removeprefix(RESPONSE).strip("/")
    folders = [folder / "response" for folder in model_folders(reading.folder)]
    known = [RESPONSE + one.parent.name for folder in folders for one in folder.glob("*/coefficients.csv")]
    for folder in folders if RESPONSE + name in known and node.value.startswith(RESPONSE) else []:
        if (folder / name / "coefficients.csv").is_file():
            sheet = read_table(folder / name / "coefficients.csv", reading)
            return to_grid("coefficients", sheet, reading.faults) if sheet else None
    reading.faults.append(unknown(node.origin, "response", node.value, sorted(set(known))))
    return None


def _service(settings: Node, reading: Reading) -> Grid | None:
    """The service that records have shown, where `supply.service` names one."""
    path = ("supply", "service")
    node = settings.at(path)
    if settings.reach(path) != path or not isinstance(node.value, str) or not node.value:
        return None
    name = node.value.removeprefix(SERVICE).strip("/")
    files = {one.parent.name: one for top in model_folders(reading.folder) for one in top.glob("service/*/service.csv")}
    if name in files:
        sheet = read_table(files[name], reading)
        return to_grid("service", sheet, reading.faults) if sheet else None
    reading.faults.append(unknown(node.origin, "supply.service", node.value, sorted(files)))
    return None


def _unused(places: Places, used: bool, reading: Reading) -> None:
    """Limits of spend in a workbook that no setting asks for; a sheet that waits for rows says nothing."""
    for book in places.books.values() if not used else ():
        if "budgets" in book and book["budgets"].rows:
            remedy = f"Add `budget: {{by_account: {WORKBOOK}}}`"
            reading.faults.append(Origin(book["budgets"].file).fault(None, "budgets", "is not used", remedy))


def _strangers(chain: Chain, settings: Node, reading: Reading) -> None:
    """Tables that nothing reads: a misspelt name must not pass in silence."""
    named = {str(settings.at(path).value) for path in SETTING.values()}
    for folder in chain.folders:
        for path in sorted(folder.glob("tables/*")):
            relative = path.relative_to(folder).as_posix()
            place = Origin(reading.label(path))
            if path.suffix.lower() in SUFFIXES and relative not in named and path.name[0] not in "~.":
                remedy = f"Save it as CSV, or make it a sheet of {WORKBOOK} in the scenario's folder"
                reading.faults.append(place.fault(None, path.name, "is a workbook among the CSV files", remedy))
            is_table = path.suffix.lower() in (".csv", SUFFIX) or is_parts(path)
            if not is_table or relative in named or path.stem == "plan":
                continue
            if path.stem == "budgets":
                remedy = "Add `budget: {by_account: tables/budgets.csv}`"
                reading.faults.append(place.fault(None, path.name, "is not used", remedy))
            elif path.stem not in TABLES or path.stem in ELSEWHERE:
                names = [f"{name}{path.suffix}" for name in TABLES if name not in ELSEWHERE]
                reading.faults.append(
                    place.fault(None, path.name, "is not a table of a scenario", suggest(path.name, names))
                )
