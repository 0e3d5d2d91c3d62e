"""What a reader must know before plans are held against each other: different worlds, money, or evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kaopt.comparison.nouns import Line, Side

MOST = 6  # settings that are named
# they make no other world
NO_MATTER = ("solve", "supply.seed", "currency", "kaopt", "name", "assumptions", "variants", "plan")


def warnings(sides: Sequence[Side], lines: Sequence[Line]) -> tuple[tuple[str, str], ...]:
    """Sentences in English and Chinese."""
    return (*other_worlds(sides), *other_settings(sides), *not_simulated(lines))


def other_worlds(sides: Sequence[Side]) -> Iterator[tuple[str, str]]:
    """Runs of different scenarios, or in different money."""
    known = [side for side in sides if side.inputs]
    tables = {frozenset(tables_of(side).items()) for side in known}
    if len(tables) > 1:
        names = ", ".join(dict.fromkeys(side.scenario or side.name for side in known))
        yield (
            f"These plans were made for different scenarios or tables ({names}): differences are not the plans' alone.",
            f"这些方案来自不同的情景或数据表（{names}）：差异不全由方案造成。",
        )
    money = {str(side.settings["currency"]) for side in sides if "currency" in side.settings}
    if len(money) > 1:
        shown = ", ".join(sorted(money))
        yield f"Money is in different currencies ({shown}).", f"金额使用不同的币种（{shown}）。"


def tables_of(side: Side) -> dict[str, str]:
    """The tables among a run's inputs; a plan that it was given is none."""
    given = side.settings.get("plan")
    ends = (".csv", ".xlsx")
    return {name: digest for name, digest in side.inputs.items() if name.endswith(ends) and name != given}


def other_settings(sides: Sequence[Side]) -> Iterator[tuple[str, str]]:
    """The same tables under different settings: which ones differ."""
    flat = [dict(leaves(side.settings)) for side in sides if side.settings]
    paths = sorted({path for one in flat for path in one if len({repr(other.get(path)) for other in flat}) > 1})
    paths = [path for path in paths if not any(path == no or path.startswith(f"{no}.") for no in NO_MATTER)]
    if paths:
        shown = ", ".join(paths[:MOST]) + (", …" if len(paths) > MOST else "")
        yield f"The plans were made under different settings: {shown}.", f"方案的设置不同：{shown}。"


def leaves(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting by its dotted path."""
    for key, value in settings.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}.")
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            yield from leaves({str(i): one for i, one in enumerate(value)}, f"{path}.")
        else:
            yield path, value


def not_simulated(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Where some plans were simulated and others were not, planned figures are compared."""
    sales = next(one for one in lines if one.measure == "net_revenue")
    lived = [cell.delivered.value is not None for cell in sales.cells.values()]
    if any(lived) and not all(lived):
        names = ", ".join(name for name, cell in sales.cells.items() if cell.delivered.value is None)
        yield (
            f"Not simulated: {names}. Planned figures are compared, and the order fill rate is left out.",
            f"未经仿真：{names}。因此比较计划值，订单满足率不参与比较。",
        )
