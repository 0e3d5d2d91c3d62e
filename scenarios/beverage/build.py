"""Write the tables of the beverage scenario: `python scenarios/beverage/build.py [FOLDER]` (seeded; same bytes always).

A made-up beverage maker with 12 key accounts and 40 SKUs in 2027. `world.py` draws who they are, what sells and how
promotions work; `reference.py` makes one plan that keeps every rule, and the year's targets are set a little below
what that plan reaches, so that they bind and can be met.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
PLANS = ("habit", "reference")
sys.path.insert(0, str(HERE))

from reference import agree  # noqa: E402
from world import draw  # noqa: E402


def write(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write each table as `tables/NAME.csv` under `folder`, the two calendars as `plans/NAME.csv`."""
    for name, table in tables.items():
        place = folder / ("plans" if name in PLANS else "tables") / f"{name}.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(place, index=False, lineterminator="\n", encoding="utf-8")


def main(folder: Path = HERE) -> None:
    """Draw the world, live through last year's habit and a reference plan, and write the agreements from them."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.resolve() != HERE:
        shutil.copy(HERE / "scenario.yaml", folder / "scenario.yaml")
    write(folder, agree(draw()))


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
