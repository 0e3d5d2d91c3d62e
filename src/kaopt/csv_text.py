"""Tables as text for people's spreadsheets, the same bytes for the same table."""

from __future__ import annotations

import csv
import io
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The same table gives the same bytes; a number that is read back is the number that was written."""
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow(frame.columns)
    rows.writerows(zip(*(texts(frame.iloc[:, n]) for n in range(frame.shape[1])), strict=True))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def texts(column: pd.Series) -> list[str]:
    """A column as text, by its kind where all values have one: a plan has hundreds of thousands of rows."""
    if column.dtype.kind == "f":
        return [number(one) if isfinite(one) else "" for one in column.tolist()]
    return list(map(str if column.dtype.kind in "iu" else cell, column.tolist()))


def cell(value: Any) -> str:
    """One value as text: exact, without a needless `.0`; empty where nothing is known."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    return str(value)


def number(value: float) -> str:
    """A finite number, exact."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
