"""The sheets behind the summary: accounts, rules, spend, service, assumptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kaopt.report.cards import MEASURES, final
from kaopt.report.excel_pen import GREY, Field, Pen, widen
from kaopt.report.excel_plan import kind_of, spoken
from kaopt.report.excel_summary import KINDS
from kaopt.report.excel_words import family_name, say
from kaopt.report.result import RunResult
from kaopt.scorecard import Scores
from kaopt.scorecard.figures import Figure, point
from kaopt.service import CAUSES

MANY_ROWS = 3000  # of constraints; further ones are in the CSV file
ADDS_UP = ("net_revenue", "contribution", "incremental_contribution", "incremental_cases", "promotions", "displays")


def accounts_sheet(pen: Pen, result: RunResult) -> None:
    """Every account's figures, as delivered where that is known, with sums where figures add up."""
    lang, scores = result.language, list(result.card.accounts.values())
    fields = list(_names(result))
    for name in MEASURES:
        for measure, kind in MEASURES[name]:
            cells = [_final(one, name, measure) for one in scores]
            if all(np.isnan(cells)):
                continue
            fields.append(Field(say(measure, lang), cells, KINDS[kind], total=measure in ADDS_UP))
            if goal := _targets(scores, name, measure):
                fields.append(Field(f"{say(measure, lang)} · {say('target', lang)}", goal, KINDS[kind]))
    spend = [point(one.profit.at("trade_spend", "total")) for one in scores]
    fields.append(Field(say("trade_spend", lang), spend, "amount", total=True))
    fields.append(Field(say("trade_rate", lang), [point(one.profit.at("trade_rate")) for one in scores], "share"))
    fields.append(Field(say("kpis", lang), [sum(kpi.met is True for kpi in one.kpis) for one in scores], "count"))
    _whole(pen, "accounts", fields, lang)


def _names(result: RunResult) -> tuple[Field, Field]:
    names = spoken(result.world.accounts, "account", result.language)
    return (
        Field(say("account", result.language), list(names)),
        Field(say("name", result.language), list(names.values())),
    )


def _final(scores: Scores, name: str, measure: str) -> float:
    figure: Figure = final(getattr(scores, name), measure)
    return point(figure)


def _targets(scores: list[Scores], name: str, measure: str) -> list[float | None]:
    """Each account's target; nothing where no account has one."""
    found = [
        next((check.target for check in getattr(one, name).checks if check.measure == measure), None) for one in scores
    ]
    return found if any(one is not None for one in found) else []


def constraints_sheet(pen: Pen, result: RunResult, constraints: pd.DataFrame) -> None:
    """Rows of the rules, those with the least room to their limit first."""
    size = constraints["limit"].abs().clip(lower=1.0) if "limit" in constraints else 1.0
    room = (constraints["slack"] / size).sort_values(kind="stable").index if "slack" in constraints else None
    shown = (constraints if room is None else constraints.loc[room]).head(MANY_ROWS)
    fields = [Field(str(one), shown[one].tolist(), kind_of(str(one), shown[one])) for one in shown.columns]
    sheet = _whole(pen, "constraints", fields, result.language)
    if len(constraints) > len(shown):
        note = say("more_rows", result.language, count=len(constraints) - len(shown))
        pen.put(sheet, (len(shown) + 1, 0), note, font_color=GREY)


def spend_sheet(pen: Pen, result: RunResult) -> None:
    """Trade spend by account: every kind of the year lived together, then promotions by mechanic and quarter."""
    world, ledger, lang = result.world, result.ledger, result.language
    fields = list(_names(result))
    kinds = (("promotions", "in_promotions"), ("on_invoice", "on_invoice"), ("rebate", "rebate"), ("fees", "fees"))
    for kind, word in (*kinds, ("total", "all_kinds")):
        cells = [point(one.profit.at("trade_spend", kind)) for one in result.card.accounts.values()]
        fields.append(Field(say(word, lang), cells, "amount", total=True))
    mine = np.arange(len(world.accounts.account))[:, None] == ledger.plan.account[None, :]  # [A, N]
    of_family = np.array(world.treatments.family)[ledger.plan.treatment]
    for family in dict.fromkeys(world.treatments.family):
        spent = mine @ np.where(of_family == family, ledger.event_spend.sum(axis=1), 0.0)
        title = f"{say('in_promotions', lang)} · {family_name(family, lang)}"
        fields.append(Field(title, spent.tolist(), "amount", total=True))
    for quarter in np.unique(world.quarter):
        spent = mine @ ledger.spent_in(world.quarter == quarter).sum(axis=1)
        title = f"{say('in_quarters', lang)} · {say('quarter', lang, number=int(quarter) + 1)}"
        fields.append(Field(title, spent.tolist(), "amount", total=True))
    _whole(pen, "spend", fields, lang)


def service_sheet(pen: Pen, result: RunResult) -> None:
    """What each account ordered, accepted and did not get, by cause; means over the simulated years."""
    service, lang = result.service, result.language
    if service is None:
        return
    ordered = service.ordered_value.mean(axis=0).sum(axis=1)
    accepted = service.accepted_value.mean(axis=0).sum(axis=1)
    lost = service.lost_value.mean(axis=0).sum(axis=1)  # [A, C]
    fields = list(_names(result))
    fields += [Field(say("ordered", lang), ordered.tolist(), "amount", total=True)]
    fields += [Field(say("accepted", lang), accepted.tolist(), "amount", total=True)]
    start = 0
    for cause, fine in CAUSES.items():
        cells = lost[:, start : start + len(fine)].sum(axis=1)
        fields.append(Field(say("loss", lang, cause=say(cause, lang)), cells.tolist(), "amount", total=True))
        start += len(fine)
    penalties = service.penalties.mean(axis=0).sum(axis=1)
    fields.append(Field(say("penalties", lang), penalties.tolist(), "amount", total=True))
    rate = np.divide(accepted, ordered, out=np.full(len(ordered), np.nan), where=ordered > 0)
    fields.append(Field(say("value", lang), rate.tolist(), "share"))
    _whole(pen, "service", fields, lang)


def assumptions_sheet(pen: Pen, result: RunResult) -> None:
    """What was assumed, every setting with the place that it comes from, and the fingerprints of the inputs."""
    world, lang = result.world, result.language
    sheet = pen.book.add_worksheet("assumptions")
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 1, 70)
    said = list(world.assumptions) or [say("no_assumptions", lang)]
    row = pen.table(sheet, [Field(say("assumptions", lang), said)])
    settings = [
        Field(say("setting", lang), list(world.provenance)),
        Field(say("place", lang), [*world.provenance.values()]),
    ]
    row = pen.table(sheet, settings, top=row + 1)
    files = [Field(say("file", lang), list(world.inputs)), Field("SHA-256", list(world.inputs.values()))]
    pen.table(sheet, files, top=row + 1)


def _whole(pen: Pen, name: str, fields: list[Field], lang: str) -> Any:
    """A sheet that is one table."""
    sheet = pen.book.add_worksheet(name)
    pen.table(sheet, fields, total=say("total", lang))
    widen(sheet, fields)
    sheet.freeze_panes(1, 2)
    return sheet
