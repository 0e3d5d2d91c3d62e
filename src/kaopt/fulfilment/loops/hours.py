"""The hours of a warehouse: weekdays, holidays, and the clock of its pickers, which stands still at night."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import CUT_OFF, FIRST_DAY, SHIFT_END, SHIFT_START, WAVES, WEEKDAY


@compiled
def weekday(state: Any, day: Any) -> Any:
    """Monday = 0 … Sunday = 6."""
    return (state.span[WEEKDAY] + day) % 7


@compiled
def worked(place: Any, minute: Any) -> Any:
    """Seconds of shift from 00:00 of day 0 to `minute`: the clock of the pickers, which stands still at night."""
    length = place[SHIFT_END] - place[SHIFT_START]
    if length <= 0:
        return 0
    day, clock = minute // DAY, minute % DAY
    return 60 * (day * length + min(max(clock - place[SHIFT_START], 0), length))


@compiled
def holiday(state: Any, p: Any, day: Any) -> Any:
    """True where a warehouse is closed on a day of the clock."""
    at = day - state.span[FIRST_DAY]
    return 0 <= at < state.shut.shape[1] - 1 and state.shut[p, at + 1] > state.shut[p, at]


@compiled
def open_from(state: Any, p: Any, minute: Any) -> Any:
    """The minute itself, or the first one of the first day after it on which the warehouse is not closed."""
    while state.shut.shape[1] > 0 and holiday(state, p, minute // DAY):
        minute = (minute // DAY + 1) * DAY
    return minute


@compiled
def open_seconds(state: Any, p: Any, minute: Any) -> Any:
    """Seconds of shift up to `minute` without those of holidays."""
    seconds, at = worked(state.place[p], minute), minute // DAY - state.span[FIRST_DAY]
    if at < 0 or state.shut.shape[1] == 0:
        return seconds
    place, last = state.place[p], state.shut.shape[1] - 1
    length = max(place[SHIFT_END] - place[SHIFT_START], 0)
    seconds -= 60 * length * state.shut[p, min(at, last)]
    if holiday(state, p, minute // DAY):
        seconds -= 60 * min(max(minute % DAY - place[SHIFT_START], 0), length)
    return seconds


@compiled
def picked_from(place: Any, now: Any) -> Any:
    """The minute from which an order is picked: after the cut-off the next day, in waves with the next one."""
    day, clock = now // DAY, now % DAY
    if 0 <= place[CUT_OFF] < clock:
        day, clock = day + 1, 0
    if place[WAVES] == 0:
        return day * DAY + clock
    length = max((place[SHIFT_END] - place[SHIFT_START]) // place[WAVES], 1)
    wave = max(-(-(clock - place[SHIFT_START]) // length), 0)
    if wave >= place[WAVES]:
        day, wave = day + 1, 0
    return day * DAY + place[SHIFT_START] + wave * length
