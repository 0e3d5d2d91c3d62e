"""The page docs/review.md does what it says, and every word that it names is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import kaopt as ka
from kaopt import cli, pipeline, runs
from kaopt.options import Options
from kaopt.review import judge, promotions, year
from kaopt.review.believed import UNSTATED
from kaopt.review.learn import PATTERNS
from kaopt.review.sheet_rows import ALIASES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_example_runs_and_its_review_finds_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "scenarios" / "starter", tmp_path / "scenarios" / "starter")
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLE, "review.md", "exec"), {})
    world = ka.load("scenarios/starter")
    with pipeline.desk(world, Options(), Path("runs")) as here:
        shutil.copy("scenarios/starter/tables/plan.csv", here.folder / "plan.csv")
        runs.finish(here.folder, pipeline.manifest(here, "done", 0))
    monkeypatch.setattr("sys.argv", ["kaopt", "review", str(here.folder), "sales.csv"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    said = capsys.readouterr().out
    assert "does not execute: Y" in said
    assert (tmp_path / "models" / "response" / "starter_reviewed" / "coefficients.csv").is_file()
    believed, now = map(float, re.search(r"price elasticity +(-[\d.]+) +(-[\d.]+)", said).groups())  # type: ignore[union-attr]
    assert believed < now < 0


def test_the_page_states_the_constants_of_the_code() -> None:
    assert f"{UNSTATED:.0%}".replace("%", " %") in PAGE
    assert f"at least {judge.STOP:.0%} likely to lose".replace("0%", "0 %") in PAGE
    assert f"at most {judge.MORE:.0%}".replace("0%", "0 %") in PAGE
    assert f"at least {judge.SURE:.0%} likely that".replace("0%", "0 %") in PAGE
    assert f"counts as {judge.MEASURED:.0%}".replace("5%", "5 %") in PAGE
    assert f"less than {promotions.CUT:.0%} below".replace("3%", "3 %") in PAGE
    assert f"less\nthan {promotions.SHOWN:.0%} of".replace("5%", "5 %") in PAGE
    assert promotions.MOVED == 4 and "up to four weeks" in PAGE
    assert len(PATTERNS) == 40 and "Forty patterns" in PAGE
    assert f"over {year.DRAWS} draws" in PAGE


def test_every_column_of_the_file_is_on_the_page() -> None:
    for name in ALIASES:
        assert f"`{name}`" in PAGE
