"""`kaopt compare`: finished runs side by side, as text, data, tables and a page."""

from __future__ import annotations

import sys
from pathlib import Path

from kaopt import runs
from kaopt.api import drawn
from kaopt.comparison.read import sides_from
from kaopt.comparison.tables import calendar_frame, measures_frame
from kaopt.pipeline import Outcome

FOLDER = Path("comparisons")
WROTE = {"en": "wrote", "zh": "写入"}


def compare(given: list[str], out: Path | None, *, as_json: bool, language: str) -> Outcome:
    """Compare finished runs; each is a folder, or NAME=FOLDER to call it by a name."""
    made = drawn(sides_from(named(given)))
    sources = "".join(f"{side.name}{runs.sha256(Path(side.run) / runs.MANIFEST)}" for side in made.sides)
    folder = runs.create(out or FOLDER, "compare", runs.digest(sources))
    runs.write_json(folder / "compare.json", made.as_dict())
    runs.write_csv(folder / "compare.csv", measures_frame(made))
    runs.write_csv(folder / "calendar.csv", calendar_frame(made))
    made.to_html(folder / "compare.html", language)
    inputs = {f"{side.run}/{runs.MANIFEST}": runs.sha256(Path(side.run) / runs.MANIFEST) for side in made.sides}
    runs.finish(folder, runs.Manifest(tuple(sys.argv), "done", 0, 0, {}, inputs))
    word = WROTE.get(language, WROTE["en"])
    names = ("compare.html", "compare.csv", "calendar.csv", "compare.json")
    text = "\n".join([made.text(language), "", *(f"{word} {folder / name}" for name in names)])
    return Outcome(0, text, {"comparison": str(folder), **made.as_dict()}, as_json)


def named(given: list[str]) -> list[tuple[str, str]]:
    """`NAME=FOLDER` where it is said so; a folder that is there keeps its own name, whatever signs it has."""
    found = []
    for one in given:
        name, sign, folder = one.partition("=")
        found.append((name, folder) if sign and not Path(one).exists() else ("", one))
    return found
