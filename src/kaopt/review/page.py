"""The page of a review: reasons, mechanics, accounts, execution, beliefs, promotions, problems of the data."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup, escape

from kaopt.report import numbers
from kaopt.report.sheet import NOTHING, Cell, Section, Sheet, Table, called, draw, spoken
from kaopt.report.text import amount
from kaopt.review.judge import Again, Group
from kaopt.review.model_folder import means
from kaopt.review.promoted import Promotion, Split
from kaopt.review.tables import PARTS, Review, base_now
from kaopt.review.words import PROBLEMS, STATUS, TERM_WORDS, VERDICTS, WORDS

MOST = 60  # promotions shown
PLACES = 12  # of a problem
STATES = {"stop": "missed", "more": "met", "doubtful": ""}


def render(of: Review, model: Path, language: str) -> str:
    """The page as text: the same review gives the same bytes."""
    total, world = of.verdicts.total, of.year.world
    facts = (say("head", compared=total.compared, all=len(of.reviewed.promotions), currency=world.currency),)
    sections = (
        section("accounts", groups((*of.verdicts.accounts, total)), "accounts_note"),
        section("mechanics", mechanics(of.verdicts.mechanics), "mechanics_note"),
        Section(say("both"), (), (), None, mechanics(of.verdicts.both), fold=say("show", count=len(of.verdicts.both))),
        section("executed", executed(of), "executed_note"),
        section("beliefs", beliefs(of), "beliefs_note", model=str(model)),
        section("promotions", promotions(of), "promotions_note", count=min(MOST, total.compared)),
        section("problems", problems(of)),
    )
    return draw(Sheet(say("review"), called(world.name), facts, verdict(of), sections, language))


def say(key: str, **values: object) -> Markup:
    """A word in both languages; a pair gives one value for each."""
    en, zh = WORDS[key]
    first = {name: value[0] if isinstance(value, tuple) else value for name, value in values.items()}
    second = {name: value[1] if isinstance(value, tuple) else value for name, value in values.items()}
    return spoken(en.format(**first), zh.format(**second))


def section(key: str, table: Table, note: str = "", **values: object) -> Section:
    """A section with its note."""
    return Section(say(key), (say(note, **values),) if note else (), (), None, table)


def verdict(of: Review) -> Markup:
    """The year in two sentences."""
    split = of.verdicts.total.money
    first = say("gap_of", planned=two(split.planned), happened=two(split.happened))
    if not of.verdicts.total.compared:
        return first
    largest = max(PARTS[1:-1], key=lambda part: abs(getattr(split, part)))
    reason = say("largest", reason=WORDS[largest], money=two(getattr(split, largest)))
    return Markup(" ").join([first, reason, say("luck", luck=two(of.verdicts.total.luck))])


def two(value: float) -> tuple[str, str]:
    """An amount in both ways of writing."""
    return numbers.amount(value, "en"), numbers.amount(value, "zh")


def groups(of: tuple[Group, ...]) -> Table:
    """Contribution and its reasons by account, then the total."""
    head = (say("account"), *(say(part) for part in PARTS), say("spend"))
    rows = []
    for one in of:
        cells = [Cell(escape(one.account) if one.account else say("total")), *parts(one.money)]
        rows.append((*cells, Cell(amount(one.spend[1]))))
    return Table(head, tuple(rows))


def parts(of: Split | None) -> list[Cell]:
    """Planned, reasons, happened."""
    return [Cell(NOTHING if of is None else amount(getattr(of, part))) for part in PARTS]


def mechanics(of: tuple[Group, ...]) -> Table:
    """What each brings again, with the verdict."""
    names = ("planned", "happened", "again", "loss", "verdict")
    named = any(one.account for one in of)
    head = ((say("account"),) if named else ()) + (say("treatment"), *(say(name) for name in names))
    rows = []
    for one in of:
        first = (Cell(escape(one.account)),) if named else ()
        rows.append(
            (
                *first,
                Cell(escape(one.treatment)),
                Cell(amount(one.money.planned)),
                Cell(amount(one.money.happened)),
                *again(one.again),
            )
        )
    return Table(head, tuple(rows))


def again(of: Again | None) -> tuple[Cell, Cell, Cell]:
    """Interval, chance of a loss, verdict."""
    if of is None:
        return Cell(NOTHING), Cell(NOTHING), Cell(NOTHING)
    between = amount(of.low80) + Markup(" … ") + amount(of.high80)
    return (
        Cell(between),
        Cell(escape(numbers.percent(of.loss, 0))),
        Cell(spoken(*VERDICTS[of.verdict]), STATES[of.verdict]),
    )


def executed(of: Review) -> Table:
    """What each account executed."""
    head = tuple(say(key) for key in ("account", "kept", "ran", "cut", "shown", "base_now", "verdict"))
    base, rows = base_now(of.year), []
    for one in of.verdicts.execution:
        cells = [escape(one.account), escape(f"{one.kept}/{one.planned}"), escape(f"{one.ran}/{one.planned}")]
        cells += [NOTHING if part is None else escape(numbers.percent(part, 0)) for part in (one.cut, one.shown)]
        cells.append(escape(numbers.index(base[one.account])) if one.account in base else NOTHING)
        last = Cell(say("does_not"), "missed") if one.named else Cell(NOTHING)
        rows.append((*(Cell(cell) for cell in cells), last))
    return Table(head, tuple(rows))


def beliefs(of: Review) -> Table:
    """Mean coefficients, before and after."""
    before, now = means(of.year, believed=True), means(of.year)
    rows = []
    for term, one in before.items():
        text = f"{now[term]['value']:.3f} ± {now[term]['se']:.3f}"
        rows.append((Cell(spoken(*TERM_WORDS[term])), Cell(escape(f"{one['value']:.3f}")), Cell(escape(text))))
    return Table((say("term"), say("believed"), say("now")), tuple(rows))


def promotions(of: Review) -> Table:
    """The promotions whose contribution differs most from the plan."""
    seen = [one for one in of.reviewed.promotions if one.money is not None]
    seen.sort(key=lambda one: -abs(one.money.happened - one.money.planned) if one.money else 0.0)
    head = tuple(say(key) for key in ("account", "sku", "weeks", "treatment", "status", *PARTS, "loss"))
    return Table(head, tuple(line(of, one) for one in seen[:MOST]))


def line(of: Review, one: Promotion) -> tuple[Cell, ...]:
    """One promotion."""
    world = of.year.world
    weeks = f"{one.week + 1}" if one.weeks == 1 else f"{one.week + 1}–{one.week + one.weeks}"
    kind = escape(world.treatments.treatment[one.treatment]) if one.treatment >= 0 else NOTHING
    names = (escape(world.accounts.account[one.account]), escape(world.skus.sku[one.sku]), escape(weeks), kind)
    chance = NOTHING if one.loss is None else escape(numbers.percent(one.loss, 0))
    status = spoken(*STATUS[one.status])
    return (*(Cell(name) for name in names), Cell(status), *parts(one.money), Cell(chance))


def problems(of: Review) -> Table:
    """Each kind: how often, what was done, where."""
    if not of.problems:
        return Table((say("none_wrong"),), ())
    rows = []
    for one in of.problems:
        more = [say("more_places", count=one.count - PLACES)] if one.count > PLACES else []
        where = Markup("; ").join([*(escape(place) for place in one.where[:PLACES]), *more])
        rows.append((Cell(spoken(*PROBLEMS[one.what])), Cell(escape(f"{one.count:,}")), Cell(where)))
    return Table((say("problems"), escape("n"), Markup("")), tuple(rows))
