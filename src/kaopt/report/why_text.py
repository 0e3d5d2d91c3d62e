"""`kaopt why` in a manager's words, in English or Chinese."""

from __future__ import annotations

from kaopt.allocation.explain.why import GIVEN_BACK, Why
from kaopt.report.words import RULES
from kaopt.scenario.model import Scenario

WORDS = {
    "en": {
        "head": "{treatment} on {sku} at {account}, {weeks} from week {week}: {state}",
        "chosen": "in the plan",
        "left": "not in the plan",
        "taken": "taken by the relaxation (no plan was given: prices only)",
        "open": "not taken by the relaxation (no plan was given: prices only)",
        "cases": "{cases:,.0f} cases gained, {credit:,.0f} of them profitable; contribution {contribution:,.0f}",
        "value": "worth to the objective, before spend",
        "cost": "trade spend",
        "objective": "spend that the objective leaves to the budget",
        "total": "left",
        "good": "It earns more than everything that it takes from others: it belongs into the plan.",
        "even": "It just earns what it takes from others: a choice among equals at these prices.",
        "bad": "What it takes from others is worth more than it brings: it stays out.",
        "shut": "It can never fit, whatever else is planned: {rule}, {scope}: {used:,.0f} {unit} against {limit:,.0f}.",
        "others": "other promotions of the same week:",
    },
    "zh": {
        "head": "{account} · {sku} · {treatment}，第 {week} 周起 {weeks} 周：{state}",
        "chosen": "已入选方案",
        "left": "未入选方案",
        "taken": "松弛解选用（未给方案，只看价格）",
        "open": "松弛解未选用（未给方案，只看价格）",
        "cases": "净增 {cases:,.0f} 箱，其中有利润 {credit:,.0f} 箱；贡献 {contribution:,.0f}",
        "value": "对目标的价值（未扣费用）",
        "cost": "促销费用",
        "objective": "目标不计、由预算约束的费用",
        "total": "余额",
        "good": "所得大于它占用的资源：应当入选。",
        "even": "所得恰好等于它占用的资源：在这些价格下可选可不选。",
        "bad": "它占用的资源比它带来的更值钱：不入选。",
        "shut": "无论其他如何安排都放不下：{rule}，{scope}：{used:,.0f} {unit}，限额 {limit:,.0f}。",
        "others": "同周的其他促销：",
    },
}


def length(weeks: int) -> str:
    """`1 week`, `2 weeks`."""
    return "1 week" if weeks == 1 else f"{weeks} weeks"


SLIGHT = 0.5  # money: what is less is nothing


def why_text(world: Scenario, found: Why, language: str) -> str:
    """Value, cost, what each rule charges, and what is left: lines that add up."""
    words, place = WORDS.get(language, WORDS["en"]), 1 if language == "zh" else 0
    states = ("left", "chosen") if found.of_plan else ("open", "taken")
    offer = dict(found.offer)
    amounts = {"cases": offer["incremental_cases"], "credit": offer["credit"], "contribution": offer["contribution"]}
    weeks = offer["weeks"] if place else length(offer["weeks"])
    head = words["head"].format_map({**offer, "state": words[states[found.chosen]], "weeks": weeks})
    lines = [head, words["cases"].format(**amounts), ""]
    steps = [(words["value"], found.value), (words["cost"], -found.cost)]
    steps += [(said(rule, words, place), -charge) for rule, charge in sorted(found.charges.items(), key=size)]
    lines += [row(name, amount) for name, amount in [*steps, (words["total"], found.total)]]
    verdict = "even" if abs(found.total) < SLIGHT else "good" if found.total > 0 else "bad"
    why = words[verdict]
    if found.shut is not None:
        why = words["shut"].format(**found.shut.as_dict() | {"rule": said(found.shut.rule, words, place)})
    lines += ["", f"{why} ({world.currency})"]
    if found.others:
        lines += ["", words["others"]]
        lines += [row(f"{o.offer['treatment']}, {o.offer['weeks']}", o.total) for o in found.others]
    return "\n".join(lines)


def size(pair: tuple[str, float]) -> float:
    """The largest first."""
    return -abs(pair[1])


def said(rule: str, words: dict[str, str], place: int) -> str:
    """A rule in a manager's words, with its name."""
    if rule == GIVEN_BACK:
        return words["objective"]
    return f"{RULES[rule][place]} [{rule}]" if rule in RULES else rule


def row(name: str, amount: float) -> str:
    """One line, the amounts below one another."""
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in name)
    return f"  {name}{' ' * max(52 - wide, 1)}{round(amount) + 0:>14,.0f}"
