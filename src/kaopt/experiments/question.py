"""An experiment as it will be lived: every policy a world of its own, judged before the first year begins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from kaopt import runs
from kaopt.experiments.policies import Policy
from kaopt.experiments.settings import Measured
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Words
from kaopt.statistics.stopping import Enough


@dataclass(frozen=True)
class Contest:
    """How the best is found."""

    measure: int  # index among the measures
    method: str  # kn or ocba
    indifference: float
    confidence: float
    budget: int  # ocba: years of all policies together


@dataclass(frozen=True, eq=False)
class Question:
    """What an experiment asks; aligned by policy. The same question has the same digest, and the same answer."""

    name: Words
    policies: tuple[Policy, ...]
    baseline: int
    worlds: tuple[Scenario, ...]
    plans: tuple[Plan, ...]
    measures: tuple[Measured, ...]
    stop: Enough
    stop_on: int  # index of the measure that `stop` is about
    contest: Contest | None
    seed: int
    sources: Mapping[str, str]  # file -> sha256

    @property
    def digest(self) -> str:
        """What the answer depends on: worlds, plans, what is asked of them, and the program."""
        asked = {
            "worlds": [[dict(one.inputs), dict(one.resolved)] for one in self.worlds],
            "names": [[one.name, one.factors] for one in self.policies],
            "asked": [self.baseline, self.stop, self.stop_on, self.contest, self.seed],
            "measures": [one.model_dump() for one in self.measures],
            "sources": dict(self.sources),
            "program": program(),
        }
        return runs.digest(json.dumps(runs.plain(asked), sort_keys=True))


def program() -> dict[str, Any]:
    """The program's own fingerprint: blocks of years that another version lived are not mixed with its own."""
    from importlib import resources

    room = resources.files("kaopt")
    code = [
        one.read_bytes().hex()
        for folder in ("fulfilment", "fulfilment/policies", "fulfilment/loops", "experiments")
        for one in sorted((room / folder).iterdir(), key=lambda path: path.name)
        if one.name.endswith(".py")
    ]
    return {"versions": runs.versions(), "code": runs.digest("".join(code))}


def sharing(worlds: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """The same worlds, holding once what they have in common, so that many policies fit into memory and messages."""
    first = worlds[0]
    return tuple(
        replace(one, **{f.name: common(getattr(first, f.name), getattr(one, f.name)) for f in fields(one) if f.init})
        for one in worlds
    )


def common(known: Any, other: Any) -> Any:
    """`known` where `other` is the same."""
    return known if same(known, other) else other


def same(a: Any, b: Any) -> bool:
    """Equal in every part, arrays with their types and gaps."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
    if is_dataclass(a) and not isinstance(a, type):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)
