"""Rules that a user writes: one Python file each, named on the command line or passed in Python; see docs/own_rule.md.

Never read from a scenario: a folder of data that somebody sends must not run code.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import cast

from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.errors import Fault, InputError
from kaopt.scenario.settings import RuleSettings

PARTS = {"NAME": str, "UNIT": str, "FORMULA": str, "Settings": type, "rows": object, "breaches": object}


def with_rules(files: Iterable[str | Path]) -> tuple[Rule, ...]:
    """The built-in rules followed by those of the files. Raises InputError with what a file lacks."""
    rules = RULES
    for file in files:
        rules = (*rules, checked(Path(file), rules))
    return rules


def checked(file: Path, rules: tuple[Rule, ...]) -> Rule:
    """The rule of one file; its name must be new."""
    module = imported(file)
    faults = [
        Fault(str(file), None, name, "missing", f"a rule must define {name}", "See docs/own_rule.md.")
        for name, kind in PARTS.items()
        if not isinstance(getattr(module, name, None), kind) or getattr(module, name, None) is None
    ]
    if not faults and not issubclass(module.Settings, RuleSettings):
        words = ("must derive from kaopt.scenario.settings.RuleSettings", "See docs/own_rule.md.")
        faults = [Fault(str(file), None, "Settings", module.Settings.__name__, *words)]
    if not faults and module.NAME in {rule.NAME for rule in rules}:
        faults = [Fault(str(file), None, "NAME", module.NAME, "is taken by another rule", "Choose another name.")]
    if faults:
        raise InputError(faults)
    return cast(Rule, module)


def imported(file: Path, option: str = "--rules") -> ModuleType:
    """The file that an option names as a module of its own; what goes wrong in it is told with its place."""
    spec = importlib.util.spec_from_file_location(f"kaopt_own_{file.stem}", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise InputError([Fault(str(file), None, option, str(file), "must be a Python file", "Check the name.")])
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pydantic look their module up by name
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[spec.name]
        line = error.lineno if isinstance(error, SyntaxError) else last_line(error, file)
        found = f"{type(error).__name__}: {error}"
        raise InputError([Fault(str(file), line, None, found, "must import without an error", "Mend it.")]) from error
    return module


def last_line(error: BaseException, file: Path) -> int | None:
    """The last line of the file that the error passed through."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
