"""What is held out, what simpler methods make of it, and the evidence that a card tells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kaopt.response.evidence import About, evidence
from kaopt.response.held_out import hold_out, mean_of, parts_of, tail
from kaopt.response.learn import forecast, learn
from kaopt.response.structure import Structure
from tests.response.histories import planted

SHAPE = Structure(own=("elasticity", "display"))


def frame(weeks, account="A"):
    return pd.DataFrame({"account": account, "sku": "S", "week": weeks})


def test_weeks_count_back_from_the_last_of_each_series_gaps_included():
    """Weeks 1 2 3 7 8, two held out: 7 and 8; five held out: also the gap counts, so 7 and 8 again."""
    past, future = parts_of(frame([1, 2, 3, 7, 8]), 2)
    assert past.tolist() == [True, True, True, False, False] and future.tolist() == [not one for one in past]
    assert parts_of(frame([1, 2, 3, 7, 8]), 5)[1].tolist() == [False, False, False, True, True]
    assert parts_of(frame([1, 2, 3, 7, 8]), 6)[1].tolist() == [False, False, True, True, True]


def test_each_series_has_its_own_last_week():
    both = pd.concat([frame([1, 2, 3]), frame([5, 6, 7], "B")], ignore_index=True)
    assert parts_of(both, 1)[1].tolist() == [False, False, True, False, False, True]


def test_a_series_without_a_week_before_is_in_neither_part():
    both = pd.concat([frame([1, 2, 3]), frame([6, 7], "B")], ignore_index=True)
    past, future = parts_of(both, 2)
    assert past.tolist() == [True, False, False, False, False]
    assert future.tolist() == [False, True, True, False, False]


def test_short_histories_end_where_the_test_begins():
    past, future = parts_of(frame(list(range(1, 11))), 3, 4)
    assert np.flatnonzero(past).tolist() == [3, 4, 5, 6] and np.flatnonzero(future).tolist() == [7, 8, 9]


def test_the_mean_of_a_series_is_geometric():
    past = frame([1, 2]).assign(units=[2.0, 8.0])
    assert mean_of(past, frame([3, 4])) == pytest.approx([4.0, 4.0])


def test_the_tail_is_of_each_series():
    both = pd.concat([frame([1, 2, 3]), frame([5, 6, 7], "B")], ignore_index=True)
    assert tail(both, 2)["week"].tolist() == [2, 3, 6, 7]


@pytest.fixture(scope="module")
def sales():
    return planted(25, 30, seed=31).sales


def test_the_held_out_weeks_are_not_looked_at(sales):
    """Other sales in the held-out weeks change the errors and nothing of the model."""
    last = sales["week"] > 26
    other = sales.assign(units=np.where(last, sales["units"] * 3, sales["units"]))
    one, two = (hold_out(history, weeks=4, structure=SHAPE) for history in (sales, other))
    assert np.array_equal(one.model.fit.value, two.model.fit.value)
    assert one.rows["median"].tolist() == two.rows["median"].tolist()
    assert two.wmape["partial_pooling"] > one.wmape["partial_pooling"]


def test_figures_are_those_of_the_rows(sales):
    found = hold_out(sales, weeks=4, structure=SHAPE)
    rows = found.rows
    assert len(rows) == 100 and set(rows["week"]) == {27, 28, 29, 30}
    error = (rows["units"] - rows["median"]).abs().sum() / rows["units"].sum()
    assert found.wmape["partial_pooling"] == pytest.approx(error)
    assert found.coverage80 == pytest.approx(rows["units"].between(rows["low80"], rows["high80"]).mean())
    assert found.bias_of_mean == pytest.approx(rows["mean"].sum() / rows["units"].sum() - 1)
    past = sales[sales["week"] <= 26]
    again = forecast(learn(past, SHAPE), sales[sales["week"] > 26], past)
    assert rows["median"].to_numpy() == pytest.approx(again.median)


def test_methods_rank_as_they_should_on_a_planted_history(sales):
    found = hold_out(sales, weeks=4, structure=SHAPE).wmape
    assert list(found) == ["own_mean", "last_periods", "common_slopes", "least_squares", "partial_pooling"]
    assert found["partial_pooling"] < found["common_slopes"] < found["own_mean"]
    assert found["partial_pooling"] <= found["least_squares"] * 1.01


def test_the_evidence_holds_out_then_fits_every_row_with_the_same_structure(sales):
    about = About("n", "w", {"file": "f"}, "l", "2027-01-04", "r", {"own": "defined"})
    plain = sales.drop(columns="display")
    found = evidence(plain[plain["account"] < "A010"], about, weeks=3, checks={"seen": 1})
    card = found.card
    assert found.model.structure == found.held.model.structure and found.model.width == found.held.model.width
    assert (card.rows, card.series, card.weeks) == (300, 10, {"fewest": 30, "most": 30})
    assert card.split == {"held_out": "last 3 weeks", "rows": 30, "given": "their real price and promotion"}
    assert card.checks == {"seen": 1} and card.definitions["own"] == "defined"
    assert card.wmape == found.held.wmape and card.coverage80 == found.held.coverage80
    again = learn(plain[plain["account"] < "A010"], found.model.structure)
    assert found.model.fit.value == pytest.approx(again.fit.value)
    assert card.structure["own"] == ["elasticity"] and set(card.plan_value["earned"]) >= {"partial_pooling"}
