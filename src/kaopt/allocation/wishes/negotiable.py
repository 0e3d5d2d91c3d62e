"""Which rules may be talked about: every one but physics and what is signed, which are hard by declaration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.problem import Problem
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules.rule import Rule
from kaopt.scenario.columns import Floats, Texts

TIE = 1e-3
LEAST = 1e-6  # natural unit: the size of a limit of nothing where nothing moves in its row


def negotiable(rules: tuple[Rule, ...]) -> Texts:
    """Names of the rules whose settings allow `hard: false`."""
    return tuple(rule.NAME for rule in rules if rule.Settings.model_fields["hard"].annotation is bool)


def softened(problem: Problem, names: Texts) -> Problem:
    """The problem in which the hard rows of the named rules may be missed, and hardly anything else counts.

    What a miss costs is its part of the limit: 1 is a limit given up by as much as it asks for. Of plans that miss
    the same, the one of the greatest value is the best (all offers together count TIE).
    """
    offers, most = problem.offers, float(np.maximum(problem.offers.value, 0.0).sum())
    tie = TIE / most if most > 0 else 0.0
    switches = replace(offers.switches, value=tie * offers.switches.value)
    quiet = replace(offers, value=tie * offers.value, switches=switches)
    return Problem(quiet, tuple(elastic(rows, rows.rule in names) for rows in problem.rows))


def elastic(rows: Rows, soft: bool) -> Rows:
    """A block whose hard rows may be missed at a relative price; soft rows may always be missed, for nothing."""
    hard = np.isnan(rows.regret)
    regret = np.where(hard, 1.0 / size_of(rows) if soft else np.nan, 0.0)
    return replace(rows, regret=regret)


def size_of(rows: Rows) -> Floats:
    """[M] how large a limit is: what it asks, or what is used without events, or the largest part of an offer."""
    asked = [np.where(np.isfinite(one), np.abs(one + rows.used_without), 0.0) for one in (rows.low, rows.high)]
    stated = np.maximum(*asked)
    largest = abs(rows.matrix).max(axis=1).toarray().ravel() if rows.matrix.nnz else np.zeros(len(rows))
    size = np.where(stated > 0, stated, np.maximum(np.abs(rows.used_without), largest))
    return np.maximum(size, LEAST)
