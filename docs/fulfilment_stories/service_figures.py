"""The figures of the fulfilment stories, each from simulated years of its scenario: `figures()` lives them all.

Shares as shares of 1, money in the scenario's currency a year, ages in days. Every figure has a 95 % interval, every
difference is paired: the same luck year by year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import kaopt as ka
from kaopt.causes.attribute import attribute
from kaopt.experiments.measures import MEASURES
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.inputs import prepare
from kaopt.fulfilment.state import ledger_of
from kaopt.service import CAUSES, FINE_CAUSES
from kaopt.statistics.interval import Interval, interval, paired

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
CASE2 = "case2_order_penalties"
YEARS = 40
COVER = "tables.skus.slow*.lot_cover_weeks"
ATTRIBUTED = 10  # years; each is lived once for every set of causes
LEVERS = ("gate", "small_lots", "trained_drivers", "early_notice", "safety_stock", "clean_paper", "acceptance_40")
OF_W = ("fill", "penalties", "line_fill", "otif", *(f"lost_{one}" for one in ("late", "age", "shortage", "paper")))
OF_ALL = ("fill", "penalties", "write_off", "stock_age", "stock")

Figures = dict[str, Any]


def figures() -> dict[str, Figures]:
    """All stories by the name of their scenario."""
    return {name: story() for name, story in STORIES.items()}


def order_penalties() -> Figures:
    """Before, after, and each lever alone against before; then who is to blame."""
    found: Figures = {"policies": compared(CASE2, {None: "before", "after": "after", **{one: one for one in LEVERS}})}
    for name, one in found["policies"].items():
        one["penalty_shares"] = penalty_shares(lived(CASE2, None if name == "before" else name))
    cliff = ka.load(SCENARIOS / "acceptance_age", variant="near_the_cliff")
    return found | {"causes": {"as found": blame(ka.load(SCENARIOS / CASE2)), "near the cliff": blame(cliff)}}


def blame(world: ka.Scenario) -> Figures:
    """Points of W's fill by cause: as the customer books it, if it alone never happened, and its fair share."""
    causes = attribute(world, world_plan(world), years=ATTRIBUTED)
    views = {"first": causes.first, "alone": causes.alone, "shapley": causes.shapley}
    w = world.accounts.account.index("W")
    found = {
        name: {group: ends(interval(view[:, w, g])) for g, group in enumerate(causes.groups)}
        for name, view in views.items()
    }
    return {"views": found, "gap": ends(interval(causes.gap[:, w])), "years": ATTRIBUTED}


def forward_loading() -> Figures:
    """The same sales ordered level, loaded and told to production, loaded and not told."""
    name = "forward_loading"
    found = compared(name, {"level": "level", None: "told", "unforeseen": "not told"}, base="level")
    shelves = {label: shelf(name, variant) for variant, label in (("level", "level"), (None, "told"))}
    for label, variant in (("level", "level"), ("told", None)):  # where loads do not arrive, nothing can come back
        found[label]["unsold_value"] = ends(interval(money_back(lived(name, variant))))
        found[label] |= {key: shelves[label][key] for key in ("held_weeks", "sent_back")}
    ordered = {label: one["ordered"] for label, one in shelves.items()}
    return {"policies": found, "ordered": ordered, "accounts": list(ka.load(SCENARIOS / name).accounts.account)}


def money_back(service: ka.Service) -> np.ndarray:
    """[R] cost of the goods that customers sent back unsold."""
    assert service.unsold_value is not None
    return service.unsold_value


def shelf(name: str, variant: str | None) -> Figures:
    """Customers' own stock in weeks of sales, what they send back, and what they order by week; means of years."""
    world = ka.load(SCENARIOS / name, variant=variant)
    inputs = prepare(world, world_plan(world), world.supply.seed)
    books = np.mean([ledger_of(begin(inputs, year)).shelf for year in range(YEARS)], axis=0)
    return {
        "held_weeks": float(books[:, :, 1].mean() / books[:, :, 0].mean()),
        "sent_back": float(books[:, :, 2].sum() / books[:, :, 0].sum()),
        "ordered": lived(name, variant).ordered_cases.mean(axis=0).tolist(),
    }


def month_end_peak() -> Figures:
    """Level orders, the peak, and the peak that production knows; fill and orders by week of the month."""
    name, labels = "month_end_peak", {"level": "level", None: "peak", "foreseen": "told"}
    found = compared(name, labels, base="level")
    for variant, label in labels.items():
        service = lived(name, variant)
        by_week = [of_months(one) for one in (service.ordered_value, service.accepted_value)]
        found[label]["orders_by_week"] = (by_week[0] / by_week[0].sum()).tolist()
        found[label]["fill_by_week"] = (by_week[1] / by_week[0]).tolist()
    return {"policies": found}


def of_months(value: np.ndarray) -> np.ndarray:
    """[4] all years and accounts, by week of the month."""
    weeks = value.sum(axis=(0, 1))
    return np.asarray(weeks.reshape(-1, 4).sum(axis=0))


def acceptance_age() -> Figures:
    """The cliff map, and the price of a day: two experiments."""
    folder = SCENARIOS / "acceptance_age" / "experiments"
    cliff = ka.experiment(folder / "cliff.yaml")
    lots: Figures = {"none": {}, "gate": {}}
    for row in cliff.rows[1:]:
        level = dict(row.factors)
        lots[level["gate"]][f"{7 * float(level[COVER]):g}"] = measured(cliff, row)
    prices = {"as found": "price_of_a_day", "near the cliff": "price_near_the_cliff"}
    return {"lots": lots, "ages": {name: by_age(folder / f"{file}.yaml") for name, file in prices.items()}}


def by_age(file: Path) -> Figures:
    """Figures by the days of age that W accepts."""
    price, world = ka.experiment(file), ka.load(SCENARIOS / "acceptance_age")
    life = float(world.skus.shelf_life[0])
    return {str(int(accepted(row) * life + 1e-9)): measured(price, row) for row in price.rows}


def accepted(row: Any) -> float:
    """Share of shelf life that a row of the experiment asks for."""
    said = next(one.partition("=")[2] for one in row.settings if "acceptance_age" in one)
    part, _, whole = said.partition("/")
    return float(part) / float(whole) if whole else float(part.rstrip("%")) / 100


def measured(of: Any, row: Any) -> Figures:
    """The figures of one row, with differences from the baseline where it has any."""
    plain = [label.partition(" ")[0].partition("[")[0] for label in of.labels]
    return {
        name: ends(one.mean) | ({"gain": ends(one.pair.difference)} if one.pair is not None else {})
        for name, one in zip(plain, row.figures, strict=True)
    }


def compared(name: str, variants: Mapping[str | None, str], base: str | None = None) -> Figures:
    """By label: figures of W and of all accounts, and their paired differences from the variant `base`."""
    against = read(lived(name, base), name)
    found = {}
    for variant, label in variants.items():
        own = read(lived(name, variant), name)
        found[label] = {
            key: ends(interval(years)) | {"gain": ends(paired(years, against[key]))} for key, years in own.items()
        }
    return found


def read(service: ka.Service, name: str) -> dict[str, np.ndarray]:
    """[R] each measure of W by its name, of all accounts with `all_` before it."""
    everyone = np.arange(service.ordered_value.shape[1])
    w = everyone[[one == "W" for one in ka.load(SCENARIOS / name).accounts.account]]
    return {one: MEASURES[one].read(service, w) for one in OF_W} | {
        f"all_{one}": MEASURES[one].read(service, everyone) for one in OF_ALL
    }


def penalty_shares(service: ka.Service) -> dict[str, float]:
    """Share of W's penalties by the customer's cause."""
    paid = service.penalties[:, 0].mean(axis=0)
    groups = {one: sum(paid[FINE_CAUSES.index(fine)] for fine in many) for one, many in CAUSES.items()}
    return {one: float(value / paid.sum()) for one, value in groups.items() if value > 0}


@cache
def lived(name: str, variant: str | None) -> ka.Service:
    """Forty years of a scenario's own plan."""
    fixed = [f"supply.replications.{end}={YEARS}" for end in ("min", "max")]
    world = ka.load(SCENARIOS / name, variant=variant, overrides=fixed)
    return ka.simulate(world, world_plan(world))


def world_plan(world: ka.Scenario) -> ka.Plan:
    """The calendar of promotions, the same in all stories."""
    return ka.load_plan(world, SCENARIOS / CASE2 / "tables" / "plan.csv")


def ends(one: Interval) -> dict[str, float]:
    """An interval as plain data."""
    return {"mean": one.mean, "low": one.low, "high": one.high}


STORIES: dict[str, Callable[[], Figures]] = {
    CASE2: order_penalties,
    "forward_loading": forward_loading,
    "month_end_peak": month_end_peak,
    "acceptance_age": acceptance_age,
}
