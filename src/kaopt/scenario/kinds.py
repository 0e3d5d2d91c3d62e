"""How a person writes a value and what it means: one parser per kind of quantity, and the types that settings use.

`parse(kind, text)` is the only door: cells of tables and values of YAML files go through the same parsers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, Final, get_args

from pydantic import BeforeValidator

from kaopt.scenario import dates
from kaopt.scenario.columns import Kind
from kaopt.scenario.quantities import AMOUNTS, Wrong, amount, clean

YES = {"yes", "y", "true", "1", "是", "对", "有", "√"}
NO = {"no", "n", "false", "0", "否", "不", "无", "×"}
SPREADSHEET_ERRORS = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}


def _id(text: str) -> str:
    name = _text(text)
    if "*" in name:
        raise Wrong("must be a plain name; * stands for every one", "Write one name without *")
    return name


def _text(text: str) -> str:
    return text.strip()


def _flag(text: str) -> bool:
    plain = clean(text).lower()
    if plain not in YES | NO:
        raise Wrong("must be yes or no", "Write yes or no (是 or 否)")
    return plain in YES


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    **{kind: partial(amount, kind) for kind in AMOUNTS},
    "id": _id,
    "text": _text,
    "flag": _flag,
    "week": dates.week,
    "weeks": dates.numbers,
    "lengths": dates.lengths,
    "weekdays": dates.weekdays,
    "clock": dates.clock,
    "date": dates.day,
}
assert set(get_args(Kind)) <= set(PARSERS)


def parse(kind: str, text: str) -> Any:
    """What `text` means as a value of `kind`; raises Wrong with what is expected and the remedy."""
    if text.strip() in SPREADSHEET_ERRORS:
        raise Wrong("must be a value; this is an error of the spreadsheet", "Mend the formula and save again")
    return PARSERS[kind](text)


def read(kind: str, given: object) -> Any:
    """A value of `kind` from a text, or from what a Python caller gives."""
    if isinstance(given, str):
        return parse(kind, given)
    if kind == "clock" and type(given) is int and 0 <= given <= 24 * 60:
        return given
    if kind == "weeks" and isinstance(given, (tuple, list)):
        return parse(kind, "|".join(map(str, given))) if given else ()
    if kind == "date" and isinstance(given, date):
        return given
    if kind in AMOUNTS and isinstance(given, (int, float)) and not isinstance(given, bool):
        return amount(kind, repr(given))
    raise Wrong("must be a single value", f"Write it like {AMOUNTS[kind].example}" if kind in AMOUNTS else "")


Money = Annotated[float, BeforeValidator(partial(read, "money"))]
SignedMoney = Annotated[float, BeforeValidator(partial(read, "signed_money"))]
Share = Annotated[float, BeforeValidator(partial(read, "share"))]
Rate = Annotated[float, BeforeValidator(partial(read, "rate"))]
Effect = Annotated[float, BeforeValidator(partial(read, "effect"))]
Points = Annotated[float, BeforeValidator(partial(read, "points"))]
Seconds = Annotated[float, BeforeValidator(partial(read, "seconds"))]
Clock = Annotated[int, BeforeValidator(partial(read, "clock"))]
Count = Annotated[int, BeforeValidator(partial(read, "count"))]
Days = Annotated[int, BeforeValidator(partial(read, "days"))]
Minutes = Annotated[int, BeforeValidator(partial(read, "minutes"))]
Day = Annotated[date, BeforeValidator(partial(read, "date"))]
WeekSet = Annotated[tuple[int, ...], BeforeValidator(partial(read, "weeks"))]
