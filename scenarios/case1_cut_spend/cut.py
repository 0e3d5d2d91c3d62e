"""Write plans/cut.csv from the habit: `python scenarios/case1_cut_spend/cut.py [FOLDER]`.

A cut across the board, as it is done under pressure: every second line of last year's calendar (by account, SKU and
week) is struck, whatever it earns.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
HABIT = HERE.parent / "ten_accounts" / "plans" / "habit.csv"


def main(folder: Path = HERE) -> None:
    """Strike every second promotion of the habit."""
    kept = pd.read_csv(HABIT).iloc[::2]
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    kept.to_csv(folder / "plans" / "cut.csv", index=False, lineterminator="\n", encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
