"""Invoices, payments and the delivery stop: by hand, and receivables that never pass the limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.fulfilment.fields import CASH_DAYS, CASH_VALUE, OWED, PAID_UNTIL, PROMISED, STOPPED
from kaopt.fulfilment.loops import credit as loop
from kaopt.fulfilment.policies.contracts import CENTS
from kaopt.fulfilment.state import orders_of
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.service import FINE_CAUSES
from tests.fulfilment.docks import DAY_DUE, at_dock, clauses, dock, loaded, ordered, receiving, trucks
from tests.fulfilment.helpers import calm, live

CREDIT = FINE_CAUSES.index("credit")
PLENTY = {"safety_weeks": 30.0, "shelf_life": 9999}


def mondays(weeks: int = 12, given: dict[str, Any] | None = None, **account: Any) -> Scenario:
    """100 cases at 50 on Mondays, called on Sunday; no warm-up."""
    base, columns = np.full((1, 1, weeks), 100.0), {"order_days": [(1,)]} | account
    rules = Network(receiving=receiving(**(given or {})))
    supply = {"warmup_weeks": 0}
    return calm(1, 1, weeks, base_cases=base, sku_columns=PLENTY, account_columns=columns, network=rules, supply=supply)


def lost_weeks(year: Year) -> list[int]:
    """Weeks whose order was stopped, after asserting that each was stopped whole and nothing else was lost."""
    lost = year.ledger.value[0, :, 2 + CREDIT]
    assert year.ledger.value[:, :, 2:].sum() == lost.sum() and set(lost.tolist()) <= {0.0, 5000.0}
    assert year.ledger.tried[0, STOPPED] == (lost > 0).sum()
    return np.flatnonzero(lost).tolist()


@pytest.mark.parametrize(
    ("term", "limit", "stopped"),
    [
        (20, 15000, []),  # at most three orders are open: weeks w, w + 1, w + 2; paid on day 20 of 21
        (20, 14999, [2, 5, 8, 11]),  # the third is stopped; a week later the first is paid
        (20, 10000, [2, 5, 8, 11]),
        (21, 15000, [3, 7, 11]),  # paid on the Monday, a day after the fourth was called
        (20, 9999, [1, 2, 4, 5, 7, 8, 10, 11]),
        (20, 4999, list(range(12))),
        (0, 5000, []),
    ],
)
def test_deliveries_stop_until_payments_bring_the_customer_under_its_limit(
    term: int, limit: float, stopped: list[int]
) -> None:
    assert lost_weeks(live(mondays(payment_days=term, credit_limit=limit))) == stopped


def test_deductions_that_are_disputed_stop_deliveries() -> None:
    """Every order's paper is right, but late trucks are fined: the invoice stays open for 14 days more."""

    def stops(fine: float, days: int) -> list[int]:
        late = {"window_open": 510, "window_close": 630, "grace_minutes": 120, "travel_minutes": 72}
        world = mondays(given={"dispute_days": days}, payment_days=20, credit_limit=15000.0, **late)
        supply = world.supply.model_copy(update={"unfamiliar": 1.0, "unfamiliar_cv": 0.0, "unfamiliar_minutes": 90})
        network = Network(receiving=world.network.receiving, clauses=clauses({"clause": "late_truck", "amount": fine}))
        return lost_weeks(live(replace(world, supply=supply, network=network)))

    assert stops(0.0, 14) == stops(100.0, 0) == []
    # paid after 34 days instead of 20: weeks 0, 1 and 2 are open until the call of week 5
    assert stops(100.0, 14) == [3, 4, 8, 9]


def test_days_from_order_to_cash() -> None:
    """Called on Sunday, received on Monday, paid 30 days later: 31 days on all that was invoiced."""
    year = live(mondays(payment_days=30))
    assert year.ledger.cash[0].tolist() == [60000.0, 31 * 60000.0]
    assert year.orders.owing.shape == (1, 0)  # nobody has a limit: payments are not kept


def test_only_what_is_deducted_from_is_paid_late() -> None:
    """A third of the orders' value fails for paper at 1 %: those orders have nothing to pay, the others are on time."""
    year = live(mondays(given={"dispute_days": 10}, payment_days=30, mismatch=0.4, penalty_rate=0.01))
    paid = year.ledger.cash[0, CASH_VALUE]
    assert 0 < paid < 60000 and year.ledger.cash[0, CASH_DAYS] == 31 * paid


def test_an_invoice_by_hand() -> None:
    """4 cases at 10 and 5 at 20 accepted of 15: 140 invoiced, and the promise of the whole order is taken back."""
    columns = {"credit_limit": 1000.0, "payment_days": 7}
    state = dock([99] * 3, [10] * 3, account_columns=columns)
    first = int(orders_of(state).credit[0, PAID_UNTIL])  # the first day of the clock
    slot = ordered(state, [10, 5])
    assert not loop.stopped(state, slot, DAY_DUE * 1440)
    assert orders_of(state).credit[0, [OWED, PROMISED]].tolist() == [0, 200 * CENTS]
    loaded(state, slot, [(0, 5, 6), (0, 15, 4), (1, 15, 5)])
    at_dock(state, slot)
    loop.invoice(state, slot, trucks((-1, DAY_DUE, 1)))
    orders = orders_of(state)
    assert orders.credit[0, [OWED, PROMISED]].tolist() == [140 * CENTS, 0]
    day = DAY_DUE + 7 - first
    assert orders.owing[0].nonzero()[0].tolist() == [day] and orders.owing[0, day] == 140 * CENTS
    loop.collect(state, 0, DAY_DUE + 6)
    assert orders_of(state).credit[0, OWED] == 140 * CENTS
    loop.collect(state, 0, DAY_DUE + 7)
    assert orders_of(state).credit[0, OWED] == 0


@settings(deadline=None, max_examples=10)
@given(
    st.integers(0, 40),
    st.integers(0, 20),
    st.floats(0, 40000),
    st.floats(0, 0.5),
    st.sampled_from([0, 7]),
    st.integers(0, 5),
)
def test_what_is_owed_is_invoiced_less_paid_and_never_above_the_limit(
    term: int, dispute: int, limit: float, wrong: float, cancel: int, replication: int
) -> None:
    rules = receiving(2, dispute_days=dispute, unfilled=["lost", "backorder"], cancel_days=cancel)
    columns = {"payment_days": term, "credit_limit": limit, "mismatch": wrong, "penalty_rate": 0.02}
    world = calm(2, 2, 8, account_columns=columns, network=Network(receiving=rules), supply={"warmup_weeks": 2})
    year = live(world, None, replication)
    credit, owing = year.orders.credit, year.orders.owing
    for a in range(2):
        open_on = owing[a, credit[a, PAID_UNTIL] - year.inputs.first_day :]
        assert credit[a, OWED] == open_on.sum() <= limit * CENTS + 100  # a cent an order is rounding
        assert credit[a, PROMISED] == 0
