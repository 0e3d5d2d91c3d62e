"""A production policy that a user writes: one Python file, named on the command line; see docs/own_policy.md.

Never read from a scenario: a folder of data that somebody sends must not run code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaopt.errors import Fault, InputError
from kaopt.own_rules import imported
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.fulfilment.view import View

FAMILIES = ("production",)


@dataclass(frozen=True)
class FromFile:
    """A policy of a file: a worker process imports the file again."""

    file: Path
    name: str

    def __call__(self, view: View) -> Any:
        """What the file's function answers."""
        return getattr(module_of(self.file), self.name)(view)


@cache
def module_of(file: Path) -> Any:
    """The file as a module, imported once in a process."""
    return imported(file, "--policies")


def with_policies(world: Scenario, file: str | Path) -> Scenario:
    """The scenario with the policies of a file in place of its own. Raises InputError where the file has none."""
    path = Path(file).resolve()
    found = {name: FromFile(path, name) for name in FAMILIES if callable(getattr(module_of(path), name, None))}
    if not found:
        words = (f"must define a function {FAMILIES[0]}(view)", "See docs/own_policy.md")
        raise InputError([Fault(str(file), None, FAMILIES[0], "missing", *words)])
    return replace(world, own_policies=found)
