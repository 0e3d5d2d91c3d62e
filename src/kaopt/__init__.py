"""kaopt: plan key-account promotions, prove the plan, live it through the warehouse, score five KPIs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kaopt.allocation.plans.alternatives import alternatives
    from kaopt.allocation.plans.near import near
    from kaopt.api import allocate, check, compare, evaluate, load, load_plan, score, simulate, why
    from kaopt.causes.attribute import attribute
    from kaopt.comparison import Comparison
    from kaopt.experiments.experiment import experiment
    from kaopt.experiments.result import Experiment
    from kaopt.learning.fit import ResponseModel, fit
    from kaopt.plan import Certificate, Plan
    from kaopt.planning.curve import Frontier
    from kaopt.planning.frontier import frontier
    from kaopt.scenario.model import Scenario
    from kaopt.scorecard import Scorecard
    from kaopt.service import Service

# loaded on first use, so that `kaopt --help` and `import kaopt` cost nothing
_HOME = {
    "allocate": "kaopt.api",
    "attribute": "kaopt.causes.attribute",
    "alternatives": "kaopt.allocation.plans.alternatives",
    "check": "kaopt.api",
    "compare": "kaopt.api",
    "evaluate": "kaopt.api",
    "experiment": "kaopt.experiments.experiment",
    "fit": "kaopt.learning.fit",
    "frontier": "kaopt.planning.frontier",
    "load": "kaopt.api",
    "load_plan": "kaopt.api",
    "near": "kaopt.allocation.plans.near",
    "score": "kaopt.api",
    "simulate": "kaopt.api",
    "why": "kaopt.api",
    "Certificate": "kaopt.plan",
    "Comparison": "kaopt.comparison",
    "Experiment": "kaopt.experiments.result",
    "Frontier": "kaopt.planning.curve",
    "Plan": "kaopt.plan",
    "ResponseModel": "kaopt.learning.fit",
    "Scenario": "kaopt.scenario.model",
    "Scorecard": "kaopt.scorecard",
    "Service": "kaopt.service",
}
__all__ = [
    "Certificate",
    "Comparison",
    "Experiment",
    "Frontier",
    "Plan",
    "ResponseModel",
    "Scenario",
    "Scorecard",
    "Service",
    "allocate",
    "alternatives",
    "attribute",
    "check",
    "compare",
    "evaluate",
    "experiment",
    "fit",
    "frontier",
    "load",
    "load_plan",
    "near",
    "score",
    "simulate",
    "why",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kaopt' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
