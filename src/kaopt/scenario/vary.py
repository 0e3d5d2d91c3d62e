"""One numeric setting of a world at other values, without reading the files again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf, isfinite, isnan
from types import MappingProxyType
from typing import Annotated, Any, NoReturn

import numpy as np
from pydantic import BaseModel, TypeAdapter, ValidationError

from kaopt.errors import Fault, InputError
from kaopt.runs import plain
from kaopt.scenario.model import BudgetLine, Scenario
from kaopt.scenario.sources import suggest

PLACE = "--over"  # where the path was said
ENDS = ("max", "min")


def number_at(world: Scenario, path: str) -> float:
    """The value of a setting; NaN where it sets no limit. Raises InputError where there is no such number."""
    found = {short(name): value for name, value in numbers(world)}
    if short(path) not in found:
        refuse(path, "must be a number among the settings budget, objective and rules", suggest(path, found))
    return found[short(path)]


def short(path: str) -> str:
    """A budget's most is what the budget is: `budget.total` for `budget.total.max`."""
    return path.removesuffix(".max") if path.startswith("budget.") else path


def numbers(world: Scenario) -> Iterator[tuple[str, float]]:
    """Every number among the settings with its path; limits that are not set are NaN."""
    for name, least, most in budget_settings(world):
        yield f"{name}.max", most if isfinite(most) else float("nan")
        yield f"{name}.min", least
    yield from fields_of("objective", world.objective)
    for rule, said in world.rules.items():
        for n, settings in enumerate(said):
            yield from fields_of(f"rules.{rule}" if len(said) == 1 else f"rules.{rule}.{n}", settings)


def fields_of(prefix: str, section: BaseModel) -> Iterator[tuple[str, float]]:
    """The numbers of one section."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}.{name}", float(value)


def budget_settings(world: Scenario) -> list[tuple[str, float, float]]:
    """Path, least and most of every limit of the section `budget`, in the order of the world's budget lines."""
    section = world.resolved.get("budget") or {}
    total = section.get("total") or {}
    stated = [("budget.total", total)]
    stated += sorted((f"budget.by_quarter.{n}", one) for n, one in (section.get("by_quarter") or {}).items())
    stated += [(f"budget.nodes.{n}", one) for n, one in enumerate(section.get("nodes") or [])]
    return [(name, float(one.get("min") or 0.0), most_of(one)) for name, one in stated]


def most_of(limits: Mapping[str, Any]) -> float:
    """The upper limit; plain data have null where there is none."""
    most = limits.get("max")
    return inf if most is None else float(most)


def with_number(world: Scenario, path: str, value: float) -> Scenario:
    """The world with one setting at another value, judged as if it stood in the file."""
    number_at(world, path)
    section, _, rest = path.partition(".")
    if section == "budget":
        changed = replace(world, budget=tuple(budget_lines(world, path, value)))
        rest = rest if rest.rpartition(".")[2] in ENDS else f"{rest}.max"
    elif section == "objective":
        changed = replace(world, objective=with_field(world.objective, rest, value, path))
    else:
        rule, _, inner = rest.partition(".")
        said = list(world.rules[rule])
        place, _, name = inner.rpartition(".")
        said[int(place or 0)] = with_field(said[int(place or 0)], name, value, path)
        changed = replace(world, rules=MappingProxyType({**world.rules, rule: tuple(said)}))
    return replace(changed, resolved=MappingProxyType(settled(changed, (section, *rest.split(".")), value)))


def with_field(section: Any, name: str, value: float, path: str) -> Any:
    """A section with one field changed, as its own parser reads the number."""
    field = type(section).model_fields[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    text = str(int(value)) if value == int(value) else repr(value)
    try:
        read = TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        refuse(f"{path} = {text}", error.errors()[0]["msg"].removeprefix("Value error, "))
    return section.model_copy(update={name: read})


def budget_lines(world: Scenario, path: str, value: float) -> Iterator[BudgetLine]:
    """The world's spend limits with one of them changed; a total that was not limited becomes the first."""
    if value < 0:
        refuse(f"{path} = {value:g}", "must be at least 0")
    name, end = (path.rpartition(".")[0], path.rpartition(".")[2]) if path.rpartition(".")[2] in ENDS else (path, "max")
    stated = budget_settings(world)
    limiting = [one for one, least, most in stated if isfinite(most) or least > 0]
    low, high = next((least, most) for one, least, most in stated if one == name)
    low, high = (low, value) if end == "max" else (value, high)
    if low > high:
        refuse(f"{path} = {value:g}", f"must keep the least ({low:g}) below the most ({high:g})")
    if name not in limiting:
        if name != "budget.total":
            refuse(path, "must be a limit that the scenario sets")
        accounts, _, weeks = world.shape
        every = np.ones(len(world.treatments.treatment), bool)
        yield BudgetLine("total", np.ones(accounts, bool), np.ones(weeks, bool), every, low, high)
    for n, line in enumerate(world.budget):
        here = n < len(limiting) and limiting[n] == name
        yield replace(line, low=low, high=high) if here else line


def settled(world: Scenario, keys: tuple[str, ...], value: float) -> dict[str, Any]:
    """The resolved settings with one of them changed."""
    content: dict[str, Any] = plain(dict(world.resolved))
    here: Any = content
    rule = here.get("rules", {}).get(keys[1]) if keys[0] == "rules" else None
    if isinstance(rule, list) and not keys[2].isdigit():
        keys = (*keys[:2], "0", *keys[2:])
    for key in keys[:-1]:
        here = here[int(key)] if isinstance(here, list) else here.setdefault(key, {})
    here[keys[-1]] = None if isnan(value) else value
    return content


def refuse(found: str, expected: str, remedy: str = "") -> NoReturn:
    """A fault of the command line."""
    raise InputError([Fault(PLACE, None, None, found, expected, remedy)])
