"""The report: one HTML file that opens anywhere, with no network, in both languages."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from kaopt import runs
from kaopt.report import cards, charts, explained, risk_view, sections, service_view, text
from kaopt.report.calendar import calendar
from kaopt.report.result import RunResult

TEMPLATE = "page.html.j2"


def write_report(path: Path, result: RunResult) -> Path:
    """Write report.html in one step."""
    return runs.write_text(path, render(result))


def render(result: RunResult) -> str:
    """The page as text; the same result gives the same bytes."""
    words = {"word": text.word, "rule": text.rule, "scope": text.scope, "quantity": text.quantity}
    return template().render(**words, **head(result), **money(result), **evidence(result))


def template() -> jinja2.Template:
    """The page's template; everything put into it is escaped."""
    room = resources.files("kaopt.report")
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (room / name).read_text(encoding="utf-8")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    ).get_template(TEMPLATE)


def head(result: RunResult) -> dict[str, Any]:
    """What stands at the top: name, verdict, the five cards."""
    name = result.world.name
    en = name.en or name.zh or result.world.folder.name
    return {
        "result": result,
        "world": result.world,
        "title": text.both(en, name.zh or en),
        "verdict": cards.verdict(result),
        "level": sections.interval_level(result),
        "cards": cards.cards(result),
        "account_rows": cards.account_rows(result),
        "kpis": [kpi.name for kpi in result.card.total.kpis],
    }


def money(result: RunResult) -> dict[str, Any]:
    """The calendar, the weeks, and where the money goes."""
    by_account, returns = sections.by_account(result)
    lines = [(paint, key) for key, paint in charts.LINES.items() if key != "accepted" or result.service is not None]
    return {
        "calendar": calendar(result),
        "weekly": charts.weekly(result),
        "lines": [(paint, text.word(key)) for paint, key in lines],
        "by_family": sections.by_family(result),
        "by_kind": sections.by_kind(result),
        "by_account": by_account,
        "returns": returns,
    }


def evidence(result: RunResult) -> dict[str, Any]:
    """What the year takes away, what is proven, what binds, and where the figures come from."""
    use, age = sections.warehouse(result)
    total = result.card.total
    bridges = [(f"{kpi.name}_bridge", kpi.bridge) for kpi in (total.sales, total.profit) if kpi.bridge]
    return {
        "losses": sections.losses(result),
        "bridges": [(name, sections.bridge(steps)) for name, steps in bridges],
        "use": use,
        "age": age,
        "served": service_view.view(result),
        "rules": sections.rules(result),
        "dearest": explained.dearest(result),
        "buys": explained.by_group(result),
        "risk": risk_view.view(result.world, result.card, result.outlook),
        "certificate": sections.certificate(result),
        "provenance": sections.provenance(result),
    }
