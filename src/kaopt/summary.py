"""What a command prints for people at its end, in English or Chinese."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaopt.errors import Fault
from kaopt.plan import Breach, Certificate
from kaopt.scenario.model import Scenario
from kaopt.scorecard import risk
from kaopt.scorecard.show import LANGUAGES

if TYPE_CHECKING:
    from kaopt.allocation.evaluate import Evaluation
    from kaopt.report.result import RunResult
    from kaopt.scorecard import Scorecard

WORDS = {
    "en": {
        "plan": "plan: {events} events; objective {objective:,.1f}, at most {bound:,.1f} is possible: gap {gap:.2%}",
        "realised": "all events together, week by week: {realised:,.1f}",
        "interrupted": "interrupted: this is the best plan so far",
        "stopped": "stopped before the asked gap of {asked:.2%} was proven",
        "rolling": "planned month by month, each within the asked gap of {asked:.2%}; the gap holds the price of that",
        "broken": "broken rules: {names}",
        "worth": "objective {objective:,.2f}; all events together, week by week: {realised:,.2f}",
        "breach": "broken: {rule}, {scope}: {used}, must be at {side} {limit}",
        "most": "most",
        "least": "least",
        "kept": "no rule is broken",
        "wrote": "wrote",
        "fine": "{name}: {accounts} accounts, {skus} SKUs, {weeks} weeks: no fault found",
        "findings": "these cannot all hold:",
        "miss": "{account} below {level:.1%}: in {share:.0%} of years (95 % interval {low:.0%} to {high:.0%})",
        "misses": "and {rest} accounts less often; {often} of {all} miss their level in more than half of the years",
        "warmup": "each year was counted after {weeks} weeks of warm-up, when the weekly loss had settled (MSER-5)",
        "worst": "penalties a year, mean of the worst twentieth of years: {mean:,.0f} ({low:,.0f} to {high:,.0f})",
    },
    "zh": {
        "plan": "计划：{events} 档促销；目标值 {objective:,.1f}，理论上限 {bound:,.1f}，差距 {gap:.2%}",
        "realised": "全部活动逐周一起模拟：{realised:,.1f}",
        "interrupted": "已中断：这是目前最好的计划",
        "stopped": "在证明到所要求的差距 {asked:.2%} 之前停止",
        "rolling": "逐月滚动计划，每月都达到要求的精度 {asked:.2%}；上面的差距包含滚动的代价",
        "broken": "违反的规则：{names}",
        "worth": "目标值 {objective:,.2f}；全部活动逐周一起模拟：{realised:,.2f}",
        "breach": "违反：{rule}，{scope}：{used}，{side} {limit}",
        "most": "最多",
        "least": "至少",
        "kept": "没有违反任何规则",
        "wrote": "写入",
        "fine": "{name}：{accounts} 个客户、{skus} 个品项、{weeks} 周：没有发现错误",
        "findings": "以下要求不能同时满足：",
        "miss": "{account} 低于 {level:.1%} 的概率：{share:.0%}（95% 置信区间 {low:.0%} 至 {high:.0%}）",
        "misses": "另有 {rest} 家客户较少低于；共 {all} 家中 {often} 家在半数以上年份不达标",
        "warmup": "每年先预热 {weeks} 周，待每周损失稳定后才计入（MSER-5）",
        "worst": "最差二十分之一年份的平均年违约金：{mean:,.0f}（{low:,.0f} 至 {high:,.0f}）",
    },
}
SHOWN = ("report.html", "results.xlsx", "plan.csv", "fulfilment_by_week.csv", "scorecard.json", "certificate.json")


def result_text(folder: Path, result: RunResult) -> str:
    """The five KPIs, the proof and the paths of what was written."""
    from kaopt.report import risk_view

    words = WORDS.get(result.language, WORDS["en"])
    lines = [result.card.text(result.language), "", *risk_text(result, words)]
    if result.certificate is not None:
        lines += proof(result.certificate, len(result.ledger.plan), words)
    lines += risk_view.text(result.world, result.card, result.outlook, result.language)
    if result.breaches:
        names = ", ".join(sorted({f"{b.rule} ({b.scope})" for b in result.breaches})[:10])
        lines.append(words["broken"].format(names=names))
    lines += [f"{words['wrote']} {folder / name}" for name in SHOWN if (folder / name).is_file()]
    return "\n".join(lines)


def risk_text(result: RunResult, words: dict[str, str]) -> list[str]:
    """How likely a year misses what is agreed with a customer, and what the worst years cost; none unsimulated."""
    if result.service is None:
        return []
    names, lines = result.world.accounts.account, []
    if result.world.supply.warmup == "auto":
        lines.append(words["warmup"].format(weeks=result.service.warmup_weeks))
    every = risk.misses(result.world, result.service)
    few = risk.likeliest(every)
    for one in few:
        found = {"share": one.chance.share, "low": one.chance.low, "high": one.chance.high}
        lines.append(words["miss"].format(account=names[one.account], level=one.level, **found))
    if len(every) > len(few):
        often = sum(one.chance.share > 0.5 for one in every)
        lines.append(words["misses"].format(rest=len(every) - len(few), often=often, all=len(every)))
    worst = risk.worst_penalties(result.service)
    return lines if worst is None else [*lines, words["worst"].format(**vars(worst))]


def proof(certificate: Certificate, events: int, words: dict[str, str]) -> list[str]:
    """What is proven, in a sentence or two."""
    lines = [
        words["plan"].format(
            events=events, objective=certificate.objective, bound=certificate.bound, gap=certificate.gap
        ),
        words["realised"].format(realised=certificate.realised_objective),
    ]
    if certificate.status in words:
        lines.append(words[certificate.status].format(asked=certificate.asked_gap))
    return lines


def evaluation_text(world: Scenario, card: Scorecard, found: Evaluation, language: str) -> str:
    """What a plan that somebody made is worth, and every rule that it breaks."""
    words = WORDS.get(language, WORDS["en"])
    worth = words["worth"].format(objective=found.objective, realised=found.realised_objective)
    broken = [words["breach"].format(**breach_words(one, world, language)) for one in found.breaches]
    return "\n".join([card.text(language), "", worth, *(broken or [words["kept"]])])


def breach_words(breach: Breach, world: Scenario, language: str) -> dict[str, str]:
    """A breach as a reader says it; the rule keeps the name under which `rules:` knows it."""
    from kaopt.report.text import said
    from kaopt.report.words import RULES, UNITS

    spoken = LANGUAGES.get(language, 0)
    named = RULES.get(breach.rule, ("", ""))[spoken]
    used, limit = apart(breach)
    units = UNITS | {"money": (world.currency, world.currency), "share of 1": ("", "")}
    return {
        "rule": breach.rule if named in ("", breach.rule.replace("_", " ")) else f"{breach.rule} ({named})",
        "scope": said(breach.scope, spoken),
        "used": used,
        "side": WORDS.get(language, WORDS["en"])["most" if breach.used > breach.limit else "least"],
        "limit": f"{limit} {units.get(breach.unit, (breach.unit, breach.unit))[spoken]}".rstrip(),
    }


def apart(breach: Breach) -> tuple[str, str]:
    """Used and limit to two decimals; to more where they would read the same."""
    kind = "%" if breach.unit == "share of 1" else "f"
    for decimals in range(2, 10):
        used, limit = (f"{one:,.{decimals}{kind}}" for one in (breach.used, breach.limit))
        if used != limit:
            break
    whole = all(one.rstrip("%").endswith(".00") for one in (used, limit))
    return (used.replace(".00", ""), limit.replace(".00", "")) if whole else (used, limit)


def findings_text(world: Scenario, findings: tuple[Fault, ...], language: str) -> str:
    """What the pre-flight arithmetic found."""
    words = WORDS.get(language, WORDS["en"])
    accounts, skus, weeks = world.shape
    name = world.name.zh if language == "zh" and world.name.zh else world.name.en or world.folder.name
    if not findings:
        return words["fine"].format(name=name, accounts=accounts, skus=skus, weeks=weeks)
    return "\n".join([words["findings"], *(str(one) for one in findings)])
