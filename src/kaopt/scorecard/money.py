"""What the plan brings in money and what the year then takes away, by account: all additive, ratios come later."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kaopt.demand import Demand, live
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scorecard.terms import rebates_saved, terms_of
from kaopt.service import CAUSES, FINE_CAUSES, Service

GROUPS = tuple(CAUSES)
GROUP_OF = np.array([GROUPS.index(g) for fine in FINE_CAUSES for g, many in CAUSES.items() if fine in many])
SENT = np.array([group != "shortage" for group in GROUPS])  # goods that travelled before they were refused


@dataclass(frozen=True, eq=False)
class Year:
    """The planned year (effects of all events together), [A] each, or summed over some accounts."""

    cases: Floats  # case
    gross: Floats  # at list price, money
    net_revenue: Floats  # after events, standing discount and flat rebate; before rebates by tier and fees, money
    high_revenue: Floats  # of which high-margin SKUs, money
    retail: Floats  # our sales at the customer's shelf price without value-added tax, money
    contribution: Floats  # after all trade spend, cost of goods and cost to serve; before the fees below, money
    event_spend: Floats  # trade spend of the plan's events, money: the next three together
    event_discount: Floats  # of which price cuts, money
    event_fees: Floats  # of which lump sums and weekly fees, money
    event_gifts: Floats  # of which gifts and coupons for consumers, money
    on_invoice: Floats  # standing discount, money
    rebate: Floats  # flat rebate and rebates by tier, money
    tier_rebate: Floats  # of which by tier, money
    fees: Floats  # the agreement's fixed fees and those that events open, money
    opened_fees: Floats  # of which opened by events, money
    extra_cases: Floats  # more than without any event, case
    extra_contribution: Floats  # more than without any event, money
    retail_sales: Floats  # the retailer's on our products without value-added tax, where prices are known, money
    front: Floats  # of the retailer: sales less purchases at net invoice price, money
    back: Floats  # of the retailer: our money outside the invoice, money
    promotions: Floats  # events
    display_weeks: Floats  # display-weeks


@dataclass(frozen=True, eq=False)
class Losses:
    """What the simulated year takes from the plan, [R, A, G] over the top-level causes; the last two [R, A]."""

    net_revenue: Floats
    high_revenue: Floats
    retail: Floats
    contribution: Floats
    penalties: Floats
    write_offs: Floats
    rebates: Floats  # [R, A] rebates by tier that fall away with what is not sold: a gain


def year_over(accounts: Ints, year: Year) -> Year:
    """The year of some accounts together: every figure is a sum, still an array (0-d)."""
    return Year(**{f.name: np.asarray(getattr(year, f.name)[accounts].sum()) for f in fields(Year)})


def losses_over(accounts: Ints, losses: Losses) -> Losses:
    """The losses of some accounts together: [R, G], write-offs and rebates [R]."""
    return Losses(**{f.name: getattr(losses, f.name)[:, accounts].sum(axis=1) for f in fields(Losses)})


def year_of(world: Scenario, plan: Plan) -> tuple[Year, Demand]:
    """Live the plan's year as expected, and the same year without any event."""
    demand, idle = live(world, plan), live(world, Plan.nothing())
    skus, accounts = world.skus, world.accounts
    sold = demand.cases.sum(axis=2)
    gross = sold * skus.list_price
    net = demand.net_revenue.sum(axis=2)
    front, back = retailer_parts(world, demand)
    terms = terms_of(world, plan)
    per_account = np.bincount(plan.account, minlength=len(sold)).astype(float)
    shown = display_weeks(world, plan)
    year = Year(
        cases=sold.sum(axis=1),
        gross=gross.sum(axis=1),
        net_revenue=net.sum(axis=1),
        high_revenue=net[:, skus.high_margin].sum(axis=1),
        retail=shelf_value(world, demand).sum(axis=1),
        contribution=demand.contribution.sum(axis=(1, 2)) - terms.rebates,
        event_spend=demand.spend.sum(axis=(1, 2)),
        event_discount=demand.discount.sum(axis=(1, 2)),
        event_fees=demand.fees.sum(axis=(1, 2)),
        event_gifts=demand.gifts.sum(axis=(1, 2)),
        on_invoice=gross.sum(axis=1) * accounts.on_invoice,
        rebate=gross.sum(axis=1) * accounts.rebate + terms.rebates,
        tier_rebate=terms.rebates,
        fees=accounts.contract_fee + terms.opened,
        opened_fees=terms.opened,
        extra_cases=(demand.cases - idle.cases).sum(axis=(1, 2)),
        extra_contribution=(demand.contribution - idle.contribution).sum(axis=(1, 2))
        - terms.extra_rebates
        - terms.opened,
        retail_sales=demand.retail_sales.sum(axis=(1, 2)),
        front=front,
        back=back + accounts.contract_fee + terms.opened + terms.rebates,
        promotions=per_account,
        display_weeks=np.bincount(plan.account, weights=shown, minlength=len(sold)).astype(float),
    )
    return year, demand


def display_weeks(world: Scenario, plan: Plan) -> Floats:
    """[N] display-weeks of each event: displays set up times weeks; a display takes one slot unless it says more."""
    what = world.treatments
    displays = np.where(what.display > 0, np.maximum(what.slots, 1), what.slots)
    inside = np.minimum(plan.week + plan.weeks, world.weeks) - plan.week
    shown: Floats = (displays[plan.treatment] * inside).astype(float)
    return shown


def shelf_value(world: Scenario, demand: Demand) -> Floats:
    """[A, S] what shoppers pay for our products, without tax as category sales are; promoted at the promoted price."""
    what = world.treatments
    cut = np.append(what.depth * what.pass_through, 0.0)  # -1, no event, takes the last entry
    price = world.base_price * (1 - cut[demand.treatment]) / (1 + world.accounts.vat)[:, None, None]
    value: Floats = np.where(demand.sell_out > 0, demand.sell_out * price, 0.0).sum(axis=2)
    return value


def retailer_parts(world: Scenario, demand: Demand) -> tuple[Floats, Floats]:
    """[A] the retailer's front and back margin in money, before the agreement's fixed fees, where its price is known.

    A discount settled on sell-in stands on the invoice: front. Scan-back, fees and rebate come outside it: back.
    """
    known = np.isfinite(world.base_price)
    on_scan = np.array([*(how == "sell_out" for how in world.treatments.settled), False])[demand.treatment]
    gross = demand.cases * world.skus.list_price[:, None]
    invoiced = gross * (1 - world.accounts.on_invoice)[:, None, None] - np.where(on_scan, 0.0, demand.discount)
    outside = gross * world.accounts.rebate[:, None, None] + np.where(on_scan, demand.discount, 0.0) + demand.fees
    front = np.where(known, demand.retail_sales - invoiced, 0.0).sum(axis=(1, 2))
    return front, np.where(known, outside, 0.0).sum(axis=(1, 2))


def lump_sums(world: Scenario, plan: Plan) -> Floats:
    """[A, S] fees of the plan's events that are paid whether or not the goods arrive."""
    what = world.treatments
    paid = np.zeros(world.shape[:2])
    weeks = np.minimum(plan.week + plan.weeks, world.weeks) - plan.week
    fees = what.fixed_cost[plan.treatment] + what.weekly_cost[plan.treatment] * weeks
    np.add.at(paid, (plan.account, plan.sku), fees)
    return paid


def price_per_case(world: Scenario, plan: Plan, demand: Demand) -> Floats:
    """[A, S] mean net price of a case over the plan's year, before lump sums: what one lost case takes with it."""
    sold = demand.cases.sum(axis=2)
    net = demand.net_revenue.sum(axis=2) + lump_sums(world, plan)
    price: Floats = np.divide(net, sold, out=world.net_per_case.astype(float), where=sold > 0)
    return price


def losses_of(world: Scenario, plan: Plan, demand: Demand, service: Service) -> Losses:
    """Lost cases, penalties and write-offs of every replication, in money.

    Lost cases are known by SKU in the mean; each replication's share of them follows its lost value.
    """
    value = service.lost_value.sum(axis=2)  # [R, A, C]
    mean = value.mean(axis=0)
    turn = np.divide(value, mean, out=np.ones_like(value), where=mean > 0)
    price = price_per_case(world, plan, demand)
    high = price * world.skus.high_margin
    sold = demand.cases.sum(axis=2)
    shelf = np.divide(shelf_value(world, demand), sold, out=np.zeros_like(sold), where=sold > 0)
    # a case that never left saves its cost to serve, a refused one came back the long way
    kept = np.where(SENT[GROUP_OF], 0.0, 1.0)  # [C]
    lost = service.lost_cases_by_sku  # [A, S, C]

    def money(per_case: Floats) -> Floats:
        return by_group(np.einsum("asc,as->ac", lost, per_case) * turn)

    revenue, cases = money(price), money(np.ones_like(price))
    served = lost.sum(axis=1) * world.accounts.logistics[:, None] * kept * turn
    return Losses(
        net_revenue=revenue,
        high_revenue=money(high),
        retail=money(shelf),
        contribution=money(price - world.skus.unit_cost) - by_group(served),
        penalties=by_group(service.penalties),
        write_offs=write_offs(world, demand, service),
        rebates=rebates_saved(world, demand, revenue.sum(axis=2), cases.sum(axis=2)),
    )


def by_group(fine: Floats) -> Floats:
    """[R, A, C] over the warehouse's causes to [R, A, G] over the customer's."""
    groups = np.zeros((*fine.shape[:2], len(GROUPS)))
    for c, g in enumerate(GROUP_OF):
        groups[:, :, g] += fine[:, :, c]
    return groups


def write_offs(world: Scenario, demand: Demand, service: Service) -> Floats:
    """[R, A] the year's write-offs, shared out over the accounts by their volume of the SKUs written off."""
    cost = service.write_off_cases * (world.skus.unit_cost + world.supply.disposal_cost)  # [R, S]
    sold = demand.cases.sum(axis=2)  # [A, S]
    total = sold.sum(axis=0)
    part = np.divide(sold, total, out=np.full_like(sold, 1 / len(sold)), where=total > 0)
    shared = cost @ part.T
    known = shared.sum(axis=1)
    scale = np.divide(service.write_off_value, known, out=np.zeros_like(known), where=known > 0)
    evenly = np.where(known > 0, 0.0, service.write_off_value / len(sold))
    shared_out: Floats = shared * scale[:, None] + evenly[:, None]
    return shared_out
