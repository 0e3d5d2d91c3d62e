"""The page of a fit: figures of the card, pictures of the rows, both languages, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kaopt.learning import drawing
from kaopt.learning.page import held_out, learned, render, verdict, worth
from kaopt.learning.words import WORDS
from kaopt.response.card import Card, slopes
from kaopt.response.evidence import Evidence
from kaopt.response.held_out import hold_out
from kaopt.response.learn import alone, learn
from kaopt.response.problems import Problem
from kaopt.response.structure import Structure
from tests.response.histories import planted

SHAPE = Structure(own=("elasticity", "display"))
EARNED = {"partial_pooling": 66.04, "least_squares": 64.25, "common_slopes": 60.0, "volume_proportional": 59.5}


@pytest.fixture(scope="module")
def found():
    """Evidence put together by hand, so that no search is needed."""
    sales = planted(25, 30, seed=61).sales
    held = hold_out(sales, weeks=4, structure=SHAPE)
    model = learn(sales, SHAPE)
    card = Card(
        name="small <shop>",
        what="w",
        source={"file": "history.csv", "sha256": "f00d"},
        licence="own",
        date="2027-01-04",
        rebuild="r",
        rows=len(sales),
        series=25,
        weeks={"fewest": 30, "most": 30},
        definitions={},
        split={"held_out": "last 4 weeks"},
        wmape=held.wmape | {"own_mean": 0.4321},
        coverage80=0.8125,
        bias_of_mean=-0.0163,
        wrong_signs=held.wrong_signs,
        mean=slopes(model.fit),
        checks={},
        plan_value={
            "earned": {name: {"by_partial_pooling": one, "by_least_squares": one + 5} for name, one in EARNED.items()},
            "order": list(EARNED),
        },
    )
    return Evidence(model, card, held, learn(sales, SHAPE, fitter=alone))


@pytest.fixture(scope="module")
def page(found):
    gap = Problem("weeks missing", "A1", "S", None, "2 of 9", "fitted without them")
    return render(found, [gap, gap, Problem("units are 0", "A2", "S", 3, "price 3", "row left out")])


def cells(table):
    return [[re.sub(r"<[^>]+>", "", str(cell.text)) for cell in row] for row in table.rows]


def points(picture):
    """How many points a scatter has."""
    (group,) = re.findall(r'PathCollection_1">(.*?)</g>\s*<g id=', str(picture), flags=re.DOTALL)
    return group.count("<use")


def test_the_same_fit_gives_the_same_bytes(found, page):
    again = Problem("weeks missing", "A1", "S", None, "2 of 9", "fitted without them")
    assert render(found, [again, again, Problem("units are 0", "A2", "S", 3, "price 3", "row left out")]) == page


def test_the_page_needs_no_network_and_lets_no_name_in_unescaped(page):
    assert "src=" not in page and not re.search(r"""href=["']http""", page)
    assert "small &lt;shop&gt;" in page and "<shop>" not in page
    assert "f00d" not in page and "history.csv" in page


def test_every_section_is_there_in_both_languages(page):
    for key in ("held_out", "errors_by", "plan_value", "coefficients", "problems"):
        assert all(word in page for word in WORDS[key])
    assert page.count("<svg") == 4  # volume, errors, two coefficients by series


def test_errors_are_those_of_the_card(found):
    table = held_out(found).table
    assert table is not None and len(table.rows) == 5
    assert any("43.2" in str(row[1].text) for row in table.rows)
    marked = [str(row[0].text) for row in table.rows if "met" in vars(row[1]).values()]
    assert len(marked) == 1
    best = min(found.card.wmape, key=found.card.wmape.get)
    assert WORDS[best][0] in marked[0]


def test_the_verdict_names_the_best_rival(found):
    card = replace(found.card, wmape={"own_mean": 0.4, "common_slopes": 0.25, "partial_pooling": 0.21})
    said = str(verdict(replace(found, card=card)))
    assert "21.0" in said and "25.0" in said and WORDS["common_slopes"][0] in said and "40.0" not in said


def test_plan_values_stand_in_their_order(found):
    table = worth(found).table
    assert table is not None
    figures = [[str(cell.text) for cell in row[1:]] for row in table.rows]
    assert figures == [["66.0", "71.0"], ["64.2", "69.2"], ["60.0", "65.0"], ["59.5", "64.5"]]
    assert WORDS["volume_proportional"][1] in str(table.rows[-1][0].text)
    none = worth(replace(found, card=replace(found.card, plan_value={}))).table
    assert none is not None and none.rows == ()


def test_coefficients_are_those_of_the_card(found):
    table = learned(found).table
    assert table is not None
    first = found.card.mean["elasticity"]
    assert cells(table)[0] == ["elasticity", *(f"{first[key]:.3f}" for key in ("value", "se", "between_series"))]


def test_problems_are_counted_by_kind(page):
    assert re.search(r"weeks missing</td>\s*<td[^>]*>2</td>", page) and "row left out" in page


def test_no_problems_are_said_so(found):
    assert WORDS["none"][0] in render(found, [])


def test_the_volume_is_drawn_by_weeks_since_the_fit_ended(found):
    """Series that end in different weeks lie on top of each other: four weeks of all series, both lines."""
    rows = found.held.rows
    late = rows.assign(week=rows["week"] + 10 * (rows["account"] < "A010"))
    weekly = drawing.by_week_ahead(late)
    assert weekly.index.tolist() == [1, 2, 3, 4]
    pd.testing.assert_frame_equal(weekly, drawing.by_week_ahead(rows))
    assert weekly["units"].tolist() == pytest.approx(
        [rows.loc[rows["week"] == w, "units"].sum() for w in range(27, 31)]
    )
    lines = [one for one in re.findall(r' d="([^"]+)"', str(drawing.volume(rows))) if one.count("L") == 3]
    assert len(lines) >= 2


def test_errors_are_drawn_in_standard_deviations(found):
    """As many points as rows, and the lines of the 80 % interval hold the share that was measured."""
    rows = found.held.rows
    assert points(drawing.errors(rows, found.held.model.width)) == len(rows) == 100
    spread = np.log(rows["high80"] / rows["median"]) / found.held.model.width
    off = np.log(rows["units"] / rows["median"]) / spread
    assert (off.abs() <= found.held.model.width).mean() == pytest.approx(found.held.coverage80)


def test_many_rows_are_thinned(found, monkeypatch):
    monkeypatch.setattr(drawing, "POINTS", 10)
    assert points(drawing.errors(found.held.rows, 1.3)) == 10


def test_slopes_of_one_value_can_be_drawn():
    same = np.full(5, -2.0)
    assert "<svg" in str(drawing.slopes("elasticity", same, same))
