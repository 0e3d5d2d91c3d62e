"""The commands: each reads its options, calls one verb and prints what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kaopt.options import Options, with_options

app = typer.Typer(
    name="kaopt",
    help="Plan key-account promotions: a certified plan, a simulated warehouse, five KPIs that say whether to sign",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help answers in a third of the time
)
Where = Annotated[str, typer.Argument(metavar="SCENARIO", help="a scenario's folder or its scenario.yaml")]
PlanFile = Annotated[Path | None, typer.Option("--plan", help="a plan.csv: account, sku, week, weeks, treatment")]


@app.command()
@with_options
def demo(name: Annotated[str, typer.Argument(help="bundled scenario")] = "cheese", *, options: Options) -> None:
    """Copy a bundled scenario next to you and run it from end to end."""
    from kaopt import pipeline
    from kaopt.scenario.new import copy_bundled

    folder = copy_bundled(name, Path("kaopt-demo"))
    _finish(pipeline.run(str(folder), options, default_out=Path("kaopt-demo/runs")))


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="the folder to make")],
    from_: Annotated[str | None, typer.Option("--from", metavar="NAME", help="start from a bundled scenario")] = None,
    excel: Annotated[bool, typer.Option("--excel", help="tables as one workbook with drop-downs")] = False,
) -> None:
    """Write a commented starter scenario."""
    if excel:
        from kaopt.report.excel_inputs import write_excel_starter as write_starter
    else:
        from kaopt.scenario.new import write_starter

    for path in write_starter(folder, from_):
        typer.echo(path)


@app.command()
@with_options
def check(scenario: Where, *, options: Options) -> None:
    """Validate a scenario and do the pre-flight arithmetic; solve nothing."""
    from kaopt import pipeline

    _finish(pipeline.check(scenario, options))


@app.command()
@with_options
def run(scenario: Where, *, options: Options) -> None:
    """Check, allocate, simulate, score and report."""
    from kaopt import pipeline

    _finish(pipeline.run(scenario, options))


@app.command()
@with_options
def allocate(scenario: Where, *, options: Options) -> None:
    """Make the plan only."""
    from kaopt import pipeline

    _finish(pipeline.allocate(scenario, options))


@app.command()
@with_options
def simulate(scenario: Where, plan: PlanFile = None, *, options: Options) -> None:
    """Live a plan through the warehouse: --plan, else the scenario's own plan, else no promotion."""
    from kaopt import pipeline

    _finish(pipeline.simulate(scenario, plan, options))


@app.command()
@with_options
def evaluate(
    scenario: Where, plan: Annotated[Path, typer.Option("--plan", help="a plan made by hand")], *, options: Options
) -> None:
    """Money, KPIs and every broken rule of a plan that somebody made by hand; no solver."""
    from kaopt import pipeline

    _finish(pipeline.evaluate(scenario, plan, options))


def _finish(outcome: object) -> None:
    from kaopt import pipeline, screen

    assert isinstance(outcome, pipeline.Outcome)
    if outcome.as_json:
        screen.print_json(outcome.payload)
    else:
        typer.echo(outcome.text)
    raise typer.Exit(outcome.exit_code)


def main() -> None:
    """The entry point: every error becomes words and an exit code."""
    try:
        code = app(standalone_mode=False)
    except (SystemExit, typer.Exit) as stop:
        code = getattr(stop, "exit_code", getattr(stop, "code", 0))
    except typer.Abort:
        code = 130
    except BaseException as error:
        code = _explain(error)
    sys.stdout.flush()
    sys.exit(code or 0)


def _explain(error: BaseException) -> int:
    """A wrong use of the command line shows its own message; everything else is told in words."""
    if isinstance(error, typer.TyperException):
        if str(error):  # without a command the help has been shown already
            sys.stderr.write(f"{error}\nTry 'kaopt COMMAND --help'.\n")
        return 2
    from kaopt.screen import report_error

    return report_error(error, as_json="--json" in sys.argv)
