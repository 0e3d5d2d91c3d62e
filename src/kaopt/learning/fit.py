"""The verb: from a sales history to a response model with the evidence for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from kaopt import runs
from kaopt.errors import Fault, InputError
from kaopt.learning.holidays import with_holidays
from kaopt.learning.page import render
from kaopt.learning.predict import READ, predicted
from kaopt.learning.told import text_of
from kaopt.response.card import Card
from kaopt.response.evidence import HELD_OUT, About, Evidence, evidence
from kaopt.response.folder import write_model
from kaopt.response.problems import Problem, listed, mended
from kaopt.response.sales import Sales, read_sales

LEAST = 3  # weeks that a series must have on average beyond those held out


@dataclass(frozen=True, eq=False)
class ResponseModel:
    """What price cuts, displays and features do at each account-SKU, how sure that is, and what the data lack."""

    evidence: Evidence
    problems: tuple[Problem, ...]

    @property
    def card(self) -> Card:
        """Source, errors on weeks never seen, the order of plan values: what stands in card.yaml."""
        return self.evidence.card

    def forecast(self, rows: pd.DataFrame | str | Path) -> pd.DataFrame:
        """The rows (account, sku, week, price, …) with mean, median, low80 and high80 units. Raises InputError."""
        with filed(rows) as file:
            return predicted(self.evidence.model, read_sales(file, needed=READ), file.name)

    def save(self, folder: str | Path) -> Path:
        """Write the folder that a scenario names as its `response` and `kaopt predict` reads; fit.html shows it."""
        folder = Path(folder)
        write_model(folder, self.evidence.model, self.card)
        runs.write_csv(folder / "problems.csv", listed(list(self.problems)))
        runs.write_text(folder / "fit.html", render(self.evidence, list(self.problems)))
        return folder

    def __str__(self) -> str:
        """Errors, plan values and coefficients as `kaopt fit sales` prints them."""
        return text_of(self.evidence)

    __repr__ = __str__


def fit(
    sales: pd.DataFrame | str | Path,
    *,
    mapping: str | Path | None = None,
    held_out: int = HELD_OUT,
    name: str | None = None,
) -> ResponseModel:
    """Learn a response model from weekly sales, test it on the last `held_out` weeks, and list what the data lack.

    `sales`: a table or a file (CSV, Parquet, workbook) with account, sku, week, units, price and, where known,
    base_price, display, feature, cost, category, other_…; `mapping` names a file's own columns (docs/response.md).
    Raises InputError where cells cannot be read or too little is left.
    """
    with filed(sales) as file:
        read = read_sales(file, None if mapping is None else Path(mapping))
        said = about(sales, file, mapping, held_out)
    rows, problems = mended(read.rows.assign(line=read.rows["line"].astype(float)))
    rows = prepared(rows, read)
    enough(rows, file.name, held_out)
    found = evidence(rows, said if name is None else replace(said, name=name), weeks=held_out)
    return ResponseModel(replace(found, card=replace(found.card, problems=counted(problems))), tuple(problems))


@contextmanager
def filed(sales: pd.DataFrame | str | Path) -> Iterator[Path]:
    """The file of a history; a table is read as its file would be, so that headers and dates mean the same."""
    if not isinstance(sales, pd.DataFrame):
        yield Path(sales)
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sales.csv"
        sales.to_csv(file, index=False)
        yield file


def prepared(rows: pd.DataFrame, sales: Sales) -> pd.DataFrame:
    """Rows as a fit takes them: whole weeks, no line numbers, holidays where a country was named."""
    rows = rows.drop(columns="line").assign(week=rows["week"].astype(np.int64))
    return with_holidays(rows, sales)


def enough(rows: pd.DataFrame, file: str, weeks: int) -> None:
    """Raises InputError where too little is left to learn from and to test on."""
    size = rows.groupby(["account", "sku"]).size()
    if len(size) and size.mean() >= weeks + LEAST:
        return
    found = f"{len(rows)} usable rows of {len(size)} account-SKUs"
    expected = f"must have {weeks + LEAST} weeks of a series on average, {weeks} of them held out"
    raise InputError([Fault(file, None, None, found, expected, "Hold out fewer: --held-out 2")])


def about(sales: pd.DataFrame | str | Path, file: Path, mapping: str | Path | None, weeks: int) -> About:
    """What the card says of the source."""
    command = f"kaopt fit sales {file.name}"
    command += f" --mapping {Path(mapping).name}" if mapping is not None else ""
    command += f" --held-out {weeks}" if weeks != HELD_OUT else ""
    source = {"file": file.name} if not isinstance(sales, pd.DataFrame) else {"table": f"{len(sales):,} rows"}
    return About(
        name=file.stem,
        what="Weekly sales by account and SKU: what price cuts, displays and features do",
        source=source | {"sha256": runs.sha256(file)},
        licence="the owner's own data",
        date=datetime.now(UTC).date().isoformat(),
        rebuild=command,
    )


def counted(problems: list[Problem]) -> dict[str, int]:
    """How many problems of each kind, in the order in which they were met."""
    counts: dict[str, int] = {}
    for one in problems:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts
