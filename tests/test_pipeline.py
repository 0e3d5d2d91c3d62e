"""One run from inside: what lies in its folder, how its files agree, and what it says at the end."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kaopt import api, pipeline
from kaopt.demand import live
from kaopt.errors import Fault, InputError, NoPlanError
from kaopt.options import Options
from kaopt.plan import Plan
from kaopt.summary import WORDS, findings_text, proof
from tests.test_cli import corner, kaopt

EVERY_RUN = {"run.json", "events.jsonl", "plan.csv", "plan.parquet", "weekly.parquet", "report.html", "results.xlsx"}
EVERY_RUN |= {"scorecard.json", "scorecard.csv"}
SEARCHED = {"offers.parquet", "certificate.json", "constraints.csv"}
LIVED = {"service.parquet", "fulfilment_figures.csv", "fulfilment_by_week.csv"}
COLUMNS = "account sku week weeks treatment base_cases cases incremental_cases net_revenue trade_spend contribution"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    corner(folder / "corner")
    return folder


@pytest.fixture(scope="module")
def world(home):
    return api.load(home / "corner")


@pytest.fixture(scope="module")
def outcome(home):
    return pipeline.run(str(home / "corner"), Options(out=home / "runs", seed=4))


@pytest.fixture(scope="module")
def folder(outcome):
    return Path(outcome.payload["run"])


@pytest.fixture(scope="module")
def manifest(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def certificate(folder):
    return json.loads((folder / "certificate.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def events(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def names(folder):
    return {one.name for one in Path(folder).iterdir()}


# --- the files


def test_a_run_leaves_every_file_and_no_half_written_one(folder):
    assert names(folder) == EVERY_RUN | SEARCHED | LIVED
    assert all((folder / one).stat().st_size > 0 for one in names(folder))


def test_allocate_leaves_no_service(home):
    made = pipeline.allocate(str(home / "corner"), Options(out=home / "plans"))
    assert names(made.payload["run"]) == EVERY_RUN | SEARCHED


def test_simulate_leaves_no_proof(home):
    made = pipeline.simulate(str(home / "corner"), None, Options(out=home / "years"))
    assert names(made.payload["run"]) == EVERY_RUN | LIVED
    assert "certificate" not in made.payload


def test_the_manifest_comes_last_and_vouches_for_every_other_file(folder, manifest):
    assert set(manifest["files"]) == names(folder) - {"run.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    written = (folder / "run.json").stat().st_mtime_ns
    assert all((folder / name).stat().st_mtime_ns <= written for name in manifest["files"])


def test_the_manifest_is_enough_to_repeat_the_run(manifest, home):
    assert (manifest["status"], manifest["exit_code"], manifest["seed"]) == ("done", 0, 4)
    assert manifest["scenario"]["solve"]["seed"] == 4
    assert {"kaopt", "highspy", "numpy"} <= set(manifest["versions"])
    own = [one for one in (home / "corner").rglob("*") if one.is_file()]
    assert len(own) == 6
    for path in own:  # the recipes that kaopt brings along stand beside them
        name = path.relative_to(home / "corner").as_posix()
        assert manifest["inputs"][name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_plan_csv_has_the_contracts_columns_and_opens_in_a_spreadsheet(folder):
    assert (folder / "plan.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(folder / "plan.csv")
    assert list(frame.columns) == [*COLUMNS.split(), "reason"]
    assert frame["week"].between(1, 8).all()
    pd.testing.assert_frame_equal(frame, pd.read_parquet(folder / "plan.parquet"), check_dtype=False, rtol=1e-12)


def test_the_plan_adds_up_to_the_certificate(folder, certificate):
    frame = pd.read_csv(folder / "plan.csv")
    assert frame["contribution"].sum() == pytest.approx(certificate["objective"], rel=1e-9)  # maximize: profit


def test_the_certificate_has_the_contracts_names(certificate):
    named = "objective bound gap claimed_gap realised_objective breaches status solver seconds variables"
    assert set(named.split()) <= set(certificate)
    assert certificate["objective"] <= certificate["bound"]
    assert certificate["variables"] > 0 and certificate["breaches"] == []


def test_the_constraints_agree_with_the_plan(folder):
    rules = pd.read_csv(folder / "constraints.csv")
    spend = pd.read_csv(folder / "plan.csv")["trade_spend"].sum()
    (budget,) = rules[rules["rule"] == "budget"].to_dict("records")
    assert budget["used"] == pytest.approx(spend) and budget["limit"] == 4000
    assert budget["slack"] == pytest.approx(4000 - spend)
    assert (rules["slack"] >= -1e-9).all()


def test_weekly_volumes_agree_with_the_evaluator(folder, world):
    plan = api.load_plan(world, folder / "plan.csv")
    weekly = pd.read_parquet(folder / "weekly.parquet")
    assert len(weekly) == 2 * 2 * 8
    assert weekly["cases"].sum() == pytest.approx(live(world, plan).cases.sum(), rel=1e-9)


def test_the_report_opens_without_a_network(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert not [word for word in ('src="http', "@import", '<link rel="stylesheet" href="http') if word in page]


def test_every_stage_left_its_events_in_order(events):
    stages = list(dict.fromkeys(one["stage"] for one in events))
    assert stages[:2] == ["offers", "rules"] and stages[-1] == "simulate"
    times = [one["time"] for one in events]
    assert times == sorted(times)


def test_no_event_claims_more_than_the_bound(events, certificate):
    best = [one["best"] for one in events if one.get("best") is not None]
    assert best == sorted(best)
    assert max(best) <= certificate["bound"] * (1 + 1e-9)
    assert best[-1] == pytest.approx(certificate["objective"], rel=1e-6)


# --- what is said


def test_the_outcome_says_in_words_what_the_payload_says_in_data(outcome, certificate):
    assert outcome.exit_code == 0 and not outcome.as_json
    assert f"objective {certificate['objective']:,.1f}" in outcome.text
    assert f"gap {certificate['gap']:.2%}" in outcome.text
    assert f"{certificate['realised_objective']:,.1f}" in outcome.text
    assert outcome.payload["certificate"] == certificate


def test_the_card_stands_above_the_proof(outcome):
    lines = outcome.text.splitlines()
    kpis = [i for i, line in enumerate(lines) if line.startswith(("sales", "share", "execution", "profit", "order"))]
    assert len(kpis) == 5
    assert max(kpis) < next(i for i, line in enumerate(lines) if line.startswith("plan: "))


@pytest.fixture(scope="module")
def proven(world):
    """The run's certificate as the verb hands it out."""
    return api.allocate(world).certificate


@pytest.mark.parametrize(("status", "lines"), [("optimal", 2), ("stopped", 3), ("interrupted", 3)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_proof_says_how_the_search_ended(proven, status, lines, language):
    words = WORDS[language]
    said = proof(replace(proven, status=status, asked_gap=0.005), 16, words)
    assert len(said) == lines
    assert "16" in said[0]
    if status != "optimal":
        assert said[2] == words[status].format(asked=0.005)


def test_both_languages_say_the_same_things():
    assert set(WORDS["en"]) == set(WORDS["zh"])


def test_findings_are_listed_below_their_heading(world):
    one = Fault("scenario.yaml", None, "budget", "9", "must be reachable", "Lower it")
    assert findings_text(world, (one,), "en").splitlines() == ["these cannot all hold:", str(one)]
    assert findings_text(world, (one,), "zh").splitlines()[0] == "以下要求不能同时满足："


def test_an_unknown_language_is_english(world):
    assert findings_text(world, (), "fr") == findings_text(world, (), "en")


# --- what stops a run


def test_a_refused_run_says_failed_in_its_manifest(home, monkeypatch):
    def refuse(*given, **named):
        raise NoPlanError("no time")

    monkeypatch.setattr("kaopt.allocation.allocate.solved", refuse)
    with pytest.raises(NoPlanError):
        pipeline.run(str(home / "corner"), Options(out=home / "refused"))
    (run,) = (home / "refused").iterdir()
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["exit_code"]) == ("failed", 4)
    assert names(run) == {"run.json", "events.jsonl"}


def test_a_bug_leaves_a_folder_that_nobody_takes_for_a_run(home, monkeypatch):
    def fail(*given, **named):
        raise ZeroDivisionError

    monkeypatch.setattr(api, "score", fail)
    with pytest.raises(ZeroDivisionError):
        pipeline.simulate(str(home / "corner"), None, Options(out=home / "broken"))
    (run,) = (home / "broken").iterdir()
    assert "run.json" not in names(run)


def test_bad_input_makes_no_folder(home):
    with pytest.raises(InputError):
        pipeline.run(str(home / "corner"), Options(out=home / "never", set=["budget.totally=1"]))
    assert not (home / "never").exists()


def test_a_better_plan_is_on_disk_before_the_search_goes_on(home, monkeypatch):
    seen = []

    def search(given, *, problem, rules, listener, save, after):
        assert after is None
        for plan in (Plan.nothing(), api.load_plan(given, home / "one.csv")):
            save(plan)
            (run,) = (home / "saved").iterdir()
            seen.append(len(pd.read_csv(run / "plan.csv")))
        raise KeyboardInterrupt

    (home / "one.csv").write_text("account,sku,week,weeks,treatment\nA,tea,2,1,stack\n", encoding="utf-8")
    monkeypatch.setattr("kaopt.allocation.allocate.solved", search)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(str(home / "corner"), Options(out=home / "saved"))
    assert seen == [0, 1]
    (run,) = (home / "saved").iterdir()
    assert names(run) == {"run.json", "events.jsonl", "plan.csv"}
    assert json.loads((run / "run.json").read_text(encoding="utf-8"))["exit_code"] == 130


# --- the verbs for Python


def test_a_scenario_is_read_the_same_from_its_folder_and_its_file(home, world):
    other = api.load(home / "corner" / "scenario.yaml")
    assert other.inputs == world.inputs and other.shape == world.shape == (2, 2, 8)


def test_overrides_win_over_the_variant(home):
    lean = api.load(home / "corner", variant="lean")
    more = api.load(home / "corner", variant="lean", overrides=["budget.total=2000"])
    assert [one.budget[0].high for one in (lean, more)] == [1500, 2000]


def test_python_and_the_command_line_judge_alike(home, world, folder):
    found = api.evaluate(world, api.load_plan(world, folder / "plan.csv"))
    shown = kaopt("evaluate", "corner", "--plan", folder / "plan.csv", "--json", cwd=home).json
    assert shown["objective"] == found.objective
    assert shown["contribution"] == found.contribution
    assert shown["incremental_cases"] == found.incremental_cases


def test_a_manager_who_narrows_the_budget_never_gains(home, certificate):
    lean = pipeline.allocate(str(home / "corner"), Options(out=home / "lean", variant="lean")).payload["certificate"]
    assert lean["objective"] <= certificate["bound"]
    assert lean["bound"] < certificate["objective"]  # so much less money that even the best lean plan is worse
