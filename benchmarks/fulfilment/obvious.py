"""The year as anybody would write it with SimPy: a process per order line, resources, lots as objects.

The same world, rules and laws as the product, written apart from it: only the scenario is shared. Its figures must lie
within the interval of the product's. It is the yardstick of speed, so it is plain, not slow on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from math import ceil, floor, log1p, sqrt
from typing import Any

import numpy as np
import simpy

from kaopt.scenario.model import Scenario

DAY, WEEK = 1440, 7
Process = Generator[simpy.Event, Any, Any]


@dataclass
class Lot:
    """Cases of one SKU made on one day."""

    sku: int
    made: int
    cases: int


@dataclass
class Line:
    """One SKU of an order: what was asked for, what is on the truck, what became of it."""

    sku: int
    ordered: int
    pieces: list[Lot] = field(default_factory=list)
    accepted: int = 0


@dataclass
class Order:
    """One delivery."""

    account: int
    day: int
    lines: list[Line]
    leave: int


@dataclass
class Books:
    """What is counted."""

    ordered: float = 0.0
    accepted: float = 0.0
    lines: int = 0
    orders: int = 0
    events: int = 0


class Year:
    """One replication."""

    def __init__(self, world: Scenario, seed: int) -> None:
        self.world, self.supply, self.luck = world, world.supply, np.random.default_rng(seed)
        self.env = simpy.Environment(-WEEK * DAY)
        self.docks = simpy.Resource(self.env, self.supply.docks)
        self.trucks = simpy.Resource(self.env, self.supply.trucks)
        self.crew = simpy.Resource(self.env, 1)
        self.lots: list[list[Lot]] = [[] for _ in world.skus.sku]
        self.coming: list[int] = [0 for _ in world.skus.sku]
        self.booked: dict[int, int] = defaultdict(int)
        self.books = Books()
        self.daily = world.base_cases.sum(axis=(0, 2)) / (world.weeks * WEEK)

    def run(self) -> Books:
        """Live the year."""
        self.open()
        self.env.process(self.warehouse())
        for account in range(len(self.world.accounts.account)):
            self.env.process(self.customer(account))
        self.env.run(until=self.world.weeks * WEEK * DAY)
        self.books.events = next(self.env._eid)
        return self.books

    # stock ----------------------------------------------------------------------------------------------------------

    def limits(self, sku: int) -> tuple[int, int]:
        """Greatest age that any account accepts, and that the strictest accepts in a week's time."""
        life, shares = int(self.world.skus.shelf_life[sku]), self.world.accounts.acceptance_age
        ages = [floor(share * life + 1e-9) for share in shares]
        return max(ages), min(ages) - WEEK

    def level(self, sku: int) -> tuple[float, float]:
        """Order-up-to level and smallest lot."""
        skus, daily = self.world.skus, float(self.daily[sku])
        span = self.supply.lead_days + WEEK
        return daily * (span + skus.safety_weeks[sku] * WEEK), daily * round(skus.lot_cover_weeks[sku] * WEEK)

    def open(self) -> None:
        """Stock at the start: each SKU somewhere in its own lot cycle."""
        for sku in range(len(self.lots)):
            left, (target, lot) = float(self.luck.random()), self.level(sku)
            passed = round((1 - left) * round(self.world.skus.lot_cover_weeks[sku] * WEEK))
            age = min(self.supply.lead_days + passed, max(min(self.limits(sku)), 0))
            self.lots[sku].append(Lot(sku, -WEEK - age, ceil(target + left * lot - 1e-9)))

    def warehouse(self) -> Process:
        """Every midnight old stock goes; every Monday goods are made."""
        for day in range(-WEEK, self.world.weeks * WEEK):
            for sku, lots in enumerate(self.lots):
                kept, counts = self.limits(sku)
                self.lots[sku] = [lot for lot in lots if lot.cases > 0 and day - lot.made <= kept]
                if day % WEEK == 0:
                    position = sum(lot.cases for lot in self.lots[sku] if day - lot.made <= counts)
                    target, smallest = self.level(sku)
                    gap = target - position - self.coming[sku]
                    if gap > 1e-9:
                        cases = ceil(max(gap, smallest) - 1e-9)
                        self.coming[sku] += cases
                        self.env.process(self.make(Lot(sku, day, cases)))
            yield self.env.timeout(DAY)

    def make(self, lot: Lot) -> Process:
        """A lot is made, stays in quarantine and becomes free."""
        yield self.env.timeout(self.supply.lead_days * DAY)
        self.coming[lot.sku] -= lot.cases
        self.put(lot)

    def put(self, lot: Lot) -> None:
        """Free stock, oldest first."""
        lots = self.lots[lot.sku]
        lots.append(lot)
        lots.sort(key=lambda one: one.made)

    # orders ---------------------------------------------------------------------------------------------------------

    def customer(self, account: int) -> Process:
        """An account orders every day what its week's demand leaves for that day."""
        world, accounts = self.world, self.world.accounts
        travel, days = int(accounts.travel_minutes[account]), len(accounts.order_days[account])
        arrival = int(accounts.window_close[account]) - self.supply.dispatch_slack
        for week in range(world.weeks):
            spread = np.sqrt(np.log1p(world.skus.demand_cv**2))
            errors = np.exp(spread * self.luck.normal(size=len(spread)) - spread**2 / 2)
            wanted = np.floor(world.base_cases[account, :, week] * errors + self.luck.random(len(spread)))
            turns = self.luck.random(len(spread))
            for part in range(days):
                day = week * WEEK + part
                cases = np.floor(wanted * (part + 1) / days + turns) - np.floor(wanted * part / days + turns)
                lines = [Line(sku, int(cases[sku])) for sku in range(len(cases)) if cases[sku] > 0]
                if lines:
                    trucks = ceil(wanted.sum() / days / self.supply.truck_cases - 1e-9)
                    loads = ceil(trucks / self.supply.docks) * self.supply.load_minutes
                    leave = day * DAY + arrival - travel
                    call = ((leave - loads) // DAY - 1) * DAY + self.supply.shift_start - 60
                    yield self.env.timeout(max(call + int(60 * self.luck.random()) - self.env.now, 0))
                    self.env.process(self.serve(Order(account, day, lines, leave), trucks))

    def reserve(self, leave: int, trucks: int) -> int:
        """The latest loading slots that are free before the departure."""
        length = self.supply.load_minutes
        soonest = -(-int(self.env.now) // length)
        slot = first = max(leave // length - 1, soonest)
        for _ in range(trucks):
            while slot >= soonest and self.booked[slot] >= self.supply.docks:
                slot -= 1
            if slot < soonest:
                break
            self.booked[slot] += 1
            first = slot
        return first * length

    def serve(self, order: Order, trucks: int) -> Process:
        """Pick every line, then load and send the trucks."""
        load_at = self.reserve(order.leave, trucks)
        yield self.env.all_of([self.env.process(self.pick(order, line)) for line in order.lines])
        if self.env.now < load_at:
            yield self.env.timeout(load_at - self.env.now)
        loads: list[list[tuple[Line, Lot]]] = [[]]
        room = int(self.supply.truck_cases)
        for line in order.lines:
            for piece in line.pieces:
                while piece.cases > 0:
                    if room == 0:
                        loads.append([])
                        room = int(self.supply.truck_cases)
                    amount = min(piece.cases, room)
                    loads[-1].append((line, Lot(piece.sku, piece.made, amount)))
                    piece.cases, room = piece.cases - amount, room - amount
        door = simpy.Resource(self.env, max(int(self.world.accounts.dock_count[order.account]), 1))
        yield self.env.all_of([self.env.process(self.deliver(order, load, door)) for load in loads if load])
        self.enter(order)

    def pick(self, order: Order, line: Line) -> Process:
        """One line: allocate the oldest lots that the account will still accept, then walk and pick."""
        oldest = order.day - floor(
            float(self.world.accounts.acceptance_age[order.account]) * self.world.skus.shelf_life[line.sku] + 1e-9
        )
        want = line.ordered
        for lot in self.lots[line.sku]:
            if want > 0 and lot.cases > 0 and lot.made >= oldest:
                amount = min(lot.cases, want)
                lot.cases, want = lot.cases - amount, want - amount
                line.pieces.append(Lot(line.sku, lot.made, amount))
        with self.crew.request() as turn:
            yield turn
            minute = int(self.env.now) % DAY
            if minute < self.supply.shift_start:
                yield self.env.timeout(self.supply.shift_start - minute)
            rate = self.supply.pick_rate * self.supply.pick_crews / 60
            yield self.env.timeout((line.ordered - want) / rate)

    def factor(self, cv: float) -> float:
        """A lognormal factor with mean 1."""
        spread = sqrt(log1p(cv * cv))
        return float(np.exp(spread * self.luck.normal() - spread * spread / 2))

    def deliver(self, order: Order, load: list[tuple[Line, Lot]], door: simpy.Resource) -> Process:
        """One truck: loaded, driven, received or refused, home again."""
        accounts, supply, a = self.world.accounts, self.supply, order.account
        opens, closes = (order.day * DAY + int(at[a]) for at in (accounts.window_open, accounts.window_close))
        last, travel = closes + int(accounts.grace_minutes[a]), int(accounts.travel_minutes[a])
        home = self.env.now
        with self.trucks.request() as truck, self.docks.request() as dock:
            yield truck & dock
            if max(self.env.now + supply.load_minutes, order.leave) + travel <= last:
                yield self.env.timeout(floor(supply.load_minutes * self.factor(supply.load_cv) + 0.5))
                self.docks.release(dock)
                yield self.env.timeout(max(order.leave - self.env.now, 0))
                trip = floor(travel * self.factor(supply.trip_cv) + 0.5)
                late = self.luck.random() < supply.unfamiliar
                delay = floor(supply.unfamiliar_minutes * self.factor(supply.unfamiliar_cv) + 0.5) if late else 0
                yield self.env.timeout(trip + delay)
                yield self.env.timeout(max(opens - self.env.now, 0))
                load = yield from self.receive(order, load, door, last)
                yield self.env.timeout(trip)
                home = self.env.now
        if load:
            yield self.env.timeout(max(home + supply.return_days * DAY - self.env.now, 0))
            for _, lot in load:
                self.put(lot)

    def receive(self, order: Order, load: list[Any], door: simpy.Resource, last: int) -> Process:
        """At the customer's gate and dock; returns what is refused."""
        if self.env.now > last:
            return load
        day = int(self.env.now) // DAY
        with door.request() as turn:
            yield turn | self.env.timeout(last - self.env.now)
            if not turn.triggered:
                return load
            yield self.env.timeout(int(self.world.accounts.unload_minutes[order.account]))
        checks = [self.env.process(self.inspect(order, line, lot, day)) for line, lot in load]
        verdicts = yield self.env.all_of(checks)
        return [pair for pair, check in zip(load, checks, strict=True) if verdicts[check] == "refused"]

    def inspect(self, order: Order, line: Line, lot: Lot, day: int) -> Process:
        """One line at the dock."""
        yield self.env.timeout(0)
        share, life = self.world.accounts.acceptance_age[order.account], self.world.skus.shelf_life[lot.sku]
        age = floor(float(share) * life + 1e-9)
        if day - lot.made > age:
            return "refused"
        if self.luck.random() < self.supply.damage:
            return "damaged"
        if self.luck.random() < self.world.accounts.mismatch[order.account]:
            return "refused"
        line.accepted += lot.cases
        return "accepted"

    def enter(self, order: Order) -> None:
        """Write the order down."""
        prices = self.world.net_per_case[order.account]
        self.books.orders += 1
        for line in order.lines:
            self.books.lines += 1
            self.books.ordered += line.ordered * float(prices[line.sku])
            self.books.accepted += line.accepted * float(prices[line.sku])
