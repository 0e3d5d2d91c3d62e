"""Columns beside the offers that some rules need: a fee paid or not, a tier reached or not, a loss allowed or not.

A switch may carry money of its own (a fee costs); rules about money add it to what the events bring.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from kaopt.scenario.columns import Bools, Floats, Ints, Texts

Given = npt.ArrayLike


@dataclass(frozen=True, eq=False)
class Switches:
    """Aligned arrays with [Z] entries. Money per unit of the column; `nothing`: its value in a world without events.

    A switch is found again by the rule and the settings that asked for it (`own`).
    """

    rule: Texts
    settings: tuple[object, ...]
    scope: Texts  # for people: account=W quarter=1
    account: Ints  # -1: of no one account
    week: Ints  # in which its money accrues, 0-based; -1: at no time of the horizon
    treatments: Bools  # [Z, K] the mechanics that it belongs to
    whole: Bools  # takes whole numbers only
    low: Floats
    high: Floats
    nothing: Floats
    spend: Floats  # money that counts in budgets
    contribution: Floats  # money
    retailer: Floats  # money of the retailer's profit
    credit: Floats  # cases of profitable volume
    value: Floats  # coefficient in the objective, in its unit; 0 until the objective is known (`with_switches`)

    def __len__(self) -> int:
        """Number of switches."""
        return len(self.rule)

    def own(self, rule: str, settings: object) -> Ints:
        """Places of the switches that a rule asked for with these settings."""
        pairs = zip(self.rule, self.settings, strict=True)
        found = [z for z, (name, said) in enumerate(pairs) if name == rule and (said is settings or said == settings)]
        return np.array(found, dtype=np.int64)


def make_switches(
    rule: str,
    settings: object,
    scopes: Texts,
    *,
    account: Given,
    treatments: Given,
    week: Given = -1,
    whole: Given = True,
    low: Given = 0.0,
    high: Given = 1.0,
    nothing: Given = 0.0,
    spend: Given = 0.0,
    contribution: Given = 0.0,
    retailer: Given = 0.0,
    credit: Given = 0.0,
) -> Switches:
    """Switches of one rule; a single value stands for all of them, one row of `treatments` [K] likewise."""
    # house: one line per field of the noun; a shorter form would hide which are there
    size = len(scopes)
    mechanics = np.asarray(treatments, dtype=bool)

    def each(values: Given) -> Floats:
        return np.broadcast_to(np.asarray(values, dtype=float), size).copy()

    def places(values: Given) -> Ints:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), size).copy()

    return Switches(
        rule=(rule,) * size,
        settings=(settings,) * size,
        scope=scopes,
        account=places(account),
        week=places(week),
        treatments=np.broadcast_to(mechanics, (size, mechanics.shape[-1])).copy(),
        whole=np.broadcast_to(np.asarray(whole, dtype=bool), size).copy(),
        low=each(low),
        high=each(high),
        nothing=each(nothing),
        spend=each(spend),
        contribution=each(contribution),
        retailer=each(retailer),
        credit=each(credit),
        value=each(0.0),
    )


def no_switches(mechanics: int = 0) -> Switches:
    """Nothing beside the offers."""
    return make_switches("", None, (), account=-1, treatments=np.zeros(mechanics, bool))


def joined(parts: list[Switches], mechanics: int) -> Switches:
    """The switches of several rules, one after another."""
    every = [no_switches(mechanics), *parts]

    def one(name: str) -> object:
        values = [getattr(part, name) for part in every]
        return sum(values, ()) if isinstance(values[0], tuple) else np.concatenate(values)

    return Switches(**{field.name: one(field.name) for field in fields(Switches)})  # type: ignore[arg-type]
