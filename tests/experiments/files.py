"""A small world on disk with an experiment's file, for tests that read and run it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.test_cli import corner

TRYING = """\
kaopt: 1
scenario: corner
set: {supply.unfamiliar: 0.3}
baseline: {supply.trucks: 1}
grid:
  supply.trucks: [1, 2]
  supply.dispatch_slack: [30min, 120min]
policies:
  - {name: careless, set: {supply.issue_error: 20%, supply.trucks: 1}}
measures: [fill, otif, cost, {measure: fill, account: B, below: 90%}]
replications: {min: 16, max: 40, half_width: 2pp}
seed: 5
"""


def written(folder: Path, text: str = TRYING) -> Path:
    """`corner` in the folder, and beside it the experiment."""
    if not (folder / "corner").exists():
        accounts = """\
            account,last_year_revenue,last_year_cases,customer_growth,penalty_rate,window_open,window_close
            A,50000,1200,2%,3%,08:00,10:00
            B,40000,1000,3%,2%,08:00,11:00
            """
        corner(folder / "corner", accounts=dedent(accounts))
    path = folder / "trying.yaml"
    path.write_text(text, encoding="utf-8")
    return path
