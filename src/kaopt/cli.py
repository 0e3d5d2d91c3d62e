"""The commands: each reads its options, calls one verb and prints what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from kaopt import cli_learn, cli_review, cli_why_short
from kaopt.cli_parts import PlanFile, Where
from kaopt.cli_parts import finish as _finish
from kaopt.options import Options, with_options

app = typer.Typer(
    name="kaopt",
    help="Plan key-account promotions: a certified plan, a simulated warehouse, five KPIs that say whether to sign",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help answers in a third of the time
)
NearFile = Annotated[Path | None, typer.Option("--near", help="a plan to change as little as may be")]
AfterRun = Annotated[Path | None, typer.Option("--after", help="the folder of a run to go on from")]
LocksFile = Annotated[Path | None, typer.Option("--locks", help="further locks: a table, or a plan with column lock")]


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
def allocate(
    scenario: Where,
    near: NearFile = None,
    changes: Annotated[int | None, typer.Option(min=0, help="with --near: at most so many events changed")] = None,
    alternatives: Annotated[int | None, typer.Option(min=1, help="further plans that differ as much as may be")] = None,
    within: Annotated[str | None, typer.Option(help="of the best objective that may be given up: 1%")] = None,
    *,
    locks: LocksFile = None,
    after: AfterRun = None,
    options: Options,
) -> None:
    """Make the plan only; with few changes to another (--near), or with alternatives to it."""
    from kaopt.planning import allocate_run

    wishes = allocate_run.Wishes(near, changes, within, locks, alternatives, after)
    _finish(allocate_run.allocate(scenario, wishes, options))


@app.command()
@with_options
def frontier(
    scenario: Where,
    over: Annotated[str, typer.Option(metavar="PATH=FIRST:LAST:STEP", help="budget.total=80%:120%:5%")],
    resume: Annotated[Path | None, typer.Option(metavar="RUN", help="go on with a frontier that was stopped")] = None,
    *,
    options: Options,
) -> None:
    """Draw the curve of what more (or less) of a setting buys: a certified plan at each value."""
    from kaopt.planning import frontier_run

    _finish(frontier_run.frontier(scenario, over, resume, options))


@app.command()
@with_options
def why(
    where: Annotated[str, typer.Argument(metavar="SCENARIO|RUN", help="a scenario, or the folder of a finished run")],
    account: Annotated[str, typer.Argument(help="id of the account")],
    sku: Annotated[str, typer.Argument(help="id of the SKU")],
    week: Annotated[int, typer.Argument(help="week of the horizon, from 1")],
    treatment: Annotated[str | None, typer.Option(help="which mechanic, where the week has several")] = None,
    *,
    weeks: Annotated[int | None, typer.Option(help="which length")] = None,
    options: Options,
) -> None:
    """Say why a promotion was chosen or not, in money, adding up."""
    from kaopt.planning import why_run

    _finish(why_run.why(where, why_run.Cell(account, sku, week, treatment, weeks), options))


@app.command()
def compare(
    plans: Annotated[list[str], typer.Argument(metavar="RUN", help="run folders, two or more, or NAME=FOLDER")],
    out: Annotated[Path | None, typer.Option(help="folder that holds the comparisons")] = None,
    json: Annotated[bool, typer.Option("--json", help="machine-readable result on stdout")] = False,
    lang: Annotated[Literal["en", "zh"], typer.Option(help="language of what is printed")] = "en",
) -> None:
    """Put plans side by side: five KPIs, money, calendar differences, what each gives up."""
    from kaopt.planning import compare_run

    _finish(compare_run.compare(plans, out, as_json=json, language=lang))


@app.command()
@with_options
def experiment(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="policies to try, see docs/experiment.md")],
    *,
    options: Options,
) -> None:
    """Try policies on the same luck until each difference is known well enough; stopped, the same command goes on."""
    from kaopt.experiments import command

    _finish(command.experiment(file, options))


@app.command()
@with_options
def simulate(scenario: Where, plan: PlanFile = None, *, options: Options) -> None:
    """Live a plan through the warehouse: --plan, else the scenario's own plan, else no promotion."""
    from kaopt import pipeline

    _finish(pipeline.simulate(scenario, plan, options))


app.command()(cli_why_short.causes)
app.command()(cli_why_short.trace)


@app.command()
@with_options
def calibrate(
    scenario: Where,
    plan: PlanFile = None,
    overlay: Annotated[Path | None, typer.Option(metavar="DIR", help="folder of the calibrated scenario")] = None,
    *,
    options: Options,
) -> None:
    """Find the supply knobs that reproduce a customer's ledger (section `calibrate`), each with its uncertainty."""
    from kaopt.calibration import command

    _finish(command.calibrate_scenario(scenario, plan, overlay, options))


app.command()(cli_review.review)
app.command()(cli_learn.predict)
fit = typer.Typer(
    help="Learn from records: what promotions do from sales, service and lateness from deliveries", no_args_is_help=True
)
fit.command()(cli_learn.sales)
app.add_typer(fit, name="fit")


@fit.command()
def deliveries(
    records: Annotated[Path, typer.Argument(metavar="RECORDS", help="order lines with quantities, dates or both: CSV")],
    mapping: Annotated[Path | None, typer.Option(help="YAML of `canonical name: your column`")] = None,
    out: Annotated[Path | None, typer.Option(help="the model's folder")] = None,
    json: Annotated[bool, typer.Option("--json", help="machine-readable result on stdout")] = False,
) -> None:
    """Measure service from delivery records, and fit lateness and short deliveries by account."""
    from kaopt.calibration import fit_command

    _finish(fit_command.fit_deliveries(records, mapping, out, as_json=json))


@app.command()
@with_options
def evaluate(
    scenario: Where, plan: Annotated[Path, typer.Option("--plan", help="a plan made by hand")], *, options: Options
) -> None:
    """Money, KPIs and every broken rule of a plan that somebody made by hand; no solver."""
    from kaopt import pipeline

    _finish(pipeline.evaluate(scenario, plan, options))


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
            sys.stderr.write(f"{error.format_message()}\nTry 'kaopt COMMAND --help'.\n")
        return 2
    from kaopt.screen import report_error

    return report_error(error, as_json="--json" in sys.argv)
