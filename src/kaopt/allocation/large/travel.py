"""How a scenario and its rules go to another process, on this machine or on another one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from kaopt.allocation.rules.rule import Rule
from kaopt.scenario.model import Scenario

TEXT = "__text__"  # of a module that came as text: what it came as


def light(world: Scenario) -> Scenario:
    """A world without its papers and its warehouse's own policies: neither matters to events and rows."""
    papers: dict[str, Any] = {name: {} for name in ("provenance", "inputs", "resolved", "own_policies")}
    return replace(world, rules=dict(world.rules), **papers)


def packed(rules: Iterable[Rule]) -> tuple[Any, ...]:
    """Rules as they can be sent: a module by its name; a user's own file also as its text."""
    return tuple(page_of(rule) if isinstance(rule, ModuleType) else rule for rule in rules)


@dataclass(frozen=True)
class Page:
    """A module on its way; what arrives is the module."""

    name: str
    file: str = ""
    text: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Opened where it arrives."""
        return opened, (self.name, self.file, self.text)


def page_of(module: ModuleType) -> Page:
    """A module of the program by its name alone."""
    if module.__name__.startswith("kaopt."):
        return Page(module.__name__)
    file = Path(str(module.__file__))
    return Page(module.__name__, str(file), getattr(module, TEXT, None) or file.read_text(encoding="utf-8"))


def opened(name: str, file: str, text: str) -> ModuleType:
    """The module, run once in a process; its settings' classes are looked up by its name."""
    if not text:
        return import_module(name)
    here = sys.modules.get(name)
    if here is not None and getattr(here, TEXT, text) == text:
        return here
    module = ModuleType(name)
    module.__file__ = file
    setattr(module, TEXT, text)
    sys.modules[name] = module
    try:
        exec(compile(text, file, "exec"), vars(module))
    except BaseException:
        del sys.modules[name]
        raise
    return module
