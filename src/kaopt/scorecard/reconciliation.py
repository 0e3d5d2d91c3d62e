"""From order fill to value fill: every definition of a fill rate side by side, and what lies between two of them.

A failed order may hold lines that arrived in full, a failed line cases that were accepted, and a case is worth more or
less than another. At each level what failed is shared out over the causes; the causes of a level add up to what is
missing there, and the steps of a cause to the difference between its first and its last share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.scenario.columns import Floats, Ints
from kaopt.scorecard.money import GROUP_OF, GROUPS
from kaopt.service import Service

LEVELS = ("otif", "order", "line", "case", "value")
BY_LINE, BY_ORDER, BY_OTIF = range(3)  # of Service.blamed
LATER_LINES, LATER_ORDERS = range(2)  # of Service.tried


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """Shares of 1 over all replications, by level as LEVELS and cause of the customer as GROUPS."""

    promised: Floats  # [L] accepted in the end; on time and in full: as asked for
    requested: Floats  # [L] accepted with the delivery that was asked for
    failed: Floats  # [L, G] an order and a line fail for the cause that came first

    @property
    def steps(self) -> Floats:
        """[L - 1, G] what each step to the next definition takes off a cause's share."""
        taken: Floats = self.failed[:-1] - self.failed[1:]
        return taken


def reconcile(service: Service, accounts: Ints) -> Reconciliation | None:
    """The fill rates of some accounts together; None where no simulation counted the causes, or nothing was ordered."""
    if service.blamed is None or service.ordered_cases_by_sku is None or not service.ordered_value[:, accounts].sum():
        return None
    blamed = service.blamed[:, accounts].sum(axis=(0, 1))  # [3, C]
    lines, orders = service.lines[:, accounts].sum(axis=(0, 1)), service.orders[:, accounts].sum(axis=(0, 1))
    cases = service.lost_cases_by_sku[accounts].sum(axis=(0, 1)) / service.ordered_cases_by_sku[accounts].sum()
    value = service.lost_value[:, accounts].sum(axis=(0, 1, 2)) / service.ordered_value[:, accounts].sum()
    fine = np.stack(
        [blamed[BY_OTIF] / orders[0], blamed[BY_ORDER] / orders[0], blamed[BY_LINE] / lines[0], cases, value]
    )
    failed = np.stack([fine[:, g == GROUP_OF].sum(axis=1) for g in range(len(GROUPS))], axis=1)
    promised = 1 - failed.sum(axis=1)
    return Reconciliation(promised, promised - later(service, accounts), failed)


def later(service: Service, accounts: Ints) -> Floats:
    """[L] what was accepted only with a later delivery than was asked for; on time it never was."""
    found = np.zeros(len(LEVELS))
    if service.tried is not None and service.later_cases is not None and service.later_value is not None:
        tried = service.tried[:, accounts].sum(axis=(0, 1))
        found[1] = tried[LATER_ORDERS] / service.orders[:, accounts, 0].sum()
        found[2] = tried[LATER_LINES] / service.lines[:, accounts, 0].sum()
        found[3] = service.later_cases[:, accounts].sum() / service.ordered_cases[:, accounts].sum()
        found[4] = service.later_value[:, accounts].sum() / service.ordered_value[:, accounts].sum()
    return found
