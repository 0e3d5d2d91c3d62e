"""What is concluded from the years: figures, Holm, domination; and how it is shown in table, text and page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from kaopt import csv_text, runs
from kaopt.experiments.question import Contest, Question
from kaopt.experiments.read import read
from kaopt.experiments.result import QUANTILES, Experiment, judged
from kaopt.experiments.words import SAYS, STATES
from kaopt.report.words_experiment import EXPERIMENT_WORDS
from kaopt.scenario.columns import Floats
from kaopt.statistics import tails
from kaopt.statistics.interval import compare, interval
from kaopt.statistics.many import holm, together
from kaopt.statistics.selection import Race
from kaopt.statistics.stopping import Enough
from tests.experiments.files import TRYING, written

SHIFTS = (0.0, 0.0, 0.02, -0.03, 0.004)  # of fill, against the baseline


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    text = TRYING.replace("baseline: {supply.trucks: 1}", "baseline: trucks 1 · dispatch_slack 30min")
    return read(written(tmp_path_factory.mktemp("asked"), text))


@pytest.fixture(scope="module")
def years() -> list[Floats]:
    """Made-up years of the five policies: fill, otif, cost, fill of B; the second is the baseline to the digit."""
    luck = np.random.default_rng(60)
    base = luck.normal([0.9, 0.8, 5000.0, 0.88], [0.03, 0.05, 400.0, 0.03], (40, 4))
    found = []
    for n, shift in enumerate(SHIFTS):
        own = luck.normal(0, [0.005, 0.005, 30.0, 0.005], (40, 4)) if n > 1 else 0.0
        found.append((base + own + shift * np.array([1.0, 1.0, -10_000.0, 1.0]))[: 40 - 8 * (n == 3)])
    return found


@pytest.fixture(scope="module")
def made(question: Question, years: list[Floats]) -> Experiment:
    return judged(replace(question, stop=Enough(0.0025, 16, 40)), years)


def test_figures_are_those_of_the_statistics(made: Experiment, years: list[Floats]) -> None:
    pairs = [compare(one[:, 0], years[0][:, 0]) for one in years[1:]]
    adjusted = holm([one.p for one in pairs])
    wide = together([one[:, 0] for one in years[1:]], years[0][:, 0])
    for row, values, pair, p, all_at_once in zip(made.rows[1:], years[1:], pairs, adjusted, wide, strict=True):
        figure = row.figures[0]
        assert figure.mean == interval(values[:, 0])
        assert figure.pair is not None and figure.pair.difference == pair.difference
        assert (figure.holm, figure.all_at_once) == (p, all_at_once.difference)
        assert [one.mean for one in figure.quantiles] == [tails.quantile(values[:, 0], q).mean for q in QUANTILES]
        assert row.years == len(values)
    assert made.rows[0].figures[0].pair is None and made.rows[0].figures[0].holm is None


def test_the_worst_years_are_low_fill_and_high_cost(made: Experiment, years: list[Floats]) -> None:
    fill, cost = np.sort(years[0][:, 0]), np.sort(years[0][:, 2])
    assert made.rows[0].figures[0].shortfall.mean == pytest.approx(fill[:2].mean())
    assert made.rows[0].figures[2].shortfall.mean == pytest.approx(cost[-2:].mean())
    for one in (made.rows[0].figures[0].shortfall, made.rows[0].figures[2].shortfall):
        assert one.low < one.mean < one.high


def test_a_contract_level_where_it_was_asked_for(made: Experiment, years: list[Floats]) -> None:
    assert made.rows[0].figures[0].below is None
    found = made.rows[3].figures[3].below
    assert found is not None and found == tails.below(years[3][:, 3], 0.9)


def test_states(made: Experiment) -> None:
    assert [row.state for row in made.rows] == ["baseline", "narrow", "narrow", "narrow", "narrow"]


def test_dominated_is_no_better_anywhere_and_surely_worse_somewhere(made: Experiment) -> None:
    """The third leads in all; whoever is equal to the digit dominates nobody."""
    leader = made.rows[2].name
    assert [row.dominated_by for row in made.rows] == [leader, leader, "", made.rows[0].name, leader]


def test_a_trade_off_is_not_dominated(question: Question, years: list[Floats]) -> None:
    dear = [one.copy() for one in years]
    dear[2][:, 2] += 2000.0  # better filled, but dearer
    rows = judged(question, dear).rows
    assert rows[2].dominated_by == "" and rows[0].dominated_by == "careless"


def test_measures_without_a_direction_say_nothing_of_domination(question: Question, years: list[Floats]) -> None:
    busy = tuple(one.model_copy(update={"measure": "use_truck", "account": ""}) for one in question.measures)
    assert {row.dominated_by for row in judged(replace(question, measures=busy), years).rows} == {""}


# --- shown


def test_csv_has_every_figure_and_reads_back(made: Experiment, tmp_path: Path) -> None:
    frame = made.frame()
    assert len(frame) == 5 and list(frame["policy"]) == [row.name for row in made.rows]
    assert frame["supply.trucks"].tolist()[:4] == ["1", "1", "2", "2"] and frame["supply.trucks"].isna()[4]
    assert frame["fill[B]_below"].notna().all()
    assert frame["fill_p_holm"].tolist()[1:] == [row.figures[0].holm for row in made.rows[1:]]
    assert isnan(float(frame["fill_correlation"][0])) or frame["fill_correlation"][0] is None
    assert csv_text.csv_bytes(frame) == csv_text.csv_bytes(made.frame())


def test_json_is_plain_and_whole(made: Experiment) -> None:
    said = json.loads(json.dumps(runs.plain(made.as_dict()), allow_nan=False))
    assert said["stop"] == {"measure": "fill", "half_width": 0.0025, "min": 16, "max": 40}
    assert list(said["measures"]) == ["fill", "otif", "cost", "fill[B]"]
    third = said["policies"][2]["measures"]["fill"]
    assert third["difference"]["mean"] == pytest.approx(0.02, abs=0.004)
    assert third["difference"]["all_low"] < third["difference"]["low"] < third["difference"]["mean"]
    assert third["difference"]["variance_ratio"] > 10 and set(third["quantiles"]) == {"5%", "50%", "95%"}
    assert said["choice"] is None and said["policies"][0]["measures"]["fill"]["difference"] is None


def test_the_table_marks_what_is_sure(made: Experiment) -> None:
    lines = made.text().splitlines()
    third = next(line for line in lines if line.startswith("trucks 2 · dispatch_slack 30min"))
    gap = made.rows[2].figures[0].pair
    assert gap is not None and f"+{100 * gap.difference.mean:.2f} ±{100 * gap.difference.half_width:.2f}!" in third
    second = next(line for line in lines if line.startswith("trucks 1 · dispatch_slack 120min"))
    assert "0.00 ±0.00" in second and "!" not in second and second.rstrip().endswith("*")
    assert "Corner" in lines[0] and "街角" in made.text("zh")


def test_a_choice_is_told(question: Question, years: list[Floats]) -> None:
    asked = replace(question, contest=Contest(0, "kn", 0.01, 0.95, 0), stop=Enough(0.0, 16, 40))
    race = judged(asked, [one[:32] for one in years])
    assert race.choice is not None and race.rows[race.choice.best].state == "best"
    assert race.choice.best == 2 and race.choice.promised == 0.95
    assert "at least 95%" in race.text() and "1 pp" in race.text() and "不低于 95%" in race.text("zh")
    assert race.as_dict()["choice"]["best"] == race.rows[2].name
    open_race = judged(replace(asked, contest=Contest(0, "ocba", 0.0, 0.95, 200)), years)
    assert "leading: trucks 2" in open_race.text() and Race(0.01).confidence == 0.95


def test_the_page_is_self_contained_and_speaks_both_languages(made: Experiment, tmp_path: Path) -> None:
    page = made.to_html(tmp_path / "page.html", "zh").read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!#)', page) and "http" not in page
    for row in made.rows:
        assert row.name in page
    for key in ("against_title", "table_title", "more_title", "table_note"):
        assert all(text in page for text in EXPERIMENT_WORDS[key])
    assert page.count("<svg") == 2 and 'id="zh" aria-label="中文" checked' in page
    assert page == made.to_html(tmp_path / "again.html", "zh").read_text(encoding="utf-8")
    figure = made.rows[2].figures[0].mean
    assert f"{100 * figure.mean:.2f}" in page


def test_the_verdict_names_the_best_or_nobody(question: Question, years: list[Floats], tmp_path: Path) -> None:
    page = judged(question, years).to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    assert "trucks 2 · dispatch_slack 30min does best in value fill" in page
    worse = [years[0], years[1], *(one - 0.05 for one in years[2:])]
    page = judged(question, worse).to_html(tmp_path / "b.html").read_text(encoding="utf-8")
    assert "No policy is surely better than the baseline in value fill." in page
    race = replace(question, contest=Contest(0, "kn", 0.01, 0.95, 0), stop=Enough(0.0, 16, 40))
    page = judged(race, years).to_html(tmp_path / "c.html").read_text(encoding="utf-8")
    assert "Best: trucks 2" in page and "1.00\u00a0pp" in page


def test_every_word_is_there_in_two_languages_with_the_same_braces() -> None:
    for words in (EXPERIMENT_WORDS, SAYS, STATES):
        for key, (en, zh) in words.items():
            assert set(re.findall(r"{(\w+)}", en)) == set(re.findall(r"{(\w+)}", zh)), key
