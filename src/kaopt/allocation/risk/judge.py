"""The judgement of a plan in every sampled world, from the scenario's primitives: it knows no offers and no cuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from math import fsum

import numpy as np

from kaopt.allocation.evaluate import Evaluation, evaluate, weights, worth
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.ledger_make import ledger_of, realised
from kaopt.allocation.risk.worlds import drawing, pick_of
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solver.solve import CLOSE
from kaopt.allocation.together import meeting_cells
from kaopt.errors import ContradictionError
from kaopt.plan import Plan
from kaopt.response.sample import sampled
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Response, Scenario
from kaopt.scenario.risk_settings import Risk
from kaopt.statistics.worst import blend

TOGETHER = 10  # worlds, of the worst and of all, that are lived through with all events together


@dataclass(frozen=True, eq=False)
class Judged:
    """A plan's rules as planned, and what it is worth in each sampled world, measured from doing nothing there."""

    evaluation: Evaluation  # at the estimates
    lived: Floats  # [M] each event's effect alone
    together: float  # what all events together change of the objective
    risk: Risk

    @property
    def objective(self) -> float:
        """Mean and tail of the worlds as the risk weighs them."""
        return blend(self.lived, self.risk.level, self.risk.weight)

    @property
    def realised_objective(self) -> float:
        """The same of the years in which events meet."""
        return self.objective + self.together


def judged_in(world: Scenario, plan: Plan, risk: Risk, rules: tuple[Rule, ...]) -> Judged:
    """Simulate each event in every draw of its account-SKU; charges and regrets are those of the estimates."""
    found = evaluate(world, plan, rules)
    alone = bare(ledger_of(world, plan))
    beside = found.objective - worth(world, alone)
    beside_year = found.realised_objective - worth(world, bare(realised(world, alone)))
    draws, pick = list(sampled(world, drawing(risk))), pick_of(world, risk)
    each = np.array([event_worth(there, ledger_of(there, plan)) for there in in_turn(world, draws)])
    lived = np.full(len(pick), beside)
    for worths, place in zip(each.T, plan.account * len(world.skus.sku) + plan.sku, strict=True):
        lived += worths[pick[:, place]]
    change = 0.0 if meeting_cells(world, plan) == 0 else together(world, plan, Drawn(draws, pick), lived, risk)
    return Judged(found, lived, change + beside_year - beside, risk)


def in_turn(world: Scenario, responses: list[Response]) -> Iterator[Scenario]:
    """The world under one response after another."""
    for response in responses:
        yield replace(world, response=response)


def event_worth(world: Scenario, ledger: Ledger) -> Floats:
    """[N] what each event is worth in the objective of a world."""
    aim, cases, money = world.objective, ledger.event_credit, ledger.event_contribution
    if aim.maximize == "profitable_volume":
        one = cases + aim.tie * money
    else:
        one = money + (aim.case_value * cases if aim.maximize == "value" else 0.0)
    found: Floats = weights(world, ledger.plan) * one
    return found


@dataclass(frozen=True, eq=False)
class Drawn:
    """The draws, and which of them each account-SKU takes in each world."""

    draws: list[Response]
    pick: Ints  # [M, B]

    def response(self, number: int) -> Response:
        """The response of one world."""
        shape = self.draws[0].elasticity.shape
        taken, place = self.pick[number].reshape(shape), np.indices(shape)
        every = {one.name: np.array([getattr(draw, one.name) for draw in self.draws]) for one in fields(Response)}
        return Response(**{name: table[taken, place[0], place[1]] for name, table in every.items()})


def together(world: Scenario, plan: Plan, drawn: Drawn, lived: Floats, risk: Risk) -> float:
    """What all events together change of the objective: the mean over some of all worlds and some of the worst."""
    order = np.argsort(lived, kind="stable")
    worst = order[: max(int((1 - risk.level) * len(order)), 1)]

    def change(number: int) -> float:
        there = replace(world, response=drawn.response(number))
        alone = ledger_of(there, plan)
        return worth(there, bare(realised(there, alone))) - worth(there, bare(alone))

    means = []
    for numbers in (order, worst):
        some = numbers[:: max(len(numbers) // TOGETHER, 1)][:TOGETHER]
        means.append(fsum(change(int(one)) for one in some) / len(some))
    return (1 - risk.weight) * means[0] + risk.weight * means[1]


def bare(ledger: Ledger) -> Ledger:
    """The events alone, without what stands beside them."""
    return replace(ledger, charges=(), idle=())


def refuse_unconfirmed(judged: Judged, lived: Floats, bound: float) -> None:
    """Only what the evaluator confirms is reported: no rule broken, and the same worth in each world (`lived` [M])."""
    if judged.evaluation.breaches:
        one = judged.evaluation.breaches[0]
        words = f"{one.rule} {one.scope}: {one.used:.12g} against {one.limit:.12g} {one.unit}"
        raise ContradictionError(f"the rows accept a plan that breaks rules when judged, the first: {words}")
    scale = max(1.0, float(np.max(np.abs(judged.lived))))
    for k in np.flatnonzero(np.abs(judged.lived - lived) > CLOSE * scale)[:1]:
        words = f"{lived[k]:.12g} in the model, {judged.lived[k]:.12g} when judged"
        raise ContradictionError(f"the plan is worth two things in sampled world {k + 1}: {words}")
    if judged.objective > bound + CLOSE * scale:
        words = f"{judged.objective:.12g} against {bound:.12g}"
        raise ContradictionError(f"the plan is worth more than the proven bound: {words}")
