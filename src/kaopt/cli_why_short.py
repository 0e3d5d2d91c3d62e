"""The commands that say why goods were missing: in all, by cause, and for one order or lot."""

from __future__ import annotations

from typing import Annotated

import typer

from kaopt.cli_parts import PlanFile, Where, finish
from kaopt.options import Options, with_options


@with_options
def causes(
    scenario: Where,
    plan: PlanFile = None,
    account: Annotated[str | None, typer.Option(help="one account instead of all together")] = None,
    years: Annotated[int | None, typer.Option(min=1, help="replications of every counterfactual year")] = None,
    *,
    options: Options,
) -> None:
    """Say what each cause of missing goods really costs: as booked, alone, and its fair share (Shapley)."""
    from kaopt.causes import command

    finish(command.causes(scenario, plan, (account, years), options))


@with_options
def trace(
    scenario: Where,
    plan: PlanFile = None,
    order: Annotated[str | None, typer.Option(metavar="ACCOUNT,WEEK", help="why short: A1,W12 or A1,D80")] = None,
    lot: Annotated[str | None, typer.Option(metavar="SKU,DAY", help="the life of a lot: its production day")] = None,
    *,
    year: Annotated[int, typer.Option(min=1, help="which replication")] = 1,
    options: Options,
) -> None:
    """Tell what happened to an order or a lot, event by event, in one simulated year."""
    from kaopt.tracing import command

    finish(command.trace(scenario, plan, command.Asked(order, lot, year - 1), options))
