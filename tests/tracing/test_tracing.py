"""The life of an order and of a lot, asked for on the command line, told in both languages."""

from __future__ import annotations

import pytest

from kaopt.errors import InputError
from kaopt.fulfilment.loops.trace import KIND_OF, ORDERED_LINE
from kaopt.scenario.model import Scenario
from kaopt.service import FINE_CAUSES
from kaopt.tracing.ask import Asked, tell
from kaopt.tracing.sentences import as_dict, text_of, totals
from kaopt.tracing.words import CAUSES, SENTENCES
from tests.fulfilment.helpers import ready
from tests.fulfilment.test_simulate import rough
from tests.fulfilment.test_year import ALWAYS_LATE, MORNING, flat


def told(world: Scenario, language: str = "en", **asked: str) -> list[str]:
    question = Asked(**asked)  # type: ignore[arg-type]
    return text_of(world, tell(ready(world), question), question, language).splitlines()


def test_an_order_by_hand() -> None:
    """10 cases for Monday of week 2, ordered on Sunday; from the lot that was there; accepted at half past nine."""
    world = flat(account_columns=MORNING, sku_columns={"lot_cover_weeks": 0.01})
    lines = told(world, order="A1,D8")
    assert lines[0].startswith("day 7 (week 1)") and lines[0].endswith("A1 orders 10 cases of S1 for D8")
    picked = [line for line in lines if "are picked" in line]
    assert sum(int(line.split(": ")[1].split()[0]) for line in picked) == 10
    assert "day 8 (week 2) 09:30: truck 1 is at A1's gate and is let in" in lines
    assert lines[-1] == "ordered 10, accepted 10, missing 0: –"


def test_a_late_order_says_why_and_its_goods_come_home() -> None:
    world = flat(account_columns=MORNING, supply=ALWAYS_LATE | {"unfamiliar_minutes": 200})
    lines = told(world, order="A1,W3")
    late = CAUSES["en"]["late_trip"]
    assert sum(line.endswith(f"refused at A1's gate: {late}") for line in lines) == 3
    assert any("are home again" in line for line in lines)
    assert lines[-1] == f"ordered 30, accepted 0, missing 30: 30 {late}"
    assert told(world, "zh", order="A1,W3")[-1] == "订 30 箱，收 0 箱，缺 30 箱：30 途中过久"


def test_a_lots_life_adds_up() -> None:
    """Begun, free, picked, accepted: the lot of a Monday in a world without chance."""
    world = flat(sku_columns={"lot_cover_weeks": 0.01})
    found = tell(ready(world), Asked(lot="S1,8"))
    lines = text_of(world, found, Asked(lot="S1,8")).splitlines()
    assert lines[0] == "day 8 (week 2): a lot of 30 cases of S1 is begun for the warehouse"
    assert lines[1] == "day 13 (week 2): 30 cases of S1 from lot D8 are free stock of the warehouse"
    assert totals(found)["accepted"] == 30
    assert lines[-1] == "accepted 30, refused 0 times a case, written off or cleared 0"


def test_orders_of_a_week_are_those_of_its_days() -> None:
    inputs = ready(rough())
    week = tell(inputs, Asked(order="A1,W4")).events
    days = [tell(inputs, Asked(order=f"A1,D{day}")).events for day in range(22, 29)]
    assert len(week) == sum(map(len, days)) > 0
    assert set(week[:, 3]) <= set(range(21, 28))


def test_every_missing_case_has_a_cause() -> None:
    world = rough()
    for week in range(1, 7):
        found = totals(tell(ready(world), Asked(order=f"A2,W{week}")))
        assert sum(found["by_cause"].values()) == found["missing"]
    data = as_dict(world, tell(ready(world), Asked(order="A2,W2")))
    assert set(data["by_cause"]) <= set(FINE_CAUSES) and data["events"][0]["text"]


@pytest.mark.parametrize(
    "asked", [{"order": "A9,W1"}, {"order": "A1"}, {"order": "A1,12"}, {"lot": "S9,1"}, {"lot": "S1,x"}, {}]
)
def test_a_question_that_names_nothing_is_a_fault(asked: dict[str, str]) -> None:
    with pytest.raises(InputError):
        tell(ready(flat(weeks=1)), Asked(**asked))  # type: ignore[arg-type]
    with pytest.raises(InputError):
        tell(ready(flat(weeks=1)), Asked(order="A1,W1", lot="S1,1"))


def test_a_year_without_the_order_says_so() -> None:
    world = flat(weeks=2)
    assert told(world, order="A1,W40") == [SENTENCES["en"]["nothing"]]
    assert ORDERED_LINE in tell(ready(world), Asked(order="A1,W1")).events[:, KIND_OF]


def test_both_languages_have_every_sentence_and_cause() -> None:
    assert SENTENCES["en"].keys() == SENTENCES["zh"].keys()
    assert CAUSES["en"].keys() == CAUSES["zh"].keys() == {*FINE_CAUSES, "with_line"}
