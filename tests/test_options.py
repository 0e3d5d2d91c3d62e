"""The options that commands share, and what they become before a scenario is read."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from kaopt.options import Options, with_options


def received(*words):
    """What a command gets when it is called with these words."""
    app, seen = typer.Typer(), []

    @app.command()
    @with_options
    def command(
        scenario: str,
        plan: Annotated[Path | None, typer.Option("--plan")] = None,
        *,
        options: Options,
    ) -> None:
        seen.append((scenario, plan, options))

    result = CliRunner().invoke(app, list(words))
    return seen[0] if seen else result


def test_nothing_said_is_nothing_overridden():
    scenario, plan, options = received("here")
    assert (scenario, plan) == ("here", None)
    assert options == Options()
    assert options.overrides() == []


def test_the_defaults_are_those_that_the_help_promises():
    options = Options()
    assert (options.workers, options.json, options.lang) == (None, False, "en")
    others = {one.name: getattr(options, one.name) for one in fields(Options)}
    assert {name for name, value in others.items() if value is not None} == {"json", "lang"}


def test_every_option_arrives_in_the_noun():
    words = ["here", "--plan", "p.csv", "--model", "m", "--variant", "v", "--out", "o", "--seed", "3"]
    words += ["--time-limit", "5s", "--gap", "2%", "--workers", "4", "--json", "--lang", "zh", "--set", "a=1"]
    words += ["--rules", "mine.py"]
    assert received(*words) == (
        "here",
        Path("p.csv"),
        Options("m", "v", ["a=1"], Path("o"), 3, "5s", "2%", 4, True, "zh", [Path("mine.py")]),
    )


def test_options_may_stand_before_the_argument():
    assert received("--seed", "3", "here")[2].seed == 3


def test_set_may_be_said_many_times_and_keeps_its_order():
    assert received("here", "--set", "b=2", "--set", "a=1")[2].set == ["b=2", "a=1"]


def test_the_seed_is_one_for_simulation_and_solver():
    assert Options(seed=5).overrides() == ["supply.seed=5", "solve.seed=5"]


def test_seed_zero_is_a_seed():
    assert Options(seed=0).overrides() == ["supply.seed=0", "solve.seed=0"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [(Options(time_limit="90s"), ["solve.time_limit=90s"]), (Options(gap="0.1%"), ["solve.gap=0.1%"])],
)
def test_limits_are_settings(options, expected):
    assert options.overrides() == expected


def test_the_users_own_override_comes_last_and_wins():
    options = Options(seed=1, gap="1%", time_limit="9s", set=["solve.gap=3%", "budget.total=5"])
    assert options.overrides()[-2:] == ["solve.gap=3%", "budget.total=5"]
    assert len(options.overrides()) == 6


@pytest.mark.parametrize("words", [("--workers", "0"), ("--seed", "x"), ("--nothing",), ("--seed",)])
def test_what_cannot_be_read_never_reaches_the_command(words):
    assert received("here", *words).exit_code == 2


def test_a_command_keeps_its_own_name_and_words():
    @with_options
    def burn(scenario: str, *, options: Options) -> None:
        """Burn it."""

    assert burn.__name__ == "burn"
    assert burn.__doc__ == "Burn it."
    assert "options" not in burn.__annotations__
    assert set(burn.__annotations__) - {"return"} == {"scenario"} | {one.name for one in fields(Options)}


def test_two_commands_do_not_share_what_was_said():
    first, second = received("here", "--set", "a=1"), received("there")
    assert first[2].set == ["a=1"]
    assert second[2].set is None
