"""Plans near another and alternatives on a world that is worked out by hand: points, text, data, and odd wishes.

The plain world: three weeks, and an event of one week brings 2 000 wherever it stands; two neighbours never.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kaopt.allocation.plans.alternatives import Choice, alternatives, differing
from kaopt.allocation.plans.near import beside, limited, near
from kaopt.allocation.plans.nearest import Near
from kaopt.comparison import compared
from kaopt.errors import InputError
from kaopt.past_runs import refuse_changes
from kaopt.planning import alternatives_show, near_show
from kaopt.planning.allocate_run import Wishes, with_locks
from kaopt.planning.compare_run import named
from kaopt.scenario.model import Scenario
from kaopt.scorecard.show import width
from tests.allocation.case import SETTINGS, plain
from tests.planning.small import EXACT, events
from tests.worlds import plan

FIRST_TWO = plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0))  # weeks 1 and 2: neighbours, which the rule does not allow


def spaced() -> Scenario:
    """Three weeks at one account with a free week between two events."""
    rules = {"spacing": (SETTINGS["spacing"](gap=1),)}
    return replace(plain((1, 1, 3), rules=rules), solve=EXACT)


@pytest.fixture(scope="module")
def found() -> Near:
    return near(spaced(), FIRST_TWO)


# --- near


def test_the_curve_by_hand(found):
    """Dropping week 1 or 2 is one change and leaves 2 000; weeks 1 and 3 are two changes from here and bring 4 000.

    Doing nothing would be two changes too, and no plan has more than two events that are not neighbours.
    """
    assert (found.proven, found.chosen.changes, found.chosen.dropped, found.chosen.added) == (1, 1, 1, 0)
    assert found.chosen.objective == 2000.0
    best = found.points[-1]
    assert best.allowed is None and best.objective == 4000.0
    assert (best.changes, events(best.plan)) == (2, events(plan((0, 0, 0, 1, 0), (0, 0, 2, 1, 0))))
    assert [one.allowed for one in found.points] == [1, 6, 11, 21, 51, None]
    assert [one.objective for one in found.points] == [2000.0] + 5 * [4000.0]


def test_the_given_plan_is_worth_what_it_is_worth_and_breaks_one_rule(found):
    assert (found.given_objective, found.given_breaches) == (4000.0, 1)


def test_half_of_the_best_is_one_change_and_more_than_half_two():
    for within, changes in ((0.5, 1), (0.49, 2)):
        made = near(spaced(), FIRST_TWO, within=within)
        assert (made.chosen.changes, made.proven) == (changes, changes), within


def test_a_number_between_the_usual_ones_gets_a_point_of_its_own():
    made = near(spaced(), FIRST_TWO, changes=2)
    assert [one.allowed for one in made.points] == [1, 2, 6, 11, 21, 51, None]
    assert (made.at, made.chosen.allowed, made.chosen.objective) == (1, 2, 4000.0)


def test_the_given_plan_takes_the_place_of_the_worlds_own():
    here = replace(spaced(), rules=dict(spaced().rules) | {"stability": (SETTINGS["stability"](max_changes=3),)})
    there = beside(here, FIRST_TWO)
    assert "stability" not in there.rules and "spacing" in there.rules and "stability" in here.rules
    assert [(one.week, one.kind) for one in there.given] == [(0, "given"), (1, "given")]
    assert limited(there, 7).rules["stability"] == (SETTINGS["stability"](max_changes=7),)


def test_rows_tell_what_was_allowed_and_what_was_made(found):
    table = near_show.rows(found)
    assert [row["allowed"] for row in table] == [1, 6, 11, 21, 51, None]
    assert [row["chosen"] for row in table] == [True, False, False, False, False, False]
    assert [(row["changes"], row["dropped"], row["added"]) for row in table] == [(1, 1, 0)] + 5 * [(2, 1, 1)]
    assert [row["contribution"] for row in table] == [2000.0] + 5 * [4000.0]  # events earn what they are worth here
    assert all(row["gap"] == pytest.approx(0.0, abs=1e-9) and row["status"] == "optimal" for row in table)
    assert near_show.frame(found)["events"].tolist() == [1, 2, 2, 2, 2, 2]


def test_the_curve_as_data(found):
    content = json.loads(json.dumps(near_show.as_dict(found)))
    assert content["given"] == {"objective": 4000.0, "breaches": 1, "events": 2}
    assert content["fewest_proven"] == 1
    assert [one["objective"] for one in content["points"]] == [2000.0] + 5 * [4000.0]


@pytest.mark.parametrize(
    ("language", "head", "proven"),
    [
        ("en", "the given plan: objective 4,000.0, rules broken: 1", "has fewer than 1 changes (proven)"),
        ("zh", "原方案：目标值 4,000.0，违反 1 条规则", "已证明：守住全部规则至少需要 1 处改动"),
    ],
)
def test_the_curve_in_words(found, language, head, proven):
    lines = near_show.text(found, language).split("\n")
    assert lines[0] == head and proven in lines[1]
    assert len({width(one) for one in lines[2:9]}) == 1  # heading and six points line up
    assert lines[3].split() == [">", "1", "1", "0", "2,000", "2,000", "0.00%", "2,000"]
    assert [line.startswith(">") for line in lines[4:9]] == [False] * 5
    assert lines[9].startswith("> ")


# --- alternatives


@pytest.fixture(scope="module")
def choice() -> Choice:
    """One event in all, in one of three weeks: three plans of 2 000, and nothing else within 10 %."""
    rules = {"promotion_count": (SETTINGS["promotion_count"](max=1, per="total"),)}
    return alternatives(replace(plain((1, 1, 3), rules=rules), solve=EXACT), 4, within=0.1)


def test_all_three_plans_are_found_and_no_fourth(choice):
    """Any two of them differ in both their events."""
    assert len(choice.alternatives) == 2 and choice.asked == 4
    assert {int(one.week[0]) for one in choice.plans} == {0, 1, 2}
    assert [(one.loss, one.distance, one.most) for one in choice.alternatives] == [(0.0, 2, pytest.approx(2.0))] * 2
    assert all(differing(a, b) == 2 * (a is not b) for a in choice.plans for b in choice.plans)


def test_where_all_may_be_given_up_doing_nothing_is_the_nearer_plan():
    """Within 100 % the other weeks come first, two events away from each plan; then nothing, which is one away."""
    rules = {"promotion_count": (SETTINGS["promotion_count"](max=1, per="total"),)}
    here = replace(plain((1, 1, 2), rules=rules), solve=EXACT)
    made = alternatives(here, 3, within=1.0)
    assert [(len(one.plan), one.loss, one.distance) for one in made.alternatives] == [(1, 0.0, 2), (0, 1.0, 1)]


def test_a_choice_as_data(choice):
    here = plain((1, 1, 3))
    content = json.loads(json.dumps(alternatives_show.as_dict(here, choice)))
    assert [one["plan"] for one in content["alternatives"]] == ["alternative_1.csv", "alternative_2.csv"]
    assert content["distances"] == [[0, 2, 2], [2, 0, 2], [2, 2, 0]]
    assert [(one["events"], one["loss"], one["distance"]) for one in content["alternatives"]] == [(1, 0.0, 2)] * 2
    assert content["within"] == 0.1


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            ("best plan: objective 2,000.0", "gives up 0.00%, differs in 2 events", "2 of 4 asked for: within 10.00%"),
        ),
        ("zh", ("最优方案：目标值 2,000.0", "让出 0.00%，与之前最近的方案相差 2 场", "要求 4 个，找到 2 个")),
    ],
)
def test_a_choice_in_words(choice, language, told):
    here = plain((1, 1, 3))
    lines = alternatives_show.text(here, choice, language).split("\n")
    assert told[0] in lines[0] and all(told[1] in line for line in lines[1:3]) and told[2] in lines[3]
    assert lines[4] == "" and lines[5].split()[0] == "best"


def test_the_plans_side_by_side_have_their_events_by_name(choice):
    here = plain((1, 1, 3))
    made = alternatives_show.comparison(here, choice)
    assert made.names == ("best", "alternative 1", "alternative 2")
    for one, plan_ in zip(made.sides, choice.plans, strict=True):
        assert one.events == (("A1", "S1", int(plan_.week[0]) + 1, 1, "show"),)
    assert made.dominated == {}  # equal in money and cases


def test_nobody_is_dominated_who_is_better_in_what_the_plans_were_made_for(choice, monkeypatch):
    """The KPIs do not hold the objective: the best plan may have the lesser KPIs and is not dominated for all that."""

    def worth(plan_, objective):
        return replace(plan_, certificate=replace(plan_.certificate, objective=objective))

    pairs = zip(choice.alternatives, (1900, 1950), strict=True)
    others = tuple(replace(one, plan=worth(one.plan, objective)) for one, objective in pairs)
    known = {"best": ("alternative 1",), "alternative 1": ("best", "alternative 2")}
    monkeypatch.setattr(alternatives_show, "compared", lambda sides: replace(compared(sides), dominated=known))
    made = alternatives_show.comparison(plain((1, 1, 3)), replace(choice, alternatives=others))
    assert made.dominated == {"alternative 1": ("best", "alternative 2")}


def test_a_choice_that_is_complete_says_nothing_of_fewer(choice):
    whole = replace(choice, asked=2)
    assert "asked for" not in alternatives_show.text(plain((1, 1, 3)), whole)
    alone = replace(choice, alternatives=(), asked=1)
    assert alternatives_show.text(plain((1, 1, 3)), alone).count("\n") == 1  # no table of one plan


# --- wishes


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (Wishes(near=Path("p"), alternatives=2), "must be one of the two"),
        (Wishes(changes=3), "needs a plan to stay near"),
        (Wishes(near=Path("p"), changes=3, within="1%"), "must not be said with --within"),
        (Wishes(within="1%"), "needs --alternatives or --near"),
        (Wishes(alternatives=2), "needs what may be given up"),
    ],
)
def test_wishes_that_make_no_sense_together(wishes, told):
    with pytest.raises(InputError, match=told):
        wishes.refuse_nonsense()


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(locks=Path("l")),
        Wishes(near=Path("p")),
        Wishes(near=Path("p"), changes=0),
        Wishes(near=Path("p"), within="0%"),
        Wishes(alternatives=1, within="5%"),
    ],
)
def test_wishes_that_do(wishes):
    wishes.refuse_nonsense()
    assert wishes.share == {None: None, "0%": 0.0, "5%": 0.05}[wishes.within]


def test_a_share_beyond_the_whole_is_refused():
    with pytest.raises(InputError, match=r"--within 120%: must be between 0 and 1"):
        _ = Wishes(alternatives=1, within="120%").share


def test_further_locks_stand_beside_the_worlds_own_and_none_twice(tmp_path):
    """The file repeats itself on a second reading: the world has the lock once, and the file among its inputs."""
    file = tmp_path / "locks.csv"
    text = "account,sku,week,weeks,treatment,lock\nA1,S1,2,1,show,committed\n"
    file.write_text(text, encoding="utf-8")
    here = with_locks(plain((1, 1, 3)), file)
    assert [(one.week, one.kind) for one in here.locks] == [(1, "committed")]
    assert len(here.inputs["locks.csv"]) == 64
    assert with_locks(here, file).locks == here.locks


def test_names_are_cut_at_the_first_sign_only():
    assert named(["a=b=c", "=runs/1", "plain"]) == [("a", "b=c"), ("", "runs/1"), ("", "plain")]


def test_inputs_that_changed_or_are_gone_are_named_together():
    """The same files pass; one that differs, one that is new and one that is not read any more are told at once."""
    before = {"a.csv": "1", "b.csv": "2", "c.csv": "3"}
    refuse_changes(Path("r"), before, dict(before))
    with pytest.raises(InputError, match=r"b\.csv, d\.csv, c\.csv \(not read any more\)"):
        refuse_changes(Path("r"), before, {"a.csv": "1", "b.csv": "9", "d.csv": "4"})
