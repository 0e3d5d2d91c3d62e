"""The commands that learn from sales and forecast with what was learned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kaopt.cli_parts import finish

Names = Annotated[Path | None, typer.Option(help="YAML of `canonical name: your column`")]
Json = Annotated[bool, typer.Option("--json", help="machine-readable result on stdout")]


def sales(
    history: Annotated[Path, typer.Argument(metavar="HISTORY", help="weekly sales: CSV, Parquet or a workbook")],
    mapping: Names = None,
    out: Annotated[Path | None, typer.Option(help="the model's folder")] = None,
    held_out: Annotated[int, typer.Option(min=1, help="weeks at the end that test the model")] = 8,
    json: Json = False,
) -> None:
    """Learn what price cuts, displays and features do, account by account, from sales history."""
    from kaopt.learning import fit_sales

    finish(fit_sales.fit_sales(fit_sales.Asked(history, mapping, out, held_out), as_json=json))


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="the folder of a fitted response model")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="rows to forecast: account, sku, week, price, …")],
    mapping: Names = None,
    out: Annotated[Path | None, typer.Option(help="the CSV file to write")] = None,
    json: Json = False,
) -> None:
    """Add mean, median and 80 % interval of units to the rows of a file."""
    from kaopt.learning import predict as forecast

    finish(forecast.predict(model, file, mapping, out, as_json=json))
