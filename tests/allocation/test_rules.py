"""Rules bind where they should; each says the same twice: as rows for the solver, as arithmetic for the judge."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from pydantic import ValidationError

from kaopt.allocation import rules as rule_package
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rows import widened
from kaopt.allocation.rules import ALWAYS, RULES, all_rows, promotion_count, rule_settings, settings_of
from kaopt.errors import InputError
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Objective, RuleSettings
from tests.allocation.brute import best, conceivable, decided, missed, plan_of, settled, still, subsets
from tests.allocation.rule_cases import CASES, SETTINGS, Case, plain, uncovered

PACKING = {"one_event", "spacing"}  # rows of spacing imply those of one_event; the judge tells them apart
IMPLIED = "overlap"  # leaves out rows that its others imply; the judge names every cell


def numbers(case: Case) -> str:
    return str(case)


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_the_rule_binds_as_computed_by_hand(case: Case) -> None:
    world, (free, others) = case.world(), case.without()
    assert best(world, conceivable(world)).objective == pytest.approx(case.best, abs=1e-9)
    assert best(free, conceivable(free), others).objective == pytest.approx(case.best_without, abs=1e-9)
    assert case.best != case.best_without


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_rows_and_breaches_are_twins_on_every_plan(case: Case) -> None:
    world = case.world()
    offers = decided(world)
    made = {rule.NAME: [rule.rows(world, offers, s) for s in settings_of(world, rule)] for rule in RULES}
    rows = {name: [widened(block, offers.columns) for block in blocks] for name, blocks in made.items()}
    for events in subsets(len(offers)):
        found, chosen = evaluate(world, plan_of(offers, events)), settled(world, offers, events)
        if chosen is None:  # fees and tiers are those of plans with one event at a time
            assert {b.rule for b in found.breaches} & PACKING
            continue
        broken = {(b.rule, b.scope) for b in (*found.breaches, *found.missed)}
        by_rows = {
            (name, scope)
            for name, blocks in rows.items()
            for block in blocks
            for scope, beyond in zip(block.scopes, missed(block, chosen), strict=True)
            if beyond > 0
        }
        loose = PACKING | {IMPLIED}
        assert {x for x in broken if x[0] not in loose} == {x for x in by_rows if x[0] not in loose}
        assert {x for x in broken if x[0] == IMPLIED} >= {x for x in by_rows if x[0] == IMPLIED}
        for names in (PACKING, {IMPLIED}):
            assert bool({x for x in broken if x[0] in names}) == bool({x for x in by_rows if x[0] in names})


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_rows_regret_what_the_judge_regrets(case: Case) -> None:
    world = case.world()
    offers = decided(world)
    made = [block for block in all_rows(world, offers) if not np.isnan(block.regret).all()]
    soft = [(block, ~np.isnan(block.regret)) for block in made]
    worth, idle = np.concatenate([offers.value, offers.switches.value]), still(offers)
    loose = 1e-9 + 1e-7 * abs(offers.switches.value[~offers.switches.whole]).sum()  # what a solver settled

    def regret(columns: np.ndarray) -> float:
        return float(sum(missed(block, columns)[mine] @ block.regret[mine] for block, mine in soft))

    for events in subsets(len(offers)):
        chosen = settled(world, offers, events)
        if chosen is not None:
            value = worth @ (chosen - idle) + regret(idle) - regret(chosen)
            assert evaluate(world, plan_of(offers, events)).objective == pytest.approx(value, rel=1e-9, abs=loose)


def test_every_rule_has_a_case_in_which_it_binds() -> None:
    assert uncovered(RULES) == []


def test_a_rule_without_a_binding_case_fails_the_suite() -> None:
    fake = ModuleType("fake")
    fake.NAME = "fake"  # type: ignore[attr-defined]
    with pytest.raises(AssertionError):
        assert uncovered((*RULES, fake)) == []
    idle = Case("fake", "binds nothing", 1.0, 1.0)
    assert uncovered((*RULES, fake), (*CASES, idle)) == ["fake"]


def test_a_user_adds_a_rule_by_passing_it() -> None:
    """My rule: nothing in the first week. Rows keep it and breaches judge it; not passed, it is unknown."""
    mine = ModuleType("mine")
    mine.NAME, mine.UNIT, mine.FORMULA, mine.Settings = "quiet_start", "event", "x = 0", RuleSettings

    def rows(world, offers, settings):
        from kaopt.allocation.rows import make_rows

        return make_rows("quiet_start", "event", ("total",), (offers.week == 0)[None, :].astype(float), high=0.0)

    def breaches(world, ledger, settings):
        from kaopt.plan import Breach

        early = int((ledger.plan.week == 0).sum())
        return (Breach("quiet_start", "total", early, 0, "event", early),) if early else ()

    mine.rows, mine.breaches = rows, breaches
    world = plain((1, 1, 2), rules={"quiet_start": (RuleSettings(),)})
    offers = make_offers(world)
    assert best(world, offers, (*RULES, mine)).objective == pytest.approx(2000)
    assert [block.rule for block in all_rows(world, offers, (*RULES, mine))] == ["quiet_start"]
    for judge in (lambda: all_rows(world, offers), lambda: evaluate(world, plan_of(offers, (1, 0)))):
        with pytest.raises(InputError, match="quiet_start"):
            judge()


def test_every_module_of_the_package_is_a_rule_in_the_tuple() -> None:
    folder = Path(rule_package.__file__).parent
    tools = {"__init__", "rule", "judge", "cover"}
    assert {p.stem for p in folder.glob("*.py")} - tools == {rule.NAME for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.NAME)
def test_a_rule_reads_like_a_sentence(rule: ModuleType) -> None:
    sentence = (rule.__doc__ or "").strip().splitlines()[0]
    assert sentence.endswith(".") and 20 < len(sentence) < 120
    assert rule.__name__.rpartition(".")[2] == rule.NAME
    assert rule.UNIT and rule.FORMULA
    assert issubclass(rule.Settings, RuleSettings)
    said = {name for name in rule.Settings.model_fields if name not in RuleSettings.model_fields}
    assert all(rule.Settings.model_fields[name].description for name in said)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.NAME)
def test_rows_and_breaches_share_no_helper(rule: ModuleType) -> None:
    """Names that both functions use, down to the module's own helpers, are nouns and names of scopes only."""
    tree = ast.parse(Path(str(rule.__file__)).read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def called(name: str, seen: set[str]) -> set[str]:
        names = {
            n.func.id for n in ast.walk(functions[name]) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        for other in (names & functions.keys()) - seen:
            names |= called(other, seen | {other})
        return names

    shared = called("rows", {"rows"}) & called("breaches", {"breaches"})
    naming = {"scope", "named", "matches"}
    builtins = {
        "tuple",
        "range",
        "len",
        "int",
        "float",
        "sum",
        "max",
        "min",
        "zip",
        "list",
        "set",
        "enumerate",
        "sorted",
        "divmod",
        "combinations",
        "str",
        "getattr",
    }
    assert shared <= naming | builtins


def test_calendar_rules_describe_themselves() -> None:
    world = plain((1, 1, 26), rules={})
    counted = SETTINGS["promotion_count"](min=1, max=4, per="account_sku", period="quarter")
    bounds = promotion_count.calendar(world, counted).bounds
    assert [(b.what, b.least, b.most, int(b.weeks.sum())) for b in bounds] == [("events", 1, 4, 13)] * 2
    assert promotion_count.calendar(world, SETTINGS["promotion_count"](min=1)).bounds == ()
    assert rule_package.spacing.calendar(world, SETTINGS["spacing"](gap=3)).gap == 3
    assert rule_package.one_event.calendar(world, SETTINGS["one_event"]()).gap == 0


@pytest.mark.parametrize("case", [c for c in CASES if c.rule in ("blackout", "lead_time", "locks")], ids=numbers)
def test_calendars_allow_exactly_what_is_offered(case: Case) -> None:
    """Masks of blackout, locks and lead time together give the offers, committed events apart."""
    world = case.world()
    allowed = np.ones(world.eligible.shape, bool)
    starts = np.ones((world.shape[0], len(world.treatments.treatment), world.weeks), bool)
    signed = set()
    for rule in (rule_package.blackout, rule_package.locks, rule_package.lead_time):
        data = rule.calendar(world, settings_of(world, rule)[0])
        allowed &= True if data.allowed is None else data.allowed
        starts &= True if data.starts is None else data.starts
        signed |= {(x.account, x.sku, x.week, x.treatment) for x in data.forced if x.kind == "committed"}
    every = zip(*np.nonzero(allowed & starts[:, None]), strict=True)
    expected = {(a, s, w, k) for a, s, k, w in every} | signed
    offers = make_offers(world)
    assert set(zip(offers.account, offers.sku, offers.week, offers.treatment, strict=True)) == expected


def test_rules_that_always_hold_need_not_be_named() -> None:
    world = plain((1, 1, 2))
    assert {rule.NAME for rule in RULES if settings_of(world, rule)} == set(ALWAYS)
    assert set(rule_settings()) == {rule.NAME for rule in RULES}


def test_settings_of_a_named_rule_replace_the_standing_ones() -> None:
    soft = SETTINGS["budget"](hard=False, regret=2.0)
    world = plain((1, 1, 2), rules={"budget": (soft,)})
    budget = next(rule for rule in RULES if rule.NAME == "budget")
    assert settings_of(world, budget) == (soft,)


@pytest.mark.parametrize("name", ["one_event", "spacing", "blackout", "lead_time", "locks"])
def test_physics_and_signatures_are_never_soft(name: str) -> None:
    extra = {"gap": 1} if name == "spacing" else {}
    with pytest.raises(ValidationError, match="hard"):
        SETTINGS[name](hard=False, **extra)


@pytest.mark.parametrize("given", [{"what": "weeks"}, {"per": "account_sku"}, {"period": "quarter"}])
def test_an_agreement_promises_nothing_finer_than_a_year_of_an_account(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="agreement"):
        SETTINGS["promotion_count"](min="agreement", **given)


def test_regrets_of_volume_are_in_cases() -> None:
    """5 000 money short at 2 money each, cases worth 20 money: 500 cases."""
    world = plain(
        (1, 1, 2),
        rules={"sales_target": (SETTINGS["sales_target"](hard=False, regret=2.0),)},
        account_columns={"sales_target": 15_000.0},
        objective=Objective(maximize="profitable_volume", tie=0.0, case_value=20.0),
    )
    offers = make_offers(world)
    assert all_rows(world, offers)[0].regret == pytest.approx(0.1)
    nothing, one, two = (evaluate(world, plan_of(offers, chosen)) for chosen in ((0, 0), (1, 0), (1, 1)))
    assert nothing.objective == 0 and nothing.missed[0].shortfall == pytest.approx(5000)
    assert one.objective == pytest.approx(100 + 450)
    assert two.objective == pytest.approx(200 + 500) and two.missed == ()


def test_a_regret_needs_an_exchange_rate() -> None:
    soft = {"promotion_count": (SETTINGS["promotion_count"](min=2, hard=False, regret=1.0),)}
    world = plain((1, 1, 2), rules=soft, objective=Objective(case_value=0.0))
    with pytest.raises(InputError, match=r"objective\.case_value"):
        all_rows(world, make_offers(world))


def test_a_rule_that_holds_always_can_be_switched_off() -> None:
    """`rules: {locks: false}` asks what the plan would be without what is signed."""
    lock = Lock(0, 0, 0, 1, -1, "forbidden")
    kept, off = (plain((1, 1, 1), locks=(lock,), rules=rules) for rules in ({}, {"locks": ()}))
    chosen = Plan(*(np.zeros(1, dtype=np.int64) for _ in range(3)), np.ones(1, dtype=np.int64), np.zeros(1, np.int64))
    assert [breach.rule for breach in evaluate(kept, chosen).breaches] == ["locks"]
    assert evaluate(off, chosen).breaches == ()
