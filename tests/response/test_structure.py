"""Every column of a response model, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kaopt.response.structure import ACTIVE, COLUMNS, RATIO, YEAR, Lift, Structure, design

NONE = Lift()
PRICED = Lift({"level": 7.0, "elasticity": -2.0, "display": 1.0})


def rows(**columns):
    size = max(len(one) for one in columns.values() if isinstance(one, list))
    start = {"account": "A", "sku": "S", "week": list(range(1, size + 1)), "price": 3.0, "base_price": 3.0}
    return pd.DataFrame(start | columns, index=range(size))


def column(name, frame, lift=NONE):
    return COLUMNS[name](frame, lift).tolist()


def test_elasticity_counts_the_logarithm_of_the_price_ratio():
    assert column("elasticity", rows(price=[3.0, 2.4, 6.0])) == pytest.approx([0, np.log(0.8), np.log(2)])


def test_absurd_ratios_are_held():
    assert column("elasticity", rows(price=[0.01, 900.0])) == pytest.approx(np.log(RATIO))


def test_displays_and_features_are_their_shares():
    frame = rows(display=[0.0, 0.5], feature=[1.0, 0.2])
    assert column("display", frame) == [0.0, 0.5] and column("feature", frame) == [1.0, 0.2]


def test_interactions_are_products():
    frame = rows(price=[2.4, 3.0], display=[0.5, 0.5], feature=[0.2, 0.2])
    cut = np.log(0.8)
    assert column("price_display", frame) == pytest.approx([cut * 0.5, 0])
    assert column("price_feature", frame) == pytest.approx([cut * 0.2, 0])
    assert column("display_feature", frame) == pytest.approx([0.1, 0.1])


def test_regular_prices_count_against_their_own_mean():
    frame = rows(base_price=[3.0, 3.6], usual_price=[3.3, 3.3])
    assert column("base_price", frame) == pytest.approx(np.log([3 / 3.3, 3.6 / 3.3]))


def test_the_effect_of_a_promotion_counts_what_the_history_has():
    frame = rows(price=[2.4, 3.0], display=[0.0, 0.5])
    assert PRICED.of(frame) == pytest.approx([-2 * np.log(0.8), 0.5])
    assert Lift({"level": 7.0, "dip": 0.3}).of(frame).tolist() == [0.0, 0.0]


def test_a_dip_follows_the_week_in_which_a_promotion_ended():
    """Cut in weeks 2 and 3: the dip is in week 4 alone, as large as the effect of week 3."""
    frame = rows(price=[3.0, 2.4, 2.7, 3.0, 3.0], display=0.0)
    assert column("dip", frame, PRICED) == pytest.approx([0, 0, 0, 2 * np.log(0.9), 0])


def test_there_is_no_dip_after_a_gap_or_in_another_series():
    gap = rows(week=[1, 3], price=[2.4, 3.0], display=0.0)
    assert column("dip", gap, PRICED) == [0.0, 0.0]
    other = rows(account=["A", "B"], week=[1, 2], price=[2.4, 3.0], display=0.0)
    assert column("dip", other, PRICED) == [0.0, 0.0]


def test_a_promotion_too_small_to_count_leaves_no_dip():
    just = float(3.0 * np.exp(-0.9 * ACTIVE / 2))
    assert column("dip", rows(price=[just, 3.0], display=0.0), PRICED) == [0.0, 0.0]


def test_neighbours_lose_what_others_of_their_category_gain():
    frame = rows(
        sku=["S", "T", "U", "V"], week=1, price=[2.4, 2.7, 3.0, 2.4], display=0.0, category=["c", "c", "c", "other"]
    )
    s, t = -2 * np.log(0.8), -2 * np.log(0.9)
    assert column("cross", frame, PRICED) == pytest.approx([-t, -s, -s - t, 0])


def test_without_categories_all_skus_are_neighbours_and_only_of_the_week_and_account():
    frame = rows(account=["A", "A", "B", "A"], sku=["S", "T", "T", "T"], week=[1, 1, 1, 2], price=[2.4, 3.0, 3.0, 3.0])
    assert column("cross", frame.assign(display=0.0), PRICED) == pytest.approx([0, 2 * np.log(0.8), 0, 0])


def test_a_dearer_neighbour_gives_nothing():
    frame = rows(sku=["S", "T"], week=1, price=[6.0, 3.0], display=0.0)
    assert column("cross", frame, PRICED) == [0.0, 0.0]


def test_seasons_come_round_once_and_twice_a_year():
    frame = rows(week=[0.0, YEAR / 8, YEAR / 4, YEAR])
    assert column("season_sin1", frame) == pytest.approx([0, 0.5**0.5, 1, 0], abs=1e-12)
    assert column("season_cos1", frame) == pytest.approx([1, 0.5**0.5, 0, 1], abs=1e-12)
    assert column("season_sin2", frame) == pytest.approx([0, 1, 0, 0], abs=1e-12)
    assert column("season_cos2", frame) == pytest.approx([1, 0, -1, 1], abs=1e-12)


def test_a_design_has_the_terms_in_order_and_takes_other_columns_as_they_are():
    frame = rows(price=[2.4, 3.0], other_heat=[21.0, 30.0], holiday=[0.0, 1 / 7])
    shape = Structure(own=("elasticity",), shared=("other_heat", "holiday"))
    assert shape.terms == ("level", "elasticity", "other_heat", "holiday")
    assert design(frame, shape, NONE) == pytest.approx(np.array([[1, np.log(0.8), 21, 0], [1, 0, 30, 1 / 7]]))


def test_a_term_is_added_at_the_end_of_its_kind():
    shape = Structure(own=("elasticity",), shared=("dip",), memory=8.0)
    assert shape.with_term("display", shared=False) == Structure(("elasticity", "display"), ("dip",), 8.0)
    assert shape.with_term("cross", shared=True) == Structure(("elasticity",), ("dip", "cross"), 8.0)
