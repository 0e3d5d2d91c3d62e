"""A choice of plans as data, text and page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kaopt.allocation.plans.alternatives import Choice, differing
from kaopt.comparison import Comparison, Side, compared
from kaopt.comparison.differences import Event
from kaopt.demand import events_of
from kaopt.plan import Plan
from kaopt.report.tables import certificate_dict
from kaopt.runs import plain
from kaopt.scenario.model import Scenario
from kaopt.scorecard import score
from kaopt.scorecard.show import LANGUAGES

SAYS = {
    "best": ("best plan: objective {objective:,.1f}", "最优方案：目标值 {objective:,.1f}"),
    "one": (
        "{name}: gives up {loss:.2%}, differs in {distance} events from the nearest one before (at most {most:.0f})",
        "{name}：让出 {loss:.2%}，与之前最近的方案相差 {distance} 场（至多 {most:.0f}）",
    ),
    "fewer": (
        "{found} of {asked} asked for: within {within:.2%} of the best no other plan was found",
        "要求 {asked} 个，找到 {found} 个：在最优的 {within:.2%} 以内没有找到其他方案",
    ),
}


def as_dict(world: Scenario, of: Choice) -> dict[str, Any]:
    """The alternatives with what is claimed of each, and how far all plans are from each other."""
    card = [score(world, one.plan).as_dict()["total"] for one in of.alternatives]
    content: dict[str, Any] = plain(
        {
            "within": of.within,
            "alternatives": [
                {
                    "plan": f"alternative_{n}.csv",
                    "events": len(one.plan),
                    "loss": one.loss,
                    "distance": one.distance,
                    "distance_bound": one.most,
                    "certificate": one.plan.certificate,
                    "kpis": kpis,
                }
                for n, (one, kpis) in enumerate(zip(of.alternatives, card, strict=True), start=1)
            ],
            "distances": [[differing(a, b) for b in of.plans] for a in of.plans],
        }
    )
    return content


def comparison(world: Scenario, of: Choice) -> Comparison:
    """All plans side by side, as planned."""
    names = ("best", *(f"alternative {n}" for n in range(1, len(of.alternatives) + 1)))
    scenario = world.name.en or world.name.zh
    made = compared(
        tuple(
            Side(
                name,
                score(world, plan).as_dict(),
                scenario,
                certificate=None if plan.certificate is None else certificate_dict(plan.certificate),
                events=named(world, plan),
            )
            for name, plan in zip(names, of.plans, strict=True)
        )
    )
    worth = {name: objective(plan) for name, plan in zip(names, of.plans, strict=True)}
    kept = {name: tuple(one for one in by if worth[one] >= worth[name]) for name, by in made.dominated.items()}
    return replace(made, dominated={name: by for name, by in kept.items() if by})


def objective(plan: Plan) -> float:
    """What the plans were made for: the KPIs do not hold it, and nobody is dominated who is best in it."""
    assert plan.certificate is not None
    return plan.certificate.objective


def named(world: Scenario, plan: Plan) -> tuple[Event, ...]:
    """The events as plan.csv names them."""
    ids = world.accounts.account, world.skus.sku, world.treatments.treatment
    return tuple(
        Event(ids[0][e.account], ids[1][e.sku], e.week + 1, e.weeks, ids[2][e.treatment]) for e in events_of(plan)
    )


def text(world: Scenario, of: Choice, language: str = "en") -> str:
    """What each alternative gives up and how it differs, then all plans side by side."""
    spoken = LANGUAGES.get(language, 0)
    assert of.best.certificate is not None
    lines = [SAYS["best"][spoken].format(objective=of.best.certificate.objective)]
    for n, one in enumerate(of.alternatives, start=1):
        said = {"name": f"alternative_{n}.csv", "loss": one.loss, "distance": one.distance, "most": one.most}
        lines.append(SAYS["one"][spoken].format(**said))
    if len(of.alternatives) < of.asked:
        said = {"found": len(of.alternatives), "asked": of.asked, "within": of.within}
        lines.append(SAYS["fewer"][spoken].format(**said))
    if of.alternatives:
        lines += ["", comparison(world, of).text(language)]
    return "\n".join(lines)


def page(world: Scenario, of: Choice, language: str) -> str:
    """All plans side by side as a page."""
    from kaopt.report.compare_page import render

    return render(comparison(world, of), language)
