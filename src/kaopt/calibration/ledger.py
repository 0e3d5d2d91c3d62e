"""The customer's books as figures: what they say, and what a simulated year would have written into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.scenario.cells import matches
from kaopt.scenario.columns import Floats, Texts
from kaopt.scenario.ledger_settings import Calibrate, Ledger
from kaopt.scenario.model import Scenario
from kaopt.service import CAUSES, FINE_CAUSES, Service


@dataclass(frozen=True)
class Line:
    """One figure of the books: `what` is fill, penalties (money a year) or a cause (share of ordered value)."""

    account: str  # an id or a pattern
    what: str
    value: float


def lines_of(world: Scenario) -> tuple[Line, ...]:
    """All that the books say. Raises InputError where they cannot be read."""
    faults = list(_faults(world.calibrate, world.accounts.account))
    if faults:
        raise InputError(faults)
    return tuple(line for account, said in world.calibrate.ledger.items() for line in _lines(account, said))


def matched(world: Scenario, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The line of the books that each knob is turned for. Raises InputError where there is none, or one has two."""
    found: list[Line] = []
    faults = []
    for number, knob in enumerate(world.calibrate.knobs):
        fit = [one for one in lines if one.what == knob.loss and knob.account in ("", one.account)]
        again = [one for one in fit if one in found]
        if len(fit) == 1 and not again:
            found.append(fit[0])
            continue
        expected = "must be one figure of the ledger" if not again else "must have no other knob"
        remedy = "Name the `account`" if len(fit) > 1 else "Add it to `calibrate.ledger`, or take the knob away"
        place, said = f"calibrate.knobs.{number}.loss", f"{knob.loss} {knob.account}".strip()
        faults.append(Fault("scenario.yaml", None, place, said, expected, remedy))
    if not world.calibrate.knobs:
        remedy = "Add `calibrate: {ledger: …, knobs: …}`: see docs/dictionary.md"
        faults.append(Fault("scenario.yaml", None, "calibrate.knobs", "nothing", "must be given", remedy))
    if faults:
        raise InputError(faults)
    return tuple(found)


def written(service: Service, accounts: Texts, lines: Sequence[Line]) -> Floats:
    """[R, lines] the figures that each simulated year would have written into the books."""
    return np.column_stack([_figure(service, np.array(matches(one.account, accounts)), one.what) for one in lines])


def _figure(service: Service, rows: np.ndarray[tuple[int], np.dtype[np.bool_]], what: str) -> Floats:
    """[R] one figure."""
    if what == "penalties":
        return by_year(service.penalties[:, rows])
    ordered = np.maximum(by_year(service.ordered_value[:, rows]), 1e-12)
    if what == "fill":
        return by_year(service.accepted_value[:, rows]) / ordered
    fine = [FINE_CAUSES.index(one) for one in CAUSES[what]]
    return by_year(service.lost_value[:, rows][..., fine]) / ordered


def by_year(values: Floats) -> Floats:
    """[R] everything of each simulated year added up."""
    return np.asarray(values.reshape(len(values), -1).sum(axis=1))


def _lines(account: str, said: Ledger) -> Iterator[Line]:
    if said.fill is not None:
        yield Line(account, "fill", said.fill)
    if said.penalties is not None:
        yield Line(account, "penalties", said.penalties)
    lost = 0.0 if said.fill is None else 1 - said.fill
    yield from (Line(account, cause, lost * share) for cause, share in said.causes.items())
    yield from (Line(account, cause, share) for cause, share in said.losses.items())


def _faults(calibrate: Calibrate, accounts: Texts) -> Iterator[Fault]:
    """Accounts that nobody knows, causes without a whole, and causes that are said twice."""
    for account, said in calibrate.ledger.items():
        place = f"calibrate.ledger.{account}"
        if not any(matches(account, accounts)):
            yield Fault("scenario.yaml", None, place, account, "must be an account, or a pattern of some", "")
        if said.causes and said.fill is None:
            yield Fault("scenario.yaml", None, f"{place}.fill", "nothing", "must be given with causes", "Add the fill")
        if sum(said.causes.values()) > 1.005:
            total = f"{sum(said.causes.values()):.1%}"
            yield Fault("scenario.yaml", None, f"{place}.causes", total, "must be at most 100% together", "")
        if both := set(said.causes) & set(said.losses):
            named = ", ".join(sorted(both))
            yield Fault("scenario.yaml", None, f"{place}.losses", named, "must not be among the causes too", "")
