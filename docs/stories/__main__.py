"""Write docs/stories.md, its figures and its charts: `python docs/stories` runs all stories (half a minute of CPU).

`python docs/stories page` writes the page and the charts again from the figures at hand, without a run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from charts import draw  # noqa: E402
from figures import figures  # noqa: E402
from page import page, rounded  # noqa: E402

FIGURES = HERE / "figures.json"


def main() -> None:
    """Run the stories unless only the page is asked for, then write everything."""
    if sys.argv[1:] != ["page"]:
        FIGURES.write_text(json.dumps(rounded(figures()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    known = json.loads(FIGURES.read_text(encoding="utf-8"))
    (HERE.parent / "stories.md").write_text(page(known), encoding="utf-8")
    draw(known, HERE)


if __name__ == "__main__":
    main()
