"""General solvers on the same program as kaopt's own engines, each in a process of its own.

A peer gets the program that kaopt makes from offers and rows, one thread, and so many CPU seconds of its own process
from the moment its model is loaded. Its plans are checked against every row in kaopt's arithmetic as they come;
its bound is its own word.
"""

from __future__ import annotations

PEERS = ("highs", "cpsat", "scip")
