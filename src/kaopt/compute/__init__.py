"""Work spread over processes here, or over Ray or Dask where told: the same results, in the same order."""

from __future__ import annotations

from kaopt.compute.crew import crew, map_ordered
from kaopt.compute.processes import beside
from kaopt.compute.where import HERE, Perform, Where

__all__ = ["HERE", "Perform", "Where", "beside", "crew", "map_ordered"]
