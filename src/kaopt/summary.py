"""What a command prints for people at its end, in English or Chinese."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaopt.errors import Fault
from kaopt.plan import Certificate
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.report.result import RunResult

WORDS = {
    "en": {
        "plan": "plan: {events} events; objective {objective:,.1f}, at most {bound:,.1f} is possible: gap {gap:.2%}",
        "realised": "all events together, week by week: {realised:,.1f}",
        "interrupted": "interrupted: this is the best plan so far",
        "stopped": "stopped before the asked gap of {asked:.2%} was proven",
        "rolling": "planned month by month, each within the asked gap of {asked:.2%}; the gap holds the price of that",
        "broken": "broken rules: {names}",
        "wrote": "wrote",
        "fine": "{name}: {accounts} accounts, {skus} SKUs, {weeks} weeks: no fault found",
        "findings": "these cannot all hold:",
    },
    "zh": {
        "plan": "计划：{events} 档促销；目标值 {objective:,.1f}，理论上限 {bound:,.1f}，差距 {gap:.2%}",
        "realised": "全部活动逐周一起模拟：{realised:,.1f}",
        "interrupted": "已中断：这是目前最好的计划",
        "stopped": "在证明到所要求的差距 {asked:.2%} 之前停止",
        "rolling": "逐月滚动计划，每月都达到要求的精度 {asked:.2%}；上面的差距包含滚动的代价",
        "broken": "违反的规则：{names}",
        "wrote": "写入",
        "fine": "{name}：{accounts} 个客户、{skus} 个品项、{weeks} 周：没有发现错误",
        "findings": "以下要求不能同时满足：",
    },
}
SHOWN = ("report.html", "results.xlsx", "plan.csv", "scorecard.json", "certificate.json")


def result_text(folder: Path, result: RunResult) -> str:
    """The five KPIs, the proof and the paths of what was written."""
    words = WORDS.get(result.language, WORDS["en"])
    lines = [result.card.text(result.language), ""]
    if result.certificate is not None:
        lines += proof(result.certificate, len(result.ledger.plan), words)
    if result.breaches:
        names = ", ".join(sorted({f"{b.rule} ({b.scope})" for b in result.breaches})[:10])
        lines.append(words["broken"].format(names=names))
    lines += [f"{words['wrote']} {folder / name}" for name in SHOWN if (folder / name).is_file()]
    return "\n".join(lines)


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


def findings_text(world: Scenario, findings: tuple[Fault, ...], language: str) -> str:
    """What the pre-flight arithmetic found."""
    words = WORDS.get(language, WORDS["en"])
    accounts, skus, weeks = world.shape
    name = world.name.zh if language == "zh" and world.name.zh else world.name.en or world.folder.name
    if not findings:
        return words["fine"].format(name=name, accounts=accounts, skus=skus, weeks=weeks)
    return "\n".join([words["findings"], *(str(one) for one in findings)])
