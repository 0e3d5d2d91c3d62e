"""The scenarios and models that come with kaopt, wherever it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

PACKAGE = Path(__file__).resolve().parents[1]


def bundled(kind: Literal["scenarios", "models"]) -> Path:
    """The folder of bundled scenarios or models: inside the installed package, else the checkout's own."""
    inside = PACKAGE / "bundled" / kind
    return inside if inside.is_dir() else PACKAGE.parents[1] / kind


def model_folders(scenario: Path) -> Iterator[Path]:
    """Where models are looked for: every `models` folder above the scenario, nearest first, then the bundled one."""
    for folder in (scenario, *scenario.parents):
        if (folder / "models").is_dir():
            yield folder / "models"
    yield bundled("models")


def scenario_names() -> tuple[str, ...]:
    """Names of the bundled scenarios."""
    return tuple(sorted(path.parent.name for path in bundled("scenarios").glob("*/scenario.yaml")))
