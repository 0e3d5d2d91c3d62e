"""The nouns of a simulation as arrays: terms that stay, and what moves on.

Index letters: a account, d door (a customer's receiving point), p warehouse, m plant, s SKU, c cause, n any number.
The columns of every array are named in `fields`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kaopt.scenario.columns import Floats, Ints


class Terms(NamedTuple):
    """What world, plan and policies say; the same in every replication."""

    span: Ints  # the calendar
    door: Ints  # [D, ·]
    door_rate: Floats  # [D, ·]
    window: Ints  # [D, 7, ·] by weekday, Monday first; minute of the day
    due: Ints  # [D, N, ·] deliveries, in order
    share: Floats  # [D, N, 2] of the account's week: what is delivered before this one, and with it
    place: Ints  # [P, ·]
    place_rate: Floats  # [P, ·]
    account_rate: Floats  # [A, ·]
    age: Ints  # [2, A, S]
    price: Floats  # [A, S] net sales value, money/case
    sku: Ints  # [S, ·]
    sku_rate: Floats  # [S, ·]
    plant: Ints  # [M, ·]
    plant_rate: Floats  # [M, ·]
    lane: Ints  # [M, P] days from the start of a lot until it is free in the warehouse
    makes: Ints  # [S] the plant that makes it
    shut: Ints  # [P, days + 1] holidays before each day, from the first day on; no column where nobody has any
    forecast: Floats  # [P, S, days + 1] cumulated demand that production sees, from the first day on; case
    buffer: Floats  # [P, S, days + 1] what production wants beyond that on the day of a review: safety and pre-build
    account: Ints  # [A, ·] what the customer asks for at the dock, and how it pays
    by_cause: Floats  # [2, A, C] share of failed value that is deducted; money for a wrong line
    fine: Floats  # [A, ·] further deductions
    promo: Ints  # [A, S, W] first week of the promotion that runs, -1: none; empty where no account asks
    serving: Ints  # [D, ·] freshness tier and turn of the door's account, and which lot it gets first
    rung: Ints  # [S, R] each step of the aged-stock ladder takes what is older than so many days
    rung_rate: Floats  # [S, R] most cases that it takes in a day from a warehouse
    guard_age: Ints  # [G, S] greatest age of what is kept for the tiers 0 … g
    guard_level: Ints  # [P, G, S, T] case; this and the next three are empty where nothing is kept
    peg_age: Ints  # [S] greatest age of what is pegged to promotion orders
    peg_week: Ints  # [P, S, T] cases pegged to the orders of a week
    pegged: Ints  # [A, S, T] 1: the line may use what is pegged
    level: Floats  # [K, ·] fill rates that contracts demand; a row for each contract
    level_week: Ints  # [K, 1 + W] its account, and the period of each week


class Luck(NamedTuple):
    """The keys of every draw; see `luck`."""

    keys: Any  # [purpose] of this replication
    door_key: Any  # [D]
    sku_key: Any  # [S]
    line_key: Any  # [A, S]


class Goods(NamedTuple):
    """Free stock, batches that are not free yet, and the flow of cases."""

    cells: Ints  # [P, S, lot, ·] lots in the order in which they leave
    ends: Ints  # [P, S, 2]
    batch: Ints  # [n, ·]
    coming: Ints  # [P, S] cases in batches
    flow: Ints  # [5, S]
    peg: Ints  # [2, P, S] cases still pegged to a week's promotion orders, and that week
    report: Ints  # [4, P, S] of the last midnight
    days: Ints  # [4, P, S] reports of the horizon, added up
    works: Ints  # [M, days] 1 where the plant works, from the first day on
    output: Ints  # [M, ·] in the horizon
    outside: Ints  # [P] pallet-days of batches for which the warehouse had no room, in the horizon
    book: Ints  # [P, S] cases that the books say too many; empty where they are never wrong


class Pools(NamedTuple):
    """When each server is free again; rows are heaps, so that the first is the earliest."""

    crew: Ints  # [P] all crews work on one order at a time; second of shift
    gate: Ints  # [P, docks] minute
    truck: Ints  # [P, trucks] minute
    size: Ints  # [2, P] servers in the heap: docks, trucks
    loading: Ints  # [P, slots] loads reserved, by slot of `load_minutes` from the first day on
    busy: Ints  # [P, 3] in the horizon
    dock: Ints  # [D, docks] minute; of the customers
    crowd: Ints  # [D, ·] who else wants to be unloaded there
    visits: Ints  # [drivers, D + 1] by door; the last: the week until which it is known who has left


class Orders(NamedTuple):
    """Open orders, each in a slot that is used again."""

    wanted: Ints  # [A, T, S] cases ordered in each week
    volume: Ints  # [A, T] the same over all SKUs
    order: Ints  # [slots, ·]
    line: Ints  # [slots, S, ·]
    piece: Ints  # [slots, n, ·]
    loss: Ints  # [slots, n, ·]
    free: Ints  # [slots] slots that are free: the last `slots - open`
    follow: Ints  # [n, ·] what must happen next
    split: Ints  # [D, n, S, 2] SKU and cases of each delivery of a door's present week
    split_count: Ints  # [D, n] lines of each
    split_week: Ints  # [D] first delivery of that week, -1 before the first
    newest: Ints  # [D, S] newest production day that the door has received
    credit: Ints  # [A, ·] what the customer owes
    owing: Ints  # [A, days + 1] cents that will be paid on each day, the last: later; empty where nobody has a limit
    held: Ints  # [D, S + 1] cases that wait for a fuller truck; the last: the day for which the first were ordered


class Ledger(NamedTuple):
    """What happened in the horizon, added up order by order."""

    value: Floats  # [A, W, 2 + C] ordered, accepted, lost by cause; money
    cases: Ints  # [A, W, 2] ordered, accepted
    lost: Ints  # [A, S, C] case
    counts: Ints  # [A, ·]
    damaged: Ints  # [S] cases that arrived damaged
    aged: Ints  # [R, S] cases that each step of the aged-stock ladder took
    fines: Floats  # [A, K, C] deducted by clause and cause; money
    cash: Floats  # [A, 2] accepted value, and that x days from order to payment; money
    later: Ints  # [A, W] cases accepted on a later delivery than was asked for
    later_value: Floats  # [A, W] their value; money
    tried: Ints  # [A, 3] lines and orders in full only on a later delivery; deliveries stopped for credit
    shelf: Ints  # [A, W, 3] customers' own: cases sold to consumers, held at the end of the week, sent back unsold
    unsold: Ints  # [S] of the last; the maker pays for them
    hired: Ints  # [A] trucks that were hired because the own fleet could not be in time
    blamed: Ints  # [A, 3, C] lines, orders, orders on time that failed, by first cause
    returned: Ints  # [A, S] cases that came home refused
    dwell: Ints  # [S, ages] case-nights in the warehouses by age in days, the last: older
    trace: Ints  # [n, ·] events written down, see loops.trace; empty where nobody asks
    waited: Ints  # [S] case-nights in which backorders waited for goods
    met: Ints  # [A, bins] cases by age when they met the inspector, in bins of life, the last: past it
    weekly: Ints  # [A, W, S] cases ordered; one row for all accounts where there are too many; empty: nobody asks
    missed: Ints  # [n, ·] of these what was lost, see loops.weekly; order by order
    waits: Ints  # [A, ·] trucks at docks, minutes that they waited, those that waited long
