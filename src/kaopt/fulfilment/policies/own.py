"""Where a user's own policy plugs in: his function of a family changes the tables that the settings have made."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

PAGE = "See docs/own_policy.md"


def changed(world: Scenario, family: str, built_in: dict[str, Any], most: float = np.inf) -> dict[str, Any]:
    """The tables of a family as the user's own function wants them; `built_in` where there is none.

    The function gets the scenario and copies, and returns a mapping with the same names. Shapes stay; whole figures
    stay whole, yes and no stay 0 and 1, and nothing is negative that could not be before, or greater than `most`.
    Raises InputError, which names the first cell that is wrong.
    """
    own = world.own_policies.get(family)
    if own is None:
        return built_in
    said = own(world, {name: table.copy() for name, table in built_in.items()})
    if not isinstance(said, dict) or said.keys() != built_in.keys():
        refuse(family, type(said).__name__ if not isinstance(said, dict) else ", ".join(map(str, said)), built_in)
    return {name: as_before(family, name, (said[name], table), most) for name, table in built_in.items()}


def as_before(family: str, name: str, tables: tuple[Any, Any], most: float) -> Any:
    """The answer as a table of the same kind; `tables` = (the answer, what it was)."""
    said, before = tables
    high = 1.0 if before.dtype == bool else most
    try:
        table: Floats = np.asarray(said, dtype=float)
    except (TypeError, ValueError):
        refuse(family, f"{name} = {str(said)[:40]}", before, high)
    if table.shape != before.shape:
        refuse(family, f"{name} of {' x '.join(map(str, table.shape)) or 'one figure'}", before, high)
    good = np.isfinite(table) & (table >= min(0.0, float(before.min(initial=0)))) & (table <= high)
    if before.dtype != float:
        good &= np.mod(table, 1, out=np.ones_like(table), where=np.isfinite(table)) == 0
    if not good.all():
        cell = tuple(int(one) for one in np.argwhere(~good)[0])
        refuse(family, f"{name}[{', '.join(map(str, cell))}] = {table[cell]:g}", before, high)
    return np.ascontiguousarray(table.astype(before.dtype))


def refuse(family: str, found: str, wanted: Any, most: float = np.inf) -> NoReturn:
    """Raise InputError: what the function of a family answered, and what was wanted."""
    if isinstance(wanted, dict):
        text = f"must return a mapping of {', '.join(wanted)}"
    else:
        kind = "figures" if wanted.dtype == float else "whole figures"
        low = min(0.0, float(wanted.min(initial=0)))
        bounds = f"from {low:g} to {most:g}" if np.isfinite(most) else f"{low:g} or more"
        text = f"must be a table of {' x '.join(map(str, wanted.shape))} {kind}, {bounds}"
    raise InputError([Fault("policies", None, family, found, text, PAGE)])
