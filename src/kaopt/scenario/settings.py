"""What scenario.yaml may say besides tables: one frozen model per section, units as a person writes them.

The types (`Money`, `Share`, …) come from `kinds`; they read `440万`, `0.1%`, `45d`, `2/3`, `08:30`.
"""

from __future__ import annotations

from math import inf, nan
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from kaopt.scenario.demand_settings import Demand
from kaopt.scenario.kinds import (
    Clock,
    Count,
    Day,
    Days,
    Effect,
    Minutes,
    Money,
    Points,
    Seconds,
    Share,
    SignedMoney,
    WeekSet,
)
from kaopt.scenario.production_settings import Production
from kaopt.scenario.section import Section
from kaopt.scenario.stock_settings import Stock
from kaopt.scenario.transport_settings import Transport


class Words(Section):
    """A text in the languages of the users."""

    en: str = ""
    zh: str = ""


class Horizon(Section):
    """When the plan runs. `planned_on`: the day on which it is made; events too soon after it cannot be arranged."""

    start: Day  # first day of week 1
    weeks: Annotated[int, Field(ge=1, le=260)]  # length in weeks
    planned_on: Day | None = None  # the day on which the plan is made
    notice: Days = 0  # every account agrees promotions at least this long ahead, because plans are shared in time


class Rolling(Section):
    """Plan again and again, some weeks ahead, with what is committed frozen (recipe rolling_quarter)."""

    every: Annotated[int, Field(ge=1)] = 4  # weeks from one planning day to the next
    ahead: Annotated[int, Field(ge=1)] = 13  # weeks that each plan covers, from its planning day on


class Weights(Section):
    """How much an event counts in the objective, by the account, brand or segment that it is for; 1 where not named."""

    account: dict[str, Effect] = {}  # {W: 2}: an event at W counts twice, and so does a fee that it opens there
    brand: dict[str, Effect] = {}  # an event that two of these name counts their product
    segment: dict[str, Effect] = {}  # of accounts


class Objective(Section):
    """What the plan is for; see design of the objective in docs/allocation.md."""

    # value: contribution + credit; lexicographic: least shortfall of soft rules, then volume, then contribution
    maximize: Literal["profitable_volume", "profit", "value", "lexicographic"] = "profitable_volume"
    hurdle: Effect = 0.0  # an event earns volume credit where contribution >= hurdle x spend
    contribution_floor: SignedMoney | None = None  # least incremental contribution of the whole plan, money
    case_value: Money = 20.0  # money per profitable case: `value`, and the exchange rate of regrets
    tie: Effect = 1e-4  # profitable_volume: cases per unit of contribution, so that ties go to profit
    weights: Weights = Weights()  # how much events count, and an account's fees and rebates; regrets keep their size
    tolerance: Share = 1e-6  # lexicographic: the share of a stage's level that later stages may give up


class RuleSettings(Section):
    """What every rule may say. Soft rules cost `regret` (money per natural unit of shortfall)."""

    hard: bool = True  # false: may be broken at a price
    regret: Money = 0.0  # the price, money per natural unit of shortfall
    because: str = ""  # reason to show


class Replications(Section):
    """How often the year is lived through: until the interval of the fill rate is narrow enough."""

    min: Annotated[int, Field(ge=2)] = 20  # fewest
    max: Annotated[int, Field(ge=2)] = 200  # most
    half_width: Points = 0.005  # share of 1 of ordered value; 0.5pp


class Supply(Section):
    """The warehouse, its fleet and its rules. A policy of models/fulfilment gives defaults under these values."""

    policy: str = "gated_fefo"  # a file of models/fulfilment
    replications: Replications = Replications()  # see supply.replications
    seed: Annotated[int, Field(ge=0)] = 7  # of all luck
    warmup: Literal["given", "auto"] = "given"  # given: `warmup_weeks`; auto: until weekly loss has settled (MSER-5)
    warmup_weeks: Count = 26  # weeks lived before the horizon that do not count
    # stock
    issue: Literal["fefo", "fifo", "lifo", "freshest"] = "fefo"  # which lot goes first: by date or arrival, old or new
    issue_error: Share = 0.0  # chance that a pick takes a wrong lot; see supply.stock.mistake
    gate: bool = True  # send only what the account will accept at the expected arrival
    stock: Stock = Stock()  # see supply.stock
    # stock that production counts; age_aware: all but what will be too old for the strictest account before it is sold
    position: Literal["all", "acceptable", "age_aware"] = "acceptable"  # all; fit for the strictest; or as above
    # production
    production: Production = Production()  # see supply.production
    freeze_days: Days = 21  # promotions announced later than this are not produced for
    lead_days: Days = 5  # production and quarantine until goods are free
    review_weekday: Annotated[int, Field(ge=1, le=7)] = 1  # day on which production is planned, Monday = 1
    # warehouse and fleet
    shift_start: Clock = 6 * 60  # minute of the day; write 06:00
    shift_end: Clock = 22 * 60  # minute of the day; write 22:00
    pick_crews: Count = 2  # crews that pick at the same time
    pick_rate: Effect = 300.0  # cases per hour and crew
    docks: Count = 3  # loading docks
    load_minutes: Minutes = 36  # mean loading time of a truck
    load_cv: Effect = 0.3  # its coefficient of variation
    trucks: Count = 12  # trucks of the fleet
    truck_cases: Effect = 1500.0  # cases on a truck
    trip_cv: Effect = 0.35  # coefficient of variation of a trip's time
    unfamiliar: Share = 0.1  # chance that the driver does not know the customer's procedure
    unfamiliar_minutes: Minutes = 72  # mean further delay then
    unfamiliar_cv: Effect = 0.8  # its coefficient of variation
    dispatch_slack: Minutes = 60  # planned arrival before the window closes
    return_days: Days = 1  # refused goods are back in free stock after this
    damage: Share = 0.0  # chance that a line arrives damaged
    transport: Transport = Transport()  # see supply.transport
    # a fit of models/service: how often and how late trucks come to each account, in place of unfamiliar drivers
    service: str = ""  # its name, as `kaopt fit deliveries` has written it; empty: as `unfamiliar` says
    # demand
    demand: Demand = Demand()  # see supply.demand
    uplift_cv: Effect = 0.4  # forecast error of promotional uplift
    disposal_cost: Money = 0.0  # money per case written off, on top of the cost of goods


class Compute(Section):
    """Who works on a scenario of more than 300 000 events: its accounts are looked at apart. The plan is the same."""

    on: Literal["processes", "ray", "dask"] = "processes"  # of this machine; or a cluster that Ray or Dask runs
    workers: Annotated[int, Field(ge=1)] = 1  # accounts looked at at the same time; `--workers` says another number
    address: str = ""  # of the cluster: host:6379 (Ray), tcp://host:8786 (Dask); empty: one begun on this machine


class Solve(Section):
    """When the search may stop."""

    gap: Share = 0.001  # proven gap that is good enough
    time_limit: Seconds = 300.0  # wall clock: 90s, 5min
    memory_gb: Effect = 16.0  # most memory of the solver
    seed: Annotated[int, Field(ge=0)] = 0  # of the solver
    engine: Literal["auto", "pyomo", "arrays", "blocks"] = "auto"  # how the model is built and solved; the same model
    compute: Compute = Compute()  # see solve.compute


class Targets(Section):
    """KPI targets that no table or rule states."""

    high_margin: Share | None = None  # least share of high-margin products in net sales
    growth_index: Effect | None = None  # least growth index: our growth over the customers'
    contribution: SignedMoney | None = None  # least contribution, money
    fill_rate: Share | None = None  # least order fill rate by value


class BudgetNode(Section):
    """A limit on spend at any node of account tree x period x mechanic family."""

    name: str = ""  # to show instead of the scope
    account: str = "*"  # an id or a pattern with *; so for the next four
    channel: str = "*"
    region: str = "*"
    segment: str = "*"
    family: str = "*"  # mechanic family
    quarter: Annotated[int, Field(ge=1)] | None = None  # quarter of the horizon from 1
    weeks: WeekSet = ()  # 1-13|20; empty: all
    max: Money = inf  # most, money
    min: Money = 0.0  # least, money


class Limits(Section):
    """Least and most of one amount; a single amount is the most."""

    max: Money = inf  # most, money
    min: Money = 0.0  # least, money


def as_limits(given: object) -> object:
    """`440万` means `{max: 440万}`."""
    return given if isinstance(given, (dict, Limits)) else {"max": given}


MostOrLimits = Annotated[Limits, BeforeValidator(as_limits)]


class Budget(Section):
    """Spend limits: in total, by quarter, by account (a table), and at any other node."""

    total: MostOrLimits = Limits()  # 440万, or {max: 440万, min: 400万}
    by_quarter: dict[int, MostOrLimits] = {}  # {1: 100万, 2: {max: 120万}}
    by_account: str | None = None  # tables/budgets.csv
    nodes: tuple[BudgetNode, ...] = ()  # limits at any other node


NOT_APPLICABLE = nan
