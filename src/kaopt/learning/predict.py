"""`kaopt predict`: a file's rows with mean, median and 80 % interval of units added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from kaopt import runs
from kaopt.errors import Fault, InputError
from kaopt.learning.holidays import with_holidays
from kaopt.pipeline import Outcome
from kaopt.response.folder import read_model
from kaopt.response.learn import Learned, forecast
from kaopt.response.sales import NEEDED, Sales, read_sales
from kaopt.response.structure import COLUMNS

ADDED = ("mean", "median", "low80", "high80")
READ = tuple(name for name in NEEDED if name != "units")
SHARES = ("display", "feature")


def predict(model: Path, file: Path, mapping: Path | None, out: Path | None, *, as_json: bool) -> Outcome:
    """Forecast every row at its price and promotion; accounts and SKUs without history take what others let expect."""
    learned = model_of(model)
    told = predicted(learned, read_sales(file, mapping, needed=READ), str(file))
    path = out or file.with_name(f"{file.stem}-predicted.csv")
    runs.write_csv(path, told)
    known = set(learned.fit.series)
    new = {key for key in zip(told["account"], told["sku"], strict=True) if key not in known}
    text = f"{len(told):,} rows, {told['mean'].sum():,.0f} units expected"
    text += f"; {len(new)} account-SKUs without history" if new else ""
    return Outcome(0, f"{text}\nwrote {path}", {"file": str(path), "rows": len(told), "new": len(new)}, as_json)


def predicted(learned: Learned, sales: Sales, file: str) -> pd.DataFrame:
    """The rows with mean, median and 80 % interval of units. Raises InputError for rows that cannot be forecast."""
    rows = sales.rows.drop(columns="line")
    refuse(rows, learned, file)
    whole = with_holidays(rows.assign(week=rows["week"].astype(np.int64)), sales)
    for name in set(learned.terms) & set(SHARES):
        whole[name] = whole[name].fillna(0.0) if name in whole else 0.0
    ahead = forecast(learned, whole)
    return rows.assign(**{name: getattr(ahead, name).round(4) for name in ADDED})


def model_of(folder: Path) -> Learned:
    """The model of a folder. Raises InputError where there is none that can forecast."""
    try:
        return read_model(folder)
    except FileNotFoundError:
        words = ("must be the folder of a fitted response model (fit.npz)", "Make one with `kaopt fit sales`")
        raise InputError([Fault(str(folder), None, None, "nothing", *words)]) from None


def refuse(rows: pd.DataFrame, learned: Learned, file: str) -> None:
    """Every cell without which a row cannot be forecast."""
    faults = [
        Fault(file, int(at) + 2, "price", f"{rows['price'].iloc[at]:g}", "must be above 0", "Give the price")
        for at in np.flatnonzero(~(rows["price"] > 0))[:20]
    ]
    faults += [
        Fault(file, int(at) + 2, "week", "nothing", "must be a week", "Fill the cell")
        for at in np.flatnonzero(rows["week"].isna())[:20]
    ]
    lacking = [name for name in learned.terms if name not in COLUMNS and name != "level" and name not in rows]
    faults += [Fault(file, 1, name, "nothing", "must be a column: the model has the term", "") for name in lacking]
    if faults:
        raise InputError(faults)
