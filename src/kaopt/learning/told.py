"""A fit in lines of text."""

from __future__ import annotations

from kaopt.response.card import Card
from kaopt.response.evidence import Evidence


def text_of(found: Evidence) -> str:
    """Errors, plan values, coefficients and problems."""
    card = found.card
    weeks = f"{card.weeks['fewest']}-{card.weeks['most']} weeks each"
    lines = [f"{card.rows:,} rows, {card.series:,} account-SKUs, {weeks}", ""]
    lines.append("wMAPE of weeks held out " + f"({card.split['held_out']})")
    lines += [f"  {name.replace('_', ' '):<16} {error:6.3f}" for name, error in card.wmape.items()]
    lines.append(f"80 % interval held {card.coverage80:.1%} of them; mean volume off by {card.bias_of_mean:+.1%}")
    lines += ["", *order_of(card)]
    lines += ["", f"{'term':<16} {'mean':>8} {'s.e.':>7} {'between series':>15}"]
    for name, one in card.mean.items():
        lines.append(f"{name:<16} {one['value']:8.3f} {one['se']:7.3f} {one['between_series']:15.3f}")
    memory = found.model.structure.memory
    lines.append("the level stays" if memory is None else f"the level follows the news of {memory:g} weeks")
    lines += ["", *[f"{n:>5} x {kind}" for kind, n in card.problems.items()]]
    return "\n".join(lines if card.problems else [*lines, "no problems of the data"])


def order_of(card: Card) -> list[str]:
    """The order of plan values in lines."""
    if not card.plan_value:
        return ["no series has two halves that a plan could be made on and judged by"]
    earned = card.plan_value["earned"]
    lines = ["Price cuts planned on half of the history: extra margin per 100 of budget by models of the other half"]
    lines.append(f"  {'plan made with':<22} {'pooling judges':>15} {'least squares':>15}")
    for name in card.plan_value["order"]:
        by = earned[name]
        lines.append(f"  {name.replace('_', ' '):<22} {by['by_partial_pooling']:15.1f} {by['by_least_squares']:15.1f}")
    return lines
