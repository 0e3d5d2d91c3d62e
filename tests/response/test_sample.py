"""Drawn coefficients: their law, their signs, whose luck is whose."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.special import ndtr

from kaopt.response.sample import Sampling, sampled, uncertain
from kaopt.scenario.model import Response
from tests.worlds import response, world

MANY = Sampling(10_000, seed=3)


def drawn(here, how, term="elasticity"):
    """[worlds, A, S]"""
    return np.array([getattr(one, term) for one in sampled(here, how)])


def test_far_from_its_end_a_coefficient_is_normal() -> None:
    here = world(1, 1, response_columns={"elasticity": -3.0, "elasticity_se": 0.3})
    found = drawn(here, MANY).ravel()
    assert found.mean() == pytest.approx(-3.0, abs=4 * 0.3 / 100)
    assert found.std() == pytest.approx(0.3, rel=0.02)
    for level in (0.05, 0.5, 0.95):
        share = np.mean(found < -3.0 + 0.3 * {0.05: -1.6449, 0.5: 0.0, 0.95: 1.6449}[level])
        assert share == pytest.approx(level, abs=4 * 0.5 / 100)


def test_at_its_end_it_is_half_normal_and_keeps_its_sign() -> None:
    """|N(0, s)| has mean s sqrt(2 / pi) and variance s² (1 - 2 / pi)."""
    here = world(1, 1, response_columns={"elasticity": 0.0, "elasticity_se": 0.5, "display": 0.0, "display_se": 0.2})
    price, shown = drawn(here, MANY).ravel(), drawn(here, MANY, "display").ravel()
    assert price.max() <= 0 <= shown.min()
    assert -price.mean() == pytest.approx(0.5 * np.sqrt(2 / np.pi), rel=0.02)
    assert shown.mean() == pytest.approx(0.2 * np.sqrt(2 / np.pi), rel=0.02)
    assert shown.std() == pytest.approx(0.2 * np.sqrt(1 - 2 / np.pi), rel=0.02)


def test_only_what_has_a_standard_error_moves() -> None:
    columns = {"elasticity_se": [[0.3, 0.0]], "display": 0.5, "fatigue": 0.1, "dip": 0.2, "dip_weeks": 2}
    here = world(1, 2, response_columns=columns)
    assert uncertain(here) == ("elasticity",)
    for one in sampled(here, Sampling(5)):
        assert one.elasticity[0, 1] == -2.5 and one.elasticity[0, 0] != -2.5
        for other in fields(Response):
            if other.name != "elasticity":
                assert np.array_equal(getattr(one, other.name), getattr(here.response, other.name))
    assert uncertain(world(1, 2)) == ()
    unlisted = replace(here, listed=np.array([[False, True]]))
    assert uncertain(unlisted) == ()


def test_an_account_keeps_its_luck_when_another_one_comes() -> None:
    columns = {"elasticity_se": 0.3, "display_se": 0.1}
    few, more = world(1, 2, response_columns=columns), world(3, 2, response_columns=columns)
    for how in (Sampling(7), Sampling(7, stratified=True), Sampling(7, common=0.4)):
        for term in ("elasticity", "display"):
            assert np.array_equal(drawn(few, how, term), drawn(more, how, term)[:, :1])
    # further worlds leave the first ones as they are, another purpose or seed has luck of its own
    assert np.array_equal(drawn(few, Sampling(7)), drawn(few, Sampling(9))[:7])
    assert not np.any(drawn(few, Sampling(7)) == drawn(few, Sampling(7, purpose="fresh")))
    assert not np.any(drawn(few, Sampling(7)) == drawn(few, Sampling(7, seed=8)))


def test_stratified_worlds_take_every_part_once() -> None:
    here = world(2, 2, response_columns={"elasticity": -3.0, "elasticity_se": 0.3})
    found = drawn(here, Sampling(50, stratified=True))
    part = np.floor(ndtr((found + 3.0) / 0.3) * 50).reshape(50, -1)
    assert all(sorted(column) == list(range(50)) for column in part.T.tolist())
    assert abs(found.mean(axis=0) + 3.0).max() < 0.005  # 0.04 where worlds are independent


def test_what_errors_have_in_common() -> None:
    here = world(2, 2, response_columns={"elasticity": -3.0, "elasticity_se": [[0.3, 0.1], [0.2, 0.3]]})

    def correlation(common):
        flat = drawn(here, Sampling(4000, common=common)).reshape(4000, -1)
        assert flat.std(axis=0) == pytest.approx([0.3, 0.1, 0.2, 0.3], rel=0.05)
        return np.corrcoef(flat.T)[np.triu_indices(4, 1)]

    assert correlation(0.0) == pytest.approx(np.zeros(6), abs=0.07)
    assert correlation(0.6) == pytest.approx(np.full(6, 0.6), abs=0.06)
    assert correlation(1.0) == pytest.approx(np.ones(6), abs=1e-6)


def test_every_column_of_standard_errors_has_its_term() -> None:
    """A new column NAME_se is drawn without a further line of code, as long as there is a column NAME."""
    names = [one.name for one in fields(Response)]
    assert [name for name in names if name.endswith("_se") and name.removesuffix("_se") not in names] == []
    every = {name: 0.1 for name in names if name.endswith("_se")}
    here = replace(world(1, 1), response=response(1, 1, elasticity=-2.0, display=0.5, **every))
    assert sorted(uncertain(here)) == sorted(name.removesuffix("_se") for name in every)
    one = next(sampled(here, Sampling(1)))
    assert all(np.all(getattr(one, term) != getattr(here.response, term)) for term in uncertain(here))
