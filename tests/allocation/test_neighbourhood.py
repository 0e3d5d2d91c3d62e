"""Parts of a plan chosen anew: what is held stays, nothing gets worse, and the smaller program says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.blocks.structure import Places
from kaopt.allocation.search import neighbourhood
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.neighbourhood import agreed, bettered, even, labels, parts, solved_anew
from kaopt.allocation.search.settle import remaining
from kaopt.allocation.search.start import construct
from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, Solution, solve
from kaopt.progress import Progress
from tests.allocation.programs import packing_program, program, random_program, try_everything

WEEKS, KINDS, SKUS = 3, 2, 2


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def placed(one: Program) -> Places:
    """A packing program's events: account-SKUs of `WEEKS` weeks with `KINDS` events each, two SKUs at each account."""
    j = np.arange(len(one.cost))
    block = j // (WEEKS * KINDS)
    return Places(block, j // KINDS % WEEKS, block % SKUS)


def known(one: Program, child: Child, x: np.ndarray | None, places: Places | None, **aim: object) -> Search:
    """A search that knows a plan and a bound that no plan reaches."""
    groups = () if places is None else (np.where(places.block < 0, -1, places.block // SKUS),)
    found = Search(one, Aim(0.0, Limits(seconds=30), groups, places=places, **aim), child)  # type: ignore[arg-type]
    found.offer(x)
    found.bound = float(np.maximum(one.cost, 0).sum()) + one.offset + 1.0
    return found


# the program that is left


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), free=st.sets(st.integers(0, 7), min_size=1, max_size=7))
def test_what_is_left_is_worth_what_the_whole_is_with_the_rest_held(seed: int, free: set[int]) -> None:
    """Against trying everything on the whole program, the held columns' ends drawn together."""
    one = random_program(seed, columns=8, rows=4)
    _, x = try_everything(one)
    if x is None:
        return
    columns = np.array(sorted(free))
    held = np.setdiff1d(np.arange(8), columns)
    low, high = one.low.copy(), one.high.copy()
    low[held] = high[held] = x[held]
    expected, _ = try_everything(replace(one, low=low, high=high))
    assert try_everything(remaining(one, x, columns, kept=True))[0] == pytest.approx(expected, rel=1e-9)


def test_a_plan_that_rounding_lets_pass_passes_in_part() -> None:
    """1000 x0 + x1 <= 1000 + 1 - 1e-7 holds within 1e-9 of the limit; of what is left, 1, that rounding is too much."""
    one = program([1.0, 1], [[1000.0, 1]], high=1001 - 1e-7)
    x = np.array([1.0, 1])
    assert feasible(one, x) is not None
    assert feasible(remaining(one, x, np.array([1])), x[1:]) is None
    small = remaining(one, x, np.array([1]), kept=True)
    assert feasible(small, x[1:]) is not None
    assert small.row_high.tolist() == [1.0]


# parts


@given(sizes=st.lists(st.integers(1, 4_000), min_size=2, max_size=60))
def test_parts_are_even_and_hold_every_name_once(sizes: list[int]) -> None:
    """None has more than a fair share and one name; two at least, and none of nothing."""
    order = np.random.default_rng(0).permutation(len(sizes))
    size = np.array(sizes)[order]
    cut = even(order, size)
    assert np.concatenate(cut).tolist() == order.tolist()
    fair = sum(sizes) / max(np.ceil(sum(sizes) / neighbourhood.ROOM), 2)
    assert all(0 < np.array(sizes)[some].sum() <= fair + max(sizes) for some in cut)
    if max(sizes) < sum(sizes) / 2:
        assert len(cut) >= 2


def test_every_event_is_in_one_part_of_each_kind(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the near ones and the plan's; what is no event is in every part."""
    monkeypatch.setattr(neighbourhood, "ROOM", 8)
    one = packing_program(0, blocks=4, weeks=WEEKS, kinds=KINDS)
    places = placed(one)
    off = np.array([20, 21, 22, 23])  # these are no events
    places = Places(*(np.where(np.isin(np.arange(24), off), -1, label) for label in vars(places).values()))
    x = np.zeros(24)
    x[[0, 7]] = 1.0
    found = known(one, child, None, places)
    found.x, near = x, np.arange(5, 20)
    seen = {name: np.zeros(24, dtype=int) for name in ("SKUs", "weeks", "accounts")}
    for name, free in parts(found, near, np.random.default_rng(1)):
        assert 0 < free.sum() < 24
        seen[name] += free
    pieces = {name: count[off].max() for name, count in seen.items()}
    assert all(count >= 2 for count in pieces.values())
    for name, count in seen.items():
        assert count[off].tolist() == [pieces[name]] * 4
        assert count[:20].tolist() == [1, *[0] * 4, *[1] * 15]


def test_weeks_of_a_part_lie_side_by_side(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhood, "ROOM", 8)
    one = packing_program(0, blocks=4, weeks=WEEKS, kinds=KINDS)
    places = replace(placed(one), week=np.arange(24) // 2)
    found = known(one, child, np.zeros(24), places)
    found.x = np.zeros(24)
    for seed in range(5):
        for name, free in parts(found, np.arange(24), np.random.default_rng(seed)):
            weeks = np.unique(places.week[free])
            if name == "weeks":
                assert np.sum(np.diff(np.append(weeks, weeks[0] + 12)) > 1) == 1  # one gap on the circle of the year


def test_what_is_not_known_makes_no_parts(child: Child) -> None:
    one = packing_program(0, blocks=4, weeks=WEEKS, kinds=KINDS)
    alone = np.zeros(24, dtype=np.int64)
    assert labels(known(one, child, None, None)) == []
    assert labels(known(one, child, None, Places(alone, alone))) == []
    assert [name for name, _ in labels(known(one, child, None, placed(one)))] == ["SKUs", "weeks", "accounts"]
    assert [name for name, _ in labels(known(one, child, None, replace(placed(one), sku=None)))] == [
        "weeks",
        "accounts",
    ]


# the plan


def test_parts_chosen_anew_better_a_plan_until_no_part_can_be(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """From what the minima ask alone; never worse on the way, every row kept, each part at its best at the end."""
    monkeypatch.setattr(neighbourhood, "ROOM", 12)
    monkeypatch.setattr(neighbourhood, "PACE", 1e-9)
    gained = 0
    for seed in range(6):
        one = packing_program(seed, blocks=4, weeks=WEEKS, kinds=KINDS)
        poor = construct(replace(one, cost=-one.cost))
        assert poor is not None
        heard: list[Progress] = []
        found = known(one, child, poor, placed(one), listener=heard.append)
        bettered(found, np.arange(24))
        best = [one.best for one in heard if one.stage == "better" and one.best is not None]
        assert best == sorted(best)
        assert found.x is not None
        assert feasible(one, found.x) is not None
        assert found.objective <= worth(one, optimum(one)) + 1e-6
        for _, label in labels(found)[::2]:  # two SKUs and two accounts: each is a part
            for k in range(2):
                left = remaining(one, found.x, np.flatnonzero(label == k), kept=True)
                assert try_everything(left)[0] == pytest.approx(found.objective, rel=1e-9)
        gained += found.objective > worth(one, poor) + 1
    assert gained == 6


def optimum(one: Program) -> np.ndarray:
    """The best plan, by dynamic programming over blocks and cents of the budget: no solver."""
    budget = int(np.argmax(np.diff(one.matrix.indptr)))
    cents = np.round(one.matrix[budget].toarray()[0] * 100).astype(int)
    room = int(np.floor(one.row_high[budget] * 100 + 1e-6))
    value, chosen = {0: 0.0}, {0: ()}  # type: ignore[var-annotated]
    for first in range(0, 24, WEEKS * KINDS):
        sets = years(one, first)
        more, plan = {}, {}
        for spent, have in value.items():
            for some in sets:
                total, gain = spent + int(cents[list(some)].sum()), have + float(one.cost[list(some)].sum())
                if total <= room and gain > more.get(total, -np.inf):
                    more[total], plan[total] = gain, (*chosen[spent], *some)
        value, chosen = more, plan
    x = np.zeros(24)
    x[list(chosen[max(value, key=lambda one: value[one])])] = 1.0
    return x


def years(one: Program, first: int) -> list[tuple[int, ...]]:
    """What a block of three weeks may hold: at least one event, none in the week after another."""
    events = range(first, first + WEEKS * KINDS)
    pairs = [(i, j) for i in events[:KINDS] for j in events[2 * KINDS :]]
    return [*((i,) for i in events), *pairs]


def test_nothing_happens_without_a_plan_or_a_bound(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> object:
        raise AssertionError("nothing to solve")

    monkeypatch.setattr(neighbourhood, "solve", never)
    one = packing_program(0, blocks=4, weeks=WEEKS, kinds=KINDS)
    bettered(known(one, child, None, placed(one)), np.arange(24))
    unbounded = known(one, child, construct(one), placed(one))
    unbounded.bound = np.inf
    bettered(unbounded, np.arange(24))
    bettered(known(one, child, construct(one), None), np.arange(24))


def test_a_solver_that_betters_nothing_is_asked_once_a_part(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Limits] = []

    def idle(one: Program, limits: Limits, *, start: np.ndarray, **_: object) -> Solution:
        asked.append(limits)
        assert feasible(one, start) is not None  # the plan's own part is what it starts from
        return Solution(start, worth(one, start), np.inf, "stopped", 0.0, "a stand-in")

    monkeypatch.setattr(neighbourhood, "solve", idle)
    one = packing_program(0, blocks=4, weeks=WEEKS, kinds=KINDS)
    found = known(one, child, construct(one), placed(one))
    before = found.objective
    bettered(found, np.arange(24), effort=3)
    assert found.objective == before
    assert len(asked) == 6  # two parts of each kind
    assert {one.nodes for one in asked} == {3 * neighbourhood.NODES}


def test_what_is_held_stays_and_a_plan_is_offered_as_a_whole(child: Child) -> None:
    one = packing_program(2, blocks=4, weeks=WEEKS, kinds=KINDS)
    found = known(one, child, construct(replace(one, cost=-one.cost)), placed(one))
    assert found.x is not None
    before, columns = found.x.copy(), np.arange(6)
    answer = solved_anew(found, columns, Limits(seconds=10))
    assert found.x[6:].tolist() == before[6:].tolist()
    assert answer.objective == pytest.approx(found.objective, rel=1e-12)
    low, high = one.low.copy(), one.high.copy()
    low[6:] = high[6:] = before[6:]
    assert found.objective == pytest.approx(try_everything(replace(one, low=low, high=high))[0])


def test_an_interruption_ends_the_search(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Solution(None, -np.inf, np.inf, "interrupted", 0.0, "a stand-in", "by the user")
    monkeypatch.setattr(neighbourhood, "solve", lambda *_, **__: said)
    one = packing_program(0, blocks=4, weeks=WEEKS, kinds=KINDS)
    with pytest.raises(Stopped, match="by the user"):
        bettered(known(one, child, construct(one), placed(one)), np.arange(24))


# where a relaxation disagrees


def test_what_plan_and_relaxation_both_take_stays_taken(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six events: both take 0; only the relaxation 1, half of 2; only the plan 3; none 4. 5 is beside the events."""
    one = program([1.0] * 6, [[1] * 6], high=6.0)
    places = Places(np.array([0, 0, 1, 1, 2, -1]), np.array([0, 1, 0, 1, 0, -1]), np.array([0, 0, 1, 1, 0, -1]))
    found = known(one, child, np.array([1.0, 0, 0, 1, 0, 0]), places)
    seen = []
    monkeypatch.setattr(neighbourhood, "solved_anew", lambda _, columns, limits: seen.append((columns, limits.nodes)))
    relaxed = np.array([1.0, 1, 0.5, 0, 0, 0])
    agreed(found, relaxed, 3)
    assert [(columns.tolist(), nodes) for columns, nodes in seen] == [([1, 2, 3, 5], 3 * neighbourhood.NODES)]
    agreed(known(one, child, None, places), relaxed)
    agreed(known(one, child, found.x, None), relaxed)
    assert len(seen) == 1


@pytest.mark.parametrize("seed", range(4))
def test_where_the_relaxation_disagrees_plans_get_no_worse(child: Child, seed: int) -> None:
    """With a relaxation that is the best plan itself, the best plan is found: it is among what may be chosen."""
    one = packing_program(seed, blocks=4, weeks=WEEKS, kinds=KINDS)
    best = solve(one, Limits(seconds=30, gap=0.0), child=child).x
    x = construct(one)
    assert best is not None
    assert x is not None
    found = known(one, child, x, placed(one))
    agreed(found, np.round(best))
    assert found.objective == pytest.approx(worth(one, np.round(best)))
