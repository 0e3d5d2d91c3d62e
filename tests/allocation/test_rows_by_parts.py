"""What rules say about the offers of some whole accounts is what they say about these offers in the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.rows import Rows, widened
from kaopt.allocation.rules import RULES, rule_settings, settings_of, with_switches
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.rules.stability import among
from kaopt.allocation.rules.supply import reach_of
from kaopt.offers import Offers, Reach, make_offers
from kaopt.scenario.load import load
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.scenario.terms import Rebate
from kaopt.switches import Switches
from tests.allocation.rule_cases import CASES, SETTINGS, Case, plain
from tests.allocation.strategies import ruled

FULL = Path(__file__).parents[2] / "scenarios" / "beverage_in_full"


def numbered(names: list[Any]) -> list[tuple[Any, int]]:
    """Each name with how often it came before: several rows of a rebate have one name."""
    seen: Counter[Any] = Counter()
    found = []
    for one in names:
        found.append((one, seen[one]))
        seen[one] += 1
    return found


def keys(offers: Offers) -> list[tuple[int, ...]]:
    columns = (offers.account, offers.sku, offers.week, offers.weeks, offers.treatment)
    return list(zip(*(one.tolist() for one in columns), strict=True))


def columns_in(part: Offers, whole: Offers) -> np.ndarray:
    """[columns of the part] where they stand in the whole."""
    place = {key: n for n, key in enumerate(keys(whole))}
    switch = {one: len(whole) + n for n, one in enumerate(switch_names(whole.switches))}
    named = [*(place[key] for key in keys(part)), *(switch[one] for one in switch_names(part.switches))]
    return np.array(named, dtype=np.int64)


def switch_names(switches: Switches) -> list[Any]:
    """The settings count, as a rule that holds in two has the same names twice."""
    return numbered([(r, repr(s), z) for r, s, z in zip(switches.rule, switches.settings, switches.scope, strict=True)])


def said(world: Scenario, offers: Offers) -> Iterator[tuple[Rule, RuleSettings, Rows]]:
    for rule in RULES:
        for how in settings_of(world, rule):
            yield rule, how, widened(rule.rows(world, offers, how), offers.columns)


def close(found: Any, expected: Any) -> None:
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-6, equal_nan=True), (found, expected)


def compare(world: Scenario, parts: list[list[int]], reach: Reach | None = None) -> Counter[str]:
    """Hold each part's switches and rows against the whole's; the rows compared, by rule."""
    whole = with_switches(world, make_offers(world))
    rows = [one for *_, one in said(world, whole)]
    compared: Counter[str] = Counter()
    for accounts in parts:
        part = with_switches(world, replace(make_offers(world, np.array(accounts, dtype=np.int64)), reach=reach))
        here = columns_in(part, whole)
        same_switches(part.switches, picked(whole.switches, here[len(part) :] - len(whole)))
        for (rule, _, some), every in zip(said(world, part), rows, strict=True):
            compared[rule.NAME] += same_rows(some, every, here)
    return compared


def picked(switches: Switches, places: np.ndarray) -> Switches:
    """Some of the switches."""
    values = {one.name: getattr(switches, one.name) for one in fields(Switches)}
    return Switches(
        **{n: tuple(v[z] for z in places) if isinstance(v, tuple) else v[places] for n, v in values.items()}
    )


def same_switches(some: Switches, every: Switches) -> None:
    assert some.scope == every.scope
    for one in fields(Switches):
        if one.name not in ("rule", "settings", "scope"):
            close(getattr(some, one.name), getattr(every, one.name))


def cut_to(rows: Rows, kept: np.ndarray) -> Rows:
    """Some of the rows."""
    values = {name: getattr(rows, name)[kept] for name in ("matrix", "low", "high", "regret", "used_without")}
    return replace(rows, scopes=tuple(rows.scopes[n] for n in kept), **values)


def same_rows(some: Rows, every: Rows, here: np.ndarray) -> int:
    """Rows of a part against those of the whole cut to its columns `here`; how many were compared."""
    place = {name: n for n, name in enumerate(numbered(list(every.scopes)))}
    names = numbered(list(some.scopes))
    extra = np.array([n for n, name in enumerate(names) if name not in place], dtype=np.int64)
    if some.rule == "rhythm":  # in total a part cannot know that all accounts together stay below
        assert (some.matrix[extra].maximum(0).sum(axis=1) <= some.high[extra]).all()
        some, extra = cut_to(some, np.setdiff1d(np.arange(len(some)), extra)), extra[:0]
    assert not len(extra), [some.scopes[n] for n in extra]
    known = [place[name] for name in numbered(list(some.scopes))]
    cut = sp.csr_matrix(every.matrix[:, here])
    missing = np.setdiff1d(np.flatnonzero(np.diff(cut.indptr)), known)
    assert len(missing) == 0, (every.rule, [every.scopes[n] for n in missing])
    apart = abs(some.matrix - cut[known])
    assert apart.nnz == 0 or apart.max() <= 1e-9 * abs(cut).max()
    for what in ("low", "high", "regret", "used_without"):
        close(getattr(some, what), getattr(every, what)[known])
    assert some.unit == every.unit
    assert [some.unit_at(n) for n in range(len(some))] == [every.unit_at(n) for n in known]
    return len(some)


@given(ruled(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_rules_say_of_a_part_what_they_say_of_it_in_the_whole(here: Scenario, luck: Any) -> None:
    ids = list(range(here.shape[0]))
    luck.shuffle(ids)
    compare(here, [[one] for one in ids] if luck.random() < 0.8 else [ids, []])


def test_every_rule_of_the_full_agreements_by_parts() -> None:
    """All rules at once on twelve accounts, in parts of four and eight."""
    here = load(FULL, rule_settings=rule_settings())
    held = compare(here, [[0, 3, 5, 8], [1, 2, 4, 6, 7, 9, 10, 11]], reach_of(here))
    asked = {rule.NAME for rule in RULES if settings_of(here, rule)}
    silent = {"blackout", "one_event"}
    assert asked - {rule for rule, rows in held.items() if rows} == silent


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_case_of_a_rule_by_accounts(case: Case) -> None:
    """The hand-made world of every rule: its accounts one by one, and none of them."""
    here = case.world()
    compare(here, [[], *([a] for a in range(here.shape[0]))])


def rows_of_part(world: Scenario, name: str, accounts: list[int]) -> Rows:
    (rule,) = (one for one in RULES if name == one.NAME)
    part = with_switches(world, make_offers(world, np.array(accounts, dtype=np.int64)))
    return rule.rows(world, part, settings_of(world, rule)[0])


def test_rivals_fight_though_each_part_knows_one_of_them() -> None:
    """One SKU, two weeks, two rivals at a low price: the part of one has its half of both rows."""
    here = plain((2, 1, 2), rules={"exclusion": (SETTINGS["exclusion"](accounts=(("A1", "A2"),), depth=0.0),)})
    for account in (0, 1):
        rows = rows_of_part(here, "exclusion", [account])
        assert rows.scopes == ("sku=S1 accounts=A1|A2 week=1", "sku=S1 accounts=A1|A2 week=2")
        assert rows.matrix.toarray().tolist() == [[1, 0], [0, 1]]


def test_one_account_that_may_not_hold_too_much_may_hold_it_together_with_another() -> None:
    """Each account can lie 20 cases ahead of 100 a week in the mean: together 40 of the 30 that both may."""
    given: dict[str, Any] = {
        "treatment_columns": {"depth": [0.2]},
        "response_columns": {"display": 0.0, "forward_buy": 1.0, "forward_weeks": 1},
    }
    here = plain((2, 1, 2), rules={"rhythm": (SETTINGS["rhythm"](max_ahead=0.15, per="total"),)}, **given)
    rows = rows_of_part(here, "rhythm", [1])
    assert rows.scopes == ("week=1 stock=ahead",)
    assert rows.matrix.toarray().tolist() == [[pytest.approx(20), 0]]
    assert rows.high.tolist() == [pytest.approx(30)]


def test_what_rebates_elsewhere_take_anyway_is_known_to_a_part() -> None:
    """2 x 5 000 of base earn 1 % back at the second account: the floor over both counts it in either part."""
    rebate = Rebate(1, "revenue", "all_unit", (9_000.0,), (0.01,))
    rules = {"profit_floor": (SETTINGS["profit_floor"](min=50.0, per="total"),)}
    here = plain((2, 1, 2), rebates=(rebate,), rules=rules)
    for account in (0, 1):
        assert rows_of_part(here, "profit_floor", [account]).used_without.tolist() == [pytest.approx(100)]
    off = replace(here, rules=rules | {"rebate": ()})
    assert rows_of_part(off, "profit_floor", [0]).used_without.tolist() == [0]


@pytest.mark.parametrize("seed", range(3))
def test_offers_of_a_given_plan_are_found_among_all(seed: int) -> None:
    """By key against one by one; given events that nobody offers, beyond every offer too, are none."""
    offers = make_offers(plain((3, 2, 5), treatment_columns={"lengths": [(1, 2)]}))
    every = keys(offers)
    luck = np.random.default_rng(seed)
    asked = {every[n] for n in luck.integers(len(every), size=6)} | {(0, 1, 4, 2, 0), (2, 7, 9, 3, 5), (9, 0, 0, 1, 0)}
    assert among(offers, asked).tolist() == [one in asked for one in every]
    assert not among(offers, []).any()
