"""The page of a fit: how wrong it is on weeks it never saw, what it learned, what was wrong with the data."""

from __future__ import annotations

from markupsafe import Markup, escape

from kaopt.learning.drawing import AHEAD, SOLD, errors, say, slopes, volume
from kaopt.learning.words import WORDS
from kaopt.report import numbers
from kaopt.report.sheet import Cell, Section, Sheet, Table, draw, spoken
from kaopt.response.evidence import Evidence
from kaopt.response.halves import JUDGES
from kaopt.response.problems import Problem
from kaopt.response.structure import MAIN

MODEL = "partial_pooling"


def render(found: Evidence, problems: list[Problem], language: str = "en") -> str:
    """The page as text: the same fit gives the same bytes."""
    card = found.card
    facts = (
        say("head", rows=f"{card.rows:,}", series=f"{card.series:,}", **card.weeks),
        *(escape(f"{name}: {text}") for name, text in card.source.items() if name != "sha256"),
    )
    sections = (held_out(found), by_size(found), worth(found), learned(found), *differing(found), faults(problems))
    return draw(Sheet(say("fit"), escape(card.name), facts, verdict(found), sections, language))


def verdict(found: Evidence) -> Markup:
    """How wrong, and against whom."""
    errors_of = dict(found.card.wmape)
    error = errors_of.pop(MODEL)
    rival = min(errors_of, key=lambda name: errors_of[name])
    en, zh = (
        WORDS["verdict"][k].format(
            error=numbers.percent(error, 1), other=numbers.percent(errors_of[rival], 1), rival=WORDS[rival][k]
        )
        for k in (0, 1)
    )
    return spoken(en, zh)


def held_out(found: Evidence) -> Section:
    """Errors by method, and volume week by week."""
    card = found.card
    note = say("held_note", cover=numbers.percent(card.coverage80, 1), bias=numbers.percent(card.bias_of_mean, 1))
    best = min(card.wmape.values())
    rows = tuple(
        (Cell(say(name)), Cell(Markup(numbers.percent(error, 1)), "met" if error == best else ""))
        for name, error in card.wmape.items()
    )
    legend = ((SOLD, say("actual")), (AHEAD, say("mean")))
    table = Table((say("method"), say("wmape")), rows)
    return Section(say("held_out"), (note,), legend, volume(found.held.rows), table)


def by_size(found: Evidence) -> Section:
    """Errors of single weeks."""
    return Section(say("errors_by"), (say("errors_note"),), (), errors(found.held.rows, found.held.model.width))


def worth(found: Evidence) -> Section:
    """What plans on each method earn by models of the other half."""
    told = found.card.plan_value
    earned = told.get("earned", {})
    rows = tuple(
        (Cell(say(name)), *(Cell(Markup(f"{earned[name][f'by_{judge}']:.1f}")) for judge in JUDGES))
        for name in told.get("order", ())
    )
    head = (say("plan_by"), say("by_pooling"), say("by_least"))
    return Section(say("plan_value"), (say("plan_note"),), (), None, Table(head, rows))


def learned(found: Evidence) -> Section:
    """The coefficients."""
    rows = tuple(
        (Cell(escape(name)), *(Cell(Markup(f"{one[key]:.3f}")) for key in ("value", "se", "between_series")))
        for name, one in found.card.mean.items()
    )
    head = (say("term"), say("value"), say("se"), say("between"))
    return Section(say("coefficients"), (say("coefficients_note"),), (), None, Table(head, rows))


def differing(found: Evidence) -> tuple[Section, ...]:
    """How the main coefficients differ between series, against each series alone."""
    fit, alone = found.model.fit, found.alone.fit
    legend = ((SOLD, say("alone")), (AHEAD, say("pooled")))
    return tuple(
        Section(say("spread_of", term=name), (), legend, slopes(name, fit.term(name), alone.term(name)))
        for name in MAIN
        if name in found.model.structure.own and name in alone.terms
    )


def faults(problems: list[Problem]) -> Section:
    """Problems by kind, and what was done."""
    done: dict[tuple[str, str], int] = {}
    for one in problems:
        done[one.kind, one.done] = done.get((one.kind, one.done), 0) + 1
    rows = tuple(
        (Cell(escape(kind)), Cell(escape(f"{n:,}")), Cell(escape(what))) for (kind, what), n in done.items()
    ) or ((Cell(say("none")), Cell(Markup("")), Cell(Markup(""))),)
    head = (say("kind"), say("times"), say("done"))
    return Section(say("problems"), (say("problems_note"),) if problems else (), (), None, Table(head, rows))
