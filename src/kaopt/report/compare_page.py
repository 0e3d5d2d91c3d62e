"""The page of a comparison: KPIs, money, what each plan gives up, and which promotions differ."""

from __future__ import annotations

from markupsafe import Markup, escape

from kaopt.comparison import Comparison
from kaopt.comparison.differences import Differences, Event
from kaopt.comparison.nouns import Cell as Compared
from kaopt.comparison.nouns import Figure, Line
from kaopt.report import numbers
from kaopt.report.sheet import NOTHING, Cell, Section, Sheet, Table, draw, say, spoken
from kaopt.report.text import plain, why, word
from kaopt.scorecard.figures import KPIS

MOST = 400  # events that differ and are listed; all of them are in calendar.csv


def render(of: Comparison, language: str) -> str:
    """The page as text."""
    facts = tuple(fact(of, n) for n in range(len(of.sides)))
    title = Markup(" · ").join(escape(name) for name in of.names)
    warnings = tuple(spoken(*one) for one in of.warnings)
    sections = [
        Section(say("kpis"), (*warnings, say("kpis_note")), (), None, measures(of, KPIS)),
        Section(word("money"), (), (), None, measures(of, ("money",))),
        *(events(one) for one in of.calendar),
    ]
    return draw(Sheet(say("compare"), title, facts, verdict(of), tuple(sections), language))


def fact(of: Comparison, n: int) -> Markup:
    """One plan: its name, scenario and proof."""
    side = of.sides[n]
    parts = [Markup("<b>{}</b>").format(side.name)]
    if side.scenario and side.scenario != side.name:
        parts.append(escape(side.scenario))
    if side.events is not None:
        parts.append(say("events_in", count=f"{len(side.events):,}"))
    if side.certificate is not None and side.certificate.get("gap") is not None:
        parts.append(say("proven_gap", gap=f"{side.certificate['gap']:.2%}"))
    return Markup(", ").join(parts)


def verdict(of: Comparison) -> Markup:
    """Who is dominated, or that nobody is."""
    if not of.dominated:
        return say("none_dominated")
    each = (say("is_dominated", name=name, by=", ".join(by)) for name, by in of.dominated.items())
    return Markup(" ").join(each)


def measures(of: Comparison, kpis: tuple[str, ...]) -> Table:
    """The measures of some KPIs, the KPI's name above its own."""
    head = [Markup("")]
    for name in of.names:
        dominated = Markup(" <small>{}</small>").format(say("dominated")) if name in of.dominated else Markup("")
        head.append(escape(name) + dominated)
    rows: list[tuple[Cell, ...]] = []
    for kpi in kpis:
        lines = [line for line in of.lines if line.kpi == kpi and anything(line)]
        if lines and kpi != "money":
            rows.append((Cell(word(kpi)),))
        rows += [row(of, line) for line in lines]
    return Table(tuple(head), tuple(rows))


def anything(line: Line) -> bool:
    """True where any plan has the measure."""
    return any(one.value is not None for cell in line.cells.values() for one in (cell.planned, cell.delivered))


def row(of: Comparison, line: Line) -> tuple[Cell, ...]:
    """One measure: the figure that counts, the other one and what is given up below it."""
    other = {"execution": "expected", "fill_rate": "simulated"}.get(line.kpi, "delivered")
    said = word(other if line.basis == "delivered" else "planned")
    basis = Markup(" <small>{}</small>").format(said) if line.kpi != "money" else Markup("")
    return (Cell(word(line.measure) + basis), *(cell(line, line.cells[name]) for name in of.names))


def cell(line: Line, of: Compared) -> Cell:
    """One plan's figure; the best of a KPI is marked, the others say what they give up."""
    counts, other = (of.delivered, of.planned) if line.basis == "delivered" else (of.planned, of.delivered)
    counts = counts if counts.value is not None else other
    if counts.value is None:
        return Cell(Markup('<span class="absent">{}</span>').format(why(counts.why)) if counts.why else NOTHING)
    text = figure(counts, line.kind)
    differ = any(one.gives_up for one in line.cells.values())
    if of.gives_up and differ and line.better:
        key = "gives_up" if line.better == "more" else "is_more"
        text += Markup("<small>{}</small>").format(say(key, much=lost(of.gives_up, line.kind)))
    if of.target is not None:
        mark = "✓" if of.met else "✗"
        text += Markup("<small>{} {} {}</small>").format(word("target"), plain(of.target, line.kind), mark)
    return Cell(text, "best" if of.gives_up == 0 and differ and line.better else "")


def lost(much: float, kind: str) -> tuple[str, str]:
    """A difference in both languages; shares in points."""
    if kind == "percent":
        text = f"{100 * much:.1f} pp" if much >= 0.0005 else "<0.1 pp"
        return text, text
    if kind == "amount":
        return numbers.amount(much, "en"), numbers.amount(much, "zh")
    text = f"{much:.3f}" if kind == "index" else f"{much:,.1f}"
    return text, text


def figure(of: Figure, kind: str) -> Markup:
    """A figure with half its interval behind it."""
    assert of.value is not None
    text = plain(of.value, kind)
    if of.low is not None and of.high is not None and of.high > of.low:
        text += Markup(' <span class="half">±{}</span>').format(plain((of.high - of.low) / 2, kind))
    return text


def events(of: Differences) -> Section:
    """How two calendars differ."""
    counts = {"same": len(of.same), "moved": len(of.moved), "changed": len(of.changed)}
    counts |= {"first": len(of.only_first), "second": len(of.only_second)}
    note = say("calendar_counts", a=of.first, b=of.second, **counts)
    rows: list[tuple[Cell, ...]] = []
    rows += [listed("moved", a, b) for a, b in of.moved] + [listed("changed", a, b) for a, b in of.changed]
    rows += [listed("only", a, None) for a in of.only_first] + [listed("only", None, b) for b in of.only_second]
    head = (say("what"), word("account"), say("sku"), escape(of.first), escape(of.second))
    shown = Table(head, tuple(rows[:MOST])) if rows else None
    notes = (note, say("more_in_csv", count=len(rows) - MOST)) if len(rows) > MOST else (note,)
    return Section(
        say("calendar", a=of.first, b=of.second),
        notes,
        (),
        None,
        shown,
        fold=say("show", count=len(rows)) if len(rows) > 12 else None,
    )


def listed(kind: str, before: Event | None, after: Event | None) -> tuple[Cell, ...]:
    """One event that differs."""
    one = before or after
    assert one is not None
    cells = (escape(one.account), escape(one.sku), run(before), run(after))
    return (Cell(say(f"event_{kind}")), *(Cell(text) for text in cells))


def run(event: Event | None) -> Markup:
    """When and what: weeks and mechanic."""
    if event is None:
        return NOTHING
    weeks = f"{event.week}" if event.weeks == 1 else f"{event.week}-{event.week + event.weeks - 1}"
    return say("in_weeks", weeks=weeks, treatment=event.treatment)
