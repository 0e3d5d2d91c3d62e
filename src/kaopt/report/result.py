"""RunResult: everything that one run found out, as the run folder and the report need it."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.allocation.explain.explanation import Explanation
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows
from kaopt.offers import Offers
from kaopt.plan import Breach, Certificate
from kaopt.risk import Outlook
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scorecard import Scorecard
from kaopt.service import Service


@dataclass(frozen=True, eq=False)
class RunResult:
    """One plan with its evidence. What a command did not make is None or empty and is left out of the report."""

    world: Scenario
    ledger: Ledger  # of the plan that was run
    card: Scorecard
    certificate: Certificate | None = None
    service: Service | None = None
    offers: Offers | None = None
    rules: tuple[Rows, ...] = ()
    # [O] 1 for chosen offers, or [O + Z] with the switches behind them: aligned with the columns of `rules`
    chosen: Floats | None = None
    breaches: tuple[Breach, ...] = ()
    language: str = "en"  # shown first; the other one is there too
    outlook: Outlook | None = None  # in sampled worlds, where the plan was made for them
    explanation: Explanation | None = None  # prices and what money buys, where a search has found them
