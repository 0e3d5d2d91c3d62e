r"""What an account has been invoiced and not yet paid stays within its credit limit."""

from __future__ import annotations

from math import ceil, fsum

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.exact_sum import totals_by
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import no_rows
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running

NAME = "credit"
UNIT = "money"
FORMULA = r"\sum_{v=w-n_a+1}^{w} I_{av} \le L_a \quad \forall a, w, \quad n_a = \lceil \text{payment days}_a / 7 \rceil"


class Settings(RuleSettings):
    """Always holds; payment term and credit limit stand with the accounts. Windows are whole weeks of the horizon.

    Invoiced: cases at list price less the standing on-invoice discount, less price cuts that are settled on what is
    shipped; what is settled on sales at the till, fees and rebates come after the invoice.
    """


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account and window as long as its payment term."""
    if not np.isfinite(world.accounts.credit_limit).any():
        return no_rows(NAME, UNIT, offers)
    _, _, weeks = world.shape
    table, effects = world.accounts, offers.effects
    price = (1 - table.on_invoice)[:, None] * world.skus.list_price[None, :]
    account = offers.account[effects.offer]
    scanned = np.array([one == "sell_out" for one in world.treatments.settled], dtype=bool)
    off_invoice = np.where(scanned[offers.treatment[effects.offer]], 0.0, effects.discount)
    invoiced = effects.cases * price[account, effects.sku] - off_invoice
    base = (world.base_cases * price[:, :, None]).sum(axis=1)
    shape = (world.shape[0] * weeks, len(offers))
    weekly = sums(account * weeks + effects.week, effects.offer, invoiced, shape)
    names, matrices, used, limit = [], [sp.csr_matrix((0, len(offers)))], [], []
    for a in np.flatnonzero((table.payment_days > 0) & np.isfinite(table.credit_limit)).tolist():
        length = min(-(-int(table.payment_days[a]) // 7), weeks)
        window = sp.diags_array([1.0] * length, offsets=range(length), shape=(weeks - length + 1, weeks))
        matrices.append(sp.csr_matrix(window @ weekly[a * weeks : (a + 1) * weeks]))
        used += (window @ base[a]).tolist()
        names += [scope(world, a, weeks=span(w, w + length)) for w in range(weeks - length + 1)]
        limit += [float(table.credit_limit[a])] * (weeks - length + 1)
    return make_rows(
        NAME,
        UNIT,
        tuple(names),
        sp.vstack(matrices, format="csr"),
        high=np.array(limit),
        regret=regret_of(world, settings),
        used_without=np.array(used),
    )


def span(begin: int, end: int) -> str:
    """The weeks [begin, end) as people count them: 3, or 3-6."""
    return str(end) if end - begin == 1 else f"{begin + 1}-{end}"


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Write the invoices week by week and add up those that are not due yet."""
    if not np.isfinite(world.accounts.credit_limit).any():
        return ()
    weeks = world.weeks
    found: list[Breach] = []
    for account, limit in enumerate(world.accounts.credit_limit.tolist()):
        length = min(ceil(int(world.accounts.payment_days[account]) / 7), weeks)
        if length == 0 or limit == np.inf:
            continue
        invoiced = invoices(world, ledger, account)
        for end in range(length, weeks + 1):
            owed = fsum(invoiced[end - length : end])
            label = f"{end - length + 1}-{end}" if length > 1 else str(end)
            found += at_most(NAME, scope(world, account, weeks=label), owed, limit, UNIT)
    return tuple(found)


def invoices(world: Scenario, ledger: Ledger, account: int) -> list[float]:
    """[W] what an account is invoiced in each week."""
    kept, plan, (_, skus, weeks) = 1 - float(world.accounts.on_invoice[account]), ledger.plan, world.shape
    shipped = ledger.cases[account] * world.skus.list_price[:, None] * kept
    scanned = np.array([one == "sell_out" for one in world.treatments.settled])
    event, week = running(plan, weeks)
    mine = np.flatnonzero((plan.account[event] == account) & ~scanned[plan.treatment[event]])
    event, week = event[mine], week[mine]
    cuts = -ledger.event_discount[event, week - plan.week[event]]
    every_week = np.tile(np.arange(weeks), skus)
    amounts, when = np.concatenate([shipped.ravel(), cuts]), np.concatenate([every_week, week])
    found: list[float] = totals_by(amounts, when, weeks).tolist()
    return found
