"""Worlds as they might be: response coefficients drawn from their estimates and standard errors.

A coefficient is drawn from a normal distribution around its estimate, with its standard error, truncated to what its
column may hold (elasticities stay at or below 0, effects at or above it, shares between 0 and 1). Where the estimate is
more than three standard errors from that end, nearly nothing is cut off; nearer to it, the mean of the draws lies
further from the end than the estimate does.

Every draw is a pure function of (seed, purpose, term, account, SKU, number of the world): adding an account or a SKU
leaves all others as they are. `common` is the share of the error variance that all account-SKUs of a term have in
common; the rest is independent. Hash: splitmix64 (Steele, Lea, Flood 2014), constants of Stafford's variant 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from kaopt.scenario.columns import Floats, Texts, columns_of
from kaopt.scenario.model import Response, Scenario
from kaopt.scenario.quantities import AMOUNTS
from kaopt.scenario.response_rows import ResponseTable

ERROR = "_se"  # what the column of a term's standard error is called after the term
TINY = 2.0**-53  # no quantile is asked beyond it, where an untruncated end is infinitely far
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Sampling:
    """Which worlds are drawn: `purpose` keeps those of a plan apart from those that it is judged in.

    `stratified`: each coefficient takes one value from each of as many equally likely parts of its distribution as
    there are worlds (Latin hypercube; McKay, Beckman, Conover 1979), so that means over the worlds are nearly exact.
    """

    worlds: int
    seed: int = 7
    purpose: str = "plan"
    common: float = 0.0
    stratified: bool = False


def uncertain(world: Scenario) -> Texts:
    """The terms of the response that have a standard error at an account-SKU that is sold; none: nothing to draw."""
    names = [one.name for one in fields(Response)]
    pairs = [(name, f"{name}{ERROR}") for name in names if f"{name}{ERROR}" in names]
    return tuple(name for name, error in pairs if np.any(errors(world, error) > 0))


def errors(world: Scenario, column: str) -> Floats:
    """[A, S] standard errors, 0 where not listed."""
    return np.where(world.listed, getattr(world.response, column), 0.0)


def sampled(world: Scenario, how: Sampling) -> Iterator[Response]:
    """The response of one world after another; coefficients without a standard error stay as they are."""
    drawn = {term: drawn_of(world, term, how) for term in uncertain(world)}
    for number in range(how.worlds):
        response: Any = {}
        for term, (places, values) in drawn.items():
            response[term] = getattr(world.response, term).astype(float)
            response[term][places] = values[:, number]
        yield replace(world.response, **response)


def drawn_of(world: Scenario, term: str, how: Sampling) -> tuple[tuple[Any, ...], Floats]:
    """Where a term has a standard error, and its values there, [places, worlds]."""
    spread = errors(world, f"{term}{ERROR}")
    places = np.nonzero(spread > 0)
    ids = zip(*(one.tolist() for one in places), strict=True)
    names: list[tuple[str, ...]] = [(term, world.accounts.account[a], world.skus.sku[s]) for a, s in ids]
    z = normal(levels(how, names))
    if how.common > 0:
        z = np.sqrt(how.common) * normal(levels(how, [(term,)])) + np.sqrt(1 - how.common) * z
    level = np.clip(ndtr(z), TINY, 1 - TINY)
    return places, within(term, getattr(world.response, term)[places], spread[places], level)


def normal(level: Floats) -> Floats:
    """Quantiles of the standard normal distribution."""
    return np.asarray(ndtri(level))


def within(term: str, value: Floats, error: Floats, level: Floats) -> Floats:
    """[places, worlds] quantiles `level` of normal distributions truncated to what the term's column may hold."""
    amount = AMOUNTS[dict(columns_of(ResponseTable))[term].kind]
    low, high = (ndtr((end - value) / error)[:, None] for end in (amount.low, amount.high))
    found = value[:, None] + error[:, None] * normal(low + (high - low) * level)
    return np.asarray(np.clip(found, amount.low, amount.high))


def levels(how: Sampling, names: list[tuple[str, ...]]) -> Floats:
    """[names, worlds] numbers strictly between 0 and 1, each row a stream of its own."""
    first = uniforms(how, names, "level")
    if not how.stratified:
        return first
    turn = np.argsort(np.argsort(uniforms(how, names, "turn"), axis=1), axis=1)
    return np.asarray((turn + first) / how.worlds)


def uniforms(how: Sampling, names: list[tuple[str, ...]], stream: str) -> Floats:
    """[names, worlds] keyed numbers strictly between 0 and 1."""
    keys = np.array([key(str(how.seed), how.purpose, stream, *one) for one in names], dtype=np.uint64)
    steps = np.arange(how.worlds, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray(((mix(keys[:, None] + steps[None, :]) >> np.uint64(12)) + 0.5) * 2.0**-52)


def key(*names: str) -> int:
    """The 64-bit key of some names."""
    return int.from_bytes(blake2b("\x1f".join(names).encode(), digest_size=8).digest(), "little")


def mix(x: Keys) -> Keys:
    """Scramble 64 bits, one to one."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
