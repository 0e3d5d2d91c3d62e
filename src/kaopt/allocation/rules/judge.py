"""When a plan counts as breaking a limit: the one tolerance of all rules, stated once.

A plan comes back from a solver as whole events, so an amount can pass its limit by no more than rounding and the
solver's feasibility tolerance on scaled rows. Both are covered by `ABSOLUTE` natural units plus `RELATIVE` of the
limit (or of the amounts that add up to it), and no more.
"""

from __future__ import annotations

from kaopt.allocation.ledger import Ledger
from kaopt.plan import Breach

ABSOLUTE = 1e-6
RELATIVE = 1e-9


def slack(limit: float, size: float = 0.0) -> float:
    """How far an amount may pass its limit; `size`: the sum of the sizes of what adds up."""
    return ABSOLUTE + RELATIVE * max(abs(limit), size)


def at_least(rule: str, scope: str, used: float, limit: float, unit: str, *, size: float = 0.0) -> tuple[Breach, ...]:
    """A breach where less is used than the limit asks."""
    if used >= limit - slack(limit, size):
        return ()
    return (Breach(rule, scope, used, limit, unit, limit - used),)


def at_most(rule: str, scope: str, used: float, limit: float, unit: str, *, size: float = 0.0) -> tuple[Breach, ...]:
    """A breach where more is used than the limit allows."""
    if used <= limit + slack(limit, size):
        return ()
    return (Breach(rule, scope, used, limit, unit, used - limit),)


def charged(ledger: Ledger, what: str, account: int = -1) -> list[float]:
    """Amounts of what a plan brings or pays beside its events, of one account or of all."""
    return [float(getattr(one, what)) for one in ledger.charges if account in (-1, one.account)]


def charged_more(ledger: Ledger, what: str, account: int = -1) -> list[float]:
    """The same above doing nothing: what is due without any event is taken off."""
    anyway = [float(getattr(one, what)) for one in ledger.idle if account in (-1, one.account)]
    return [*charged(ledger, what, account), *(-amount for amount in anyway)]
