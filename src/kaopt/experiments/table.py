"""An experiment as a table for a terminal."""

from __future__ import annotations

from kaopt.experiments.measures import MEASURES
from kaopt.experiments.result import Experiment, Figure, Row
from kaopt.experiments.words import SAYS, STATES
from kaopt.report.words_experiment import EXPERIMENT_WORDS
from kaopt.scorecard.show import LANGUAGES, width

SURE = 0.05  # adjusted p below which a difference is marked


def text(of: Experiment, language: str = "en") -> str:
    """One line for each policy: mean ± half its interval, and the paired difference of the measure that decides."""
    spoken = LANGUAGES.get(language, 0)
    name = (of.question.name.en, of.question.name.zh)[spoken] or of.question.name.en
    lead = of.question.stop_on if of.question.contest is None else of.question.contest.measure
    lines = [head(of, lead, spoken), *(line(of, row, lead, spoken) for row in of.rows)]
    size = [max(width(one[i]) for one in lines) for i in range(len(lines[0]))]
    shown = [justified(one, size) for one in lines]
    return "\n".join([name, *shown, *notes(of, lead, spoken)])


def justified(cells: tuple[str, ...], size: list[int]) -> str:
    """Names left, figures right."""
    first = cells[0] + " " * (size[0] - width(cells[0]))
    return "  ".join([first, *(" " * (n - width(cell)) + cell for cell, n in zip(cells[1:], size[1:], strict=True))])


def head(of: Experiment, lead: int, spoken: int) -> tuple[str, ...]:
    """The names of the columns."""
    names = [called(one.measure, one.account, spoken) if spoken else one.label for one in of.question.measures]
    return (
        SAYS["policy"][spoken],
        *names,
        SAYS["difference"][spoken].format(measure=names[lead]),
        SAYS["all"][spoken],
        SAYS["years"][spoken],
        "",
    )


def called(measure: str, account: str, spoken: int) -> str:
    """A measure's name, with the account that it is of."""
    name = EXPERIMENT_WORDS[f"m_{measure}"][spoken]
    return f"{name} {account}" if account else name


def line(of: Experiment, row: Row, lead: int, spoken: int) -> tuple[str, ...]:
    """One policy as cells."""
    units = [MEASURES[one.measure].unit for one in of.question.measures]
    figures = [amount(one.mean.mean, one.mean.half_width, unit) for one, unit in zip(row.figures, units, strict=True)]
    state = STATES[row.state][spoken] + (" *" if row.dominated_by else "")
    against = difference(row.figures[lead], units[lead]), at_once(row.figures[lead], units[lead])
    return row.name, *figures, *against, f"{row.years}", state


def difference(one: Figure, unit: str) -> str:
    """The paired difference; marked where it is sure among all policies."""
    if one.pair is None or one.holm is None:
        return "-"
    mark = "!" if one.holm < SURE else ""
    found = amount(one.pair.difference.mean, one.pair.difference.half_width, "points" if unit == "share" else unit)
    return ("+" if one.pair.difference.mean > 0 else "") + found + mark


def at_once(one: Figure, unit: str) -> str:
    """Half of the interval of that difference which holds for all policies together (Dunnett)."""
    if one.all_at_once is None:
        return "-"
    return "±" + amount(0.0, one.all_at_once.half_width, "points" if unit == "share" else unit).partition("±")[2]


def amount(mean: float, half: float, unit: str) -> str:
    """A figure with half its interval."""
    if unit == "share":
        return f"{mean:.2%} ±{100 * half:.2f}"
    if unit == "points":
        return f"{100 * mean:.2f} ±{100 * half:.2f}"
    if unit == "day":
        return f"{mean:.1f} ±{half:.1f}"
    return f"{mean:,.0f} ±{half:,.0f}"


def notes(of: Experiment, lead: int, spoken: int) -> list[str]:
    """What the signs mean and how it was found."""
    asked = of.question
    found = [SAYS["intervals"][spoken].format(level=f"{asked.stop.confidence:.0%}")]
    if any(row.dominated_by for row in of.rows):
        found.append(SAYS["dominated"][spoken])
    if of.choice is not None:
        best = of.rows[of.choice.best].name
        key = "chosen" if of.choice.promised is not None else "leading"
        zone = amount(of.choice.indifference, 0.0, "money").partition(" ")[0]
        if MEASURES[asked.measures[lead].measure].unit == "share":
            zone = f"{100 * of.choice.indifference:g} pp"
        words = {"best": best, "promised": f"{of.choice.promised or 0:.0%}", "zone": zone}
        found.append(SAYS[key][spoken].format(**words, estimated=f"{of.choice.estimated:.1%}"))
    return found
