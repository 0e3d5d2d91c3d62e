"""Fines for a fill rate below the agreed level are kept back from payments: receivables grow, deliveries may stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import CASH_DAYS, CASH_VALUE, FIRST_DAY, PAID_UNTIL, STOPPED
from kaopt.fulfilment.loops.credit import defer, missed_level
from kaopt.fulfilment.policies.contracts import Contract, below, level_terms, levels_of
from kaopt.fulfilment.state import ledger_of, orders_of
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from tests.fulfilment.docks import clauses, receiving
from tests.fulfilment.helpers import calm, live, ready, unhurried

FINE = {"clause": "fill_below", "period": "quarter", "level": 0.9, "rate": 0.2, "amount": 1000.0}


def short(*rows: dict[str, Any], weeks: int = 30, dispute: int = 40, **account: Any) -> Scenario:
    """100 cases at 50 every Monday; drivers are often late, so that fill is near a half."""
    supply = {"warmup_weeks": 0, "unfamiliar": 0.5, "unfamiliar_minutes": 2000, "unfamiliar_cv": 0.1}
    rules = Network(receiving=receiving(dispute_days=dispute), clauses=clauses(*rows) if rows else None)
    columns = {"order_days": [(1,)], "payment_days": 30} | account
    plenty = {"safety_weeks": 30.0, "shelf_life": 9999}
    base = np.full((1, 1, weeks), 100.0)
    return calm(
        1, 1, weeks, base_cases=base, sku_columns=plenty, account_columns=columns, network=rules, supply=supply
    )


def by_quarter(year: Year) -> list[float]:
    """The fine of each quarter, by the function that makes the penalties of the year."""
    (contract,) = levels_of(short(FINE))
    value = year.ledger.value[0]
    fines = []
    for one in range(int(contract.period.max()) + 1):
        inside = contract.period == one
        alone = Contract(0, contract.level, contract.period[inside] - one, contract.rate, contract.amount)
        fines.append(float(below(value[inside], alone).sum()))
    return fines


def test_what_is_kept_back_comes_a_dispute_later() -> None:
    """Two quarters, of 13 and of 17 weeks; the second ends with the horizon, when nothing is paid any more."""
    plain, fined = live(short()), live(short(FINE))
    fines = by_quarter(fined)
    assert len(fines) == 2 and min(fines) > 1000
    assert np.array_equal(plain.ledger.value, fined.ledger.value)
    more = fined.ledger.cash - plain.ledger.cash
    assert more[0, CASH_VALUE] == 0 and more[0, CASH_DAYS] == pytest.approx(40 * fines[0])


def test_no_dispute_and_no_contract_change_nothing() -> None:
    assert np.array_equal(live(short(FINE, dispute=0)).ledger.cash, live(short(dispute=0)).ledger.cash)
    assert ready(short()).terms.level.shape == (0, 3)


def test_money_that_is_kept_back_stops_deliveries() -> None:
    """Four or five orders of 5 000 are open at a time: a limit that only the fine makes too low."""
    plain, fined = (live(short(*rows, credit_limit=26_000)) for rows in ((), ({**FINE, "amount": 9000.0},)))
    assert plain.ledger.tried[0, STOPPED] == 0 < fined.ledger.tried[0, STOPPED]
    assert live(short({**FINE, "amount": 9000.0}, credit_limit=60_000)).ledger.tried[0, STOPPED] == 0
    owing = fined.orders.owing
    assert owing.min() >= 0


@pytest.mark.parametrize(
    ("cents", "days", "left"),
    [
        (0, 2, {0: 100, 1: 50, 3: 70}),
        (60, 2, {0: 40, 1: 50, 2: 60, 3: 70}),
        (100, 2, {1: 50, 2: 100, 3: 70}),
        (120, 2, {1: 30, 3: 190}),
        (120, 90, {1: 30, 3: 70, -1: 120}),  # after the horizon
        (999, 1, {-1: 220}),  # no more than is due
    ],
)
def test_payments_that_come_later_by_hand(cents: int, days: int, left: dict[int, int]) -> None:
    inputs = ready(short(credit_limit=1e6, weeks=8))
    state = begin(inputs, 0)
    owing, expected = orders_of(state).owing[0], np.zeros_like(orders_of(state).owing[0])
    owing[:4] = 100, 50, 0, 70
    orders_of(state).credit[0, PAID_UNTIL] = inputs.terms.span[FIRST_DAY]
    defer(state, 0, cents, days)
    for at, amount in left.items():
        expected[at] = amount
    assert owing.tolist() == expected.tolist()


@settings(parent=unhurried, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=6, max_size=6), st.floats(0.1, 1))
def test_two_computations_of_a_fine_agree(weeks: list[tuple[int, int]], level: float) -> None:
    """The loop's, at the end of each period, against the one that makes the year's penalties."""
    contract = Contract(0, level, np.array([0, 0, 0, 1, 1, 1]), 0.3, 7.0)
    inputs = ready(short(FINE, weeks=6))
    state = begin(replace(inputs, terms=inputs.terms._replace(**level_terms((contract,), 6))), 0)
    value = ledger_of(state).value[0]
    for w, (accepted, lost) in enumerate(weeks):
        value[w, :3] = accepted + lost, accepted, lost
    found = float(missed_level(state, 0, 2)) + float(missed_level(state, 0, 5))
    assert found == pytest.approx(float(below(value, contract).sum()))
