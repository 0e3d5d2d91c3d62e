"""Events as sentences that a manager reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import ACCOUNT
from kaopt.fulfilment.loops.trace import (
    CHECKED_IN,
    CLEARED,
    FOR_DAY,
    FREE_LOT,
    HOME_LOT,
    HOW_MANY,
    KIND_OF,
    MINUTE,
    ORDERED_LINE,
    PICKED_LOT,
    RECEIVED_LOT,
    SCRAPPED,
    SHORT_LINE,
    STARTED,
    TRIED_AGAIN,
    WHAT_SKU,
    WHICH_LOT,
    WHO,
    WHY,
)
from kaopt.fulfilment.sites import warehouse_ids
from kaopt.scenario.model import Scenario
from kaopt.service import CAUSES as GROUPS
from kaopt.service import FINE_CAUSES
from kaopt.tracing.ask import Asked, Told
from kaopt.tracing.words import CAUSES, SENTENCES

SAID = {
    ORDERED_LINE: "ordered",
    TRIED_AGAIN: "again",
    PICKED_LOT: "picked",
    SHORT_LINE: "short",
    HOME_LOT: "home",
    STARTED: "started",
    FREE_LOT: "free",
    CLEARED: "cleared",
    SCRAPPED: "scrapped",
}
DOORED = (ORDERED_LINE, TRIED_AGAIN, PICKED_LOT, SHORT_LINE, CHECKED_IN, RECEIVED_LOT, HOME_LOT)


def text_of(world: Scenario, told: Told, asked: Asked, language: str = "en") -> str:
    """One sentence an event, and a sum at the end."""
    words = SENTENCES.get(language, SENTENCES["en"])
    if not len(told.events):
        return words["nothing"]
    lines = [f"{when(int(row[MINUTE]), words)}: {sentence(world, told, row, language)}" for row in told.events]
    return "\n".join([*lines, "", sum_of(told, asked, language)])


def when(minute: int, words: dict[str, str]) -> str:
    """Day and week of the horizon from 1, and the time of day where it is known."""
    day, clock = divmod(minute, DAY)
    time = f" {clock // 60:02d}:{clock % 60:02d}" if clock else ""
    return words["day"].format(day=day + 1, week=day // WEEK + 1, clock=time)


def sentence(world: Scenario, told: Told, row: Any, language: str) -> str:
    """What one event says."""
    words, kind, why = SENTENCES.get(language, SENTENCES["en"]), int(row[KIND_OF]), int(row[WHY])
    made, day = int(row[WHICH_LOT]), int(row[MINUTE]) // DAY
    place = int(row[WHO]) if kind not in DOORED else 0
    names = {
        "cases": int(row[HOW_MANY]),
        "truck": int(row[HOW_MANY]) + 1,
        "sku": world.skus.sku[int(row[WHAT_SKU])],
        "lot": f"D{made + 1}",
        "age": day - made,
        "wanted": f"D{int(row[FOR_DAY]) + 1}",
        "place": warehouse_ids(world)[place] or words["warehouse"],
        "account": account_of(told, row) if kind in DOORED else "",
        "cause": cause_of(why, language),
    }
    return words[key_of(kind, why)].format(**names)


def key_of(kind: int, why: int) -> str:
    """The sentence of a kind of event; trucks and receipts have one for each answer."""
    if kind == CHECKED_IN:
        return "in" if why < 0 else "unsent" if FINE_CAUSES[why] == "late_load" else "out"
    if kind == RECEIVED_LOT:
        if why < 0:
            return "accepted"
        return "failed" if why < len(FINE_CAUSES) and FINE_CAUSES[why] in GROUPS["late"] else "refused"
    return SAID[kind]


def account_of(told: Told, row: Any) -> str:
    """The account of an event's door."""
    return told.inputs.accounts.account[int(told.inputs.terms.door[int(row[WHO]), ACCOUNT])]


def cause_of(why: int, language: str) -> str:
    """A cause in words."""
    words = CAUSES.get(language, CAUSES["en"])
    return words[FINE_CAUSES[why]] if 0 <= why < len(FINE_CAUSES) else words["with_line"]


def sum_of(told: Told, asked: Asked, language: str) -> str:
    """Ordered, accepted and missing by cause of an order; what became of a lot."""
    words, found = SENTENCES.get(language, SENTENCES["en"]), totals(told)
    if asked.lot is not None:
        return words["lot_sum"].format(**found)
    causes = ", ".join(f"{cases} {cause_of(why, language)}" for why, cases in found["by_cause"].items() if cases)
    return words["sum"].format(causes=causes or "–", **{n: found[n] for n in ("ordered", "accepted", "missing")})


def totals(told: Told) -> dict[str, Any]:
    """Cases by what became of them; a case that is refused and tried again is counted every time."""
    events = told.events
    kinds, cases, why = events[:, KIND_OF], events[:, HOW_MANY], events[:, WHY]
    failed = (kinds == SHORT_LINE) | ((kinds == RECEIVED_LOT) & (why >= 0))
    ordered = int(cases[kinds == ORDERED_LINE].sum())
    accepted = int(cases[(kinds == RECEIVED_LOT) & (why < 0)].sum())
    return {
        "ordered": ordered,
        "accepted": accepted,
        "missing": ordered - accepted,
        "by_cause": {int(one): int(cases[failed & (why == one)].sum()) for one in np.unique(why[failed])},
        "refused": int(cases[(kinds == RECEIVED_LOT) & (why >= 0)].sum()),
        "gone": int(cases[(kinds == CLEARED) | (kinds == SCRAPPED)].sum()),
    }


def as_dict(world: Scenario, told: Told, language: str = "en") -> dict[str, Any]:
    """The events and their sums as data."""
    found = totals(told)
    found["by_cause"] = {cause_name(why): cases for why, cases in found["by_cause"].items()}
    events = [
        {"minute": int(row[MINUTE]), "day": int(row[MINUTE]) // DAY + 1, "text": sentence(world, told, row, language)}
        for row in told.events
    ]
    return {"events": events, **found}


def cause_name(why: int) -> str:
    """The name of a cause in the data."""
    return FINE_CAUSES[why] if why < len(FINE_CAUSES) else "with_line"
