"""docs/dictionary.md, made from the declarations: every table and column, every section and setting.

`python -m kaopt.scenario.dictionary docs/dictionary.md` writes it again.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from math import inf, isnan
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kaopt.scenario import ledger_settings, risk_settings, settings
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.columns import Column, columns_of
from kaopt.scenario.quantities import AMOUNTS
from kaopt.scenario.section import Section
from kaopt.scenario.stock_settings import Rung

FILES = {
    "plan": "plan.csv",
    "coefficients": "models/response/NAME/coefficients.csv",
    "service": "models/service/NAME/service.csv",
}
ALLOWED = {
    "id": "a name, kept as typed",
    "text": "text",
    "flag": "`yes`, `no`, `是`, `否`",
    "weeks": "`1-4|9|12-13`",
    "lengths": "`1|2`",
    "weekdays": "`Mon|Wed|Fri`, `1|3|5`, `周一|周三`",
    "clock": "`08:30`",
    "date": "`2027-05-01`",
}
HEAD = """# Data dictionary

Made from the declarations in `src/kaopt/scenario/`; do not edit, but write it again:
`python -m kaopt.scenario.dictionary docs/dictionary.md`.

Every value is read as text first. Numbers may carry thousands separators (`1,200.50`), a scale (`440万`, `1.2亿`, `3k`)
and a currency sign (`¥1200`); shares may be `0.33`, `33%` or `1/3`. An empty cell takes the default. Headers may be
English or Chinese, in any order; files may be UTF-8 or GB18030, separated by comma, semicolon or tab. Dates are
`2027-01-04`, `2027/1/4`, `20270104`, `4 Jan 2027` or `2027年1月4日`. Weeks count from 1, the first of the horizon.

A large table may be in Parquet: `tables/base.parquet`, or a folder of files, `tables/base/*.parquet`, also one per
account, `tables/base/account=A001/*.parquet`. A cell means what it means in CSV; `base` and `response` are then read
part by part and take about half the memory.

Instead of `tables/NAME.csv` a table may be a sheet of `inputs.xlsx`, named after it in English or Chinese; `kaopt new
DIR --excel` writes such a workbook with drop-downs. The same content is the same scenario, and a fault names sheet and
cell. Sheets named `read me`, `notes` or `说明`, or beginning with `_`, are read over; merged cells, cells with an error
and formulas that nobody calculated are faults. A setting that names `tables/budgets.csv` or `tables/plan.csv` finds the
sheet too; it may also name `inputs.xlsx`.

A scenario that `extends` another may have tables of its own: a row whose key is in the base's table changes the cells
that it fills, any other row is added. Settings win in this order: recipe < policy < base < scenario < variant < --set;
`null` takes back what lay below; lists replace lists, but `assumptions` add up.

## Tables
"""
TOP = """`kaopt: 1` (the version of this format), `extends` (the way to another scenario's folder, `../base`, or to one
of its variants, `../base@after`), `name` (a text, or `{en, zh}`), `model` (a recipe of `models/allocation`),
`currency`, `plan` (a plan's file), `response` (`models/response/NAME`), `variants` (named sets of overrides), `rules`
(see [allocation.md](allocation.md)), `assumptions` (a list of sentences), `tables` (cells that differ:
`tables: {accounts: {W: {acceptance_age: 40%}}}`, in a variant or as `--set tables.skus.small_*.lot_cover_weeks=4`; `*`
stands for any part of a name), and these sections:
"""


def dictionary() -> str:
    """The whole page."""
    tables = "\n".join(_table(name) for name in TABLES)
    sections = "\n".join(_section(name, kind) for name, kind in _models())
    return f"{HEAD}\n{tables}\n## Settings of scenario.yaml\n\n{TOP}\n{sections}"


def _table(name: str) -> str:
    """One table: its key, its columns."""
    key = f" Key: {', '.join(f'`{one}`' for one in KEYS[name])}." if name in KEYS else ""
    about = inspect.cleandoc(TABLES[name].__doc__ or "").replace("\n", " ")
    lines = [f"### {name}", "", f"`{FILES.get(name, f'tables/{name}.csv')}`. {about}{key}", ""]
    lines += ["| column | 中文表头 | allowed | unit | default | meaning |", "| --- | --- | --- | --- | --- | --- |"]
    for column, spec in columns_of(TABLES[name]):
        refers = f" (of `{spec.refers}`)" if spec.refers else ""
        cells = (f"`{column}`", "、".join(spec.zh), allowed(spec), spec.unit, default_of(spec), spec.doc + refers)
        lines.append("| " + " | ".join(one.replace("|", r"\|") for one in cells) + " |")
    return "\n".join([*lines, ""])


def allowed(spec: Column) -> str:
    """What a cell may hold, in words."""
    if spec.kind not in AMOUNTS:
        return ALLOWED[spec.kind]
    amount = AMOUNTS[spec.kind]
    if amount.whole:
        return f"whole, from {amount.low:g}: {amount.example}"
    return f"{amount.range().removeprefix('must be ')}: {amount.example}" if amount.bounded else amount.example


def default_of(spec: Column) -> str:
    """The default of a column as a person would write it."""
    if spec.required:
        return "**required**"
    if isinstance(spec.default, bool):
        return "yes" if spec.default else "no"
    if isinstance(spec.default, float) and isnan(spec.default):
        return "does not apply"
    if spec.kind == "clock":
        return f"{spec.default // 60:02d}:{spec.default % 60:02d}"
    return "|".join(map(str, spec.default)) if isinstance(spec.default, tuple) else _written(spec.default)


def _models() -> Iterator[tuple[str, type[BaseModel]]]:
    """The sections in the order of the file that declares them."""
    named = {"Limits": "budget.total, budget.by_quarter.N", "BudgetNode": "budget.nodes"}
    named |= {"Replications": "supply.replications", "RuleSettings": "every rule"}
    named |= {"Compute": "solve.compute", "Ledger": "calibrate.ledger.ACCOUNT", "Knob": "calibrate.knobs"}
    inside: dict[str, tuple[type[BaseModel], str]] = {"Rung": (Rung, "supply.stock.ladder (a list)")}
    inside |= {kind.__name__: (kind, path) for kind, path in _inside(settings.Supply, "supply")}
    named |= {name: path for name, (_, path) in inside.items()}
    declared = {**vars(settings), **vars(risk_settings), **vars(ledger_settings)}
    kinds = declared | {name: kind for name, (kind, _) in inside.items()}
    for name, kind in kinds.items():
        if isinstance(kind, type) and issubclass(kind, Section) and name not in ("Section", "Words"):
            yield named.get(name, name.lower()), kind


def _inside(kind: type[BaseModel], path: str) -> Iterator[tuple[type[BaseModel], str]]:
    """Sections within a section, each with its path."""
    for field, info in kind.model_fields.items():
        if isinstance(info.default, Section):
            yield type(info.default), f"{path}.{field}"
            yield from _inside(type(info.default), f"{path}.{field}")


def _section(name: str, kind: type[BaseModel]) -> str:
    """One section: its settings with what their comments say."""
    about = inspect.cleandoc(kind.__doc__ or "").replace("\n", " ")
    lines = [f"### {name}", "", about, "", "| setting | default | meaning |", "| --- | --- | --- |"]
    notes = comments(kind)
    for field, info in kind.model_fields.items():
        default = "**required**" if info.is_required() else _written(info.default)
        lines.append(f"| `{field}` | {default} | {notes.get(field, '').replace('|', chr(92) + '|')} |")
    return "\n".join([*lines, ""])


def _written(value: Any) -> str:
    """A default of the settings as a person would write it."""
    if value is None or value in (inf, "", (), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def comments(kind: type[BaseModel]) -> dict[str, str]:
    """Field -> the comment beside it in the source."""
    source = inspect.getsource(kind)
    lines = source.splitlines()
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            rest = lines[(node.end_lineno or 1) - 1].encode()[node.end_col_offset :].decode()
            found[node.target.id] = rest.partition("#")[2].strip()
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(dictionary(), encoding="utf-8")
