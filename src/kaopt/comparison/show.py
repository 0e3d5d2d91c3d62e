"""A comparison as plain data and as a table of text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kaopt.comparison.differences import Differences, Event
from kaopt.comparison.nouns import Cell, Comparison, Figure, Line
from kaopt.comparison.words import CALENDAR, MEASURE, SAYS
from kaopt.scorecard.show import LANGUAGES, plain, width

KINDS = {"amount": "money", "percent": "share", "index": "ratio", "count": "count"}


def as_dict(of: Comparison) -> dict[str, Any]:
    """Plain data: the plans, each measure over all plans, who is dominated, and how the calendars differ."""
    return {
        "plans": [
            {
                "name": side.name,
                "run": side.run,
                "scenario": side.scenario,
                "events": None if side.events is None else len(side.events),
                "certificate": None if side.certificate is None else dict(side.certificate),
                "dominated_by": list(of.dominated.get(side.name, ())),
            }
            for side in of.sides
        ],
        "measures": [asdict(line) for line in of.lines],
        "calendar": [calendar_dict(one) for one in of.calendar],
        "warnings": [en for en, _ in of.warnings],
    }


def calendar_dict(one: Differences) -> dict[str, Any]:
    """The differences of two calendars; events by name, weeks from 1."""

    def event(it: Event) -> dict[str, Any]:
        return it._asdict()

    def pairs(many: tuple[tuple[Event, Event], ...]) -> list[dict[str, Any]]:
        return [{"from": event(a), "to": event(b)} for a, b in many]

    return {
        "from": one.first,
        "to": one.second,
        "same": len(one.same),
        "moved": pairs(one.moved),
        "changed": pairs(one.changed),
        "only_from": [event(it) for it in one.only_first],
        "only_to": [event(it) for it in one.only_second],
    }


def text(of: Comparison, language: str = "en") -> str:
    """The table for a terminal: the figure that counts of each measure, then what differs, then warnings."""
    spoken = LANGUAGES.get(language, 0)
    rows = [("", *of.names)]
    for line in of.lines:
        if any(cell_figure(line, cell).value is not None for cell in line.cells.values()):
            cells = (cell_text(line, line.cells[name], spoken) for name in of.names)
            rows.append((label(line, spoken), *cells))
            rows += loss(line, spoken)
    size = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(fit(cell, size[i], left=i == 0) for i, cell in enumerate(row)).rstrip() for row in rows]
    lines += ["", SAYS["best"][spoken]]
    for name in of.names:
        if by := of.dominated.get(name):
            lines.append(SAYS["dominated"][spoken].format(name=name, by=", ".join(by)))
    lines += [calendar_text(one, spoken) for one in of.calendar]
    return "\n".join([*lines, *(said[spoken] for said in of.warnings)])


def loss(line: Line, spoken: int) -> list[tuple[str, ...]]:
    """Below the figure of a KPI: what each plan gives up against the best, where they differ."""
    short = [cell.gives_up or 0.0 for cell in line.cells.values()]
    if not line.lead or not any(short):
        return []
    texts = (plain(one, KINDS[line.kind], spoken) + "  " if one else "" for one in short)
    return [("  " + SAYS["gives_up"][spoken], *texts)]


def fit(cell: str, size: int, *, left: bool) -> str:
    """A cell padded to its column; Chinese characters take two places."""
    pad = " " * (size - width(cell))
    return cell + pad if left else pad + cell


def label(line: Line, spoken: int) -> str:
    """A measure in words; the basis where both could be meant."""
    other = {"execution": "expected", "fill_rate": "simulated"}.get(line.kpi, "delivered")
    basis = SAYS[other if line.basis == "delivered" else "planned"][spoken] if line.kpi != "money" else ""
    return MEASURE[line.measure][spoken] + (f" ({basis})" if basis else "")


def cell_figure(line: Line, cell: Cell) -> Figure:
    """The figure that counts."""
    return (
        cell.delivered
        if line.basis == "delivered"
        else cell.planned
        if cell.planned.value is not None
        else (cell.delivered)
    )


def cell_text(line: Line, cell: Cell, spoken: int) -> str:
    """The figure with a star where no plan has a better one."""
    figure = cell_figure(line, cell)
    if figure.value is None:
        return "-"
    best = line.lead and cell.gives_up == 0 and any(one.gives_up for one in line.cells.values())
    text = plain(figure.value, KINDS[line.kind], spoken)
    if line.kind == "count" and "." not in text and any_part(line):
        text += ".0"
    return text + (" *" if best else "  ")


def any_part(line: Line) -> bool:
    """True where a plan's figure is no whole number: then all of the row show a decimal."""
    values = (cell_figure(line, cell).value for cell in line.cells.values())
    return any("." in plain(value, "count", 0) for value in values if value is not None)


def calendar_text(one: Differences, spoken: int) -> str:
    """How two calendars differ, in a sentence."""
    counts = (len(part) for part in (one.same, one.moved, one.changed, one.only_first, one.only_second))
    names = ("same", "moved", "changed", "only_first", "only_second")
    return CALENDAR[spoken].format(first=one.first, second=one.second, **dict(zip(names, counts, strict=True)))
