"""What `--over budget.total=80%:120%:5%` says: a setting and the values at which plans are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isnan

from kaopt.scenario.kinds import parse
from kaopt.scenario.model import Scenario
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.vary import number_at, refuse

PLAIN = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")  # what a fraction holds exactly; all else is read as money
MOST = 200  # points of one frontier
EXAMPLE = "Write it like budget.total=80%:120%:5% (of the scenario's own value) or budget.total=200万:400万:50万"


@dataclass(frozen=True)
class Grid:
    """Values of one setting, smallest first. `shares`: of the scenario's own value, where they were said so."""

    path: str
    own: float | None  # None: the scenario sets no limit there
    values: tuple[float, ...]
    shares: tuple[float | None, ...]


def grid_of(world: Scenario, over: str) -> Grid:
    """Read `PATH=FIRST:LAST:STEP`; percentages are of the scenario's own value. Raises InputError."""
    path, sign, text = over.partition("=")
    path = path.strip()
    parts = [part.strip() for part in text.split(":")]
    if not sign or len(parts) != 3 or not all(parts):
        refuse(over, "must be PATH=FIRST:LAST:STEP", EXAMPLE)
    own = number_at(world, path)
    relative = [part.endswith("%") for part in parts]
    if len(set(relative)) > 1:
        refuse(text, "must be all percentages or all amounts", EXAMPLE)
    if relative[0] and (isnan(own) or own == 0):
        refuse(text, f"must be amounts: the scenario has no value at {path}", EXAMPLE)
    first, last, step = (number(part, over) for part in parts)
    if step <= 0 or last < first:
        refuse(text, "must go up: FIRST <= LAST and STEP > 0", EXAMPLE)
    count = int((last - first) / step) + 1
    if count > MOST:
        refuse(text, f"must be at most {MOST} points, these are {count}", "Take a larger step")
    steps = [first + step * n for n in range(count)]
    shares = tuple(float(one) if relative[0] else None for one in steps)
    values = tuple(float(one * Fraction(own)) if relative[0] else float(one) for one in steps)
    if relative[0] and own < 0:  # smallest first, though its shares fall
        values, shares = values[::-1], shares[::-1]
    return Grid(path, None if isnan(own) else own, values, shares)


def number(text: str, over: str) -> Fraction:
    """One number, exactly as it was written, so that the steps end where they should."""
    plain = text.removesuffix("%").strip()
    try:
        exact = Fraction(plain) if PLAIN.fullmatch(plain) else Fraction(str(parse("money", plain)))
    except Wrong as wrong:
        refuse(over, wrong.expected, EXAMPLE)
    return exact / 100 if text.endswith("%") else exact
