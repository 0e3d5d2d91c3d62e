"""What the commands share: arguments with their help, and how a command ends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Where = Annotated[str, typer.Argument(metavar="SCENARIO", help="a scenario's folder or its scenario.yaml")]
PlanFile = Annotated[Path | None, typer.Option("--plan", help="a plan: plan.csv or results.xlsx")]


def finish(outcome: object) -> None:
    """Print what came of a command, and end with its exit code."""
    from kaopt import pipeline, screen

    assert isinstance(outcome, pipeline.Outcome)
    if outcome.as_json:
        screen.print_json(outcome.payload)
    else:
        typer.echo(outcome.text)
    raise typer.Exit(outcome.exit_code)
