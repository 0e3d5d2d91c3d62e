"""Which scenarios go account by account, and what is refused before anything is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.allocation.allocate import allocate
from kaopt.allocation.large import verb
from kaopt.allocation.large.quest import Found, Quest
from kaopt.allocation.large.verb import is_large, planned
from kaopt.allocation.rules import RULES
from kaopt.errors import ContradictionError, NoPlanError
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective
from tests.allocation.case import line, plain
from tests.allocation.large.small import one_process
from tests.worlds import plan

SMALL = plain((1, 2, 3), account_columns={"display_slots": [1]})  # one slot: 2 000 a week
BEST = plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0), (0, 1, 2, 1, 0))


def solving(world: Scenario, **how: Any) -> Scenario:
    """The world with other settings of its solver."""
    return replace(world, solve=world.solve.model_copy(update=how))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six events are many."""
    monkeypatch.setattr(verb, "LARGE", 6)


def test_as_many_events_as_the_limit_are_many(few: None) -> None:
    assert is_large(SMALL)
    assert not is_large(plain((1, 1, 5)))
    assert is_large(plain((1, 1, 3), treatment_columns={"lengths": [(1, 2)]}))


def test_small_worlds_are_not_many() -> None:
    assert verb.LARGE == 300_000
    assert not is_large(SMALL)
    assert not is_large(solving(SMALL, engine="blocks"))


@pytest.mark.parametrize(("engine", "large"), [("auto", True), ("blocks", True), ("arrays", False), ("pyomo", False)])
def test_other_engines_are_left_their_worlds(few: None, engine: str, large: bool) -> None:
    assert is_large(solving(SMALL, engine=engine)) == large


def test_other_aims_are_left_to_the_search(few: None) -> None:
    assert not is_large(replace(SMALL, objective=Objective(maximize="lexicographic")))
    assert not is_large(replace(SMALL, risk=object()))  # type: ignore[arg-type]
    assert not is_large(replace(SMALL, rolling=object()))  # type: ignore[arg-type]


def test_a_plan_with_its_certificate(few: None) -> None:
    """The verb goes account by account and certifies what the judge says."""
    saved: list[Plan] = []
    with one_process():
        found = allocate(SMALL, save=saved.append)
    told = found.certificate
    assert told is not None
    assert (told.solver, told.objective, told.breaches) == ("blocks", pytest.approx(6_000), ())
    assert told.bound >= told.objective
    assert told.gap == pytest.approx(0.0, abs=1e-5)
    assert told.variables == 6
    assert len(found) == 3
    assert [len(one) for one in saved] == [3]


def finding(monkeypatch: pytest.MonkeyPatch, **known: Any) -> Callable[[], Plan]:
    """The verb, where the search comes back with this."""

    def instead(quest: Quest) -> Found:
        return Found(**known)

    monkeypatch.setattr(verb, "searched", instead)
    return lambda: planned(SMALL, RULES)


def test_a_plan_that_breaks_a_rule_for_the_judge_is_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    crowded = plan((0, 0, 0, 1, 0), (0, 1, 0, 1, 0))
    with pytest.raises(ContradictionError, match=r"breaks rules when judged.*display_slots account=A1.*2 against 1"):
        finding(monkeypatch, plan=crowded, objective=4_000.0, bound=9_000.0)()


def test_a_budget_that_is_broken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "searched", lambda _: Found(plan=BEST, objective=6_000.0, bound=9_000.0))
    broke = replace(SMALL, budget=(line((1, 2, 3), scope="launch", high=1_000.0),))
    with pytest.raises(ContradictionError, match=r"budget launch: 1500 against 1000 money"):
        planned(broke, RULES)


def test_a_plan_above_the_proven_bound_is_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ContradictionError, match="6000 against 5999"):
        finding(monkeypatch, plan=BEST, objective=6_000.0, bound=5_999.0)()


def test_a_bound_that_rounding_puts_below_the_plan_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    told = finding(monkeypatch, plan=BEST, objective=6_000.0, bound=6_000.0 - 1e-6)().certificate
    assert told is not None
    assert (told.bound, told.gap, told.status) == (6_000.0, 0.0, "optimal")


def test_no_plan_is_said_and_an_interruption_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        finding(monkeypatch, interrupted=True)()
    monkeypatch.setattr(verb, "searched", lambda _: Found())
    with pytest.raises(NoPlanError, match="give it more time"):
        planned(replace(SMALL, budget=(line((1, 2, 3), low=100.0),)), RULES)  # doing nothing spends too little


def test_where_no_plan_is_found_the_one_to_go_on_from_stands_or_doing_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "searched", lambda _: Found(bound=9_000.0))
    idle = planned(SMALL, RULES).certificate
    assert idle is not None
    assert (idle.objective, idle.bound, idle.status) == (0.0, 9_000.0, "stopped")
    kept = planned(SMALL, RULES, after=BEST)
    assert kept.certificate is not None
    assert (len(kept), kept.certificate.objective) == (3, 6_000.0)
    crowded = plan((0, 0, 0, 1, 0), (0, 1, 0, 1, 0))
    assert len(planned(SMALL, RULES, after=crowded)) == 0
    monkeypatch.setattr(verb, "searched", lambda _: Found(interrupted=True))
    assert len(planned(SMALL, RULES, after=BEST)) == 3


def test_the_search_goes_on_from_a_plan_that_has_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Quest] = []

    def instead(quest: Quest) -> Found:
        heard.append(quest)
        return Found(plan=BEST, objective=6_000.0, bound=6_000.0, prices={("budget", "total"): 2.0})

    monkeypatch.setattr(verb, "searched", instead)
    first = planned(SMALL, RULES, after=BEST)
    assert heard[0].before is None  # prices are what makes it short
    planned(SMALL, RULES, after=first)
    assert heard[1].before is not None
    assert (heard[1].before.prices, heard[1].before.plan) == ({("budget", "total"): 2.0}, first)


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ({"bound": 6_000.0}, "optimal"),
        ({"bound": 7_000.0}, "stopped"),
        ({"bound": 7_000.0, "interrupted": True}, "interrupted"),
        ({"bound": np.inf, "interrupted": True}, "interrupted"),
        ({"bound": np.inf}, "stopped"),
    ],
)
def test_only_what_is_proven_is_claimed(monkeypatch: pytest.MonkeyPatch, known: dict[str, Any], status: str) -> None:
    told = finding(monkeypatch, plan=BEST, objective=6_000.0, events=6, **known)().certificate
    assert told is not None
    assert told.status == status
    assert told.gap == pytest.approx((known["bound"] - 6_000) / 6_000)
    assert told.claimed_gap is None


def test_a_quarter_of_the_gap_is_asked_and_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is closed where the asked gap is proven."""
    monkeypatch.setattr(verb, "searched", lambda _: Found(plan=BEST, objective=6_000.0, bound=6_060.0))
    for gap, status in ((0.01, "optimal"), (0.0099, "stopped")):
        told = planned(solving(SMALL, gap=gap), RULES).certificate
        assert told is not None
        assert (told.status, told.asked_gap) == (status, gap)
