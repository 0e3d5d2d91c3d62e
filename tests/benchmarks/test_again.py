"""The benchmark of changed budgets: a table with the first plan and one line for each budget."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.again import Solved, line, main

from benchmarks import again
from kaopt.plan import Certificate, Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.vary import number_at

HEADS = 2  # lines above the first row


def certified(gap: float) -> Plan:
    return replace(Plan.nothing(), certificate=Certificate(1.0, 1.0 + gap, gap, None, 1.0, (), "stopped", "x", 1.0, 1))


def test_every_budget_is_planned_from_the_first_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[tuple[tuple[int, ...], float, Plan | None]] = []

    def instead(world: Scenario, after: Plan | None = None) -> Plan:
        heard.append((world.shape[:2], number_at(world, "budget.total"), after))
        assert (world.solve.engine, world.solve.gap, world.solve.time_limit) == ("blocks", 0.002, 7.0)
        return certified(0.001 * len(heard))

    monkeypatch.setattr(again, "allocate", instead)
    assert main(["S1", "--gap", "0.002", "--time-limit", "7", "--budgets", "0.5", "1.2"]) == 0
    shapes, budgets, plans = zip(*heard, strict=True)
    assert shapes == ((12, 40), (3, 5), (3, 5), (3, 5))
    assert budgets[2:] == (round(0.5 * budgets[1]), round(1.2 * budgets[1]))
    assert plans[:2] == (None, None) and plans[2] is plans[3] and plans[2].certificate.gap == 0.002
    rows = capsys.readouterr().out.splitlines()[HEADS:]
    assert [row.split("|")[1].strip() for row in rows] == ["first", "50% of it", "120% of it"]
    assert [row.split("|")[2].strip() for row in rows] == ["0.200%", "0.300%", "0.400%"]


def test_seconds_are_set_against_the_first() -> None:
    assert line("x", Solved(certified(0.0005), 5.0), Solved(certified(0.0), 20.0)) == ["x", "0.050%", "5.0", "25%"]
