"""Columns of the arrays that the compiled loops read and write, so that no loop holds a bare number.

Minutes, days and cases are whole numbers; what is a rate or money stands in a float table of the same rows.
"""

from __future__ import annotations

from kaopt.service import FINE_CAUSES

CAUSES = len(FINE_CAUSES)
NO_STOCK, TOO_OLD, PICK_CUT, AGE, LATE_LOAD, LATE_TRIP, LATE_DOCK, PAPER, DAMAGED = (
    FINE_CAUSES.index(c)
    for c in ("no_stock", "stock_too_old", "pick_cut", "age", "late_load", "late_trip", "late_dock", "paper", "damage")
)
REGRESS, PRICE, CREDIT, RESERVED, CUSTOMER, OTHER, EARLY, WRONG_RECORD = (
    FINE_CAUSES.index(c)
    for c in ("regress", "price", "credit", "reserved", "customer", "other", "early", "wrong_record")
)

# terms, the same in every replication ----------------------------------------------------------------------------
# span: the calendar
FIRST_DAY, WEEKS, WARMUP, WEEKDAY, PLANS_FROM = range(5)  # WEEKDAY of day 0: Monday = 0; day of the first review
SPARED = 5  # what never happens in this year; see loops.spared
# and: the laws of durations, see luck.LAWS; minutes after which a truck has waited long for a dock
LOAD_LAW, TRIP_LAW, UNLOAD_LAW, LONG_WAIT = range(6, 10)
# door: a receiving point of a customer; ORDINAL among the doors of its account
ACCOUNT, WAREHOUSE, DOCKS, UNLOAD, TRAVEL, GRACE, ORDINAL = range(7)
# and further: minutes before its opening from which a truck may wait there (-1: any time); what becomes of a late one;
# the first of the drivers who go there, and how many (0: nobody is known)
EARLIEST, LATE_RULE, FIRST_DRIVER, DRIVERS = range(7, 11)
LEAD = 11  # and: minutes from a call-off to the moment for which it is wanted; 0: orders are for the order days
REFUSED, TAKEN, NEXT_DAY = range(3)  # LATE_RULE
ARRIVALS, CALL_OFFS = range(2)  # door_rate: trucks of other suppliers in an hour, call-offs in a week
# and: chance of a further delay on the way, its mean and cv; 1 where it counts from the closing of the window on
STRANGE, DELAY, DELAY_SPREAD, FROM_CLOSE = range(2, 6)
UNLOAD_CV = 6  # and: of an unloading
TIER, TURN, TURNS, LAST_FIRST, ANY_LOT = range(5)  # serving, by door: turn in a pick wave of so many; issuing
# window, by weekday: opens, closes, planned arrival of an order's first truck, minutes of an appointment (0: none)
OPEN, CLOSE, ARRIVAL, APPOINTMENT = range(4)
DAY_OF, WEEK_OF, MOMENT_OF = range(3)  # due: a delivery that a door expects; the minute of a call-off, 0: none
# place: a warehouse with its docks and fleet
SHIFT_START, SHIFT_END, CREWS, GATES, LOAD_MINUTES, TRUCKS, TRUCK_ROOM, RETURN_DAYS, BY_DATE, PALLETS, NAME = range(
    11
)  # PALLETS: room, -1 without a limit; NAME: its cell of luck
# and further: drivers of its roster, visits that training is worth; minute after which an order waits for the next day
# (-1: none), waves of picking (0: at once), minutes in which orders come in; days that an order waits for a full truck;
# 1 where trucks can be hired; the first driver of its roster; the minute at which drivers must be home (-1: any)
ROSTER, TRAINING, CUT_OFF, WAVES, ORDER_MINUTES, WAIT_DAYS, HIRES, ROSTER_FROM, HOME_BY = range(11, 20)
COUNT_DAYS = 20  # and: days from one cycle count of a SKU to the next, 0: none
PICK_RATE, MISTAKE_RATE, LOAD_CV, TRIP_CV, UNFAMILIAR, DELAY_MEAN, DELAY_CV = range(7)  # place_rate
LEARNING, TURNOVER, FULL = range(7, 10)  # and further: by visit; in a week; a truck goes when it is so full
RECORD_CHANCE, RECORD_CV = range(10, 12)  # and: chance in a night that a SKU's books go wrong, by how much of its stock
# account_rate
MISMATCH, DAMAGE_RATE, INSPECTED, PRICE_ERROR = range(4)
# account: flags, most production dates on a line, days; CREDIT_LIMIT in cents
NO_REGRESS, WHOLE_LINE, MOST_LOTS, CANCEL_DAYS, PAYMENT_DAYS, DISPUTE_DAYS, PRICE_DAYS, CREDIT_LIMIT = range(8)
IN_ORDER = 8  # the gate sends nothing older than what was received before
STANDING = 9  # what is missing waits until goods have come in
OF_VALUE, PER_LINE = range(2)  # by_cause
# fine: money for a late truck, a late order; shares of the value accepted at a wrong price, at a discount nobody agreed
PER_TRUCK, PER_ORDER, OF_PRICE, OF_DISCOUNT, DISCOUNT_CHANCE = range(5)
LEAST, OF_MISSING, FOR_PERIOD = range(3)  # level: fill rate that is demanded; share of what is missing; money
# age, by account and SKU: greatest age in days at receipt
SENT, ACCEPT = range(2)
# sku, and sku_rate
# greatest age that is kept, that production counts; days that a lot covers; lots are multiples of; cases on a pallet;
# LOT_RULE as below; ages beyond FADES (-1: none) are seen to come by production, which counts them as gone
KEPT, COUNTS, COVER_DAYS, MULTIPLE, PALLET, LOT_RULE, FADES = range(7)
# BINS_A_DAY: bins of the age profile; INTAKE: cases that come in on a day on average, whatever is planned
LOT_CASES, SAFETY_WEEKS, BINS_A_DAY, INTAKE = range(4)
# plant
# lead with quarantine; notice that a promotion needs; weekday of the review and days between two; capacity in cases a
# week (-1: no limit) and what a changeover takes of it; days a week; days for which orders are fixed
LEAD_DAYS, SEES_DAYS, REVIEW, REVIEW_DAYS, CAPACITY, CHANGEOVER, WORKDAYS, FIXED = range(8)
LEAD_LAW = 8  # and further: how long a lot takes
FIXED_LEAD, LOGNORMAL_LEAD, UNIFORM_LEAD, EXPONENTIAL_LEAD = range(4)  # LEAD_LAW
YIELD_MEAN, YIELD_CV, OUTAGE, OUTAGE_DAYS, LEAD_CV = range(5)  # plant_rate
AT_LEAST_LOT, LOT_ABOVE, WHOLE_LOTS, GAP_ONLY = range(4)  # LOT_RULE

# state, moved on by the loops --------------------------------------------------------------------------------------
RANK, MADE, CASES = range(3)  # a lot: order of issue, production day, quantity
FIRST, LAST = range(2)  # the lots of a SKU in a warehouse are cells[p, s, first:last]
# a batch that is not free stock yet; KIND is the SKU, CHECKED: what came out of it is known
FREE_ON, BORN_ON, PLACE, KIND, AMOUNT_MADE, CHECKED = range(6)
OPENING_CASES, MADE_CASES, ACCEPTED_CASES, DISPOSED_CASES, AWAY = range(5)  # flow of goods, by SKU
ON_HAND, AGE_SUM, COUNTED, WRITTEN_OFF = range(4)  # report of a midnight, by warehouse and SKU
# order: one delivery to a door, open until its last case is accepted or lost and its last truck home
DOOR, DUE_DAY, WEEK, LAST_DAY, LEAVE, LINES, PIECES, LOSSES, PICKED, HOMES, LATE = range(11)
# and further: the day that was asked for and on which it came in; cents reserved, invoiced and deducted; deliveries
# tried before; where pieces and trucks of this one begin; 1 while it waits for another; why its first truck was late
ASKED, CALLED, RESERVES, INVOICED, DEDUCTED, TRIES, FIRST_PIECE, FIRST_TRUCK, WAITING, LATE_CAUSE = range(11, 21)
LATE_MINUTES = 21  # and: minutes after closing at which its trucks checked in, added up
# and of a call-off: the minute for which it is wanted, no other of its door having the same (0: no call-off); the same
# minute where the door is open round the clock (0: it is wanted in the window of its day)
MOMENT, UNTIL = range(22, 24)
TRIED_ON = 24  # and: the day on which stock was last looked for
ORDER_COLUMNS = 25
FOR_DELIVERY, FOR_GOODS = 1, 2  # WAITING: until its next delivery; until goods have come in
SKU, ORDERED, ACCEPTED, LOST, ON_REQUEST, BLAME = range(6)  # a line: ordered = accepted + lost in the end
# a piece of a lot; TRUCK that carries it or brings it back; FATE: the cause for which it fails, -1: accepted
LINE, BORN, AMOUNT, TRUCK, FATE = range(5)
LOSS_LINE, CAUSE, LOSS_CASES = range(3)  # what a line has lost, by cause
VERDICT, RECEIVED, PUNCTUAL, HOME = range(4)  # a truck: cause of refusal or -1, check-in day, in the window, free again
PICK_SECONDS, DOCK_MINUTES, TRUCK_MINUTES = range(3)  # busy, by warehouse
# crowd at a door: its day, trucks of others that have come, when the next does (thousandths of a minute); a day, and
# how many of our trucks wait for its opening
SEEN_DAY, OTHERS, NEXT_OTHER, NIGHT_BEFORE, OVERNIGHT = range(5)
# counts of the ledger, by account
ALL_LINES, FULL_LINES, ALL_ORDERS, FULL_ORDERS, OTIF_ORDERS = range(5)
LATER_LINES, LATER_ORDERS, STOPPED = range(3)  # tried: in full, but not when asked for; deliveries stopped for credit
OWED, PROMISED, PAID_UNTIL = range(3)  # credit: invoiced, called and not yet invoiced (cents); payments are in until
CASH_VALUE, CASH_DAYS = range(2)  # cash
BY_LINE, BY_ORDER, BY_OTIF = range(3)  # blamed: what failed, by the cause that failed it first
AT_LOADING, AT_UNLOADING = 0, 3  # waits: of trucks at our loading docks and at the customer's; from there on
WAITS, WAITED_MINUTES, LONG_WAITS = range(3)
WHEN, WHAT, WHICH, TRUCK_HOME = range(4)  # a follow-up: minute, kind, order, truck
OPEN_ORDERS, BATCHES, WRONG_LINES, TRACED, MISSED = range(5)  # counters
PLANNED, CUT, CHANGEOVERS, STANDSTILL = range(4)  # by plant: cases begun, cases that capacity cut, lots, days idle
