"""What scenario.yaml may say under `calibrate`: a customer's books, and the knobs that shall reproduce them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from kaopt.scenario.kinds import Money, Share, read
from kaopt.scenario.section import Section

Cause = Literal["shortage", "age", "late", "paper", "damage", "other"]
BookedCauses: tuple[Cause, ...] = get_args(Cause)
Number = Annotated[float, BeforeValidator(partial(read, "number"))]


class Ledger(Section):
    """What the customer's books say of a year; what they do not say is left out."""

    fill: Share | None = None  # order fill rate: accepted over ordered value
    causes: dict[Cause, Share] = {}  # how the value that failed splits by cause: {late: 40%, age: 30%}; needs `fill`
    losses: dict[Cause, Share] = {}  # or each loss as a share of ordered value: {late: 13.7%, age: 10.6%}
    penalties: Money | None = None  # order penalties, money a year


class Knob(Section):
    """A setting that may be turned until one loss of the ledger is met."""

    setting: str  # supply.unfamiliar, or table.column: accounts.mismatch, skus.lot_cover_weeks
    of: str = "*"  # which rows of the table: an id or a pattern with *
    how: Literal["set", "times"] = "set"  # put all these rows to one value, or multiply each
    loss: Cause | Literal["penalties"]  # what it is turned for
    account: str = ""  # whose ledger, where there are several
    low: Number  # the least value (of the factor, where `how: times`)
    high: Number  # the greatest value
    scale: Literal["linear", "log"] = "linear"  # on which steps are measured; log for what is multiplied
    search: Literal["slope", "step"] = "slope"  # step: the loss jumps (lot sizes); found by bracketing


class Calibrate(Section):
    """Knobs of the supply side that reproduce customers' ledgers: `kaopt calibrate`."""

    ledger: dict[str, Ledger] = {}  # by account; a pattern such as KA* takes several together, * all
    years: Annotated[int, Field(ge=1)] = 1  # years that the books cover; their mean is what stands above
    knobs: tuple[Knob, ...] = ()  # one for each loss that shall be met
    replications: Annotated[int, Field(ge=4)] = 32  # years simulated at the answer; the search begins with fewer
