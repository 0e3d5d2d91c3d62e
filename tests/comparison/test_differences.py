"""Two calendars held against each other: by hand, and as properties of any pair."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kaopt.comparison.differences import Event, differences


def event(text: str) -> Event:
    account, sku, week, weeks, treatment = text.split()
    return Event(account, sku, int(week), int(weeks), treatment)


def calendar(*texts: str) -> list[Event]:
    return [event(one) for one in texts]


def test_each_kind_of_difference_by_hand():
    a = calendar("W cola 4 1 cut", "W cola 8 1 cut", "W tea 3 2 cut", "X cola 5 1 display", "X tea 9 1 cut")
    b = calendar("W cola 4 1 cut", "W cola 9 1 cut", "W tea 3 1 cut", "X cola 5 1 cut", "Y tea 9 1 cut")
    found = differences("last year", a, "this year", b)
    assert found.same == (event("W cola 4 1 cut"),)
    assert found.moved == ((event("W cola 8 1 cut"), event("W cola 9 1 cut")),)
    assert found.changed == (
        (event("W tea 3 2 cut"), event("W tea 3 1 cut")),
        (event("X cola 5 1 display"), event("X cola 5 1 cut")),
    )
    assert found.only_first == (event("X tea 9 1 cut"),)
    assert found.only_second == (event("Y tea 9 1 cut"),)


def test_two_weeks_are_no_move_of_a_week():
    found = differences("a", calendar("W cola 4 1 cut"), "b", calendar("W cola 6 1 cut"))
    assert (len(found.moved), len(found.only_first), len(found.only_second)) == (0, 1, 1)


def test_a_move_in_a_longer_promotion_or_another_mechanic_is_none():
    before = calendar("W cola 4 1 cut", "W tea 4 1 cut")
    after = calendar("W cola 5 2 cut", "W tea 5 1 display")
    found = differences("a", before, "b", after)
    assert found.moved == () and found.changed == ()


def test_what_stays_is_never_called_moved():
    """Week 4 is in both: 3 -> 4 would be a move only where 4 were free."""
    found = differences("a", calendar("W cola 3 1 cut", "W cola 4 1 cut"), "b", calendar("W cola 4 1 cut"))
    assert found.same == (event("W cola 4 1 cut"),)
    assert found.only_first == (event("W cola 3 1 cut"),)


def test_a_row_of_moves_is_paired_as_often_as_can_be():
    before, after = calendar("W c 1 1 k", "W c 3 1 k", "W c 5 1 k"), calendar("W c 2 1 k", "W c 4 1 k", "W c 6 1 k")
    assert len(differences("a", before, "b", after).moved) == 3


EVENTS = st.builds(
    Event,
    st.sampled_from(["W", "X"]),
    st.sampled_from(["cola", "tea"]),
    st.integers(1, 6),
    st.integers(1, 2),
    st.sampled_from(["cut", "display"]),
)


@given(st.lists(EVENTS, max_size=12), st.lists(EVENTS, max_size=12))
def test_every_event_stands_in_exactly_one_list(first, second):
    found = differences("a", first, "b", second)
    pairs = [*found.moved, *found.changed]
    assert Counter([*found.same, *found.only_first, *(a for a, _ in pairs)]) == Counter(first)
    assert Counter([*found.same, *found.only_second, *(b for _, b in pairs)]) == Counter(second)
    for a, b in found.moved:
        assert a._replace(week=b.week) == b and abs(a.week - b.week) == 1
    for a, b in found.changed:
        assert a[:3] == b[:3] and a != b


@given(st.lists(EVENTS, max_size=12), st.lists(EVENTS, max_size=12))
def test_looking_from_the_other_side_counts_the_same(first, second):
    there, back = differences("a", first, "b", second), differences("b", second, "a", first)
    assert there.same == back.same
    assert len(there.moved) == len(back.moved)
    assert len(there.only_first) == len(back.only_second)
