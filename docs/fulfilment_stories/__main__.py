"""Write docs/fulfilment_stories.md, its figures and charts: `python docs/fulfilment_stories` (two minutes of CPU).

`python docs/fulfilment_stories page` writes page and charts again from the figures at hand, without a run;
`golden` writes the golden results of the scenarios.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "stories")]

from page import rounded  # noqa: E402
from service_charts import draw  # noqa: E402
from service_figures import figures  # noqa: E402
from service_golden import VARIANTS, write  # noqa: E402
from service_page import page  # noqa: E402

FIGURES = HERE / "figures.json"


def main() -> None:
    """Live the stories unless only the page is asked for, then write everything."""
    if sys.argv[1:] == ["golden"]:
        for name in VARIANTS:
            write(name)
        return
    if sys.argv[1:] != ["page"]:
        FIGURES.write_text(json.dumps(rounded(figures()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    known = json.loads(FIGURES.read_text(encoding="utf-8"))
    (HERE.parent / "fulfilment_stories.md").write_text(page(known), encoding="utf-8")
    draw(known, HERE)


if __name__ == "__main__":
    main()
