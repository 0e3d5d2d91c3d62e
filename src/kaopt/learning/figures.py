"""Measured figures of the models that come along: `python -m kaopt.learning.figures docs/response.md`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from kaopt.response.card import Card, read_card

MODELS = Path(__file__).parents[3] / "models" / "response"
METHODS = ("own_mean", "last_periods", "common_slopes", "least_squares", "partial_pooling")
HEAD = (
    "| model | series | weeks held out | own mean | last weeks | common slopes | least squares | this | inside 80 % "
    "| mean off |"
)


def row(card: Card) -> str:
    """One model's line."""
    held = card.split["held_out"].removeprefix("last ").removesuffix(" weeks")
    errors = [f"{card.wmape[name]:.3f}".removeprefix("0") for name in METHODS]
    errors[-1] = f"**{errors[-1]}**"
    cells = [f"[{card.name}](../models/response/{card.name}/card.yaml)", str(card.series), held, *errors]
    return "| " + " | ".join([*cells, f"{card.coverage80:.1%}", f"{card.bias_of_mean:+.1%}"]) + " |"


def table(models: Path = MODELS) -> str:
    """Every model with a card."""
    cards = [read_card(one.parent) for one in sorted(models.glob("*/card.yaml"))]
    return "\n".join([HEAD, "| --- " * 10 + "|", *(row(card) for card in cards)])


def written(page: str) -> str:
    """The page with its figures as the cards have them."""
    return re.sub(r"(<!-- models -->\n).*?(\n<!-- /models -->)", lambda m: m[1] + table() + m[2], page, flags=re.DOTALL)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
