"""What a production policy of the user's own sees at a review, and the check of what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment.fields import CASES, COUNTED, FIRST, FIRST_DAY, LAST, MADE, ON_HAND
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops import plants, production
from kaopt.fulfilment.year import Year
from kaopt.scenario.columns import Floats, Ints


@dataclass(frozen=True, eq=False)
class View:
    """The stock of a morning and the forecast from then on; figures [P, S] by warehouse and SKU, case."""

    day: int  # 0 is the first day of the horizon
    skus: tuple[str, ...]  # [S]
    on_hand: Ints  # free stock, as the books say
    counted: Ints  # of it, what `supply.position` counts
    coming: Ints  # begun, and not free yet
    owed: Ints  # backorders that wait for their next delivery
    target: Floats  # the order-up-to level of the settings
    lot: Floats  # [S] the smallest lot for all warehouses together
    forecast: Floats  # [P, S, days] demand that production expects, day by day from today
    cells: Ints  # [P, S, n, ·] and
    ends: Ints  # [P, S, 2]: the lots, see `ages`

    def expected(self, days: int) -> Floats:
        """[P, S] what production expects to be picked in the next days."""
        return np.asarray(self.forecast[:, :, :days].sum(axis=2))

    def ages(self, p: int, s: int) -> list[tuple[int, int]]:
        """(age in days, cases) of each lot of a SKU in a warehouse, in the order in which they leave."""
        rows = self.cells[p, s, self.ends[p, s, FIRST] : self.ends[p, s, LAST]]
        return [(int(self.day - row[MADE]), int(row[CASES])) for row in rows]


def view_of(year: Year, day: int) -> View:
    """A copy of what is known, so that nothing can be changed through it."""
    goods, inputs = year.goods, year.inputs
    places, count = goods.coming.shape
    seen = inputs.terms.forecast[:, :, day - int(inputs.terms.span[FIRST_DAY]) :]
    where = [[(p, s) for s in range(count)] for p in range(places)]
    return View(
        day=day,
        skus=inputs.skus.sku,
        on_hand=np.maximum(goods.report[ON_HAND] + (goods.book if goods.book.size else 0), 0),
        counted=goods.report[COUNTED].copy(),
        coming=goods.coming.copy(),
        owed=plants.owed(year.state, day),
        target=np.array([[production.target(year.state, one, day) for one in row] for row in where]),
        lot=np.array([production.lot(year.state, s, day) for s in range(count)]),
        forecast=np.diff(seen, axis=2),
        cells=goods.cells.copy(),
        ends=goods.ends.copy(),
    )


def review(year: Year, day: int) -> bool:
    """The review of a day by the policy that holds; returns whether any plant decided."""
    inputs = year.inputs
    if inputs.own_production is None:
        return bool(plants.review(year.state, day))
    if not any(plants.reviews(year.state, m, day) for m in range(len(inputs.terms.plant))):
        return False
    plants.told(year.state, day, whole_cases(inputs, inputs.own_production(view_of(year, day))))
    return True


def whole_cases(inputs: Inputs, said: object) -> Ints:
    """[P, S] what a user's policy wants to be made, if that can be; raises InputError."""
    shape = len(inputs.terms.place), len(inputs.terms.sku)
    cases = np.asarray(said, dtype=float)
    if cases.shape != shape or not np.isfinite(cases).all() or (cases < 0).any() or (cases % 1 != 0).any():
        text = f"must return whole cases, 0 or more, as an array of {shape[0]} warehouses x {shape[1]} SKUs"
        raise InputError([Fault("policies", None, "production", str(said)[:80], text, "See docs/own_policy.md")])
    return cases.astype(np.int64)
