"""The page of an experiment: what each policy does, against the baseline and against its cost."""

from __future__ import annotations

from markupsafe import Markup, escape

from kaopt.report import numbers
from kaopt.report.experiment_chart import BASELINE, GOOD, SURE, WORSE, differences, trade
from kaopt.report.experiment_view import Column, Ends, ExperimentView, Line, Point
from kaopt.report.sheet import NOTHING, Cell, Section, Sheet, Table, called, draw, say
from kaopt.report.text import amount

__all__ = ["ExperimentView", "render"]


def render(of: ExperimentView, language: str) -> str:
    """The page as text; the same experiment gives the same bytes."""
    facts = [
        say("tried", count=len(of.lines)),
        say("lived", count=f"{sum(line.years for line in of.lines):,}"),
        say("sure_to", level=numbers.percent(of.confidence, 0)),
        say("money_in", currency=of.currency),
    ]
    if of.half_width is not None:
        facts.insert(2, say("until", width=plain(of, of.half_width, of.columns[of.lead], points=True)))
    sections = [against(of), *([trade_off(of)] if of.money not in (None, of.lead) else []), by_policy(of), more(of)]
    kind = say("experiment")
    return draw(Sheet(kind, called(of.name), tuple(facts), verdict(of), tuple(sections), language))


def name_of(column: Column) -> Markup:
    """A measure in words, with the account that it is of."""
    name = say(f"m_{column.measure}")
    return name + Markup(" {}").format(column.account) if column.account else name


def spoken(of: ExperimentView, column: Column) -> tuple[str, str]:
    """A measure's name for the inside of a sentence."""
    from kaopt.report.words_experiment import EXPERIMENT_WORDS

    en, zh = EXPERIMENT_WORDS[f"m_{column.measure}"]
    return (f"{en} {column.account}", f"{column.account} {zh}") if column.account else (en, zh)


def verdict(of: ExperimentView) -> Markup:
    """Which policy does best, and how sure that is."""
    column = of.columns[of.lead]
    if of.choice is not None:
        best = of.lines[int(of.choice["best"])].name
        estimated = numbers.percent(float(of.choice["estimated"]))
        if of.choice["promised"] is None:
            return say("best_open", best=best, estimated=estimated)
        promised = numbers.percent(float(of.choice["promised"]), 0)
        zone = plain(of, float(of.choice["indifference"]), column, points=True)
        return say("best_sure", best=best, promised=promised, zone=zone, estimated=estimated)
    sign = column.better or 1
    sure = [line for line in of.lines if better(line.points[of.lead], sign)]
    if not sure:
        return say("nothing_better", measure=spoken(of, column))
    best_line = max(sure, key=lambda line: sign * line.points[of.lead].figure[0])
    point = best_line.points[of.lead]
    assert point.difference is not None
    figure, gap = plain(of, point.figure[0], column), signed(of, point.difference[0], column)
    return say("best_found", best=best_line.name, measure=spoken(of, column), figure=figure, difference=gap)


def better(point: Point, sign: int) -> bool:
    """True where a policy is surely better than the baseline, all policies judged together."""
    return point.difference is not None and point.p is not None and point.p < SURE and sign * point.difference[0] > 0


def against(of: ExperimentView) -> Section:
    """The drawing of differences."""
    column = of.columns[of.lead]
    title = say("against_note", measure=spoken(of, column))
    drawing = differences(of, say("gap_in", measure=spoken(of, column), unit=unit(of, column)))
    return Section(say("against_title"), (title,), legend(), drawing)


def unit(of: ExperimentView, column: Column) -> tuple[str, str]:
    """The unit of a difference."""
    if column.unit == "share":
        return "pp", "百分点"
    return {"day": ("days", "天"), "case": ("cases", "箱")}.get(column.unit, (of.currency, of.currency))


def trade_off(of: ExperimentView) -> Section:
    """The drawing of the deciding measure against money."""
    assert of.money is not None
    y, x = of.columns[of.lead], of.columns[of.money]
    title = say("trade_title", y=spoken(of, y), x=spoken(of, x))
    return Section(title, (say("trade_note"),), legend(), trade(of, (name_of(y), name_of(x))))


def legend() -> tuple[tuple[str, Markup], ...]:
    """The colours."""
    ink = "currentColor" if BASELINE.startswith("#01") else BASELINE
    return (ink, say("is_baseline")), (GOOD, say("not_dominated")), (WORSE, say("dominated_one"))


def by_policy(of: ExperimentView) -> Section:
    """One row for each policy."""
    head = (say("policy"), *(name_of(column) for column in of.columns), say("years"), say("how_ended"))
    rows = tuple(row(of, n, line) for n, line in enumerate(of.lines))
    return Section(say("table_title"), (say("table_note"),), table=Table(head, rows))


def row(of: ExperimentView, n: int, line: Line) -> tuple[Cell, ...]:
    """One policy as cells."""
    name = Markup("{} {}").format(n + 1, line.name)
    if line.dominated_by:
        name += Markup(" <small>{}</small>").format(say("by", name=line.dominated_by))
    state = "own" if n == of.baseline else "worse" if line.dominated_by else ""
    cells = [Cell(name, state)]
    cells += [Cell(figure(of, point, column)) for point, column in zip(line.points, of.columns, strict=True)]
    return (*cells, Cell(escape(f"{line.years}")), Cell(say(f"state_{line.state}")))


def figure(of: ExperimentView, point: Point, column: Column) -> Markup:
    """A figure ± half its interval, and its difference from the baseline."""
    mean, low, high = point.figure
    half = plain(of, (high - low) / 2, column, points=True)
    text = Markup('{} <span class="half">±{}</span>').format(shown(of, mean, column), half)
    if point.difference is None or point.p is None:
        return text
    gap = signed(of, point.difference[0], column)
    width = plain(of, (point.difference[2] - point.difference[1]) / 2, column, points=True)
    kind = "<small><b>{} ±{}</b></small>" if point.p < SURE else "<small>{} ±{}</small>"
    return text + Markup(" ") + Markup(kind).format(gap, width)


def more(of: ExperimentView) -> Section:
    """Correlations, adjusted p-values and chances of missing contract levels."""
    lead = of.columns[of.lead]
    levels = [i for i, column in enumerate(of.columns) if column.below is not None]
    head = [say("policy"), say("correlation", measure=spoken(of, lead)), say("p_holm")]
    for i in levels:
        level = numbers.percent(float(of.columns[i].below or 0.0))
        head.append(say("chance_below", measure=spoken(of, of.columns[i]), level=level))
    rows = []
    for n, line in enumerate(of.lines):
        point = line.points[of.lead]
        known = point.correlation is not None and point.correlation == point.correlation
        cells = [Cell(Markup("{} {}").format(n + 1, line.name), "own" if n == of.baseline else "")]
        cells.append(Cell(escape(f"{point.correlation:.2f}") if known else NOTHING))
        cells.append(Cell(NOTHING if point.p is None else escape(p_text(point.p))))
        cells += [Cell(chance(line.points[i].missed)) for i in levels]
        rows.append(tuple(cells))
    return Section(say("more_title"), (say("more_note"),), table=Table(tuple(head), tuple(rows)))


def p_text(p: float) -> str:
    """A p-value as it is read."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def chance(missed: Ends | None) -> Markup:
    """A probability with its exact interval."""
    if missed is None:
        return NOTHING
    share, low, high = (numbers.percent(one) for one in missed)
    return Markup("{} <small>{} … {}</small>").format(share, low, high)


def shown(of: ExperimentView, value: float, column: Column) -> Markup:
    """A figure in both ways of writing."""
    if column.unit == "share":
        return escape(numbers.percent(value, 2))
    return amount(value) if column.unit in ("money", "case") else escape(f"{value:.1f}")


def plain(of: ExperimentView, value: float, column: Column, *, points: bool = False) -> str:
    """A figure in one way of writing; a width or difference of shares is in points."""
    if column.unit == "share":
        return f"{100 * value:.2f}\u00a0pp" if points else numbers.percent(value, 2)
    return numbers.amount(value, "en") if column.unit in ("money", "case") else f"{value:.1f}"


def signed(of: ExperimentView, value: float, column: Column) -> str:
    """A difference with its sign."""
    return ("+" if value > 0 else "−" if value < 0 else "±") + plain(of, abs(value), column, points=True)
