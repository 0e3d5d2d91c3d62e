"""What a changed total budget costs once a plan is known: `python -m benchmarks.again S4 --seed 1 --gap 0.001`.

Plans a drawn world, then the same world with other total budgets, each from the first plan and its prices; CPU seconds
of all processes until the asked gap is proven (to the end, where it is not), after compiled code has been read in.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

from benchmarks.allocation import size_name
from benchmarks.clock import cpu_of_tree
from benchmarks.generator import draw, read
from benchmarks.scale_table import markdown, share
from kaopt.allocation.allocate import allocate
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.vary import number_at, with_number

BUDGET, SMALL = "budget.total", "12x40"
HEAD = ("total budget", "gap", "CPU s", "of the first")


@dataclass(frozen=True)
class Solved:
    """A plan and what it cost."""

    plan: Plan
    seconds: float

    @property
    def gap(self) -> float:
        """The proven gap."""
        assert self.plan.certificate is not None
        return self.plan.certificate.gap


def main(arguments: list[str] | None = None) -> int:
    """Solve, solve again, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.again", description=__doc__)
    parser.add_argument("size", type=size_name, help="S1 to S5, or accounts x SKUs: 10x2000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap", type=float, default=0.001, help="proven gap that is good enough, share of 1")
    parser.add_argument("--time-limit", type=float, default=600.0, metavar="S")
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.9, 1.1], help="of the first total budget")
    asked = parser.parse_args(arguments)
    how = {"engine": "blocks", "gap": asked.gap, "time_limit": asked.time_limit}
    solved(told(read(draw(SMALL, asked.seed)), how))  # compiled code is read in
    world = told(read(draw(asked.size, asked.seed)), how)
    first = solved(world)
    lines = [line("first", first, first)]
    for part in asked.budgets:
        changed = with_number(world, BUDGET, round(part * number_at(world, BUDGET)))
        lines.append(line(f"{part:.0%} of it", solved(changed, first.plan), first))
    print("\n".join(markdown(HEAD, lines)))
    return 0


def told(world: Scenario, how: dict[str, object]) -> Scenario:
    """The world, with how it is to be solved."""
    return replace(world, solve=world.solve.model_copy(update=how))


def solved(world: Scenario, after: Plan | None = None) -> Solved:
    """The plan of a world, from what is known."""
    before = cpu_of_tree()
    plan = allocate(world, after=after)
    return Solved(plan, cpu_of_tree() - before)


def line(name: str, one: Solved, first: Solved) -> list[str]:
    """One row of the table."""
    return [name, share(one.gap), f"{one.seconds:.1f}", f"{one.seconds / first.seconds:.0%}"]


if __name__ == "__main__":
    raise SystemExit(main())
