"""The report: one HTML file that opens anywhere, with no network, in both languages."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import jinja2

from kaopt import runs
from kaopt.report import cards, charts, sections, text
from kaopt.report.calendar import calendar
from kaopt.report.result import RunResult


def write_report(path: Path, result: RunResult) -> Path:
    """Write report.html in one step."""
    return runs.write_text(path, render(result))


def render(result: RunResult) -> str:
    """The page as text; the same result gives the same bytes."""
    room = resources.files("kaopt.report")
    template = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (room / name).read_text(encoding="utf-8")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    ).get_template("page.html.j2")
    by_account, returns = sections.by_account(result)
    use, age = sections.warehouse(result)
    world, total = result.world, result.card.total
    other = world.name.en or world.name.zh or world.folder.name
    return template.render(
        result=result,
        world=world,
        word=text.word,
        rule=text.rule,
        scope=text.scope,
        quantity=text.quantity,
        title=text.both(world.name.en or other, world.name.zh or other),
        verdict=cards.verdict(result),
        level=sections.interval_level(result),
        cards=cards.cards(result),
        calendar=calendar(result),
        weekly=charts.weekly(result),
        lines=[(paint, text.word(key)) for key, paint in charts.LINES.items() if key != "accepted" or result.service],
        by_family=sections.by_family(result),
        by_kind=sections.by_kind(result),
        by_account=by_account,
        returns=returns,
        losses=sections.losses(result),
        bridges=[(f"{k.name}_bridge", sections.bridge(k.bridge)) for k in (total.sales, total.profit) if k.bridge],
        use=use,
        age=age,
        rules=sections.rules(result),
        certificate=sections.certificate(result),
        account_rows=cards.account_rows(result),
        kpis=[kpi.name for kpi in total.kpis],
        provenance=sections.provenance(result),
    )
