"""What a plan is worth and which rules it breaks: an independent judge that knows no model and no solver.

The judge simulates the plan from the scenario's primitives and adds up exactly (see `ledger_make`). Limits are
compared with the one stated tolerance of `rules.judge`. It works for any plan, also one that nobody would offer.
Which rule is broken: two events of a SKU at once, `one_event` (not also `spacing`); too near, `spacing`; unlisted,
closed weeks, weeks outside the horizon or a length that the mechanic does not know, `blackout`; too late,
`lead_time`; what is forbidden, missing or signed, `locks`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.ledger_make import ledger_of, realised
from kaopt.allocation.rules import RULES, all_charges, refuse_what_nobody_keeps, settings_of
from kaopt.allocation.rules.rule import Rule
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The judgement. `objective` is measured from doing nothing, in the objective's unit, regrets taken off.

    `objective` takes each event's effect alone (what a bound certifies); `realised_objective` the joint year.
    """

    ledger: Ledger
    objective: float
    realised_objective: float
    contribution: float  # incremental, money
    incremental_cases: float
    breaches: tuple[Breach, ...]  # of hard rules
    missed: tuple[Breach, ...] = ()  # of soft rules: allowed, at their regret


def evaluate(world: Scenario, plan: Plan, rules: tuple[Rule, ...] = RULES) -> Evaluation:
    """Judge any plan: value, money and every rule that it breaks."""
    refuse_what_nobody_keeps(world, rules)
    idle, nothing = doing_nothing(world, rules)
    ledger = charged(world, ledger_of(world, plan), idle, rules)
    lived = charged(world, realised(world, ledger), idle, rules)
    verdicts = judged(world, ledger, rules)
    return Evaluation(
        ledger=ledger,
        objective=worth(world, ledger) - regret(world, money_of(verdicts)) + nothing,
        realised_objective=worth(world, lived) - regret(world, soft_misses(world, lived, rules)) + nothing,
        contribution=total(ledger.event_contribution, beside(ledger, "contribution")),
        incremental_cases=total(ledger.event_incremental_cases),
        breaches=tuple(breach for breach, money in verdicts if money is None),
        missed=tuple(breach for breach, money in verdicts if money is not None),
    )


def doing_nothing(world: Scenario, rules: tuple[Rule, ...]) -> tuple[tuple[Charge, ...], float]:
    """What is due without any event, and the regret of it."""
    still = ledger_of(world, Plan.nothing())
    idle = all_charges(world, still, rules)
    return idle, regret(world, soft_misses(world, replace(still, charges=idle, idle=idle), rules))


def charged(world: Scenario, ledger: Ledger, idle: tuple[Charge, ...], rules: tuple[Rule, ...]) -> Ledger:
    """The ledger with what the plan has to pay beside its events, and what is due without any."""
    return replace(ledger, charges=all_charges(world, ledger, rules), idle=idle)


def beside(ledger: Ledger, what: str) -> list[float]:
    """Amounts of the plan's charges and, with the opposite sign, of those due anyway."""
    mine, anyway = ([float(getattr(one, what)) for one in part] for part in (ledger.charges, ledger.idle))
    return [*mine, *(-amount for amount in anyway)]


def counted(world: Scenario, ledger: Ledger, what: str) -> list[float]:
    """The same amounts as the objective counts them: as often as their account."""
    places = [one.account for one in (*ledger.charges, *ledger.idle)]
    return [of_account(world, a) * amount for a, amount in zip(places, beside(ledger, what), strict=True)]


def worth(world: Scenario, ledger: Ledger) -> float:
    """The objective of the plan's events and charges, before regrets."""
    aim, counts = world.objective, weights(world, ledger.plan)
    volume = total(counts * ledger.event_credit, counted(world, ledger, "credit"))
    money = total(counts * ledger.event_contribution, counted(world, ledger, "contribution"))
    if aim.maximize == "lexicographic":
        return volume
    if aim.maximize == "profitable_volume":
        return volume + aim.tie * money
    return money + (aim.case_value * volume if aim.maximize == "value" else 0.0)


def weights(world: Scenario, plan: Plan) -> Floats:
    """[N] how much each event counts in the objective."""
    by_account = np.array([of_account(world, a) for a in range(world.shape[0])])
    by_sku = np.array([world.objective.weights.brand.get(brand, 1.0) for brand in world.skus.brand])
    found: Floats = by_account[plan.account] * by_sku[plan.sku]
    return found


def of_account(world: Scenario, account: int) -> float:
    """How much what belongs to an account counts; what belongs to none (-1) counts once."""
    said, counts = world.objective.weights, 1.0
    if account < 0:
        return counts
    if (name := world.accounts.account[account]) in said.account:
        counts *= said.account[name]
    if (segment := world.accounts.segment[account]) in said.segment:
        counts *= said.segment[segment]
    return counts


def judged(world: Scenario, ledger: Ledger, rules: tuple[Rule, ...]) -> list[tuple[Breach, float | None]]:
    """Every breach in the order of the rules, with its regret in money where the rule is soft."""
    return [
        (breach, None if settings.hard else price(world, settings) * breach.shortfall)
        for rule in rules
        for settings in settings_of(world, rule)
        for breach in rule.breaches(world, ledger, settings)
    ]


def price(world: Scenario, settings: RuleSettings) -> float:
    """The regret of a natural unit; where shortfalls come first, a rule without one counts 1 for each."""
    if world.objective.maximize == "lexicographic" and settings.regret == 0:
        return 1.0
    return settings.regret


def money_of(verdicts: list[tuple[Breach, float | None]]) -> list[float]:
    """The regrets of the soft rules."""
    return [one for _, one in verdicts if one is not None]


def soft_misses(world: Scenario, ledger: Ledger, rules: tuple[Rule, ...]) -> list[float]:
    """The same where only they matter: hard rules, which cost nothing, are not asked; what nobody made soft is hard."""
    soft = {name for name, said in world.rules.items() if not all(one.hard for one in said)}
    return [
        price(world, settings) * breach.shortfall
        for rule in rules
        if rule.NAME in soft
        for settings in settings_of(world, rule)
        if not settings.hard
        for breach in rule.breaches(world, ledger, settings)
    ]


def regret(world: Scenario, misses: list[float]) -> float:
    """What the misses of soft rules cost, in units of the objective; a stage of its own where it is lexicographic."""
    if world.objective.maximize == "lexicographic":
        return 0.0
    money = fsum(misses)
    if money and world.objective.maximize == "profitable_volume":
        return money / world.objective.case_value
    return money
