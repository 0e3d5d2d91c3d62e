"""The command that sets a plan beside what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from kaopt.cli_parts import finish


def review(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a finished run")],
    actuals: Annotated[
        Path, typer.Argument(metavar="ACTUALS", help="sales that happened: account, sku, week, units, …")
    ],
    mapping: Annotated[Path | None, typer.Option(help="YAML of `canonical name: your column`")] = None,
    response: Annotated[Path | None, typer.Option(metavar="DIR", help="the learned response model's folder")] = None,
    out: Annotated[Path | None, typer.Option(help="folder that holds the reviews")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="machine-readable result on stdout")] = False,
    lang: Annotated[Literal["en", "zh"], typer.Option(help="language of what is printed")] = "en",
) -> None:
    """Set a plan beside what happened: each promotion, why it differs, what to stop, what to believe now."""
    from kaopt.review import command

    finish(command.review(command.Asked(run, actuals, mapping, response, out), as_json=json, language=lang))
