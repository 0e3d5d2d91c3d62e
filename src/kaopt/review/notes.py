"""Everything that was wrong with the sales of a year, in the order in which a reader wants to know."""

from __future__ import annotations

import numpy as np

from kaopt.review.promoted import Promotion, Reviewed
from kaopt.review.promotions import TERMS, promoted
from kaopt.review.sales import Problem
from kaopt.review.words import PROBLEMS
from kaopt.review.year import Year


def problems_of(year: Year, of: Reviewed) -> tuple[Problem, ...]:
    """What the file had, what the weeks lack, and what could not be compared."""
    later = {
        "missing": missing(year),
        "never_seen": [series_name(year, a, s) for a, s in year.series.tolist() if not year.sales.seen[a, s].any()],
        "said_not": said_not(year),
        "no_sales": [event_name(year, one) for one in of.promotions if one.status == "no_sales"],
        "part_seen": [event_name(year, one) for one in of.promotions if part_seen(one)],
        "no_spend": [event_name(year, one) for one in of.promotions if one.status == "unplanned" and one.spend[1] == 0],
        "no_error": no_error(year),
    }
    found = [*year.sales.problems, *(Problem(what, tuple(where)) for what, where in later.items() if where)]
    return tuple(sorted(found, key=lambda one: list(PROBLEMS).index(one.what)))


def part_seen(one: Promotion) -> bool:
    """True where some of its weeks have sales and some have none."""
    return one.compared and one.weeks_seen < one.weeks_in_all


def missing(year: Year) -> list[str]:
    """Series with their weeks without sales, where they have some."""
    seen = year.sales.seen
    return [
        f"{series_name(year, a, s)}: {', '.join(str(w + 1) for w in np.flatnonzero(~seen[a, s]))}"
        for a, s in year.series.tolist()
        if seen[a, s].any() and not seen[a, s].all()
    ]


def said_not(year: Year) -> list[str]:
    """Weeks that were said not to be executed, and show a promotion all the same."""
    cells = np.argwhere((year.sales.executed == 0) & promoted(year.strength))
    return [f"{series_name(year, a, s)}, {w + 1}" for a, s, w in cells.tolist()]


def no_error(year: Year) -> list[str]:
    """Terms for which the scenario states no standard error."""
    a, s = year.series.T
    none = np.zeros(year.world.listed.shape)
    found = []
    for p, term in enumerate(TERMS):
        stated = getattr(year.world.response, f"{term}_se", none)[a, s]
        if ((year.belief.se[:, p] > 0) & (stated == 0)).any():
            found.append(term)
    return found


def series_name(year: Year, account: int, sku: int) -> str:
    """An account and a SKU by their ids."""
    return f"{year.world.accounts.account[account]} {year.world.skus.sku[sku]}"


def event_name(year: Year, one: Promotion) -> str:
    """A promotion by account, SKU and first week."""
    return f"{series_name(year, one.account, one.sku)}, {one.week + 1}"
