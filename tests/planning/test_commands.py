"""The commands that ask for several plans, as a user meets them: words, folders, exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

import kaopt as ka
from kaopt import api
from kaopt.planning.compare_run import named
from tests.test_cli import corner
from tests.test_cli import kaopt as shell

PLAN = "account,sku,week,weeks,treatment\nA,tea,1,1,cut\nA,tea,2,1,cut\nB,cola,3,2,cut\n"


def kaopt(*words):
    """The command line from a folder of its own, where nothing is found by chance."""
    with TemporaryDirectory() as folder:
        return shell(*words, cwd=Path(folder))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    corner(folder / "corner")
    (folder / "hand.csv").write_text(PLAN, encoding="utf-8")
    return folder


def last(home: Path, name: str) -> Path:
    return max((home / name).iterdir(), key=lambda path: path.name)


@pytest.fixture(scope="module")
def frontier(home):
    said = kaopt("frontier", home / "corner", "--over", "budget.total=0%:100%:10%", "--out", home / "f", "--json")
    return said, last(home, "f")


@pytest.fixture(scope="module")
def comparison(home, frontier):
    points = [f"p{n}={frontier[1] / f'point_{n:03d}'}" for n in (4, 7, 11)]
    said = kaopt("compare", *points, "--out", home / "c", "--json")
    return said, last(home, "c")


# --- frontier


def test_eleven_points_each_a_run_of_its_own(frontier):
    said, folder = frontier
    assert said.code == 0, said.err
    assert len(said.json["points"]) == 11
    assert {one.name for one in folder.glob("point_*")} == {f"point_{n:03d}" for n in range(1, 12)}
    for n, point in enumerate(said.json["points"], start=1):
        there = folder / f"point_{n:03d}"
        certificate = json.loads((there / "certificate.json").read_text(encoding="utf-8"))
        total = json.loads((there / "scorecard.json").read_text(encoding="utf-8"))["total"]
        assert (point["objective"], point["bound"], point["gap"]) == tuple(
            certificate[name] for name in ("objective", "bound", "gap")
        )
        assert point["kpis"] == {name: total[name] for name in point["kpis"]} and len(point["kpis"]) == 5
        assert point["spend"] == total["profit"]["trade_spend"]["promotions"] <= point["value"] + 1e-6
        assert (
            json.loads((there / "run.json").read_text(encoding="utf-8"))["scenario"]["budget"]["total"]["max"]
            == (point["value"])
        )


def test_a_point_is_what_its_own_scenario_gives(home, frontier):
    """A plan from the folder of a point, judged in a world loaded with that budget."""
    said, folder = frontier
    point = said.json["points"][6]
    world = api.load(home / "corner", overrides=[f"budget.total={point['value']:g}"])
    plan = api.load_plan(world, folder / "point_007" / "plan.csv")
    judged = api.evaluate(world, plan)
    assert not judged.breaches
    assert judged.objective == pytest.approx(point["objective"], rel=1e-12)
    assert api.score(world, plan).as_dict()["total"]["sales"] == point["kpis"]["sales"]


def test_the_table_is_the_data(frontier):
    said, folder = frontier
    frame = pd.read_csv(folder / "frontier.csv")
    assert frame["objective"].tolist() == [one["objective"] for one in said.json["points"]]
    assert (folder / "frontier.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert frame["promotion_spend"].tolist() == [one["spend"] for one in said.json["points"]]
    assert json.loads((folder / "frontier.json").read_text(encoding="utf-8"))["points"] == said.json["points"]


def test_a_stopped_frontier_goes_on_where_it_was(home, frontier):
    """Points 8 to 11 are taken away, as if the run had been stopped before them."""
    said, folder = frontier
    half = home / "half"
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name not in ("point_008", "point_009", "point_010", "point_011"):
            target = half / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    before = {path: path.stat().st_mtime_ns for path in half.glob("point_*/plan.csv")}
    over = ("--over", "budget.total=0%:100%:10%")
    again = kaopt("frontier", home / "corner", *over, "--resume", half, "--json")
    assert again.code == 0, again.err
    assert [one["objective"] for one in again.json["points"]] == pytest.approx(
        [one["objective"] for one in said.json["points"]], rel=0.01
    )
    assert again.json["points"][:7] == said.json["points"][:7]
    assert all(path.stat().st_mtime_ns == then for path, then in before.items())
    other = kaopt("frontier", home / "corner", *over, "--resume", half, "--set", "objective.hurdle=0.1")
    assert (other.code, "must be the same curve" in other.err) == (2, True)


def test_a_path_that_is_none_exits_2(home):
    said = kaopt("frontier", home / "corner", "--over", "budget.totl=80%:120%:10%", "--json")
    assert said.code == 2
    assert "budget.total" in said.json["errors"][0]["remedy"]


# --- compare


def test_every_figure_is_the_runs_own(comparison, frontier):
    said, _ = comparison
    assert said.code == 0, said.err
    for n in (4, 7, 11):
        text = (frontier[1] / f"point_{n:03d}" / "scorecard.json").read_text(encoding="utf-8")
        total = json.loads(text)["total"]
        cells = {(one["kpi"], one["measure"]): one["cells"][f"p{n}"] for one in said.json["measures"]}
        for (kpi, measure), cell in cells.items():
            if kpi in ("sales", "share", "profit"):
                own = total[kpi]["planned"][measure]
                assert cell["planned"]["value"] == (None if isinstance(own, dict) else own)
        assert cells["execution", "promotions"]["delivered"]["value"] == total["execution"]["promotions"]["expected"]
        assert cells["money", "trade_spend"]["planned"]["value"] == total["profit"]["trade_spend"]["total"]


def test_the_comparison_folder(comparison):
    said, folder = comparison
    assert {one.name for one in folder.iterdir()} == {
        "compare.json", "compare.csv", "compare.html", "calendar.csv", "run.json",
    }  # fmt: skip
    rows = list(csv.reader((folder / "compare.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["kpi", "measure", "form", "p4", "p7", "p11"]
    assert rows[-1][:2] == ["all", "dominated"]
    page = (folder / "compare.html").read_text(encoding="utf-8")
    assert "http" not in page and 'lang="zh"' in page and "p11" in page
    assert any("budget.total.max" in one for one in said.json["warnings"])


def test_calendars_add_up_to_the_events(comparison, frontier):
    said, _ = comparison
    counts = {one["name"]: one["events"] for one in said.json["plans"]}
    for one in said.json["calendar"]:
        paired = one["same"] + len(one["moved"]) + len(one["changed"])
        assert paired + len(one["only_from"]) == counts[one["from"]]
        assert paired + len(one["only_to"]) == counts[one["to"]]


def test_a_folder_that_is_no_run_exits_2(home, frontier):
    said = kaopt("compare", frontier[1] / "point_004", home / "corner", "--json")
    assert said.code == 2
    assert said.json["errors"][0]["found"] == "no run.json"
    alone = kaopt("compare", frontier[1] / "point_004", "--json")
    assert (alone.code, alone.json["errors"][0]["expected"]) == (2, "must be at least two plans")


def test_names_are_given_or_found(tmp_path):
    (tmp_path / "a=b").mkdir()
    assert named(["x=runs/1", "runs/2", str(tmp_path / "a=b")]) == [
        ("x", "runs/1"),
        ("", "runs/2"),
        ("", str(tmp_path / "a=b")),
    ]


def test_scorecards_in_python(home, frontier, tmp_path):
    world = ka.load(home / "corner")
    plan = ka.load_plan(world, home / "hand.csv")
    cards = [ka.score(world, plan), ka.score(world, ka.Plan.nothing())]
    by_list, by_name = ka.compare(cards), ka.compare({"hand": cards[0], "nothing": cards[1]})
    assert (by_list.names, by_name.names) == (("Corner 1", "Corner 2"), ("hand", "nothing"))
    path = by_name.to_html(tmp_path / "plans.html", language="zh")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    mixed = ka.compare([cards[0], frontier[1] / "point_011"])
    assert mixed.line("sales", "net_revenue").cells["Corner"].planned.value == cards[0].total.sales.at(
        "planned", "net_revenue"
    )


# --- allocate


def test_near_a_plan_made_by_hand(home):
    said = kaopt("allocate", home / "corner", "--near", home / "hand.csv", "--out", home / "n", "--json")
    folder = last(home, "n")
    assert said.code == 0, said.err
    curve = said.json["near"]
    assert curve["given"]["breaches"] > 0 and curve["given"]["events"] == 3
    chosen = next(one for one in curve["points"] if one["chosen"])
    assert chosen["changes"] == curve["fewest_proven"] == min(one["changes"] for one in curve["points"])
    frame = pd.read_csv(folder / "near.csv")
    assert frame["objective"].tolist() == [one["objective"] for one in curve["points"]]
    assert chosen["objective"] == said.json["certificate"]["objective"]
    priced = pd.read_csv(folder / "constraints.csv", encoding="utf-8-sig")
    changes = priced[priced.rule == "stability"]
    assert len(changes) == 1 and changes.price.iloc[0] >= 0 and priced.price.notna().all()
    assert (priced.price.abs() > 0).any()  # what one more change, or yuan, is worth at the chosen point
    page = (folder / "near.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1 and f"{chosen['changes']} changes" in page
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert {"near.csv", "near.html"} <= set(manifest["files"])


def test_locks_from_a_file(home, tmp_path):
    table = "account,sku,week,weeks,treatment,lock\nB,tea,5,1,stack,must\nA,cola,1,8,,forbidden\n"
    (tmp_path / "locks.csv").write_text(table, encoding="utf-8")
    said = kaopt("allocate", home / "corner", "--locks", tmp_path / "locks.csv", "--out", home / "l", "--json")
    assert said.code == 0, said.err
    folder = last(home, "l")
    plan = pd.read_csv(folder / "plan.csv")
    assert ((plan.account == "B") & (plan.sku == "tea") & (plan.week == 5) & (plan.treatment == "stack")).any()
    assert not ((plan.account == "A") & (plan.sku == "cola")).any()
    assert "locks.csv" in json.loads((folder / "run.json").read_text(encoding="utf-8"))["inputs"]


def test_alternatives(home):
    said = kaopt(
        "allocate", home / "corner", "--alternatives", "2", "--within", "5%", "--out", home / "a", "--json",
        "--time-limit", "8s",
    )  # fmt: skip
    assert said.code == 0, said.err
    folder, best = last(home, "a"), said.json["certificate"]["objective"]
    world = api.load(home / "corner")
    assert len(said.json["alternatives"]) == 2
    for one in said.json["alternatives"]:
        judged = api.evaluate(world, api.load_plan(world, folder / one["plan"]))
        assert not judged.breaches
        assert judged.objective == pytest.approx(one["certificate"]["objective"], rel=1e-12)
        assert judged.objective >= 0.95 * best * (1 - 1e-6)
        assert one["loss"] == pytest.approx(1 - judged.objective / best, abs=1e-9)
    assert (folder / "alternatives.html").is_file()
    explained = pd.read_csv(folder / "constraints.csv", encoding="utf-8-sig")
    assert explained.price.notna().all() and (explained.price.abs() > 0).any()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--changes", "3"], "needs a plan to stay near"),
        (["--within", "1%"], "needs --alternatives or --near"),
        (["--alternatives", "2"], "needs what may be given up"),
        (["--near", "hand.csv", "--alternatives", "2", "--within", "1%"], "must be one of the two"),
        (["--near", "hand.csv", "--changes", "3", "--within", "1%"], "must not be said with --within"),
        (["--alternatives", "2", "--within", "much"], "must be"),
        (["--near", "nowhere.csv"], "must be a file that can be read"),
    ],
)
def test_options_that_make_no_sense_exit_2(home, options, told):
    words = [str(home / one) if one == "hand.csv" else one for one in options]
    said = kaopt("allocate", home / "corner", *words)
    assert (said.code, told in said.err) == (2, True), said.err
