"""How a plan stands where responses are not as estimated, for the page and for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from kaopt.report import numbers
from kaopt.report.text import both
from kaopt.report.words_risk import RISK_WORDS
from kaopt.risk import Against, Knowing, Outlook, Standing
from kaopt.scenario.model import Scenario
from kaopt.scorecard import Scorecard
from kaopt.statistics.interval import Interval

LANGUAGES = {"en": 0, "zh": 1}
Row = tuple[str, ...]
Table = tuple[Row, list[Row]]


@dataclass(frozen=True)
class RiskView:
    """The section of the page; `rows` begin with a name, then mean, tail and worst tenth."""

    title: Markup
    notes: tuple[Markup, ...]
    heads: tuple[Markup, ...]
    rows: tuple[tuple[Markup, ...], ...]


def view(world: Scenario, card: Scorecard, outlook: Outlook | None) -> RiskView:
    """What is known of the plan in sampled worlds; a note alone where nothing was sampled for it."""
    said, said_zh = (lines(world, card, outlook, language) for language in LANGUAGES)
    none: Table = ((), [])
    (heads, rows), (heads_zh, rows_zh) = (table(outlook, one) if outlook else none for one in LANGUAGES)
    return RiskView(
        both(*RISK_WORDS["risk"]),
        spoken(said, said_zh),
        spoken(heads, heads_zh),
        tuple(spoken(row, row_zh) for row, row_zh in zip(rows, rows_zh, strict=True)),
    )


def spoken(en: Sequence[str], zh: Sequence[str]) -> tuple[Markup, ...]:
    """Texts in both languages."""
    return tuple(both(first, second) for first, second in zip(en, zh, strict=True))


def text(world: Scenario, card: Scorecard, outlook: Outlook | None, language: str) -> list[str]:
    """Lines for the terminal; none where nothing was sampled for the plan."""
    if outlook is None:
        return []
    heads, rows = table(outlook, language)
    shown = [heads, *rows]
    size = [max(width(row[i]) for row in shown) for i in range(len(heads))]
    told = ["  ".join(cell + " " * (size[i] - width(cell)) for i, cell in enumerate(row)).rstrip() for row in shown]
    first, *rest = lines(world, card, outlook, language)[1:]
    return ["", first, *told, *rest]


def width(cell: str) -> int:
    """Columns on a terminal."""
    from kaopt.scorecard.show import width as columns

    return columns(cell)


def lines(world: Scenario, card: Scorecard, outlook: Outlook | None, language: str) -> list[str]:
    """The sentences: where ranges come from, what the plan was made for, what knowing would be worth."""
    level = numbers.percent(card.confidence, 0)
    ranges = say("range_note", language, worlds=f"{card.worlds:,}", level=level) if card.worlds else None
    found = [ranges or say("certain", language)]
    if outlook is not None:
        unit = world.currency
        if world.objective.maximize == "profitable_volume":
            unit = say("cases", language)
        found.append(
            say(
                "fresh",
                language,
                samples=f"{outlook.samples:,}",
                fresh=f"{outlook.fresh:,}",
                weight=numbers.percent(outlook.weight, 0),
                worst=numbers.percent(1 - outlook.level, 0),
                unit=unit,
            )
        )
        found += [] if outlook.knowing is None else [knowing(outlook.knowing, language)]
    return found


def knowing(of: Knowing, language: str) -> str:
    """What not knowing costs, in a sentence."""
    figures = {"found": whole(of.found.mean), "most": whole(of.most.mean), "gap": numbers.percent(of.gap, 2)}
    if not isfinite(of.found.low):
        return say("knowing_one", language, **figures)
    return say("knowing", language, **figures, half=whole(of.found.half_width), worlds=str(of.worlds))


def table(outlook: Outlook, language: str) -> Table:
    """Heads, and a row for each plan and each difference; the worst tenth has a column where it is not the tail."""
    worst = numbers.percent(1 - outlook.level, 0)
    tenth = abs(outlook.level - 0.9) > 1e-9
    heads = [say("plan", language), say("mean", language), say("tail", language, worst=worst)]
    heads += [say("tenth", language)] if tenth else []
    named: list[tuple[str, Standing | Against]] = [(f"for_{name}", one) for name, one in outlook.plans.items()]
    named += [(f"less_{name}", one) for name, one in outlook.against.items()]
    rows = []
    for name, one in named:
        figures = [one.mean, one.tail, *([one.tenth] if tenth else [])]
        rows.append((say(name, language), *(cell(figure) for figure in figures)))
    return tuple(heads), rows


def cell(figure: Interval) -> str:
    """A figure with half its interval."""
    return f"{whole(figure.mean)} ±{whole(figure.half_width)}"


def whole(value: float) -> str:
    """To the unit; two digits after the point where it is small."""
    return numbers.whole(value) if abs(value) >= 10 or value == 0 else f"{value:,.2f}".replace("-", "−")


def say(key: str, language: str, **values: str) -> str:
    """A text in one language."""
    return RISK_WORDS[key][LANGUAGES.get(language, 0)].format(**values)
