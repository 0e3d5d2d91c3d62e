"""Which policies a file asks for: the baseline, every cell of the grid, and those with names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

from kaopt.errors import Fault
from kaopt.experiments.settings import ExperimentFile
from kaopt.scenario.sources import Origin, suggest
from kaopt.scenario.yaml_file import Node, parse_value

MOST = 1000
BASELINE = "baseline"
AS_IT_IS = "as it is"
POLICY = "supply.policy"


@dataclass(frozen=True)
class Policy:
    """One policy: settings as `--set` texts, each with the place where the file says it."""

    name: str
    variant: str | None = None
    settings: tuple[tuple[str, Origin], ...] = ()  # path=value
    factors: tuple[tuple[str, str], ...] = ()  # factor of the grid -> its level, as shown
    variant_at: tuple[str, ...] = ("variant",)  # where the file says the variant

    @property
    def overrides(self) -> list[str]:
        """What is said to the scenario."""
        return [text for text, _ in self.settings]


Level = tuple[str, tuple[tuple[str, Origin], ...]]  # its name, its settings


def policies_of(said: ExperimentFile, node: Node, faults: list[Fault]) -> tuple[list[Policy], int]:
    """Every policy of the file, and which of them is the baseline; it comes first where it is none of the others."""
    common = tuple(settings_at(node.at(("set",)))) if said.set else ()
    make = partial(Policy, variant=said.variant)
    found = []
    for levels in cells(node, faults) if said.grid else ():
        name = " · ".join(shown(factor, level) for factor, (level, _) in levels)
        extra = tuple(one for _, (_, many) in levels for one in many)
        factors = tuple((factor, level) for factor, (level, _) in levels)
        found.append(make(name, settings=common + extra, factors=factors))
    for n, one in enumerate(said.policies):
        extra = tuple(settings_at(node.at(("policies", str(n), "set")))) if one.set else ()
        at = ("policies", str(n), "variant") if one.variant else ("variant",)
        found.append(Policy(one.name, one.variant or said.variant, common + extra, variant_at=at))
    twice(found, node, faults)
    if said.baseline.policy is not None:
        return found, named(said.baseline.policy, found, node, faults)
    own = tuple(settings_at(node.at(("baseline",)))) if said.baseline.set else ()
    return [make(BASELINE if own else AS_IT_IS, settings=common + own), *found], 0


def cells(node: Node, faults: list[Fault]) -> Iterator[tuple[tuple[str, Level], ...]]:
    """The grid's cells, the last factor running fastest."""
    grid = node.at(("grid",))
    assert isinstance(grid.value, dict)
    factors = {name: list(levels_of(name, one, faults)) for name, one in grid.value.items()}
    size = 1
    for levels in factors.values():
        size *= len(levels)
    if size > MOST:
        faults.append(grid.origin.fault("grid", f"{size} cells", f"must be at most {MOST}", "Take fewer levels"))
        return
    for chosen in product(*factors.values()):
        yield tuple(zip(factors, chosen, strict=True))


def levels_of(factor: str, node: Node, faults: list[Fault]) -> Iterator[Level]:
    """`[8, 10]`: values of the setting that the factor names; `{few: {…}, many: {…}}`: named sets of settings."""
    if isinstance(node.value, list) and node.value:
        for one in node.value:
            yield written(one), ((f"{factor}={written(one)}", one.origin),)
    elif isinstance(node.value, dict) and node.value and all(isinstance(n.value, dict) for n in node.value.values()):
        for name, one in node.value.items():
            yield name, tuple(settings_at(one))
    else:
        expected = "must be a list of values, or levels with their settings"
        remedy = "Write supply.trucks: [8, 10], or crews: {few: {supply.pick_crews: 2}, many: {supply.pick_crews: 4}}"
        faults.append(node.origin.fault(f"grid.{factor}", node.shown, expected, remedy))


def settings_at(node: Node) -> Iterator[tuple[str, Origin]]:
    """`path=value` for each entry of a mapping."""
    if isinstance(node.value, dict):
        for path, one in node.value.items():
            yield f"{path}={written(one)}", one.origin


def written(node: Node) -> str:
    """A value as `--set` takes it."""
    if node.value is None:
        return "null"
    if not isinstance(node.value, str):
        return json.dumps(node.plain(), ensure_ascii=False)
    again = parse_value(node.value, "", [])
    return node.value if again is not None and again.value == node.value else json.dumps(node.value, ensure_ascii=False)


def shown(factor: str, level: str) -> str:
    """A level in a policy's name: that of `supply.policy` alone, others behind their setting."""
    return level if factor == POLICY else f"{factor.removeprefix('supply.').removeprefix('tables.')} {level}"


def twice(found: list[Policy], node: Node, faults: list[Fault]) -> None:
    """Two policies of one name."""
    names = [one.name for one in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        place = node.at(("policies",)).origin
        faults.append(place.fault("name", name, "is the name of two policies", "Give each a name of its own"))


def named(name: str, found: list[Policy], node: Node, faults: list[Fault]) -> int:
    """Where a policy of this name is."""
    names: Mapping[str, int] = {one.name: n for n, one in enumerate(found)}
    if name not in names:
        place = node.at(("baseline",)).origin
        faults.append(place.fault("baseline", name, "is not a policy of this file", suggest(name, names)))
    return names.get(name, 0)
