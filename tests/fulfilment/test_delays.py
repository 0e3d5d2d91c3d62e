"""Lateness that delivery records have shown: account by account, from the folder of a fit to the customer's gate."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from pathlib import Path

import numpy as np
import pytest

import kaopt as ka
from kaopt.deliveries.card import Source, write_service
from kaopt.deliveries.fit import fitted
from kaopt.deliveries.measure import measured
from kaopt.errors import InputError
from kaopt.fulfilment.delays import delays
from kaopt.fulfilment.fields import DELAY, DELAY_SPREAD, FROM_CLOSE, OTIF_ORDERS, STRANGE, TRACED
from kaopt.fulfilment.loops.trace import CHECKED_IN, KIND_OF, MINUTE
from kaopt.fulfilment.world import live_traced
from kaopt.fulfilment.year import Year
from kaopt.scenario.doors import ServiceTable
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.new import write_starter
from tests.deliveries.helpers import made
from tests.fulfilment.helpers import calm, ready, years
from tests.worlds import table

HOUR = log(1 / 24)  # ln(day)
OWN = np.array([[300.0, 0, 0, 0, 0.1, 72, 0.8]])


def shown(*rows: tuple[str, str, float], timed: float = 1.0) -> ServiceTable:
    whole = [("*", "timed", timed), ("*", "late", 0.1), ("*", "log_delay", HOUR), ("*", "log_delay_sd", 0.0), *rows]
    columns = {name: [row[n] for row in whole] for n, name in enumerate(("account", "term", "value"))}
    found: ServiceTable = table(ServiceTable, len(whole), **columns)
    return found


def late(*rows: tuple[str, str, float], accounts: int = 1, weeks: int = 8) -> Scenario:
    """Daily deliveries between 08:00 and 12:00, planned for 11:00; late trucks are refused; trips take their mean."""
    columns = {"order_days": ((1, 2, 3, 4, 5, 6, 7),) * accounts, "window_open": 480, "window_close": 720}
    return calm(accounts, 1, weeks, account_columns=columns, network=Network(service=shown(*rows)))


def share(found: list[Year], a: int) -> tuple[float, int]:
    """Orders of an account that were not on time and in full, and how many it had."""
    counts = np.sum([one.ledger.counts[a] for one in found], axis=0)
    return 1 - float(counts[OTIF_ORDERS] / counts[2]), int(counts[2])


def test_without_records_the_warehouse_says_it() -> None:
    assert delays(calm(), ("A1",), OWN).tolist() == [[0.1, 72, 0.8, 0]]
    assert ready(calm()).terms.door_rate[0, [STRANGE, DELAY, DELAY_SPREAD, FROM_CLOSE]].tolist() == [0, 72, 0.8, 0]


def test_each_account_has_its_own_and_a_stranger_that_of_all() -> None:
    world = late(("A1", "late", 0.3), ("A1", "log_delay", 0.0), ("gone", "late", 0.9), ("A1", "short", 0.7))
    found = delays(world, ("A1", "A2"), np.repeat(OWN, 2, axis=0))
    assert found[0] == pytest.approx([0.3, 1440, 0, 1]) and found[1] == pytest.approx([0.1, 60, 0, 1])
    spread = delays(calm(network=Network(service=shown(("*", "log_delay_sd", 0.5)))), ("A1",), OWN)
    assert spread[0] == pytest.approx([0.1, 60 * exp(0.125), (exp(0.25) - 1) ** 0.5, 1])


def test_a_late_truck_is_late_by_what_the_records_say() -> None:
    """Every truck is an hour late: at the gate at 13:00, whatever the slack of the plan."""
    world = late(("A1", "late", 1.0))
    for slack in (60, 200):
        year = live_traced(ready(slacked(world, slack)), 0)
        rows = year.ledger.trace[: year.counters[TRACED]]
        at_gate = rows[rows[:, KIND_OF] == CHECKED_IN, MINUTE] % 1440
        assert len(at_gate) > 50 and set(at_gate.tolist()) == {780}
        assert year.ledger.value[:, :, 1].sum() == 0


def slacked(world: Scenario, minutes: int) -> Scenario:
    return replace(world, supply=world.supply.model_copy(update={"dispatch_slack": minutes}))


def test_as_many_orders_are_late_as_the_records_say() -> None:
    """Two accounts, binomial: within four standard errors each."""
    found = years(late(("A1", "late", 0.3), ("A2", "late", 0.05), accounts=2, weeks=26), 4)
    for a, chance in enumerate((0.3, 0.05)):
        rate, count = share(found, a)
        assert count == 4 * 26 * 7
        assert abs(rate - chance) <= 4 * (chance * (1 - chance) / count) ** 0.5


@pytest.mark.parametrize(
    ("rows", "timed", "words"),
    [((), 0.0, "without a time of day"), ((("*", "log_delay", np.nan),), 1.0, "no log_delay")],
)
def test_records_that_do_not_know_minutes_are_refused(
    rows: tuple[tuple[str, str, float], ...], timed: float, words: str
) -> None:
    world = calm(network=Network(service=shown(*rows, timed=timed)))
    with pytest.raises(InputError, match=words):
        ready(world)


def test_a_scenario_names_the_folder_of_a_fit(tmp_path: Path) -> None:
    """From records to the gate: fitted, written, read by a scenario, met in the simulation's terms."""
    write_starter(tmp_path / "mine", None)
    records = made([0.4, 0.1], 300, delay=(HOUR, 0.3))
    fit = fitted(records)
    source = Source("north", "lines.csv", "0" * 64, "2027-01-01", "kaopt fit deliveries lines.csv")
    write_service(tmp_path / "models" / "service" / "north", source, records, fit, (measured(records), ()))
    world = ka.load(tmp_path / "mine", overrides=["supply.service=north"])
    assert world.network.service is not None and "models/service/north/service.csv" in " ".join(world.inputs)
    rates = ready(world).terms.door_rate
    assert fit.lateness is not None
    # the starter's accounts are not among them
    assert rates[:, STRANGE] == pytest.approx(fit.lateness.late.common, rel=1e-5)
    assert rates[:, DELAY] == pytest.approx(1440 * exp(HOUR + 0.045), rel=0.1) and (rates[:, FROM_CLOSE] == 1).all()
    assert ka.load(tmp_path / "mine").network.service is None
    with pytest.raises(InputError, match="north"):
        ka.load(tmp_path / "mine", overrides=["supply.service=nroth"])
