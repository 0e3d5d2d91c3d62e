"""The card states what was measured, and can be read back."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from kaopt.response.card import Card, hold_out, read_card, slopes, write_model
from kaopt.response.fit import common, own, pooled, predict, wmape
from kaopt.response.history import history, regular_price
from tests.response.histories import planted


@pytest.fixture(scope="module")
def sales():
    return planted(40, 30, seed=21).sales


def a_card(sales, fit) -> Card:
    found = hold_out(sales, weeks=6)
    return Card(
        name="planted",
        what="made up",
        source={"package": "none"},
        licence="none",
        date="2027-01-04",
        rebuild="none",
        rows=len(sales),
        series=len(fit.series),
        weeks={"fewest": 30, "most": 30},
        definitions={},
        split={"held_out": "last 6 weeks"},
        wmape=found.wmape,
        coverage80=found.coverage80,
        bias_of_mean=found.bias_of_mean,
        wrong_signs=found.wrong_signs,
        mean=slopes(fit),
        checks={},
    )


def test_held_out_errors_are_those_of_an_independent_split(sales):
    found = hold_out(sales, weeks=6)
    past, future = sales[sales["week"] <= 24], sales[sales["week"] > 24]
    price = regular_price(past)
    past, future = (part.assign(base_price=[price[a, "S1"] for a in part["account"]]) for part in (past, future))
    data = history(past)
    rows = history(future, series=data.series)
    actual = future["units"].to_numpy()
    for method, fit in {"common_slopes": common, "least_squares": own, "partial_pooling": pooled}.items():
        assert found.wmape[method] == pytest.approx(wmape(actual, predict(fit(data), rows)[0]))
    mean = np.exp(past.assign(y=np.log(past["units"])).groupby("account")["y"].mean())
    assert found.wmape["own_mean"] == pytest.approx(wmape(actual, mean[future["account"]].to_numpy()))


def test_held_out_weeks_do_not_reach_the_fit(sales):
    spoilt = sales.copy()
    spoilt.loc[spoilt["week"] > 24, "units"] *= 3  # all errors change, the fits do not: every median stays
    kept, changed = hold_out(sales, weeks=6), hold_out(spoilt, weeks=6)
    assert changed.wrong_signs == kept.wrong_signs
    assert changed.bias_of_mean == pytest.approx((1 + kept.bias_of_mean) / 3 - 1)


def test_short_history_takes_the_latest_weeks_before_the_split(sales):
    found = hold_out(sales, weeks=6, history_weeks=8)
    cut = sales[sales["week"] > 16]
    assert found.wmape == pytest.approx(hold_out(cut, weeks=6).wmape)
    assert found.wmape["partial_pooling"] < found.wmape["least_squares"]


def test_pooling_wins_and_its_interval_covers(sales):
    found = hold_out(sales, weeks=6)
    errors = found.wmape
    assert errors["partial_pooling"] <= errors["least_squares"] < errors["own_mean"]
    assert errors["partial_pooling"] < errors["common_slopes"]
    assert found.coverage80 == pytest.approx(0.8, abs=0.07)
    assert found.wrong_signs["partial_pooling_signed"] == {"elasticity": 0, "display": 0}


def test_a_model_folder_is_written_and_read_back(tmp_path, sales):
    fit = pooled(history(sales))
    card = a_card(sales, fit)
    write_model(tmp_path / "planted", fit, card)
    again = read_card(tmp_path / "planted")
    keys = [line.split(":")[0] for line in (tmp_path / "planted" / "card.yaml").read_text().splitlines()]
    assert [key for key in keys if key.isidentifier()] == [one.name for one in fields(Card)]
    assert again.rows == 1200 and again.wmape == pytest.approx(card.wmape, abs=1e-4)
    assert again.mean["elasticity"]["value"] == pytest.approx(fit.mean[1], abs=1e-4)
    table = pd.read_csv(tmp_path / "planted" / "coefficients.csv")
    assert list(table.columns) == ["account", "sku", "term", "value", "se"]
    assert set(table["term"]) == {"elasticity", "display"}
    wide = table.pivot(index="account", columns="term", values="value")
    assert wide["elasticity"].to_numpy() == pytest.approx(fit.term("elasticity"), abs=1e-6)
    assert wide["display"].to_numpy() == pytest.approx(fit.term("display"), abs=1e-6)
    assert (table["se"] > 0).all()


def test_the_same_fit_gives_the_same_bytes(tmp_path, sales):
    for name in ("one", "two"):
        fit = pooled(history(sales))
        write_model(tmp_path / name, fit, a_card(sales, fit))
    for file in ("coefficients.csv", "card.yaml"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
