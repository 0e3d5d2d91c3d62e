"""Money of fees and rebates beside that of the offers, for rules that add up both."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.rows import sums
from kaopt.offers import Offers
from kaopt.scenario.columns import Floats, Ints


def beside(body: sp.csr_matrix, offers: Offers, row: Ints, amount: Floats) -> tuple[sp.csr_matrix, Floats]:
    """[R, O] rows with the switches' `amount` [Z] in their `row` [Z] (-1: none), and [R] what is there without events.

    Rows of what a plan adds to doing nothing take the second off: it is due anyway.
    """
    switches = offers.switches
    extra = sums(row, np.arange(len(switches)), amount, (body.shape[0], len(switches)))
    whole = sp.csr_matrix(sp.hstack([body, extra], format="csr"))
    anyway: Floats = np.asarray(extra @ switches.nothing, dtype=float)
    return whole, anyway


def trade_spend(offers: Offers) -> Floats:
    """[Z] money of trade spend per unit of each switch: what counts in budgets, and rebates by tier, which do not."""
    switches = offers.switches
    terms = np.array([rule == "rebate" for rule in switches.rule], dtype=bool)
    spent: Floats = np.where(terms, -switches.contribution, switches.spend)
    return spent
