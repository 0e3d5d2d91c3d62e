"""The whole calibration on a small warehouse: what it finds, when it stops, what it does not claim."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kaopt.calibration.calibrate import Calibration, calibrate
from kaopt.calibration.knobs import dials_of, value_at
from kaopt.calibration.search import FEWEST
from kaopt.progress import Progress
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Solve
from tests.calibration.small import KNOBS, asking, ledger_of, warehouse

TWO = (KNOBS[0], KNOBS[3])  # late and paper: quick, because nothing jumps


@cache
def found_two() -> Calibration:
    world = asking(warehouse(13), {"late": 0.1, "paper": 0.1}, knobs=TWO, years=20)
    losses = ledger_of(world, [0.3, 0.08], 20, seed=77)
    return calibrate(asking(warehouse(13), losses, knobs=TWO, years=20, replications=10))


def test_two_planted_knobs_are_found() -> None:
    made = found_two()
    late, paper = made.found
    assert made.status == "done"
    assert late.low <= 0.3 <= late.high
    assert paper.low <= 0.08 <= paper.high
    assert late.low < late.value < late.high
    assert (late.knob, late.line.what, late.start) == ("supply.unfamiliar", "late", 0.2)
    assert all(abs(one.reached - one.line.value) < 0.01 for one in made.found)


def test_the_world_that_comes_out_has_the_knobs_turned_and_all_else_as_it_was() -> None:
    made = found_two()
    assert made.world.supply.unfamiliar == made.found[0].value
    assert (made.world.accounts.mismatch == made.found[1].value).all()
    before = warehouse(13)
    assert np.array_equal(made.world.skus.lot_cover_weeks, before.skus.lot_cover_weeks)
    assert made.world.supply.replications == before.supply.replications


def test_the_same_luck_gives_the_same_answer() -> None:
    again = calibrate(made_world())
    assert [one.value for one in again.found] == [one.value for one in found_two().found]
    assert [one.se for one in again.found] == [one.se for one in found_two().found]


def made_world() -> Scenario:
    losses = {one.line.what: one.line.value for one in found_two().found}
    return asking(warehouse(13), losses, knobs=TWO, years=20, replications=10)


def test_more_years_of_books_make_the_knobs_surer() -> None:
    losses = {one.line.what: one.line.value for one in found_two().found}
    one_year = calibrate(asking(warehouse(13), losses, knobs=TWO, years=1, replications=10))
    ratio = one_year.found[0].se / found_two().found[0].se
    # (1 + 1/10) / (1/20 + 1/10) = 7.3 in variance; the slopes are measured over another width
    assert 2.0 < ratio < 3.7


def test_figures_without_a_knob_are_checked_not_turned_for() -> None:
    world = asking(warehouse(13), {}, knobs=TWO[:1])
    said = {"W": {"fill": 0.7, "causes": {"late": 1 / 3}, "penalties": 5000}}
    world = replace(
        world, calibrate=world.calibrate.model_validate({"ledger": said, "knobs": [TWO[0]], "replications": 8})
    )
    made = calibrate(world)
    assert made.found[0].line.value == pytest.approx(0.1)
    assert [line.what for line, _, _ in made.checks] == ["fill", "penalties"]
    fill, penalties = (reached for _, reached, _ in made.checks)
    assert 0.5 < fill < 1 - made.found[0].reached
    assert penalties > 0


def test_a_loss_out_of_reach_is_said_to_be_so() -> None:
    made = calibrate(asking(warehouse(8), {"late": 0.9}, knobs=TWO[:1], replications=8))
    assert made.status == "short"
    assert made.found[0].value == TWO[0]["high"]
    assert not made.found[0].hit


def test_no_time_leaves_the_start_without_a_claim() -> None:
    world = asking(warehouse(8), {"late": 0.1}, knobs=TWO[:1], replications=8)
    made = calibrate(replace(world, solve=Solve(time_limit=1e-9)))
    assert made.status == "stopped"
    assert made.found[0].value == pytest.approx(value_at(world, dials_of(world)[0]), rel=1e-5)
    assert np.isinf(made.found[0].se)
    assert (made.found[0].low, made.found[0].high) == (TWO[0]["low"], TWO[0]["high"])
    assert made.years == FEWEST


def test_an_interrupted_search_keeps_the_best_place() -> None:
    heard: list[Progress] = []

    def stop(event: Progress) -> None:
        heard.append(event)
        if len(heard) == 4:
            raise KeyboardInterrupt

    world = asking(warehouse(8), {"late": 0.03}, knobs=TWO[:1], replications=8)
    made = calibrate(world, listener=stop)
    assert made.status == "interrupted"
    assert made.tried == 4
    assert [event.done for event in heard] == [1, 2, 3, 4]
    assert "late" in heard[0].message
    assert np.isinf(made.found[0].se)
    assert made.found[0].value < 0.2  # the search was on its way down
