"""Delivery records in, arrays out: one row per order line, every faulty cell told with its line.

Canonical columns: `order, account, sku, ordered, delivered, agreed, actual`; a mapping file (`order: shipment_no`)
renames. Quantities (`ordered`, `delivered`) and moments (`agreed`, `actual`; a date, or a date with a time) may be
left out in pairs. A line without `actual` never came and must have delivered nothing. Other columns are read over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kaopt.errors import Fault
from kaopt.scenario import dates
from kaopt.scenario.columns import Floats, Ints, Texts
from kaopt.scenario.kinds import parse
from kaopt.scenario.named_columns import Names, columns_of, read_names
from kaopt.scenario.quantities import Wrong, clean
from kaopt.scenario.sources import Reading
from kaopt.scenario.table_file import Sheet, read_table

ALIASES: Mapping[str, Texts] = {
    "order": ("order_id", "order_no", "订单", "订单号"),
    "account": ("customer", "客户", "重点客户", "客户编码"),
    "sku": ("品项", "单品", "产品编码"),
    "ordered": ("订货数量", "订单数量", "订货箱数"),
    "delivered": ("实收数量", "到货数量", "实收箱数"),
    "agreed": ("约定日期", "约定到货日期", "要求到货日期"),
    "actual": ("实际日期", "实际到货日期"),
}
NEEDED = ("order", "account")
PAIRS = (("ordered", "delivered"), ("agreed", "actual"))
DAY = 1440


@dataclass(frozen=True, eq=False)
class Records:
    """Order lines as aligned arrays [N]; O orders, A accounts. An order belongs to one account."""

    accounts: Texts  # [A]
    account: Ints  # [N]
    order: Ints  # [N]
    ordered: Floats | None  # [N] in the records' unit of quantity
    delivered: Floats | None  # [N]
    agreed: Floats | None  # [N] day of the calendar, with its fraction
    delay: Floats | None  # [N] actual less agreed, day; infinite where the line never came
    timed: bool = False  # moments have a time of day

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self.account)

    @property
    def on_time(self) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        """[N] came not later than agreed; None where the records hold no moments."""
        return None if self.delay is None else np.asarray(self.delay <= 0)

    @property
    def in_full(self) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        """[N] at least what was ordered; None where the records hold no quantities."""
        return None if self.delivered is None or self.ordered is None else np.asarray(self.delivered >= self.ordered)

    def part(self, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> Records:
        """Some of the lines; accounts keep their numbers."""

        def cut(one: Floats | None) -> Floats | None:
            return None if one is None else one[rows]

        order = np.unique(self.order[rows], return_inverse=True)[1].astype(np.int64)
        moments = cut(self.agreed), cut(self.delay)
        return Records(
            self.accounts, self.account[rows], order, cut(self.ordered), cut(self.delivered), *moments, self.timed
        )


def read_records(path: Path, mapping: Path | None = None) -> Records:
    """Read a CSV file of delivery records. Raises InputError with every fault of it."""
    reading = Reading(path.parent)
    names = {} if mapping is None else read_names(mapping, ALIASES, reading)
    sheet = read_table(path, reading)
    reading.stop_on_faults()
    assert sheet is not None
    places = _places(sheet, names, reading.faults)
    reading.stop_on_faults()
    cells = {name: _cells(sheet, name, at, reading.faults) for name, at in places.items()}
    if not sheet.rows:
        reading.faults.append(sheet.origin().fault(None, "no rows", "must have order lines below its header"))
    _across(sheet, cells, reading.faults)
    reading.stop_on_faults()
    return _records(cells)


def moment(text: str) -> float:
    """A date, or a date with a time, as a day of the calendar with its fraction; raises Wrong."""
    first, _, rest = clean(text).replace("T", " ", 1).partition(" ")
    if not rest.strip() or ":" not in rest:
        return float(dates.day(clean(text)).toordinal())
    hours, *minutes = rest.strip().split(":")[:2]
    return dates.day(first).toordinal() + dates.clock(f"{hours}:{minutes[0] if minutes else '00'}") / DAY


KINDS: Mapping[str, Callable[[str], Any]] = {
    "order": lambda text: parse("text", text),
    "account": lambda text: parse("id", text),
    "sku": lambda text: parse("text", text),
    "ordered": lambda text: parse("cases", text),
    "delivered": lambda text: parse("cases", text),
    "agreed": moment,
    "actual": moment,
}


def _places(sheet: Sheet, names: Mapping[str, str], faults: list[Fault]) -> dict[str, int]:
    """Canonical name -> column; quantities and moments in pairs, one pair at least."""
    places = columns_of(sheet.header, Names(ALIASES, NEEDED, names), sheet.origin(), faults)
    for pair in PAIRS:
        there = [name for name in pair if name in places]
        if len(there) == 1:
            other = next(name for name in pair if name not in places)
            faults.append(sheet.origin().fault(other, "nothing", f"must be a column beside {there[0]}", "Map both"))
    if not any(pair[0] in places for pair in PAIRS) and not faults:
        expected = "must be columns: ordered and delivered, or agreed and actual"
        faults.append(sheet.origin().fault(None, "no quantities and no dates", expected, "Write a mapping file"))
    return places


def _cells(sheet: Sheet, name: str, at: int, faults: list[Fault]) -> list[Any]:
    """A column's values; None in a cell that was wrong, infinity where nothing came."""
    known: dict[str, Any] = {}
    values: list[Any] = []
    for row in sheet.rows:
        text = row.cells[at].strip() if at < len(row.cells) else ""
        if not text and name == "actual":
            values.append(np.inf)
            continue
        try:
            if not text:
                raise Wrong("must be given", "Fill the cell, or delete the row")
            if text not in known:
                known[text] = KINDS[name](text)
            values.append(known[text])
        except Wrong as wrong:
            faults.append(sheet.origin(row.line).fault(name, text or "nothing", wrong.expected, wrong.remedy))
            values.append(None)
    return values


def _across(sheet: Sheet, cells: Mapping[str, list[Any]], faults: list[Fault]) -> None:
    """What one cell says against another."""
    owner: dict[str, str] = {}
    for n, row in enumerate(sheet.rows):
        said = {name: column[n] for name, column in cells.items()}
        place = sheet.origin(row.line)
        if said.get("ordered") == 0:
            faults.append(place.fault("ordered", "0", "must be above 0", "Delete the line"))
        if said.get("actual") == np.inf and said.get("delivered"):
            found = f"{said['delivered']:g}"
            faults.append(place.fault("delivered", found, "must be 0 where nothing came", "Give the day in actual"))
        if said["order"] is None or said["account"] is None:
            continue
        first = owner.setdefault(said["order"], said["account"])
        if first != said["account"]:
            expected = f"must be one account for the whole order {said['order']}, first {first}"
            faults.append(place.fault("account", said["account"], expected, "Mend the order number"))


def _records(cells: Mapping[str, list[Any]]) -> Records:
    accounts, account = np.unique(np.array(cells["account"], dtype=object).astype(str), return_inverse=True)
    order = np.unique(np.array(cells["order"], dtype=object).astype(str), return_inverse=True)[1]
    numbers = {name: np.array(cells[name], float) for pair in PAIRS for name in pair if name in cells}
    agreed, actual = numbers.get("agreed"), numbers.get("actual")
    timed = agreed is not None and actual is not None and bool((np.r_[agreed, actual[actual < np.inf]] % 1 > 0).any())
    return Records(
        accounts=tuple(accounts.tolist()),
        account=account.astype(np.int64),
        order=order.astype(np.int64),
        ordered=numbers.get("ordered"),
        delivered=numbers.get("delivered"),
        agreed=agreed,
        delay=None if agreed is None or actual is None else actual - agreed,
        timed=timed,
    )
