"""A review as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from kaopt.report import numbers
from kaopt.review.judge import Again
from kaopt.review.model_folder import means
from kaopt.review.tables import PARTS, Review, base_now
from kaopt.review.words import PROBLEMS, TERM_WORDS, VERDICTS, WORDS

PLACES = 3  # of a problem that are shown
LEFT = "l"


def text_of(of: Review, language: str) -> str:
    """What happened, why, what to stop, who does not execute, what to believe, what was wrong with the sales."""
    zh = int(language == "zh")
    return "\n".join(
        [
            *head(of, zh),
            "",
            *reasons(of, zh),
            "",
            *mechanics(of, zh),
            "",
            *accounts(of, zh),
            "",
            *beliefs(of, zh),
            "",
            *problems(of, zh),
        ]
    )


def said(key: str, zh: int, **values: object) -> str:
    """A word in one language."""
    return WORDS[key][zh].format(**values)


def money(value: float, zh: int) -> str:
    """An amount as people of the language write it."""
    return numbers.amount(value, "zh" if zh else "en").replace("\u00a0", " ")


def head(of: Review, zh: int) -> list[str]:
    """How much was compared, and the year in a sentence."""
    total, world = of.verdicts.total, of.year.world
    line = said("head", zh, compared=total.compared, all=len(of.reviewed.promotions), currency=world.currency)
    values = {"planned": money(total.money.planned, zh), "happened": money(total.money.happened, zh)}
    text = [line, said("gap_of", zh, **values)]
    if total.compared:
        names = PARTS[1:-1]
        largest = max(names, key=lambda name: abs(getattr(total.money, name)))
        amount = money(getattr(total.money, largest), zh)
        text.append(said("largest", zh, reason=said(largest, zh), money=amount))
        text.append(said("luck", zh, luck=money(total.luck, zh)))
    return text


def reasons(of: Review, zh: int) -> list[str]:
    """Uplift and contribution with the parts of their difference."""
    total = of.verdicts.total
    rows = [("", *(said(part, zh) for part in PARTS))]
    for name, split in (("uplift", total.cases), ("contribution", total.money)):
        rows.append((said(name, zh), *(money(getattr(split, part), zh) for part in PARTS)))
    return table(rows)


def mechanics(of: Review, zh: int) -> list[str]:
    """What each mechanic would bring again, and the verdict."""
    names = ("treatment", "planned", "happened", "again", "loss", "verdict")
    rows = [tuple(said(name, zh) for name in names)]
    rows += [
        (one.treatment, money(one.money.planned, zh), money(one.money.happened, zh), *again(one.again, zh))
        for one in of.verdicts.mechanics
    ]
    return [said("mechanics", zh), *table(rows)]


def again(of: Again | None, zh: int) -> tuple[str, str, str]:
    """Interval, chance of a loss, verdict."""
    if of is None:
        return "–", "–", "–"
    return (
        f"{money(of.low80, zh)} … {money(of.high80, zh)}",
        numbers.percent(of.loss, 0).replace("\u00a0", " "),
        VERDICTS[of.verdict][zh],
    )


def accounts(of: Review, zh: int) -> list[str]:
    """By account: money, base, execution."""
    names = ("account", "planned", "happened", "base", "execution", "response", "kept", "cut", "shown", "base_now")
    rows = [tuple(said(name, zh) for name in names)]
    base = base_now(of.year)
    executed = {one.account: one for one in of.verdicts.execution}
    for one in of.verdicts.accounts:
        how, known = executed[one.account], base.get(one.account)
        rows.append(
            (
                one.account,
                *(
                    money(getattr(one.money, part), zh)
                    for part in ("planned", "happened", "base", "execution", "response")
                ),
                f"{how.kept}/{how.planned}",
                *(
                    "–" if part is None else numbers.percent(part, 0).replace("\u00a0", " ")
                    for part in (how.cut, how.shown)
                ),
                "–" if known is None else f"{known:.3f}",
            )
        )
    bad = [one.account for one in of.verdicts.execution if one.named]
    verdict = f"{said('does_not', zh)}: {', '.join(bad)}" if bad else said("all_execute", zh)
    return [said("accounts", zh), *table(rows), verdict]


def beliefs(of: Review, zh: int) -> list[str]:
    """Mean coefficients before and after."""
    before, now = means(of.year, believed=True), means(of.year)
    rows = [tuple(said(name, zh) for name in ("term", "believed", "now"))]
    for term, one in before.items():
        rows.append((TERM_WORDS[term][zh], f"{one['value']:.3f}", f"{now[term]['value']:.3f} ± {now[term]['se']:.3f}"))
    return [said("beliefs", zh), *table(rows)]


def problems(of: Review, zh: int) -> list[str]:
    """Each kind of problem: how often, what was done, the first places."""
    if not of.problems:
        return [said("none_wrong", zh)]
    lines = [said("problems", zh)]
    for one in of.problems:
        shown = "; ".join(one.where[:PLACES])
        rest = f" ({said('more_places', zh, count=one.count - PLACES)})" if one.count > PLACES else ""
        lines.append(f"  {one.count} × {PROBLEMS[one.what][zh]}: {shown}{rest}")
    return lines


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns aligned, the first left, the others right."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(padded(cell, widths[n], n > 0) for n, cell in enumerate(row)).rstrip() for row in rows]


def padded(cell: str, wide: int, right: bool) -> str:
    """A cell of a given width."""
    room = " " * (wide - width(cell))
    return room + cell if right else cell + room


def width(cell: str) -> int:
    """Columns of a terminal that a text takes: Chinese signs take two."""
    return sum(2 if "⺀" <= sign <= "￯" else 1 for sign in cell)
