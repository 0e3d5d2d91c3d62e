"""How far the sum of a plan's events is from the year in which they meet, in a sentence for people."""

from __future__ import annotations

import numpy as np

from kaopt.allocation.evaluate import Evaluation
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.touched import parts, touched

NOBODY = "No two promotions meet in any week of a SKU: the sum of the plan's events is its year."


def meeting_cells(world: Scenario, plan: Plan) -> int:
    """Account-SKU-weeks that two or more events of the plan change."""
    count = np.zeros(world.shape, dtype=np.int64)
    for part in parts(plan):
        found = touched(world, part)
        cell = found.cell(world, part)
        felt = found.active | (np.take(world.base_cases, cell) > 0)
        np.add.at(count.reshape(-1), cell[felt], 1)
    return int((count > 1).sum())


def residual_note(world: Scenario, judged: Evaluation) -> str:
    """What living the plan through changes against what the objective adds up."""
    cells = meeting_cells(world, judged.ledger.plan)
    if not cells:
        return NOBODY
    change = judged.realised_objective - judged.objective
    volume = world.objective.maximize in ("profitable_volume", "lexicographic")
    unit = "cases" if volume else world.currency
    share = f" ({abs(change / judged.objective):.2%})" if judged.objective else ""
    return (
        f"Two or more promotions meet in {cells:,} account-SKU-weeks: lived through together, the plan is worth "
        f"{abs(change):,.0f} {unit}{share} {'less' if change < 0 else 'more'} than its objective, "
        "which is what the bound speaks of."
    )
