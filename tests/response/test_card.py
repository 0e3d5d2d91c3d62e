"""The card states what was measured, and can be read back."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from kaopt.response.card import Card, read_card, slopes
from kaopt.response.choose import plain
from kaopt.response.fit import common, own, pooled, predict, wmape
from kaopt.response.folder import read_model, write_model
from kaopt.response.held_out import hold_out
from kaopt.response.learn import forecast, learn
from tests.response.histories import planted, rows_of


@pytest.fixture(scope="module")
def sales():
    return planted(40, 30, seed=21).sales


def a_card(sales, model) -> Card:
    found = hold_out(sales, weeks=6, structure=plain(sales))
    return Card(
        name="planted",
        what="made up",
        source={"package": "none"},
        licence="none",
        date="2027-01-04",
        rebuild="none",
        rows=len(sales),
        series=len(model.fit.series),
        weeks={"fewest": 30, "most": 30},
        definitions={},
        split={"held_out": "last 6 weeks"},
        wmape=found.wmape,
        coverage80=found.coverage80,
        bias_of_mean=found.bias_of_mean,
        wrong_signs=found.wrong_signs,
        mean=slopes(model.fit),
        checks={},
    )


def test_held_out_errors_are_those_of_an_independent_split(sales):
    found = hold_out(sales, weeks=6, structure=plain(sales))
    past, future = sales[sales["week"] <= 24], sales[sales["week"] > 24]
    data = rows_of(past)
    rows = rows_of(future, series=data.series)
    actual = future["units"].to_numpy()
    for method, fit in {"common_slopes": common, "least_squares": own, "partial_pooling": pooled}.items():
        assert found.wmape[method] == pytest.approx(wmape(actual, predict(fit(data), rows)[0]))
    mean = np.exp(past.assign(y=np.log(past["units"])).groupby("account")["y"].mean())
    assert found.wmape["own_mean"] == pytest.approx(wmape(actual, mean[future["account"]].to_numpy()))


def test_held_out_weeks_do_not_reach_the_fit(sales):
    spoilt = sales.copy()
    spoilt.loc[spoilt["week"] > 24, "units"] *= 3  # all errors change, the fits do not: every median stays
    kept, changed = hold_out(sales, weeks=6, structure=plain(sales)), hold_out(spoilt, weeks=6, structure=plain(sales))
    assert changed.wrong_signs == kept.wrong_signs
    assert changed.bias_of_mean == pytest.approx((1 + kept.bias_of_mean) / 3 - 1)


def test_short_history_takes_the_latest_weeks_before_the_split(sales):
    found = hold_out(sales, weeks=6, history_weeks=8, structure=plain(sales))
    cut = sales[sales["week"] > 16]
    assert found.wmape == pytest.approx(hold_out(cut, weeks=6, structure=plain(sales)).wmape)
    assert found.wmape["partial_pooling"] < found.wmape["least_squares"]


def test_pooling_wins_and_its_interval_covers(sales):
    found = hold_out(sales, weeks=6, structure=plain(sales))
    errors = found.wmape
    assert errors["partial_pooling"] <= errors["least_squares"] < errors["own_mean"]
    assert errors["partial_pooling"] < errors["common_slopes"]
    assert found.coverage80 == pytest.approx(0.8, abs=0.07)
    assert found.wrong_signs["partial_pooling_signed"] == {"elasticity": 0, "display": 0}


def test_a_model_folder_is_written_and_read_back(tmp_path, sales):
    model = learn(sales, plain(sales))
    fit, card = model.fit, a_card(sales, model)
    write_model(tmp_path / "planted", model, card)
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
        model = learn(sales, plain(sales))
        write_model(tmp_path / name, model, a_card(sales, model))
    for file in ("coefficients.csv", "levels.csv", "fit.npz", "card.yaml"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_model_read_back_forecasts_the_same_old_and_new_series(tmp_path, sales):
    model = learn(sales, plain(sales))
    write_model(tmp_path, model, a_card(sales, model))
    rows = pd.concat([sales.tail(5), sales.tail(5).assign(account="new", base_price=3.0)], ignore_index=True)
    for one, other in zip(
        (vars(forecast(model, rows))).values(), vars(forecast(read_model(tmp_path), rows)).values(), strict=True
    ):
        assert one == pytest.approx(other, rel=1e-12)
