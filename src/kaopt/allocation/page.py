"""docs/allocation.md, made from the rules themselves: sentence, formula, unit and settings of each.

`python -m kaopt.allocation.page docs/allocation.md` writes it again.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from kaopt.allocation.rules import ALWAYS, RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.scenario.settings import RuleSettings

HEAD = r"""# Allocation: which promotions to run

An **offer** is one promotion event: account, SKU, first week, length, mechanic. Its effects are simulated once,
week by week: own uplift, fatigue within the run, the dip after it, what cluster mates lose, what the account buys
ahead (sell-in against sell-out), net revenue, trade spend by kind, contribution, the retailer's sales and profit
(`kaopt.response.model` has the formulas, `kaopt.demand` the money). The plan chooses offers,
$x_o \in \{0, 1\}$:

$$\max \sum_o v_o x_o + \sum_z v_z (z - z^0) \quad \text{subject to every rule below}$$

Some rules decide **switches** $z$ beside the offers: a fee that is opened, the tier of a rebate that the year reaches,
an account that loses. They bring their own money into the objective and into every rule about money; $z^0$ is their
value in a world without events.

- `profitable_volume` (default): $v_o$ = cases net of dip and cannibalisation where the event's contribution is at
  least `hurdle` times its spend, else 0; plus `tie` times its contribution, so that ties go to profit.
- `profit`: $v_o$ = contribution. `value`: contribution + `case_value` times the profitable cases.

Soft rules (`hard: false`) may be missed at `regret` money per natural unit. The objective is measured from doing
nothing.

**How far it is proven.** `bound` is no solver's word: it comes from prices of the rows (LP duals), made safe
against rounding, and on worlds that need it from a branch-and-bound per account whose every leaf has such a bound.
`gap` = (bound − objective) / |objective|. The objective is the evaluator's, which computes the plan again from the
scenario's primitives and knows no model. The bound holds for the sum of events each alone; `realised_objective`
beside it is the year in which overlapping events meet.

## The rules

Made from `src/kaopt/allocation/rules/`; do not edit, but write it again: `python -m kaopt.allocation.page
docs/allocation.md`. Rules marked * always hold: what they ask stands in the scenario's tables and sections."""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(section(rule) for rule in RULES)


def section(rule: Rule) -> str:
    """One rule."""
    star = "*" if rule.NAME in ALWAYS else ""
    sentence = (inspect.getdoc(rule) or "").splitlines()[0]
    lines = [f"\n### {rule.NAME}{star}\n", sentence, f"\n$${rule.FORMULA}$$\n", f"Natural unit: {rule.UNIT}."]
    said = [setting(rule, name) for name in rule.Settings.model_fields if name not in RuleSettings.model_fields]
    return "\n".join([*lines, *(["", *said] if said else [])]) + "\n"


def setting(rule: Rule, name: str) -> str:
    """One setting of a rule, with what it is when nothing is said."""
    field = rule.Settings.model_fields[name]
    default = "required" if field.is_required() else f"default `{field.default}`"
    return f"- `{name}` ({default}): {field.description or ''}".rstrip(": ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
