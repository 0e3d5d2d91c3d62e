"""What was ordered, accepted and lost by account, SKU and week, as a table for a pivot."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.service import FINE_CAUSES, ByWeek, Service

ALL = "*"  # all accounts together, where a row for each would be too many
DIGITS = 6  # of the mean over replications: a millionth of a case


def by_week_frame(world: Scenario, found: ByWeek) -> pd.DataFrame:
    """One row for each account, SKU and week with an order: cases ordered, accepted, lost, and lost by cause.

    Mean over replications; ordered = accepted + lost, and lost is the sum of the causes. Weeks from 1.
    """
    accounts, weeks, skus = found.ordered.shape
    account, sku, week = np.nonzero(found.ordered.transpose(0, 2, 1))
    row = np.full(found.ordered.size, -1)
    row[(account * weeks + week) * skus + sku] = np.arange(len(account))
    lost = np.zeros((len(account), len(FINE_CAUSES)))
    lost[row[found.cell // len(FINE_CAUSES)], found.cell % len(FINE_CAUSES)] = found.lost
    names = world.accounts.account if accounts == len(world.accounts.account) else (ALL,)
    keys = {"account": pd.Categorical.from_codes(account, categories=pd.Index(names))}
    keys |= {"sku": pd.Categorical.from_codes(sku, categories=pd.Index(world.skus.sku))}
    return pd.DataFrame(keys | {"week": week + 1} | cases(found.ordered[account, week, sku], lost))


def by_sku_frame(world: Scenario, service: Service) -> pd.DataFrame:
    """One row for each account and SKU with an order: the whole horizon, as `by_week_frame`."""
    assert service.ordered_cases_by_sku is not None
    account, sku = np.nonzero(service.ordered_cases_by_sku)
    keys = {"account": pd.Categorical.from_codes(account, categories=pd.Index(world.accounts.account))}
    keys |= {"sku": pd.Categorical.from_codes(sku, categories=pd.Index(world.skus.sku))}
    ordered = service.ordered_cases_by_sku[account, sku]
    return pd.DataFrame(keys | cases(ordered, service.lost_cases_by_sku[account, sku]))


def cases(ordered: Floats, lost: Floats) -> dict[str, Floats]:
    """The columns of figures; `ordered` [n], `lost` [n, C]."""
    all_lost = lost.sum(axis=1)
    found = {"ordered": ordered, "accepted": ordered - all_lost, "lost": all_lost}
    found |= {cause: lost[:, c] for c, cause in enumerate(FINE_CAUSES)}
    return {name: np.round(values, DIGITS) + 0.0 for name, values in found.items()}  # + 0.0: no minus before a zero


def long_csv(frame: pd.DataFrame) -> bytes:
    """As `csv_text.csv_bytes` for a table of many rows: twenty times as fast, numbers in their shortest exact form."""
    plain = {name: values.astype(str) if values.dtype == "category" else values for name, values in frame.items()}
    buffer = io.BytesIO(b"\xef\xbb\xbf" + ",".join(map(str, frame.columns)).encode("utf-8") + b"\n")
    buffer.seek(0, io.SEEK_END)
    texts = {str(one) for values in frame.select_dtypes("category") for one in frame[values].cat.categories}
    quoted = any(mark in text for text in texts for mark in '",\r\n')
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed" if quoted else "none")
    pyarrow.csv.write_csv(pa.table(plain), buffer, options)
    return buffer.getvalue()
