"""Every random draw, by key instead of by turn: two plans meet the same demand, trips and mistakes.

A draw is a pure function of (seed, replication, purpose, hash of the entity's name, cell). Nothing is used up, so
adding or removing an account or a SKU, or asking in another order, leaves every other draw as it is.

The mixing step is the finaliser of splitmix64 (Steele, Lea, Flood 2014; constants of Stafford's variant 13).
"""

from __future__ import annotations

from hashlib import blake2b
from math import exp, log, log1p, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from kaopt.fulfilment.compiled import compiled_as

Keys = npt.NDArray[np.uint64]

PURPOSES = (
    "base",
    "uplift",
    "round",
    "split",
    "opening",
    "release",
    "mistake",
    "load",
    "trip",
    "driver",
    "delay",
    "paper",
    "damage",
    "yield",
    "outage",
    "inspect",
    "wrong_price",
    "discount",
    "market",
    "slip",
    "lot",
    "crowd",
    "roster",
    "turnover",
    "call_off",
    "record",
    "record_size",
    "count",
    "unload",
    "unload_other",
    "lead",
    "intake",
)
(
    BASE,
    UPLIFT,
    ROUND,
    SPLIT,
    OPENING,
    RELEASE,
    MISTAKE,
    LOAD,
    TRIP,
    DRIVER,
    DELAY,
    PAPER,
    DAMAGE,
    YIELD,
    OUTAGE,
    INSPECT,
    WRONG_PRICE,
    DISCOUNT,
    MARKET,
    SLIP,
    LOT,
    CROWD,
    ROSTER,
    TURNOVER,
    CALL_OFF,
    RECORD,
    RECORD_SIZE,
    COUNT,
    UNLOAD,
    UNLOAD_OTHER,
    LEAD,
    INTAKE,
) = range(len(PURPOSES))


def name_key(*names: str) -> int:
    """The 64-bit key of an entity, from its name alone; several names make the key of a pair."""
    return int.from_bytes(blake2b("\x1f".join(names).encode(), digest_size=8).digest(), "little")


def keys_of(seed: int, replication: int) -> Keys:
    """[len(PURPOSES)] one key per purpose of one replication."""
    return np.array([name_key(str(seed), str(replication), purpose) for purpose in PURPOSES], dtype=np.uint64)


@compiled_as("uint64(uint64)")
def mix(x: Any) -> Any:
    """Scramble 64 bits, one to one."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled_as("uint64(uint64, uint64, int64)")
def bits(key: Any, entity: Any, cell: Any) -> Any:
    """64 random bits of one cell of one entity."""
    return mix(mix(mix(key) ^ entity) + np.uint64(cell) * np.uint64(0x9E3779B97F4A7C15))


@compiled_as("uint64(uint64, uint64)")
def stream(key: Any, entity: Any) -> Any:
    """All cells of one entity at once: `level(stream(key, entity), cell)` is `uniform(key, entity, cell)`."""
    return mix(mix(key) ^ entity)


@compiled_as("float64(uint64, int64)")
def level(start: Any, cell: Any) -> Any:
    """A number strictly between 0 and 1 from a stream; a third of the work of `uniform`."""
    return (np.float64(mix(start + np.uint64(cell) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(12)) + 0.5) * 2.0**-52


@compiled_as("float64(uint64, uint64, int64)")
def uniform(key: Any, entity: Any, cell: Any) -> Any:
    """A number strictly between 0 and 1."""
    return (np.float64(bits(key, entity, cell) >> np.uint64(12)) + 0.5) * 2.0**-52


# Wichura (1988), algorithm AS 241, PPND16: numerator and denominator of the middle, the near and the far tail
# fmt: off
MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)
NEAR = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)
FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)
# fmt: on


@compiled_as("float64(UniTuple(UniTuple(float64, 8), 2), float64)")
def ratio(coefficients: Any, r: Any) -> Any:
    """The quotient of two polynomials in `r`, highest power first."""
    top = low = 0.0
    for i in range(8):
        top = top * r + coefficients[0][i]
        low = low * r + coefficients[1][i]
    return top / low


@compiled_as("float64(float64)")
def quantile(p: Any) -> Any:
    """Quantile of the standard normal, to about 1e-16 of its value."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * ratio(MIDDLE, 0.180625 - q * q)
    r = sqrt(-log(min(p, 1.0 - p)))
    tail = ratio(NEAR, r - 1.6) if r <= 5.0 else ratio(FAR, r - 5.0)
    return -tail if q < 0 else tail


@compiled_as("float64(uint64, uint64, int64)")
def normal(key: Any, entity: Any, cell: Any) -> Any:
    """A standard normal number; one uniform each, so that it moves with its uniform."""
    return quantile(uniform(key, entity, cell))


@compiled_as("float64(uint64, uint64, int64, float64)")
def lognormal(key: Any, entity: Any, cell: Any, cv: Any) -> Any:
    """A lognormal factor with mean 1 and coefficient of variation `cv`; exactly 1 where cv is 0."""
    spread = sqrt(log1p(cv * cv))
    return exp(spread * normal(key, entity, cell) - 0.5 * spread * spread)


@compiled_as("float64(uint64, uint64, int64)")
def exponential(key: Any, entity: Any, cell: Any) -> Any:
    """An exponential time with mean 1."""
    return -log(uniform(key, entity, cell))


LAWS = ("lognormal", "normal", "exponential")
LOGNORMAL, NORMAL, EXPONENTIAL = range(len(LAWS))


@compiled_as("float64(int64, uint64, uint64, int64, float64)")
def factor(law: Any, key: Any, entity: Any, cell: Any, cv: Any) -> Any:
    """By what a duration differs from its mean; a normal one may be negative, an exponential one has cv 1."""
    if law == EXPONENTIAL:
        return exponential(key, entity, cell)
    if law == NORMAL:
        return 1.0 + cv * normal(key, entity, cell)
    return lognormal(key, entity, cell, cv)
