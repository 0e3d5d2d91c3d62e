"""What scenario.yaml may say besides tables: one frozen model per section, units as a person writes them.

The types (`Money`, `Share`, …) come from `kinds`; they read `440万`, `0.1%`, `45d`, `2/3`, `08:30`.
"""

from __future__ import annotations

from math import inf, nan
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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


class Section(BaseModel):
    """A section of the file: frozen, unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Words(Section):
    """A text in the languages of the users."""

    en: str = ""
    zh: str = ""


class Horizon(Section):
    """When the plan runs. `planned_on`: the day on which it is made; events too soon after it cannot be arranged."""

    start: Day
    weeks: Annotated[int, Field(ge=1, le=260)]
    planned_on: Day | None = None


class Objective(Section):
    """What the plan is for; see design of the objective in docs/allocation.md."""

    maximize: Literal["profitable_volume", "profit", "value"] = "profitable_volume"
    hurdle: Effect = 0.0  # an event earns volume credit where contribution >= hurdle x spend
    contribution_floor: SignedMoney | None = None  # least incremental contribution of the whole plan, money
    case_value: Money = 20.0  # money per profitable case: `value`, and the exchange rate of regrets
    tie: Effect = 1e-4  # profitable_volume: cases per unit of contribution, so that ties go to profit


class RuleSettings(Section):
    """What every rule may say. Soft rules cost `regret` (money per natural unit of shortfall)."""

    hard: bool = True
    regret: Money = 0.0
    because: str = ""


class Replications(Section):
    """How often the year is lived through: until the interval of the fill rate is narrow enough."""

    min: Annotated[int, Field(ge=2)] = 20
    max: Annotated[int, Field(ge=2)] = 200
    half_width: Points = 0.005  # share of 1 of ordered value; 0.5pp


class Supply(Section):
    """The warehouse, its fleet and its rules. A policy of models/fulfilment gives defaults under these values."""

    policy: str = "gated_fefo"
    replications: Replications = Replications()
    seed: Annotated[int, Field(ge=0)] = 7
    warmup_weeks: Count = 26
    # stock
    issue: Literal["fefo", "fifo"] = "fefo"
    issue_error: Share = 0.0  # chance that a pick takes the newest lot instead
    gate: bool = True  # send only what the account will accept at the expected arrival
    position: Literal["all", "acceptable"] = "acceptable"  # stock that production counts: all, or fit for the strictest
    # production
    freeze_days: Days = 21  # promotions announced later than this are not produced for
    lead_days: Days = 5  # production and quarantine until goods are free
    review_weekday: Annotated[int, Field(ge=1, le=7)] = 1
    # warehouse and fleet
    shift_start: Clock = 6 * 60
    shift_end: Clock = 22 * 60
    pick_crews: Count = 2
    pick_rate: Effect = 300.0  # cases per hour and crew
    docks: Count = 3
    load_minutes: Minutes = 36
    load_cv: Effect = 0.3
    trucks: Count = 12
    truck_cases: Effect = 1500.0
    trip_cv: Effect = 0.35
    unfamiliar: Share = 0.1  # chance that the driver does not know the customer's procedure
    unfamiliar_minutes: Minutes = 72  # mean further delay then
    unfamiliar_cv: Effect = 0.8
    dispatch_slack: Minutes = 60  # planned arrival before the window closes
    return_days: Days = 1  # refused goods are back in free stock after this
    damage: Share = 0.0  # chance that a line arrives damaged
    # demand
    uplift_cv: Effect = 0.4  # forecast error of promotional uplift
    disposal_cost: Money = 0.0  # money per case written off, on top of the cost of goods


class Solve(Section):
    """When the search may stop."""

    gap: Share = 0.001
    time_limit: Seconds = 300.0
    memory_gb: Effect = 16.0
    seed: Annotated[int, Field(ge=0)] = 0


class Targets(Section):
    """KPI targets that no table or rule states."""

    high_margin: Share | None = None
    growth_index: Effect | None = None
    contribution: SignedMoney | None = None
    fill_rate: Share | None = None


class BudgetNode(Section):
    """A limit on spend at any node of account tree x period x mechanic family."""

    name: str = ""
    account: str = "*"
    channel: str = "*"
    region: str = "*"
    segment: str = "*"
    family: str = "*"
    quarter: Annotated[int, Field(ge=1)] | None = None
    weeks: WeekSet = ()  # 1-13|20; empty: all
    max: Money = inf
    min: Money = 0.0


class Limits(Section):
    """Least and most of one amount; a single amount is the most."""

    max: Money = inf
    min: Money = 0.0


def as_limits(given: object) -> object:
    """`440万` means `{max: 440万}`."""
    return given if isinstance(given, (dict, Limits)) else {"max": given}


MostOrLimits = Annotated[Limits, BeforeValidator(as_limits)]


class Budget(Section):
    """Spend limits: in total, by quarter, by account (a table), and at any other node."""

    total: MostOrLimits = Limits()
    by_quarter: dict[int, MostOrLimits] = {}
    by_account: str | None = None
    nodes: tuple[BudgetNode, ...] = ()


NOT_APPLICABLE = nan
