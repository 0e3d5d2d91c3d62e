"""Which fees an event opens, read off the rows, against the agreements themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.openers import Openers, openers_of
from kaopt.allocation.rows import make_rows
from kaopt.allocation.rules import fees, settings_of, with_switches
from kaopt.allocation.rules.fees import named
from kaopt.offers import Offers, make_offers
from kaopt.scenario.model import Scenario
from tests.allocation.case import plain
from tests.allocation.cases_money import fee, monthly
from tests.allocation.strategies import paid, worlds


def needed(world: Scenario) -> tuple[Offers, list[set[str]]]:
    """The names of the fees that each offer needs, as read off the rows."""
    offers = with_switches(world, make_offers(world))
    (how,) = settings_of(world, fees)  # type: ignore[arg-type]
    found = openers_of(fees.rows(world, offers, how), offers)  # type: ignore[arg-type]
    return offers, [{offers.switches.scope[z] for z in one if z >= 0} for one in found.needs]


def agreed(world: Scenario, offers: Offers) -> Iterator[set[str]]:
    """The same from the terms: every period in which an event runs that the fee is about."""
    for a, s, w, n, k in zip(offers.account, offers.sku, offers.week, offers.weeks, offers.treatment, strict=True):
        due = [one for one in world.fees if one.accounts[a] and one.skus[s] and one.treatments[k]]
        yield {named(world, one, int(a), week) for one in due for week in range(w, min(w + n, world.weeks))}


@settings(deadline=None, max_examples=20)
@given(worlds(), st.integers(0, 2**32 - 1))
def test_events_need_the_fees_of_every_period_in_which_they_run(world: Scenario, seed: int) -> None:
    here = paid(world, np.random.default_rng(seed), often=1.0)
    assert here.fees
    offers, found = needed(here)
    assert found == list(agreed(here, offers))


def test_a_run_over_the_end_of_a_month_opens_two_fees() -> None:
    """Weeks 4 and 5 lie in two months; with the year's own fee that is three."""
    shape = (1, 1, 8)
    terms = (fee(shape, 7.0), replace(monthly(shape, 9.0), name="space"))
    here = plain(shape, fees=terms, treatment_columns={"lengths": [(2,)]})
    offers, found = needed(here)
    across = found[offers.week.tolist().index(3)]
    year, months = "account=A1 fee=listing", ["account=A1 fee=space month=1", "account=A1 fee=space month=2"]
    assert across == {year, *months}
    assert found[offers.week.tolist().index(2)] == {year, months[0]}


def test_offers_need_nothing_where_no_fee_is_due() -> None:
    offers = make_offers(plain((1, 1, 3)))
    assert Openers.none(offers).needs.tolist() == [[-1], [-1], [-1]]
    assert needed(plain((1, 1, 3)))[1] == [set(), set(), set()]


def test_rows_that_close_a_fee_open_nothing() -> None:
    """x1 + x2 <= z opens; z <= x1 + x2 + x3 says that nobody pays in vain, and leaves the third free."""
    here = plain((1, 1, 3), fees=(fee((1, 1, 3), 5.0),))
    offers = with_switches(here, make_offers(here))
    body = sp.csr_matrix(np.array([[1.0, 1.0, 0, -1.0], [-1.0, -1.0, -1.0, 1.0]]))
    rows = make_rows("fees", "fee", ("open", "close"), body, high=0.0)
    assert openers_of(rows, offers).needs.tolist() == [[0], [0], [-1]]
