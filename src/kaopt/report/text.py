"""Texts that carry both languages: the page shows one of them, the reader chooses."""

from __future__ import annotations

import re
from math import isnan

from markupsafe import Markup, escape

from kaopt.report import numbers
from kaopt.report.words import FAMILIES, RULES, SCOPES, UNITS, WORDS
from kaopt.scorecard import Absent, Interval
from kaopt.scorecard.figures import Figure, point
from kaopt.scorecard.why import WHY

LANGUAGES = ("en", "zh")


def both(en: str, zh: str) -> Markup:
    """One text in two languages; one where they agree."""
    if en == zh:
        return escape(en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(en, zh)


def word(key: str, **values: object) -> Markup:
    """A word of the report; `values` fill its braces (a pair gives one value per language)."""
    en, zh = WORDS[key]
    first = {name: value[0] if isinstance(value, tuple) else value for name, value in values.items()}
    second = {name: value[1] if isinstance(value, tuple) else value for name, value in values.items()}
    return both(en.format(**first), zh.format(**second))


def rule(name: str) -> Markup:
    """A rule in a manager's words; a rule of one's own keeps its name."""
    return both(*RULES.get(name, (name, name)))


def family(name: str) -> Markup:
    """A mechanic family in words."""
    return both(*FAMILIES.get(name, (name, name)))


def why(text: str) -> Markup:
    """Why a figure does not apply."""
    return both(text, WHY.get(text, text))


def amount(value: float) -> Markup:
    """Money or cases in both ways of writing."""
    return both(numbers.amount(value, "en"), numbers.amount(value, "zh"))


def quantity(value: float, unit: str, currency: str) -> Markup:
    """A value in the unit of a rule."""
    if unit == "share of 1":
        return escape(numbers.percent(value))
    if unit == "money":
        return amount(value) + Markup("\u00a0{}").format(currency)
    return amount(value) + " " + both(*UNITS.get(unit, (unit, unit)))


def scope(text: str) -> Markup:
    """Where a rule holds: `account=W week=12` as a reader says it. Ids stay as they are, blanks and all."""
    return both(said(text, 0), said(text, 1))


def said(scope_text: str, spoken: int) -> str:
    """A scope in one language; a name that we have no word for stays."""
    if scope_text in SCOPES:
        return SCOPES[scope_text][spoken]

    def put(found: re.Match[str]) -> str:
        known = SCOPES.get(found.group(1))
        return found.group() if known is None else f"{known[spoken]} "

    return re.sub(r"(?:^|(?<= ))(\w+)=", put, scope_text)


def plain(figure: Figure, kind: str) -> Markup:
    """A figure without its interval; kinds: amount, percent, index, count."""
    value = point(figure)
    match kind:
        case "amount":
            return amount(value)
        case "percent":
            return escape(numbers.percent(value))
        case "index":
            return escape(numbers.index(value))
    return escape(numbers.NOTHING if isnan(value) else numbers.signed(value))


def shown(figure: Figure, kind: str) -> Markup:
    """A figure with half its interval behind it, or why it does not apply."""
    if isinstance(figure, Absent):
        return Markup('<span class="absent">{}</span>').format(why(figure.why))
    text = plain(figure, kind)
    if isinstance(figure, Interval) and not isnan(figure.low) and figure.high > figure.low:
        half = (figure.high - figure.low) / 2
        text += Markup(' <span class="half">±{}</span>').format(plain(half, kind))
    return text


def name_of(ids: tuple[str, ...], names: tuple[str, ...], names_zh: tuple[str, ...], at: int) -> Markup:
    """A thing by its name in each language; by its id where it has none."""
    en = names[at] or ids[at]
    return both(en, names_zh[at] or en)
