"""Which rules can hold together: the oracle and its conflicts against trying every plan of every set of rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kaopt.allocation.problem import problem_of
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits
from kaopt.allocation.wishes.conflicts import cannot_hold, smallest
from kaopt.allocation.wishes.negotiable import TIE, elastic, size_of, softened
from kaopt.allocation.wishes.oracle import Oracle, Question, picked, question_of
from kaopt.allocation.wishes.preflight_room import Promise, Room, apart, crowds, least_taken, rooms, whole_year
from kaopt.allocation.wishes.repairs import moved
from kaopt.offers import make_offers
from tests.allocation.case import SETTINGS, line, plain
from tests.allocation.programs import program, random_program, try_everything

NAMES = ("a", "b", "c")
LIMITS = Limits(seconds=20.0)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def asked(seed: int) -> Question:
    """Six random rows of three rules over seven events."""
    one = random_program(seed, columns=7)
    return Question(one, np.array(["a", "a", "b", "b", "c", "c"], dtype=object))


def none_keeps(question: Question, kept: Collection[str]) -> bool:
    """By trying every plan, whether these rules cannot all hold."""
    rows = np.flatnonzero(np.isin(question.owner, list(kept)))
    whole = question.program
    high = whole.high.copy()
    for rule, which in question.shut.items():
        high[: len(which)][which] = 0.0 if rule in kept else high[: len(which)][which]
    part = replace(whole, matrix=whole.matrix[rows], row_low=whole.row_low[rows], row_high=whole.row_high[rows])
    return try_everything(replace(part, high=high))[1] is None


CONFLICTS = [seed for seed in range(60) if none_keeps(asked(seed), NAMES)]


@pytest.mark.parametrize("seed", [*CONFLICTS[:4], 0, 1])
def test_the_oracle_asked_for_whole_plans_knows_every_set_of_rules(seed: int, child: Child) -> None:
    question = asked(seed)
    oracle = Oracle(question, LIMITS, child)
    oracle.whole = True
    for size in range(len(NAMES) + 1):
        for kept in combinations(NAMES, size):
            assert oracle.impossible(kept) == none_keeps(question, kept), kept


@pytest.mark.parametrize("seed", range(6))
def test_what_not_even_parts_of_events_keep_no_plan_keeps(seed: int, child: Child) -> None:
    """The relaxation refuses exactly where a linear program of another reader has no point."""
    question = asked(seed)
    oracle, one = Oracle(question, LIMITS, child), question.program
    for kept in [("a",), ("b", "c"), NAMES]:
        rows = np.isin(question.owner, kept)
        body, up, low = one.matrix.toarray(), rows & np.isfinite(one.row_high), rows & np.isfinite(one.row_low)
        answer = linprog(
            np.zeros(len(one.cost)),
            A_ub=np.vstack([body[up], -body[low], np.zeros(len(one.cost))]),
            b_ub=np.concatenate([one.row_high[up], -one.row_low[low], [0.0]]),
            bounds=(0, 1),
        )
        assert oracle.impossible(kept) == (answer.status == 2)


def test_there_are_conflicts_to_find() -> None:
    assert len(CONFLICTS) >= 4


@pytest.mark.parametrize("seed", CONFLICTS[:8])
def test_a_conflict_is_one_and_without_any_of_its_rules_there_is_none(seed: int, child: Child) -> None:
    question = asked(seed)
    oracle = Oracle(question, LIMITS, child)
    assert cannot_hold(oracle)
    found = smallest(oracle, oracle.question.names)
    if not oracle.whole:  # minimal for parts of events; for whole ones it may be smaller still
        assert none_keeps(question, found)
        assert not any(oracle.impossible([one for one in found if one != out]) for out in found)
        return
    assert none_keeps(question, found)
    assert not any(none_keeps(question, [one for one in found if one != out]) for out in found)


def test_a_rule_that_only_shuts_offers_has_no_row_and_is_asked_like_any_other(child: Child) -> None:
    """One of two events is promised; `closed` shuts the first, `late` the second: each alone leaves one."""
    one = program([0.0, 0.0], [[1.0, 1.0]], low=1.0)
    shut = {"closed": np.array([True, False]), "late": np.array([False, True])}
    question = Question(one, np.array(["promise"], dtype=object), shut)
    assert question.names == ("promise", "closed", "late")
    oracle = Oracle(question, LIMITS, child)
    for kept in [(), ("promise",), ("promise", "late"), ("closed", "late"), question.names]:
        assert oracle.impossible(kept) == none_keeps(question, kept) == (kept == question.names)
    assert oracle.impossible(question.names)
    assert smallest(oracle, question.names) == question.names


def test_where_nothing_is_on_offer_a_minimum_is_impossible_and_a_maximum_is_not(child: Child) -> None:
    for low, high, refused in ((1.0, np.inf, True), (-np.inf, -1.0, True), (-1.0, 1.0, False)):
        one = program([0.0], [[1.0]], low=low, high=high)
        ends = {name: np.zeros(0) for name in ("cost", "low", "high")}
        empty = replace(one, matrix=sp.csr_matrix((1, 0)), integer=np.zeros(0, bool), column_names=(), **ends)
        oracle = Oracle(Question(empty, np.array(["a"], dtype=object)), LIMITS, child)
        assert oracle.impossible(["a"]) == refused
        assert not oracle.impossible([])


def test_a_part_of_a_question_keeps_rows_owners_and_names_together() -> None:
    question = asked(3)
    part = question.of(["c", "a"])
    assert part.owner.tolist() == ["a", "a", "c", "c"]
    assert part.program.row_names == ("row 0", "row 1", "row 4", "row 5")
    assert (part.program.row_low == question.program.row_low[[0, 1, 4, 5]]).all()
    assert (part.program.matrix.toarray() == question.program.matrix.toarray()[[0, 1, 4, 5]]).all()


def test_soft_rows_are_no_part_of_the_question() -> None:
    rules = {
        "promotion_count": (SETTINGS["promotion_count"](min=9, hard=False, regret=1.0),),
        "spacing": (SETTINGS["spacing"](gap=1),),
    }
    question = question_of(problem_of(plain((1, 1, 4), rules=rules)))
    assert "promotion_count" not in question.names and "spacing" in question.names
    rows = make_rows("r", "event", ("x", "y"), np.eye(2), low=[1.0, 2.0], regret=[np.nan, 3.0], used_without=[0.5, 0.0])
    kept = picked(rows, np.array([False, True]))
    assert (kept.scopes, kept.low.tolist(), kept.regret.tolist()) == (("y",), [2.0], [3.0])
    assert kept.matrix.toarray().tolist() == [[0.0, 1.0]] and kept.used_without.tolist() == [0.0]


# --- what a miss costs, and how far a limit is moved


def test_a_limit_given_up_as_a_whole_costs_one() -> None:
    """A budget of 900 missed by 100 costs a ninth, two promises missed by one a half; what is soft costs nothing."""
    budget = make_rows("budget", "money", ("total",), np.array([[500.0, 500.0]]), high=900.0)
    promise = make_rows("p", "event", ("x", "y"), np.ones((2, 2)), low=[2.0, 2.0], regret=[np.nan, 7.0])
    assert 100 * elastic(budget, True).regret == pytest.approx([1 / 9])
    assert elastic(promise, True).regret.tolist() == [0.5, 0.0]
    hard = elastic(promise, False).regret
    assert np.isnan(hard[0]) and hard[1] == 0.0


def test_the_size_of_a_limit_counts_what_is_used_without_events() -> None:
    """11 000 of sales of which 10 000 come anyhow are a limit of 11 000, not of 1 000."""
    rows = make_rows("sales", "money", ("x",), np.array([[4500.0]]), low=11_000.0, used_without=10_000.0)
    assert rows.low.tolist() == [1000.0] and size_of(rows).tolist() == [11_000.0]


def test_of_plans_that_miss_the_same_the_more_valuable_counts_a_thousandth() -> None:
    problem = problem_of(plain((1, 1, 4)))
    soft = softened(problem, ("budget",))
    assert problem.offers.value.tolist() == [2000.0] * 4
    assert soft.offers.value == pytest.approx([TIE / 4] * 4)
    losing = problem_of(plain((1, 1, 4), treatment_columns={"weekly_cost": [3000.0]}))
    assert softened(losing, ()).offers.value.tolist() == [0.0] * 4  # nothing earns anything: there is no tie


def test_only_limits_of_the_way_out_move_and_only_where_they_are_missed() -> None:
    """1 000 are spent of 900, three events are there of four: +100 and -1; what is kept stays as it was."""
    budget = make_rows("budget", "money", ("a", "b"), np.array([[500.0], [300.0]]), high=[900.0, 900.0])
    x = np.array([2.0])
    assert moved(budget, ("budget",), x).high.tolist() == [1000.0, 900.0]
    assert moved(budget, ("other",), x) is budget
    count = make_rows("count", "event", ("a", "b"), np.array([[1.5], [1.5]]), low=4.0, regret=[np.nan, 2.0])
    assert moved(count, ("count",), x).low.tolist() == [3.0, 4.0]  # the soft one pays its regret instead


# --- room for promises


def crowd_rows(rule: str, body: np.ndarray, **limits: object) -> Rows:
    """Rows named 0, 1, …"""
    return make_rows(rule, "event", tuple(f"w week={i}" for i in range(len(body))), body, **limits)  # type: ignore[arg-type]


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_what_a_promise_takes_of_a_room_is_what_a_linear_program_says(seed: int) -> None:
    """The least of `taken x` over all x >= 0 that keep the promise, solved by another program."""
    luck = np.random.default_rng(seed)
    taken, part = luck.integers(0, 4, (2, 4)).astype(float), luck.uniform(0.5, 2, 4)
    least = float(luck.uniform(1, 9))
    which = np.arange(4)
    room = Room(crowd_rows("slots", taken, high=1.0), ("x", "y"), sp.csr_matrix(taken), np.ones(2))
    found = least_taken(room, Promise("p", which, part, least))
    for row, told in zip(taken, found, strict=True):
        assert linprog(row, A_ub=-part[None, :], b_ub=[-least]).fun == pytest.approx(told, abs=1e-9)


def test_promises_that_share_an_offer_are_counted_once_and_the_narrowest_first() -> None:
    """The promise of four offers shares one with that of two, which is kept; soft ones and maxima are no promises."""
    offers = make_offers(plain((1, 1, 6)))
    wide = crowd_rows("wide", np.array([[1.0, 1, 1, 1, 0, 0]]), low=2.0)
    narrow = crowd_rows("narrow", np.array([[0, 0, 0, 2.0, 1, 0]]), low=1.0)
    soft = crowd_rows("soft", np.array([[0, 0, 0, 0, 0, 1.0]]), low=1.0, regret=5.0)
    most = crowd_rows("most", np.array([[0, 0, 0, 0, 0, 1.0]]), high=1.0)
    (one,) = apart(offers, (wide, narrow, soft, most))
    assert (one.rule, one.offers.tolist(), one.part.tolist(), one.least) == ("narrow", [3, 4], [2.0, 1.0], 1.0)
    helped = crowd_rows("mixed", np.array([[1.0, -1, 0, 0, 0, 0]]), low=1.0)
    assert [p.offers.tolist() for p in apart(offers, (helped,))] == [[0]]  # the second only hinders


def test_the_year_of_an_account_is_its_weeks_added_up() -> None:
    body = np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 3]])
    block = make_rows("display_slots", "display", ("account=A week=1", "account=A week=2", "account=B week=1"), body,
                      high=[4.0, 5.0, 6.0])  # fmt: skip
    year = whole_year(block, Room(block, block.scopes, sp.csr_matrix(body), block.high))
    assert year.scopes == ("account=A", "account=B")
    assert year.taken.toarray().tolist() == [[1, 2, 0], [0, 0, 3]] and year.most.tolist() == [9, 6]


def test_a_limit_that_an_offer_widens_is_no_room() -> None:
    """More sales make more room in a share; soft limits and budgets are none either."""
    offers = make_offers(plain((1, 1, 3)))
    share = crowd_rows("mix", np.array([[1.0, -0.5, 0], [1, 1, 1]]), high=[0.0, 2.0])
    soft = crowd_rows("count", np.ones((1, 3)), high=1.0, regret=3.0)
    budget = crowd_rows("budget", np.ones((1, 3)), high=1.0)
    (room,) = rooms(offers, (share, soft, budget))
    assert room.scopes == ("w week=1",) and room.most.tolist() == [2.0]


@pytest.mark.parametrize(("high", "crowded"), [(2.0, False), (2.0 - 1e-3, True)])
def test_a_crowd_needs_more_than_there_is(high: float, crowded: bool) -> None:
    """Promises of 1 and of 2 events, the latter by an offer that counts double: 1 + 1 of the room."""
    offers = make_offers(plain((1, 1, 3)))
    first = crowd_rows("first", np.array([[1.0, 0, 0]]), low=1.0)
    second = crowd_rows("second", np.array([[0, 2.0, 1.0]]), low=2.0)
    found = list(crowds(offers, (first, second, crowd_rows("room", np.ones((1, 3)), high=high))))
    assert len(found) == crowded
    for one in found:
        assert (set(one.rules), one.least, one.most) == ({"first", "second"}, 2.0, high)


def test_an_oracle_about_a_part_knows_no_other_rule(child: Child) -> None:
    shape = (1, 1, 4)
    rules = {"promotion_count": (SETTINGS["promotion_count"](min=2),)}
    question = question_of(problem_of(plain(shape, rules=rules, budget=(line(shape, high=900.0),))))
    oracle = Oracle(question, LIMITS, child)
    assert oracle.impossible(question.names)
    assert set(question.part(oracle.proof).names) == {"promotion_count", "budget"}
    alone = oracle.about(question.of(["budget"]))
    assert not alone.impossible(("promotion_count", "budget")) and alone.left <= 20.0
    assert oracle.impossible(("promotion_count", "budget"))
