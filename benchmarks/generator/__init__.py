"""Seeded allocation scenarios of any size, S1 to S5: ordinary folders that `kaopt.load` reads.

A reference plan that chases volume keeps every rule by construction; targets and budgets are taken from it, so that
they bind and can be met together.
"""

from __future__ import annotations

from benchmarks.generator.draft import Draft, draw, read, write
from benchmarks.generator.sizes import SIZES, Size

__all__ = ["SIZES", "Draft", "Size", "draw", "read", "write"]
