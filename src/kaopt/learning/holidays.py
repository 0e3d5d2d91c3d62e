"""Public holidays of a country as a column of a sales history: the share of a week's days that are holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from kaopt.errors import Fault, InputError
from kaopt.response.sales import Sales


def with_holidays(rows: pd.DataFrame, sales: Sales) -> pd.DataFrame:
    """The rows with a column `holiday`, where the mapping names a country and weeks are dates.

    Days come from the package holidays; for CN that includes Spring Festival and the other movable feasts.
    """
    if sales.country is None:
        return rows
    if sales.first_day is None:
        words = ("needs dates in the column week", "Give dates, or leave `holidays` out of the mapping")
        raise InputError([Fault("mapping", None, "holidays", sales.country, *words)])
    share = {week: days_off(sales.country, sales.first_day + 7 * int(week)) / 7 for week in rows["week"].unique()}
    return rows.assign(holiday=rows["week"].map(share))


def days_off(country: str, monday: int) -> int:
    """How many days of the week are public holidays. Raises InputError for a country that nobody knows."""
    import holidays

    first = date.fromordinal(monday)
    try:
        known = holidays.country_holidays(country, years=(first.year, first.year + 1))
    except NotImplementedError:
        words = ("must be a country code", "Write CN, US, DE …")
        raise InputError([Fault("mapping", None, "holidays", country, *words)]) from None
    return sum(first + timedelta(days=n) in known for n in range(7))
