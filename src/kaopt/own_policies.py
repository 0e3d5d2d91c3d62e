"""Policies that a user writes: one Python file, named on the command line; see docs/own_policy.md.

Never read from a scenario: a folder of data that somebody sends must not run code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from kaopt.errors import Fault, InputError
from kaopt.own_rules import imported, last_line
from kaopt.scenario.model import Scenario

# production decides in every review (`fulfilment.view`), the others before the year starts (`fulfilment.policies.own`)
FAMILIES = (
    "production",
    "issuing",
    "gate",
    "stop_age",
    "tiers",
    "reserves",
    "safety_stock",
    "lots",
    "dispatch",
    "drivers",
    "notice",
    "phasing",
    "ladder",
)


@dataclass(frozen=True)
class FromFile:
    """A policy of a file: a worker process imports the file again."""

    file: Path
    name: str

    def __call__(self, *given: Any) -> Any:
        """What the file's function answers. Raises InputError where it fails, with the line."""
        function = getattr(module_of(self.file), self.name)
        try:
            return function(*given)
        except Exception as error:
            words = (f"{type(error).__name__}: {error}", "must run without an error", "Mend it")
            raise InputError([Fault(str(self.file), last_line(error, self.file), self.name, *words)]) from error


@cache
def module_of(file: Path) -> Any:
    """The file as a module, imported once in a process."""
    return imported(file, "--policies")


def with_policies(world: Scenario, file: str | Path) -> Scenario:
    """The scenario with the policies of a file in place of its own. Raises InputError where the file has none."""
    path = Path(file).resolve()
    found = {name: FromFile(path, name) for name in FAMILIES if callable(getattr(module_of(path), name, None))}
    if not found:
        text = f"must define a function named {', '.join(FAMILIES[:-1])} or {FAMILIES[-1]}"
        raise InputError([Fault(str(file), None, "policies", "missing", text, "See docs/own_policy.md")])
    return replace(world, own_policies=found)
