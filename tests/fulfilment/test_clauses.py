"""What contracts deduct, clause by clause and by hand; what the tables' words mean; clauses and causes agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import CAUSES, LATE_TRIP, OF_VALUE, PER_LINE
from kaopt.fulfilment.loops.backorders import again
from kaopt.fulfilment.loops.calls import call
from kaopt.fulfilment.loops.fines import deduct
from kaopt.fulfilment.loops.receipt import ship
from kaopt.fulfilment.nouns import Ledger
from kaopt.fulfilment.policies.contracts import Contract, below, fines_of, levels_of
from kaopt.fulfilment.simulate import simulate
from kaopt.fulfilment.state import ledger_of
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.receiving import CLAUSES
from kaopt.scorecard.figures import Absent
from kaopt.scorecard.fill import by_clause, order_to_cash
from kaopt.service import FINE_CAUSES
from tests.fulfilment.docks import (
    DAY_DUE,
    KEYS,
    at_dock,
    cause,
    clauses,
    dock,
    loaded,
    missing,
    ordered,
    receiving,
    stocked,
    trucks,
)
from tests.fulfilment.helpers import calm, exactly, live, unhurried
from tests.scenario.files import read, write
from tests.worlds import plan

WEEKS = 12
PLENTY = {"safety_weeks": 30.0, "shelf_life": 9999}


def under(*rows: dict[str, Any], **given: Any) -> Any:
    """A dock whose customer has these clauses; goods up to 10 days old are accepted."""
    return dock([99] * 3, [10] * 3, network=Network(clauses=clauses(*rows)), **given)


def deducted(state: Any, pieces: list[tuple[int, int, int]], fleet: Any = None, short: int = 0) -> dict[Any, float]:
    """What one delivery costs, by clause and cause; `short` cases of the first line were not there."""
    wanted = [sum(n for line, _, n in pieces if line == s) + short * (s == 0) for s in range(3)]
    slot = ordered(state, wanted)
    loaded(state, slot, pieces)
    missing(state, slot, 0, ("no_stock", short))
    at_dock(state, slot, fleet)
    deduct(state, slot)
    fines = Ledger(*ledger_of(state)).fines[0]
    return {(CLAUSES[k], FINE_CAUSES[c]): fines[k, c] for k, c in zip(*fines.nonzero(), strict=True)}


LATE = trucks((-1, DAY_DUE, 0), (LATE_TRIP, DAY_DUE, 0), (-1, DAY_DUE, 1))


def test_a_share_of_what_failed() -> None:
    """6 cases at 10 are too old, 2 are short: 3 % of 60 and of 20; with a second clause 5 % of shortage alone."""
    row = {"clause": "failed_value", "rate": 0.05, "causes": "shortage"}
    state = under(row, account_columns={"penalty_rate": 0.03})
    told = deducted(state, [(0, 5, 6), (0, 15, 4)], short=2)
    assert told == {
        ("failed_value", "age"): pytest.approx(0.03 * 60),
        ("failed_value", "no_stock"): pytest.approx(0.08 * 20),
    }


def test_a_fine_for_each_late_truck_and_for_each_late_order() -> None:
    """Two of three trucks are late, the first of them accepted within the grace, the second refused."""
    state = under({"clause": "late_truck", "amount": 50.0}, {"clause": "late_order", "amount": 300.0}, room=4)
    told = deducted(state, [(0, 15, 12)], LATE)
    assert told == {("late_truck", "late_trip"): 100.0, ("late_order", "late_trip"): 300.0}
    state = under({"clause": "late_truck", "amount": 50.0}, {"clause": "late_order", "amount": 300.0}, room=4)
    assert deducted(state, [(0, 15, 12)], trucks(*[(-1, DAY_DUE, 1)] * 3)) == {}


def test_the_cause_of_a_late_order_is_that_of_its_first_late_truck() -> None:
    state = under({"clause": "late_order", "amount": 300.0}, room=4)
    fleet = trucks((-1, DAY_DUE, 1), (cause("late_load"), DAY_DUE, 0), (LATE_TRIP, DAY_DUE, 0))
    assert deducted(state, [(0, 15, 12)], fleet) == {("late_order", "late_load"): 300.0}


def test_a_wrong_line_is_fined_once_for_what_the_dock_refused() -> None:
    """Two lots of line 1 are too old, one case short: one fine. Line 2 is only short: none, unless the clause says."""
    pieces = [(0, 4, 1), (0, 5, 6), (1, 15, 4), (2, 3, 2)]
    told = deducted(under({"clause": "wrong_line", "amount": 25.0}), pieces, short=1)
    assert told == {("wrong_line", "age"): 50.0}  # lines 1 and 3
    named = under({"clause": "wrong_line", "amount": 25.0, "causes": "shortage|late"})
    assert deducted(named, pieces, short=1) == {("wrong_line", "no_stock"): 25.0}


def test_a_second_delivery_makes_an_order_late() -> None:
    """4 of 10 on Monday and the rest on Wednesday: fined as late, and nothing failed in the end."""
    rows = clauses({"clause": "late_order", "amount": 300.0}, {"clause": "failed_value", "rate": 0.5})
    network = Network(clauses=rows, receiving=receiving(unfilled=["backorder"]))
    state = stocked(dock([99], [10], base_cases=np.full((1, 1, 8), 30.0), network=network), [(-2, 4)])
    slot, load_at = call(state, 0, 0, -1440 + 300)
    assert ship(state, slot, load_at) == 1
    stocked(state, [(0, 6)])
    assert ship(state, slot, again(state, slot, 1440 + 300)) == 0
    fines = Ledger(*ledger_of(state)).fines[0]
    assert fines.sum() == fines[CLAUSES.index("late_order"), cause("no_stock")] == 300.0


# prices --------------------------------------------------------------------------------------------------------------

EVENTS = plan(*[(0, 0, w, 1, 0) for w in range(2, WEEKS)])


def promoted(*rows: dict[str, Any], error: float = 0.0) -> Scenario:
    """10 cases at 50 on Monday, Wednesday and Friday; promotions without effect on demand from week 3 on."""
    base = np.full((1, 1, WEEKS), 30.0)
    network = Network(receiving=receiving(price_error=error, price_days=3), clauses=clauses(*rows))
    columns = {"elasticity": 0.0, "display": 0.0}
    return calm(1, 1, WEEKS, base_cases=base, sku_columns=PLENTY, response_columns=columns, network=network)


def test_a_price_difference_is_deducted_instead_of_refused() -> None:
    """Two of three deliveries of a promoted week are at the wrong price: 20 cases at 50, of which 8 % is deducted."""
    ledger = live(promoted({"clause": "price_difference", "rate": 0.08}, error=1.0), EVENTS).ledger
    assert ledger.value[:, :, 2:].sum() == 0
    assert ledger.fines[0, CLAUSES.index("price_difference"), cause("price")] == pytest.approx(10 * 20 * 50 * 0.08)
    assert ledger.fines.sum() == pytest.approx(800.0)


def test_a_discount_that_nobody_agreed_is_deducted_for_the_promotions_that_luck_says() -> None:
    """Whole weeks of 30 cases at 50, 20 % of each."""
    row = {"clause": "promotion_discount", "rate": 0.2, "chance": 0.5}
    who = np.uint64(luck.name_key("A1", "S1"))
    hit = [luck.uniform(KEYS[luck.DISCOUNT], who, w) < 0.5 for w in range(2, WEEKS)]
    ledger = live(promoted(row), EVENTS).ledger
    assert ledger.fines[0, CLAUSES.index("promotion_discount"), cause("price")] == pytest.approx(sum(hit) * 300.0)
    assert 0 < sum(hit) < 10 and ledger.fines.sum() == pytest.approx(sum(hit) * 300.0)


# fill below a level ------------------------------------------------------------------------------------------------


def value_of(*weeks: tuple[float, float, float, float]) -> np.ndarray:
    """[W, 2 + C] ordered, accepted, lost to no stock and to age."""
    value = np.zeros((len(weeks), 2 + CAUSES))
    value[:, [0, 1, 2 + cause("no_stock"), 2 + cause("age")]] = weeks
    return value


def test_fill_below_a_level_by_hand() -> None:
    """Period 1: 85 of 100 where 90 are due, a third of the loss by age; period 2: 95 of 100, nothing to pay.

    10 % of the 5 that are missing, and 3 for the period: 3.5, of which age bears a third.
    """
    value = value_of((60, 50, 5, 5), (40, 35, 5, 0), (100, 95, 5, 0), (0, 0, 0, 0))
    borne = below(value, Contract(0, 0.9, np.array([0, 0, 1, 2]), 0.1, 3.0))
    assert borne.sum() == pytest.approx(3.5) and borne[cause("age")] == pytest.approx(3.5 / 3)
    whole = below(value, Contract(0, 0.9, np.zeros(4, np.int64), 0.1, 3.0))
    assert whole.sum() == 0  # 180 of 200 is just enough
    assert below(value, Contract(0, 0.91, np.zeros(4, np.int64), 0.1, 3.0)).sum() == pytest.approx(0.2 + 3)


amounts = st.floats(0, 1000)


@unhurried
@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=9), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_level_never_costs_less_and_the_causes_bear_it_all(
    weeks: list[tuple[float, float, float]], one: float, other: float
) -> None:
    value = value_of(*[(sum(week), *week) for week in weeks])
    period = np.arange(len(weeks)) // 3
    low, high = (below(value, Contract(0, level, period, 0.2, 5.0)) for level in sorted((one, other)))
    assert (low >= 0).all() and (high >= low - 1e-9).all()
    by_hand = 0.0
    for p in set(period.tolist()):
        asked, got = value[period == p, 0].sum(), value[period == p, 1].sum()
        if got < max(one, other) * asked - 1e-9 * asked:
            by_hand += 0.2 * (max(one, other) * asked - got) + 5.0
    assert high.sum() == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(
    ("period", "weeks"),
    [
        ("month", [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]),  # from 4 January 2027; week 13 has 1 April, a Thursday
        ("quarter", [0] * 14),  # a quarter has 13 weeks, the last one takes what is over
        ("year", [0] * 14),
    ],
)
def test_the_weeks_of_a_period(period: str, weeks: list[int]) -> None:
    """A week belongs to the month of its Thursday."""
    row = {"account": "A2", "clause": "fill_below", "period": period}
    world = calm(2, 1, 14, network=Network(clauses=clauses(row)))
    (contract,) = levels_of(world)
    assert world.start == date(2027, 1, 4) and contract.account == 1 and contract.period.tolist() == weeks


# tables ----------------------------------------------------------------------------------------------------------


def test_clauses_add_up_and_are_for_the_accounts_that_they_name() -> None:
    rows = clauses(
        {"account": "*", "clause": "failed_value", "rate": 0.02, "causes": "late|age"},
        {"account": "A2", "clause": "failed_value", "rate": 0.01},
        {"account": "*2", "clause": "wrong_line", "amount": 9.0, "causes": "paper"},
    )
    world = calm(2, 1, 8, network=Network(clauses=rows), account_columns={"penalty_rate": [0.0, 0.03]})
    by_cause, fine = fines_of(world)
    late = [one in ("age", "regress", "late_load", "late_trip", "late_dock", "early") for one in FINE_CAUSES]
    assert by_cause[OF_VALUE, 0] == pytest.approx(np.where(late, 0.02, 0.0))
    assert by_cause[OF_VALUE, 1] == pytest.approx(np.where(late, 0.06, 0.04))
    paper = [9.0 * (one in ("paper", "price")) for one in FINE_CAUSES]
    assert by_cause[PER_LINE].tolist() == [[0.0] * CAUSES, paper] and not fine.any()


def test_words_that_say_nothing_are_faults_at_their_place(tmp_path: Path) -> None:
    said = ("account,clause,causes,period", "W,late_lorry,,", "*,failed_value,late|age,week", "W,wrong_line,rain,")
    dock_rules = ("account,unfilled,no_regress", "W,backorders,yes", "NOBODY,lost,no")
    folder = write(tmp_path, clauses="\n".join(said) + "\n", receiving="\n".join(dock_rules) + "\n")
    with pytest.raises(InputError) as caught:
        read(folder)
    told = {(one.file.rsplit("/", 1)[-1], one.line, one.column, one.found) for one in caught.value.faults}
    assert told == {
        ("clauses.csv", 2, "clause", "late_lorry"),
        ("clauses.csv", 3, "period", "week"),
        ("clauses.csv", 4, "causes", "rain"),
        ("receiving.csv", 2, "unfilled", "backorders"),
        ("receiving.csv", 3, "account", "NOBODY"),
    }


# a simulation --------------------------------------------------------------------------------------------------------


def test_penalties_by_clause_and_by_cause_are_the_same_money() -> None:
    rows = clauses(
        {"account": "*", "clause": "fill_below", "rate": 0.5, "amount": 100.0, "level": 0.99, "period": "month"},
        {"account": "A1", "clause": "wrong_line", "amount": 4.0},
        {"account": "A2", "clause": "late_order", "amount": 9.0},
    )
    late = {"unfamiliar": 0.5, "unfamiliar_minutes": 90, "damage": 0.1}
    account = {"window_open": 510, "window_close": 630, "penalty_rate": 0.03, "mismatch": 0.1}
    world = calm(2, 2, 8, network=Network(clauses=rows), supply=late, account_columns=account)
    world = replace(world, supply=world.supply.model_copy(update={"replications": exactly(4)}))
    told = simulate(world, Plan.nothing())
    assert sum(told.clauses.values()) == pytest.approx(told.penalties.sum(axis=2))
    assert {name for name, money in told.clauses.items() if money.any()} == {
        "failed_value", "fill_below", "wrong_line", "late_order",
    }  # fmt: skip
    assert told.clauses["failed_value"] == pytest.approx(0.03 * told.lost_value.sum(axis=(2, 3)))
    assert not told.clauses["wrong_line"][:, 1].any() and not told.clauses["late_order"][:, 0].any()
    assert (told.clauses["late_order"] % 9.0 == 0).all() and (told.clauses["wrong_line"] % 4.0 == 0).all()
    value = told.accepted_value.sum(axis=2)
    assert told.cash is not None and told.cash[:, :, 0] == pytest.approx(value)


def test_the_scorecard_shows_each_clauses_share() -> None:
    """Account 1 alone: 3 % of 200 that failed are 6, and 2 wrong lines at 9."""
    money = {"failed_value": [[6.0, 50.0]], "wrong_line": [[18.0, 0.0]], "late_truck": [[0.0, 7.0]]}
    given = SimpleNamespace(clauses={name: np.array(rows) for name, rows in money.items()})
    assert by_clause(SimpleNamespace(accounts=np.array([0])), given) == {"failed_value": 0.25, "wrong_line": 0.75}
    none = SimpleNamespace(clauses={"failed_value": np.zeros((3, 2))})
    assert by_clause(SimpleNamespace(accounts=np.array([0, 1])), none) == {}


def test_order_to_cash_is_the_mean_over_what_was_invoiced() -> None:
    """Two years of account 1: 100 after 30 days and 300 after 40 days: 37.5 days; account 2 does not count."""
    cash = np.array([[[100.0, 3000.0], [1.0, 900.0]], [[300.0, 12000.0], [1.0, 900.0]]])
    of = SimpleNamespace(accounts=np.array([0]), confidence=0.95)
    assert order_to_cash(of, SimpleNamespace(cash=cash)).mean == pytest.approx(37.5)
    for nothing in (None, np.zeros((2, 2, 2))):
        assert isinstance(order_to_cash(of, SimpleNamespace(cash=nothing)), Absent)
