"""A page of sections, each with a note, a drawing and a table: what several plans together are shown on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from kaopt.report.words_plans import PLAN_WORDS
from kaopt.scenario.settings import Words

TEMPLATE = "sheet.html.j2"
NOTHING = Markup("–")


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and a state that colours it (met, missed, or none)."""

    text: Markup
    state: str = ""


@dataclass(frozen=True)
class Table:
    """A head and rows; first column left, the others right; the last cell of a short row takes what is left."""

    head: tuple[Markup, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Section:
    """One part of the page; a table with words in `fold` opens at a click on them."""

    title: Markup
    notes: tuple[Markup, ...] = ()
    legend: tuple[tuple[str, Markup], ...] = ()  # colour, name
    drawing: Markup | None = None
    table: Table | None = None
    fold: Markup | None = None


@dataclass(frozen=True)
class Sheet:
    """A whole page."""

    kind: Markup
    title: Markup
    facts: tuple[Markup, ...]
    verdict: Markup
    sections: tuple[Section, ...]
    language: str


def say(key: str, **values: object) -> Markup:
    """A word of these pages in both languages; `values` fill its braces (a pair gives one per language)."""
    en, zh = PLAN_WORDS[key]
    first = {name: value[0] if isinstance(value, tuple) else value for name, value in values.items()}
    second = {name: value[1] if isinstance(value, tuple) else value for name, value in values.items()}
    return spoken(en.format(**first), zh.format(**second))


def spoken(en: str, zh: str) -> Markup:
    """One text in two languages."""
    if en == zh:
        return escape(en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(en, zh)


def called(name: Words) -> Markup:
    """A scenario's name in both languages."""
    return spoken(name.en or name.zh, name.zh or name.en)


def draw(sheet: Sheet) -> str:
    """The page as text: the same sheet gives the same bytes."""
    room = resources.files("kaopt.report")
    return (
        jinja2.Environment(
            loader=jinja2.FunctionLoader(lambda name: (room / name).read_text(encoding="utf-8")),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        .get_template(TEMPLATE)
        .render(sheet=sheet)
    )
