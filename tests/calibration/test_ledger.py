"""The customer's books: what they say, which knob belongs to which figure, and what simulated years would have said."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_args

import numpy as np
import pytest

from kaopt.calibration.ledger import Line, lines_of, matched, written
from kaopt.errors import InputError
from kaopt.scenario.ledger_settings import Calibrate, Cause
from kaopt.scenario.model import Scenario
from kaopt.service import CAUSES, FINE_CAUSES, Service
from tests.calibration.small import KNOBS, warehouse

LATE = KNOBS[0]


def world(ledger: dict[str, Any], *knobs: dict[str, Any]) -> Scenario:
    said = Calibrate.model_validate({"ledger": ledger, "knobs": list(knobs)})
    return replace(warehouse(4), calibrate=said)


def faults(ledger: dict[str, Any], *knobs: dict[str, Any]) -> list[str]:
    there = world(ledger, *knobs)
    with pytest.raises(InputError) as caught:
        matched(there, lines_of(there))
    return [f"{one.column}: {one.found}: {one.expected} {one.remedy}" for one in caught.value.faults]


def test_the_causes_are_those_of_the_simulation() -> None:
    assert set(get_args(Cause)) == set(CAUSES)


def test_causes_of_what_failed_become_shares_of_what_was_ordered() -> None:
    said = {"fill": "65%", "penalties": "15万", "causes": {"late": "40%", "age": "30%"}}
    lines = lines_of(world({"W": said}))
    assert [(one.account, one.what) for one in lines] == [
        ("W", "fill"),
        ("W", "penalties"),
        ("W", "late"),
        ("W", "age"),
    ]
    assert [one.value for one in lines] == pytest.approx([0.65, 150_000, 0.14, 0.105])


def test_losses_are_said_directly_and_for_several_accounts_together() -> None:
    lines = lines_of(world({"W": {"losses": {"late": "13.7%"}}, "*": {"losses": {"paper": 0.04}}}))
    assert lines == (Line("W", "late", 0.137), Line("*", "paper", 0.04))


@pytest.mark.parametrize(
    ("ledger", "words"),
    [
        ({"V": {"fill": 0.6}}, "must be an account"),
        ({"W": {"causes": {"late": 0.4}}}, "must be given with causes"),
        ({"W": {"fill": 0.6, "causes": {"late": 0.7, "age": 0.4}}}, "at most 100% together"),
        ({"W": {"fill": 0.6, "causes": {"late": 0.4}, "losses": {"late": 0.1}}}, "must not be among the causes too"),
    ],
)
def test_books_that_cannot_be_read(ledger: dict[str, Any], words: str) -> None:
    assert any(words in one for one in faults(ledger, LATE))


def test_rounded_shares_may_add_to_a_little_more_than_all() -> None:
    causes = {"late": 0.334, "age": 0.334, "paper": 0.334}
    assert len(lines_of(world({"W": {"fill": 0.6, "causes": causes}}))) == 4


def test_each_knob_has_its_own_figure() -> None:
    two = {"W": {"losses": {"late": 0.1}}, "Z": {"losses": {"late": 0.2}}}
    there = world(two, {**LATE, "account": "Z"})
    assert matched(there, lines_of(there)) == (Line("Z", "late", 0.2),)
    assert "Name the `account`" in faults(two, LATE)[0]
    assert "Add it to `calibrate.ledger`" in faults({"W": {"losses": {"age": 0.1}}}, LATE)[0]
    assert "must have no other knob" in faults({"W": {"losses": {"late": 0.1}}}, LATE, KNOBS[0])[0]
    assert "calibrate.knobs: nothing" in faults({"W": {"losses": {"late": 0.1}}})[0]


def service() -> Service:
    """Two years, accounts W and Z, one week: figures that can be added by hand."""
    causes = len(FINE_CAUSES)
    lost = np.zeros((2, 2, 1, causes))
    lost[0, 0, 0, FINE_CAUSES.index("late_trip")] = 10
    lost[0, 0, 0, FINE_CAUSES.index("late_dock")] = 5
    lost[1, 0, 0, FINE_CAUSES.index("age")] = 20
    lost[:, 1, 0, FINE_CAUSES.index("late_trip")] = 40
    ordered = np.array([[[100.0], [200.0]], [[50.0], [200.0]]])
    given = {one.name: np.zeros(0) for one in fields(Service) if one.name not in ("use", "warmup_weeks", "confidence")}
    given |= {"ordered_value": ordered, "accepted_value": ordered - lost.sum(axis=3), "lost_value": lost}
    return Service(**given | {"penalties": 0.03 * lost.sum(axis=2), "use": {}, "warmup_weeks": 0})  # type: ignore[arg-type]


def test_what_simulated_years_would_have_written() -> None:
    lines = [Line("W", "late", 0), Line("W", "age", 0), Line("W", "fill", 0), Line("*", "late", 0)]
    figures = written(service(), ("W", "Z"), [*lines, Line("Z", "penalties", 0)])
    assert figures == pytest.approx(
        np.array([[0.15, 0.0, 0.85, 55 / 300, 1.2], [0.0, 0.4, 0.6, 40 / 250, 1.2]]),
    )


def test_a_year_without_orders_has_no_losses() -> None:
    empty = replace(service(), ordered_value=np.zeros((2, 2, 1)), lost_value=np.zeros((2, 2, 1, len(FINE_CAUSES))))
    assert written(empty, ("W", "Z"), [Line("W", "late", 0)]).tolist() == [[0.0], [0.0]]
