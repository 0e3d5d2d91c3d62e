"""The best year of every account-SKU at given worths of its events: dynamic programs, all side by side in arrays."""

from __future__ import annotations

import numpy as np


def best_calendars(worth: np.ndarray, lengths: tuple[int, ...], *, gap: int, most: int) -> np.ndarray:
    """[B, W, L] which events to run, from their worth [B, W, L] by block, first week and length.

    At most `most` events a year, `gap` free weeks between two. Exact: the value of the rest of the year is known
    for every week and number of events left.
    """
    blocks, weeks, _ = worth.shape
    rest = np.zeros((weeks + max(lengths) + gap + 1, blocks, most + 1))
    choice = np.full((weeks, blocks, most + 1), -1, dtype=np.int8)
    for w in range(weeks - 1, -1, -1):
        rest[w] = rest[w + 1]
        for number, length in enumerate(lengths):
            if w + length > weeks:
                continue
            taken = worth[:, w, number, None] + rest[min(w + length + gap, weeks), :, :-1]
            better = taken > rest[w, :, 1:]
            rest[w, :, 1:][better] = taken[better]
            choice[w, :, 1:][better] = number
    return traced(choice, worth.shape, lengths, gap)


def traced(choice: np.ndarray, shape: tuple[int, ...], lengths: tuple[int, ...], gap: int) -> np.ndarray:
    """[B, W, L] the events along each block's best path."""
    blocks, weeks, _ = shape
    chosen = np.zeros(shape, dtype=bool)
    everyone = np.arange(blocks)
    at, left = np.zeros(blocks, dtype=np.int64), np.full(blocks, choice.shape[2] - 1)
    for w in range(weeks):
        what = np.where(at == w, choice[w, everyone, left], -1)
        started = np.flatnonzero(what >= 0)
        chosen[started, w, what[started]] = True
        left[started] -= 1
        at[at == w] = w + 1
        at[started] = w + np.array(lengths)[what[started]] + gap
    return chosen
