"""The page of the stories: a text with places for figures, and the few ways in which it shows a number."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context
from math import isfinite
from pathlib import Path
from typing import Any

import jinja2

import kaopt as ka

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE.parents[1] / "scenarios"
SHORT_NOTICE = 14  # days
PROVEN = ("bound", "gap")
NEAR, UP = Context(prec=8), Context(prec=8, rounding=ROUND_CEILING)

Figures = dict[str, Any]


def page(figures: Figures) -> str:
    """The whole page."""
    text = (HERE / "page.md.j2").read_text(encoding="utf-8")
    shown = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    return shown.from_string(text).render(f=figures, **facts(figures), **WAYS)


def facts(figures: Figures) -> Figures:
    """What the text says of the world itself."""
    world = ka.load(SCENARIOS / "ten_accounts")
    notice = dict(zip(world.accounts.account, world.accounts.notice_days.tolist(), strict=True))
    loses = [one for one, row in figures["case1_cut_spend"]["best_case"]["accounts"].items() if row["profit"] < 0]
    before, after = (figures["spend_efficiency"][plan]["accounts"] for plan in ("habit", "optimised"))
    worse = [one.title() for one in before if after[one]["cases_per_100"] < before[one]["cases_per_100"]]
    volume = world.base_cases.sum(axis=2)
    return {
        "late_names": listed([one.title() for one in loses if notice[one] <= SHORT_NOTICE]),
        "worse": f" ({listed(worse)} buys fewer)" if worse else "",
        "case_value": float((volume * world.net_per_case).sum() / volume.sum()),
    }


def rounded(value: Any, name: str = "") -> Any:
    """Figures to eight digits: more than anybody reads, fewer than machines differ in.

    What is proven is rounded up: a bound that is told is never below the one that was certified.
    """
    if isinstance(value, dict):
        return {key: rounded(one, key) for key, one in value.items()}
    if isinstance(value, float):
        assert isfinite(value)
        return float((UP if name in PROVEN else NEAR).create_decimal(value))
    return value


def wan(money: float, sign: str = "") -> str:
    """Money in units of 10 000 (万), as Chinese firms count."""
    return minus(f"{money / 1e4:{sign},.1f}万")


def thousand(money: float) -> str:
    """Money to the nearest hundred."""
    return minus(f"{round(money, -2):,.0f} CNY")


def pct(share: float, digits: int = 0, sign: str = "") -> str:
    """A share of 1."""
    return minus(f"{100 * share:{sign}.{digits}f} %")


def minus(text: str) -> str:
    """The typographic sign."""
    return text.replace("-", "−")


def listed(names: list[str]) -> str:
    """Names in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def accounts(plan: Figures, *, losing: bool) -> set[str]:
    """Accounts that lose, or earn, money."""
    return {name for name, row in plan["accounts"].items() if (row["profit"] < 0) == losing}


def names(plan: Figures, what: str, other: Figures | None = None, then: str = "") -> str:
    """Accounts that lose or earn in a plan, and in another one too."""
    found = accounts(plan, losing=what == "losing")
    if other is not None:
        found &= accounts(other, losing=then == "losing")
    return listed([one.title() for one in plan["accounts"] if one in found])


def indices(plan: Figures) -> list[float]:
    """Growth index of every account."""
    return [row["growth_index"] for row in plan["accounts"].values()]


WAYS: Figures = {
    "wan": wan,
    "thousand": thousand,
    "pct": pct,
    "names": names,
    "index": lambda value: f"{value:.3f}",
    "one": lambda value: f"{value:.1f}",
    "num": lambda value: f"{value:,.0f}",
    "least": lambda plan: min(indices(plan)),
    "most": lambda plan: max(indices(plan)),
    "share": lambda plan, family: plan["mix"][family] / plan["events"],
    "top": lambda rows: max(rows, key=rows.__getitem__).title(),
    "bottom": lambda rows: min(rows, key=rows.__getitem__).title(),
    "widest": lambda story: max(story[one]["gap"] for one in ("plan", "lower", "higher")),
}
