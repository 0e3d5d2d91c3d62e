"""kaopt: plan key-account promotions, prove the plan, live it through the warehouse, score five KPIs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kaopt.api import allocate, check, evaluate, load, load_plan, score, simulate
    from kaopt.plan import Certificate, Plan
    from kaopt.scenario.model import Scenario
    from kaopt.scorecard import Scorecard
    from kaopt.service import Service

# loaded on first use, so that `kaopt --help` and `import kaopt` cost nothing
_HOME = {
    "allocate": "kaopt.api",
    "check": "kaopt.api",
    "evaluate": "kaopt.api",
    "load": "kaopt.api",
    "load_plan": "kaopt.api",
    "score": "kaopt.api",
    "simulate": "kaopt.api",
    "Certificate": "kaopt.plan",
    "Plan": "kaopt.plan",
    "Scenario": "kaopt.scenario.model",
    "Scorecard": "kaopt.scorecard",
    "Service": "kaopt.service",
}
__all__ = [
    "Certificate",
    "Plan",
    "Scenario",
    "Scorecard",
    "Service",
    "allocate",
    "check",
    "evaluate",
    "load",
    "load_plan",
    "score",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kaopt' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
