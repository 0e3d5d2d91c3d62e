"""The benchmark of response fits: it fits what it says, and finds what was planted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.response import SIZES, history, main


def test_the_small_one_finds_the_planted_means(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--size", "cheese", "--json"])
    found = json.loads(capsys.readouterr().out)["cheese"]
    assert (found["series"], found["rows"], found["coefficients"]) == (88, 5280, 3)
    assert found["cpu_seconds"] > 0 and found["rounds"] > 1
    assert found["error_of_means"] < 4 * 0.7 / 88**0.5


def test_histories_are_the_same_for_the_same_seed() -> None:
    (one, _), (again, _), (other, _) = (history(24, 10, 6, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.y, again.y) and not np.array_equal(one.y, other.y)
    assert len(one.series) == 24 and one.x.shape == (240, 6) and np.isfinite(one.y).all()


def test_the_large_one_is_the_size_of_the_promise() -> None:
    assert SIZES["large"][0] == 3600 and SIZES["large"][2] == 6
