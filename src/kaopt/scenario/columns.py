"""How a table column is declared: once, beside the array that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = tuple[str, ...]

Kind = Literal[
    "id",  # a name that other tables refer to, kept exactly as typed
    "text",
    "flag",  # yes/no, 是/否, true/false, 1/0
    "share",  # 0 to 1: 0.33, 33%, 1/3
    "rate",  # any share above -1: growth; 12%, -0.03
    "money",  # 0 or more: 440万, 1,200.50
    "signed_money",
    "cases",  # 0 or more
    "count",  # whole number, 0 or more
    "days",  # whole number of days: 45, 45d, 6w
    "minutes",  # whole minutes: 90, 90min, 1.5h
    "clock",  # 08:30 -> minutes after midnight
    "date",  # 2027-05-01
    "week",  # whole number from 1
    "weeks",  # a set of weeks: 1-4|9|12-13
    "lengths",  # a set of whole numbers: 1|2
    "weekdays",  # a set of days: Mon|Wed|Fri or 1|3|5 or 周一|周三
    "factor",  # a positive number
    "effect",  # 0 or more: a coefficient that can only raise demand
    "elasticity",  # 0 or less
    "number",
]


class _Required:
    """The mark of a column that must be there."""

    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = _Required()


@dataclass(frozen=True)
class Column:
    """One column of a table: its kind (which fixes what is allowed), unit, meaning and Chinese headers."""

    kind: Kind
    doc: str
    unit: str
    zh: tuple[str, ...]
    default: Any
    refers: str | None  # the table whose keys this cell must name

    @property
    def required(self) -> bool:
        """True where an empty or missing cell is a fault."""
        return self.default is REQUIRED


def column(
    kind: Kind,
    doc: str,
    *,
    unit: str = "",
    zh: tuple[str, ...] = (),
    default: Any = REQUIRED,
    refers: str | None = None,
) -> Any:
    """Declare a dataclass field as a table column (see `Column`)."""
    return field(metadata={"column": Column(kind, doc, unit, zh, default, refers)})


def columns_of(table: Any) -> Iterator[tuple[str, Column]]:
    """The declared columns of a table class, in the order of the file."""
    for one in fields(table):
        if "column" in one.metadata:
            yield one.name, one.metadata["column"]
