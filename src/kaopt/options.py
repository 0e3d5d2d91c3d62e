"""The options that commands share, as one noun, and the decorator that gives them to a command."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

if TYPE_CHECKING:
    from kaopt.allocation.rules.rule import Rule


@dataclass(frozen=True)
class Options:
    """What a user may say to any command that works on a scenario."""

    model: Annotated[str | None, typer.Option(help="recipe of models/allocation, instead of the scenario's own")] = None
    variant: Annotated[str | None, typer.Option(help="a named set of overrides, see `variants:`")] = None
    set: Annotated[list[str] | None, typer.Option(metavar="PATH=VALUE", help="last override: budget.total=9万")] = None
    out: Annotated[Path | None, typer.Option(help="folder that holds the runs")] = None
    seed: Annotated[int | None, typer.Option(help="seed of the simulation and of the solver")] = None
    time_limit: Annotated[str | None, typer.Option(help="when the search stops: 90s, 5min")] = None
    gap: Annotated[str | None, typer.Option(help="proven gap that is good enough: 0.1%")] = None
    workers: Annotated[int | None, typer.Option(min=1, help="processes that simulate, or plan a large scenario")] = None
    json: Annotated[bool, typer.Option("--json", help="machine-readable result on stdout, nothing else there")] = False
    lang: Annotated[Literal["en", "zh"], typer.Option(help="language of what is printed")] = "en"
    rules: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="a rule of your own, see docs")] = None
    policies: Annotated[Path | None, typer.Option(metavar="FILE", help="a supply policy of your own, see docs")] = None

    def book(self) -> tuple[Rule, ...]:
        """The rules that hold: the built-in ones and the user's own."""
        from kaopt.own_rules import with_rules

        return with_rules(self.rules or ())

    def overrides(self) -> list[str]:
        """Seed, time limit and gap as settings, before the user's own `--set`."""
        seeds = [] if self.seed is None else [f"supply.seed={self.seed}", f"solve.seed={self.seed}"]
        limit = [] if self.time_limit is None else [f"solve.time_limit={self.time_limit}"]
        gap = [] if self.gap is None else [f"solve.gap={self.gap}"]
        return [*seeds, *limit, *gap, *(self.set or [])]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` every option of `Options` as its own; it receives them as its last argument, `options`."""
    own = [p for name, p in inspect.signature(command).parameters.items() if name != "options"]
    hints = get_type_hints(Options, include_extras=True)
    shared = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
        for one in fields(Options)
    ]

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        said = {one.name: given.pop(one.name) for one in shared}
        try:
            command(**given, options=Options(**said))
        except KeyboardInterrupt:  # typer would end without a word
            sys.stderr.write("interrupted\n")
            raise SystemExit(130) from None

    own_hints = {k: v for k, v in get_type_hints(command, include_extras=True).items() if k != "options"}
    own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=own_hints[p.name]) for p in own]
    vars(wrapped)["__signature__"] = inspect.Signature([*own, *shared])
    wrapped.__annotations__ = own_hints | {one.name: one.annotation for one in shared}
    return wrapped
