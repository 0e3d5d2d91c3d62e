"""The rules in the order in which people see them. Adding one: one file, one name in the tuple, one test row."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import cast

from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.rows import Rows, widened
from kaopt.allocation.rules import (
    agreement,
    blackout,
    budget,
    contribution_floor,
    credit,
    display_slots,
    exclusion,
    execution,
    fees,
    festival,
    lead_time,
    locks,
    margin_mix,
    market_share,
    max_losing,
    one_event,
    overlap,
    profit_floor,
    promotion_count,
    rebate,
    retailer,
    rhythm,
    sales_target,
    spacing,
    spend_rate,
    spend_return,
    stability,
    supply,
)
from kaopt.allocation.rules.rule import NamingRule, Rule, SwitchRule
from kaopt.errors import Fault, InputError
from kaopt.offers import Offers, value_of, weight_at
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.switches import joined, no_switches

RULES: tuple[Rule, ...] = (
    one_event,
    overlap,
    spacing,
    promotion_count,
    blackout,
    lead_time,
    locks,
    festival,
    exclusion,
    fees,
    rebate,
    budget,
    display_slots,
    agreement,
    execution,
    sales_target,
    market_share,
    margin_mix,
    profit_floor,
    contribution_floor,
    spend_rate,
    spend_return,
    max_losing,
    retailer,
    supply,
    credit,
    rhythm,
    stability,
)
# these hold whether or not a scenario names them: what they ask stands in its tables and sections
ALWAYS = (
    *("one_event", "blackout", "lead_time", "locks", "budget", "display_slots", "contribution_floor"),
    *("agreement", "supply", "credit", "fees", "rebate"),
)


def rule_settings(rules: tuple[Rule, ...] = RULES) -> dict[str, type[RuleSettings]]:
    """What a scenario may say under `rules:`, by rule name."""
    return {rule.NAME: rule.Settings for rule in rules}


def settings_of(world: Scenario, rule: Rule) -> tuple[RuleSettings, ...]:
    """The settings with which a rule holds in this world; none where it does not (`rules: {fees: false}`)."""
    if rule.NAME not in world.rules and rule.NAME in ALWAYS:
        return (untold(rule.Settings),)
    given = world.rules.get(rule.NAME, ())
    return tuple(one for n, one in enumerate(given) if one not in given[:n])


@cache
def untold(settings: type[RuleSettings]) -> RuleSettings:
    """What holds where a scenario says nothing of a rule."""
    return settings()


def with_switches(world: Scenario, offers: Offers, rules: tuple[Rule, ...] = RULES) -> Offers:
    """The offers with what the rules decide beside them; each rule sees the switches of those before it."""
    kinds = len(world.treatments.treatment)
    every = no_switches(kinds)
    for rule in rules:
        for settings in settings_of(world, rule) if hasattr(rule, "switches") else ():
            before = replace(offers, switches=every)
            every = joined([every, cast(SwitchRule, rule).switches(world, before, settings)], kinds)
    value = value_of(world, every.credit, every.contribution) * weight_at(world, every.account)
    return replace(offers, switches=replace(every, value=value))


def all_rows(world: Scenario, offers: Offers, rules: tuple[Rule, ...] = RULES) -> tuple[Rows, ...]:
    """What all rules say about the offers (`with_switches`), rule by rule; one that asks nothing here has no rows."""
    refuse_what_nobody_keeps(world, rules)
    made = [rule.rows(world, offers, settings) for rule in rules for settings in settings_of(world, rule)]
    return tuple(widened(rows, offers.columns) for rows in made if len(rows))


def all_charges(world: Scenario, ledger: Ledger, rules: tuple[Rule, ...] = RULES) -> tuple[Charge, ...]:
    """What a plan has to pay beside its events, rule by rule."""
    return tuple(
        charge
        for rule in rules
        if hasattr(rule, "charges")
        for settings in settings_of(world, rule)
        for charge in cast(SwitchRule, rule).charges(world, ledger, settings)
    )


def refuse_what_nobody_keeps(world: Scenario, rules: tuple[Rule, ...]) -> None:
    """A rule that nobody here knows, or a regret that has no exchange rate, is an error, never silence."""
    known = [rule.NAME for rule in rules]
    faults = [
        Fault("scenario.yaml", None, "rules", name, f"must be one of {', '.join(known)}", "Pass its module in `rules`.")
        for name in world.rules
        if name not in known
    ]
    aim = world.objective
    soft = any(not one.hard and one.regret > 0 for settings in world.rules.values() for one in settings)
    if soft and aim.maximize == "profitable_volume" and aim.case_value == 0:
        found = ("0", "must be above 0 where soft rules have regrets: it turns their money into cases")
        faults.append(Fault("scenario.yaml", None, "objective.case_value", *found, "State what a case is worth."))
    for rule in rules:
        for settings in settings_of(world, rule) if hasattr(rule, "faults") else ():
            faults += cast(NamingRule, rule).faults(world, settings)
    if faults:
        raise InputError(faults)
