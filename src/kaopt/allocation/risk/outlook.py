"""Plans held against each other in fresh worlds, which none of them was made for, and against the best plan of each."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np

from kaopt.allocation.plans.bench import Bench, Question, ask
from kaopt.allocation.risk.cuts import valued
from kaopt.allocation.risk.worlds import beside, events_of, fresh, worlds_in
from kaopt.eligible import Events
from kaopt.response.sample import uncertain
from kaopt.risk import Against, Knowing, Outlook, Standing
from kaopt.sampled import values
from kaopt.scenario.columns import Floats
from kaopt.scenario.risk_settings import Risk
from kaopt.statistics.interval import CONFIDENCE, Interval, interval, paired
from kaopt.statistics.worst import tail_mean, tail_weights

TENTH = 0.9


def outlook_of(bench: Bench, risk: Risk, plans: dict[str, Floats], seconds: float) -> Outlook:
    """How solutions of the bench's program stand; the last of them is the plan. `seconds`: wall, for best plans."""
    lived = lived_fresh(bench, risk, plans)
    last = list(plans)[-1]
    return Outlook(
        samples=worlds_in(risk),
        fresh=risk.fresh,
        level=risk.level,
        weight=risk.weight,
        common=risk.common,
        certain=not uncertain(bench.world),
        plans={name: standing(one, risk.level) for name, one in lived.items()},
        against={name: against(lived[last], one, risk.level) for name, one in lived.items() if name != last},
        knowing=knowing(bench, risk, plans[last], seconds) if risk.knowing else None,
    )


def lived_fresh(bench: Bench, risk: Risk, plans: dict[str, Floats]) -> dict[str, Floats]:
    """[fresh] what each solution is worth in every fresh world; only their own events are simulated."""
    offers = bench.problem.offers
    used = np.flatnonzero(np.any([x[: len(offers)] > 0.5 for x in plans.values()], axis=0))
    every = events_of(offers)
    events = Events(*(getattr(every, name)[used] for name in ("account", "sku", "week", "weeks", "treatment")))
    table = values(bench.world, events, fresh(risk))
    return {name: table @ x[used] + beside(bench, x) for name, x in plans.items()}


def standing(lived: Floats, level: float) -> Standing:
    """Mean, tail and worst tenth over independent worlds."""
    return Standing(interval(lived), interval_of_tail(lived, level), interval_of_tail(lived, TENTH))


def against(lived: Floats, other: Floats, level: float) -> Against:
    """The differences in the same worlds."""
    tails = [tail_difference(lived, other, one) for one in (level, TENTH)]
    return Against(paired(lived, other), *tails)


def interval_of_tail(lived: Floats, level: float) -> Interval:
    """The mean of the worst worlds with the interval of its delta method."""
    return around(tail_mean(lived, level), influence(lived, level))


def tail_difference(lived: Floats, other: Floats, level: float) -> Interval:
    """How much more the one's worst worlds bring than the other's worst worlds."""
    difference = tail_mean(lived, level) - tail_mean(other, level)
    return around(difference, influence(lived, level) - influence(other, level))


def influence(lived: Floats, level: float) -> Floats:
    """[F] numbers whose mean is the tail's and whose spread gives its standard error: q + min(v - q, 0) / (1 - level).

    Source: Hong, Hu and Liu (2014), Monte Carlo methods for value-at-risk and conditional value-at-risk, ACM
    Transactions on Modeling and Computer Simulation 24(4).
    """
    edge = float(lived[np.flatnonzero(tail_weights(lived, level))].max())
    return np.asarray(edge + np.minimum(lived - edge, 0.0) / (1 - level))


def around(mean: float, numbers: Floats) -> Interval:
    """A figure with the Student interval that these numbers have around their own mean."""
    half = interval(numbers, CONFIDENCE).half_width
    return Interval(mean, mean - half, mean + half)


def knowing(bench: Bench, risk: Risk, x: Floats, seconds: float) -> Knowing:
    """The best plans of the first fresh worlds, each to the asked gap or as far as its share of the time goes."""
    until, number = monotonic() + seconds, min(risk.knowing, risk.fresh)
    table = values(bench.world, events_of(bench.problem.offers), replace(fresh(risk), worlds=number))
    here = table @ x[: table.shape[1]] + beside(bench, x)
    found, most, gap = here.copy(), here.copy(), 0.0
    for k in range(number):
        left = max((until - monotonic()) / (number - k), 0.1)
        best = ask(bench, Question(valued(bench, table[k]), x, bench.world.solve.gap, left))
        found[k], most[k], gap = max(best.objective, here[k]), max(best.bound, here[k]), max(gap, best.gap)
        if best.interrupted:
            number = k + 1
            break
    return Knowing(number, interval((found - here)[:number]), interval((most - here)[:number]), gap)
