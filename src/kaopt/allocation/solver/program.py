"""A mixed-integer linear program as arrays: what passes between the model, the solver and the checks."""

from __future__ import annotations

from dataclasses import dataclass

import scipy.sparse as sp

from kaopt.scenario.columns import Bools, Floats, Texts


@dataclass(frozen=True, eq=False)
class Program:
    """maximise cost @ x + offset, row_low <= matrix @ x <= row_high, low <= x <= high, x integer where marked."""

    cost: Floats  # [N]
    offset: float
    matrix: sp.csr_matrix  # [M, N]
    row_low: Floats  # [M]
    row_high: Floats  # [M]
    low: Floats  # [N]
    high: Floats  # [N]
    integer: Bools  # [N]
    row_names: Texts = ()
    column_names: Texts = ()
