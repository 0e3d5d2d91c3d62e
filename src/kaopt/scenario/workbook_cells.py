"""The text that a cell of a workbook means: what a person who reads the sheet would write down."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

ZEROS = re.compile(r"0+")
EXACT = 10.0**15  # whole numbers below this have all their digits


def text_of(value: object, number_format: str) -> str:
    """Numbers as typed, without a needless `.0`; dates and times as ISO; yes and no; everything else as it stands.

    A share of 5 % is the number 0.05, however it is shown. Zeros that the format puts before a whole number are seen
    by the reader and therefore stay (`00123`).
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, number_format)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return f"{value.date().isoformat()} {_clock(_seconds(value.time()))}"
        case date():
            return value.isoformat()
        case time():
            return _clock(_seconds(value))
        case timedelta():
            return _clock(value.total_seconds())
    return str(value)


def _number(value: float, number_format: str) -> str:
    if isinstance(value, float) and not (value.is_integer() and abs(value) < EXACT):
        return repr(value)
    text = str(int(value))
    return text.zfill(len(number_format)) if value >= 0 and ZEROS.fullmatch(number_format) else text


def _seconds(value: time) -> float:
    return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6


def _clock(seconds: float) -> str:
    """`08:30`; a day is `24:00`; seconds only where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{clock}:{rest:02d}" if rest else clock
