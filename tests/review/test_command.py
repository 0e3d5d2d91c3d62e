"""`kaopt review` from the command line: text, data, folder, model, exit codes; next year's scenario on it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import kaopt as ka
from kaopt import cli, pipeline, runs
from kaopt.options import Options
from kaopt.response.card import read_card
from kaopt.review.command import Asked, review
from kaopt.review.model_folder import coefficients
from kaopt.review.promotions import TERMS
from kaopt.review.sales import read_sales
from kaopt.review.simulate import simulated_sales
from kaopt.review.year import lived

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "scenarios" / "starter"


def a_run(folder: Path) -> tuple[Path, Path]:
    """A finished run of a copy of the starter with last year's calendar as its plan, and a year of sales."""
    where = folder / "starter"
    shutil.copytree(STARTER, where)
    world = ka.load(where)
    with pipeline.desk(world, Options(), folder / "runs") as here:
        shutil.copy(where / "tables" / "plan.csv", here.folder / "plan.csv")
        runs.finish(here.folder, pipeline.manifest(here, "done", 0))
    sales = folder / "sales.csv"
    plan = ka.load_plan(world, where / "tables" / "plan.csv")
    simulated_sales(world, plan, seed=2).to_csv(sales, index=False)
    return here.folder, sales


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return a_run(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def done(made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[pipeline.Outcome, Path]:
    """One review in English, and the folder with its `models`."""
    folder = tmp_path_factory.mktemp("done")
    asked = Asked(*made, response=folder / "models" / "response" / "learned", out=folder / "r")
    return review(asked, as_json=False, language="en"), folder


def kaopt(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["kaopt", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_a_review_leaves_a_page_tables_and_a_model(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "models" / "response" / "learned"
    assert kaopt(monkeypatch, "review", *made, "--out", tmp_path / "r", "--response", model, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    folder = Path(told["review"])
    assert folder.parent == tmp_path / "r" and Path(told["model"]) == model
    assert told == json.loads((folder / "review.json").read_text("utf-8"))
    assert json.loads((folder / "run.json").read_text("utf-8"))["status"] == "done"
    total = told["total"]
    assert (total["planned"], total["compared"]) == (34, 34)
    split = total["contribution"]
    parts = sum(split[name] for name in ("base", "execution", "response", "paid"))
    assert parts == pytest.approx(split["happened"] - split["planned"])
    assert set(told["accounts"]) == {"W", "X", "Y", "Z"} and set(told["mechanics"]) == {"cut18", "display"}
    rows = list(csv.DictReader((folder / "review.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 34
    assert sum(float(row["contribution_happened"]) for row in rows) == pytest.approx(split["happened"])
    page = (folder / "review.html").read_text("utf-8")
    assert "Which mechanics to stop" in page and "哪些机制该停" in page and "http" not in page
    assert page.count("<h2") >= 6


def test_the_text_says_what_came_of_it(done: tuple[pipeline.Outcome, Path]) -> None:
    said, folder = done[0].text, done[1]
    assert "34 of 34 promotions compared" in said and "What to believe now" in said and "cut18" in said
    assert str(folder / "models" / "response" / "learned") in said and "review.csv" in said


def test_the_text_in_chinese_over_a_review_of_before(
    made: tuple[Path, Path], done: tuple[pipeline.Outcome, Path], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A review's own model may be written over."""
    folder = done[1]
    model = folder / "models" / "response" / "learned"
    before = {path.name: path.read_bytes() for path in model.iterdir() if path.suffix == ".csv"}
    assert kaopt(monkeypatch, "review", *made, "--out", folder / "r", "--response", model, "--lang", "zh") == 0
    said = capsys.readouterr().out
    assert "现在应当相信什么" in said and "已对比 34 / 34 场促销" in said
    assert {path.name: path.read_bytes() for path in model.iterdir() if path.suffix == ".csv"} == before


def test_next_year_plans_with_what_was_learned(made: tuple[Path, Path], done: tuple[pipeline.Outcome, Path]) -> None:
    where = done[1] / "next"
    shutil.copytree(STARTER, where)
    (where / "tables" / "response.csv").unlink()
    settings = where / "scenario.yaml"
    settings.write_text(settings.read_text("utf-8") + "\nresponse: models/response/learned\n", "utf-8")
    before, world = ka.load(STARTER), ka.load(where)
    year = lived(before, ka.load_plan(before, STARTER / "tables" / "plan.csv"), read_sales(before, made[1]))
    for p, term in enumerate(TERMS):
        np.testing.assert_allclose(getattr(world.response, term), year.coefficients[..., p], atol=1e-6)
        if hasattr(world.response, f"{term}_se"):
            found = getattr(world.response, f"{term}_se")[tuple(year.series.T)]
            np.testing.assert_allclose(found, year.learned.se[:, p], atol=1e-6)
    listed = before.listed
    for kept in ("fatigue", "dip", "dip_weeks", "cross", "forward_buy", "forward_weeks"):
        was, now = getattr(before.response, kept)[listed], getattr(world.response, kept)[listed]
        np.testing.assert_allclose(now, was, atol=1e-6)
    table = coefficients(year)
    assert not table.duplicated(["account", "sku", "term"]).any()
    assert (table[table["term"] != "elasticity"]["value"] != 0).all()
    assert set(table["term"]) == {"elasticity", "display", "feature", "gift", "fatigue", "dip", "dip_weeks", "cross"}


def test_the_card_says_where_it_comes_from(made: tuple[Path, Path], done: tuple[pipeline.Outcome, Path]) -> None:
    model = done[1] / "models" / "response" / "learned"
    card = read_card(model)
    assert card.checks["reviewed"] is True and card.series == 20
    assert card.source["sha256"] == runs.sha256(made[1]) and card.rebuild.startswith("kaopt review ")
    assert (card.rows, card.weeks) == (20 * 13, {"fewest": 13, "most": 13})
    assert card.wmape["learned"] <= card.wmape["believed"] + 0.01
    assert card.wrong_signs["signed"]["elasticity"] == 0
    table = pd.read_csv(model / "levels.csv")
    assert (table["mean_units"] > table["median_units"]).all() and len(table) == 20


def fitted(folder: Path) -> None:
    folder.mkdir()
    (folder / "card.yaml").write_text("name: mine\nchecks: {}\n", "utf-8")


def other_sales(folder: Path, text: str) -> Path:
    path = folder / "bad.csv"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("run", "sales", "words"),
    [
        ("nowhere", None, "must be a finished run"),
        (None, "account,sku,week,units\nW,cola,1,much\n", "units = much: must be a number"),
        (None, "account,sku,units\nW,cola,1\n", "week = nothing: must be a column"),
    ],
)
def test_bad_input_ends_with_2(
    made: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    run: str | None,
    sales: str | None,
    words: str,
) -> None:
    where: list[Any] = [run or made[0], other_sales(tmp_path, sales) if sales else made[1]]
    assert kaopt(monkeypatch, "review", *where, "--out", tmp_path / "r", "--response", tmp_path / "m") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "m").exists() and not (tmp_path / "r").exists()


def test_a_missing_file_ends_with_2(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kaopt(monkeypatch, "review", made[0], tmp_path / "none.csv", "--response", tmp_path / "m") == 2
    assert "none.csv" in capsys.readouterr().err


def test_a_fitted_model_is_not_written_over(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted(tmp_path / "mine")
    assert kaopt(monkeypatch, "review", *made, "--out", tmp_path / "r", "--response", tmp_path / "mine") == 2
    assert "must be free" in capsys.readouterr().err
    assert (tmp_path / "mine" / "card.yaml").read_text("utf-8").startswith("name: mine")


def test_a_scenario_that_is_no_longer_that_of_the_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, sales = a_run(tmp_path)
    table = tmp_path / "starter" / "tables" / "base.csv"
    table.write_text(table.read_text("utf-8").replace("420", "421"), "utf-8")
    assert kaopt(monkeypatch, "review", run, sales, "--out", tmp_path / "r", "--response", tmp_path / "m") == 2
    assert "must be as it was when the run was made" in capsys.readouterr().err


def test_a_file_in_which_nothing_fits_is_reviewed_and_says_so(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sales = other_sales(tmp_path, "account,sku,week,units,price,display,feature\nQ,cola,1,5,50,0,0\n")
    assert (
        kaopt(monkeypatch, "review", made[0], sales, "--out", tmp_path / "r", "--response", tmp_path / "m", "--json")
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["total"]["compared"] == 0
    kinds = {one["problem"]: len(one["where"]) for one in told["problems"]}
    assert kinds == {"unknown_account": 1, "never_seen": 20, "no_sales": 34, "no_error": 4}
    beliefs = told["beliefs"]
    for term, one in beliefs["before"].items():
        assert beliefs["now"][term]["value"] == pytest.approx(one["value"])
    assert (Path(told["review"]) / "review.html").is_file()
