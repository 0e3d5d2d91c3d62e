"""The command line as a user meets it: words in, words and an exit code out, a folder left behind."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from kaopt import api, pipeline
from kaopt.allocation.allocate import solved
from kaopt.cli import main
from kaopt.pipeline import Outcome

COMMANDS = [
    "demo",
    "new",
    "check",
    "run",
    "allocate",
    "frontier",
    "why",
    "compare",
    "experiment",
    "simulate",
    "causes",
    "trace",
    "calibrate",
    "review",
    "predict",
    "evaluate",
    "fit",
]
CORNER = {
    "scenario.yaml": """
kaopt: 1
name: {en: Corner, zh: 街角}
model: annual_agreement
horizon: {start: 2027-01-04, weeks: 8}
currency: CNY
budget: {total: 4000}
rules: {spacing: {gap: 1}}
objective: {maximize: profit}
supply:
  replications: {min: 2, max: 2}
  warmup_weeks: 2
solve: {gap: 1%, time_limit: 1min}
variants:
  lean: {budget: {total: 1500}}
""",
    "tables/accounts.csv": """account,last_year_revenue,last_year_cases,customer_growth,display_slots
A,50000,1200,2%,1
B,40000,1000,3%,1
""",
    "tables/skus.csv": """sku,list_price,unit_cost,high_margin
tea,50,25,yes
cola,40,22,no
""",
    "tables/mechanics.csv": """treatment,family,depth,pass_through,display,lengths,fixed_cost,weekly_cost,slots
cut,price,15%,1,0,1|2,100,0,0
stack,display,0,1,1,1,50,100,1
""",
    "tables/base.csv": """account,sku,cases
A,tea,100
A,cola,140
B,tea,80
B,cola,60
""",
    "tables/response.csv": """account,sku,elasticity,display,dip,dip_weeks
*,*,-4,0.5,0.1,2
""",
}
TWO_STACKS = "account,sku,week,weeks,treatment,lock,because\nA,tea,1,1,stack,must,x\nA,cola,1,1,stack,must,y\n"


@dataclass(frozen=True)
class Said:
    """What one call of the command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def corner(folder, **files):
    """A world of two accounts, two SKUs and eight weeks; `files` replace or add tables by name."""
    texts = CORNER | {f"tables/{name}.csv": text for name, text in files.items()}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return folder


def kaopt(*words, cwd):
    """Call the entry point in this process, as the shell would; no traceback may ever be shown."""
    out, err = StringIO(), StringIO()
    argv = patch.object(sys, "argv", ["kaopt", *map(str, words)])
    with chdir(cwd), argv, redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stop:
        main()
    assert "Traceback" not in err.getvalue() + out.getvalue()
    return Said(int(stop.value.code or 0), out.getvalue(), err.getvalue())


def rows_of(path):
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def write_plan(path, rows):
    """A plan as somebody would keep it: five columns."""
    head = ["account", "sku", "week", "weeks", "treatment"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def event(account, sku, week, treatment="stack", weeks=1):
    return {"account": account, "sku": sku, "week": week, "weeks": weeks, "treatment": treatment}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A working folder with the scenario `corner` in it."""
    folder = tmp_path_factory.mktemp("home")
    corner(folder / "corner")
    return folder


@pytest.fixture(scope="module")
def said(home):
    """One `run --json`, computed once."""
    return kaopt("run", "corner", "--json", cwd=home)


@pytest.fixture(scope="module")
def folder(home, said):
    return home / said.json["run"]


# --- run


def test_a_run_prints_exactly_one_json_document(said):
    assert said.code == 0
    assert set(said.json) == {"run", "certificate", "scorecard"}
    assert set(said.json["scorecard"]) == {"total", "accounts"}
    assert set(said.json["scorecard"]["accounts"]) == {"A", "B"}


def test_progress_stands_on_stderr(said):
    stages = [line.split()[2] for line in said.err.splitlines()]
    assert stages[0] == "offers" and stages[-1] == "simulate"


def test_the_certificate_keeps_its_promise(said):
    proof = said.json["certificate"]
    assert proof["status"] == "optimal" and proof["breaches"] == []
    assert proof["gap"] <= 0.01
    assert proof["gap"] == pytest.approx((proof["bound"] - proof["objective"]) / abs(proof["objective"]))


def test_stdout_and_folder_say_the_same(said, folder):
    for part in ("certificate", "scorecard"):
        assert json.loads((folder / f"{part}.json").read_text(encoding="utf-8")) == said.json[part]


def test_the_run_lies_under_runs_and_carries_the_scenarios_name(said):
    root, name = Path(said.json["run"]).parts
    assert root == "runs" and name.split("-")[1] == "corner"


def test_evaluating_the_runs_own_plan_gives_its_objective(home, said, folder):
    judged = kaopt("evaluate", "corner", "--plan", folder / "plan.csv", "--json", cwd=home)
    proof = said.json["certificate"]
    assert judged.code == 0 and judged.json["breaches"] == []
    for name in ("objective", "realised_objective"):
        assert judged.json[name] == pytest.approx(proof[name], rel=1e-9)


def test_the_same_call_twice_gives_the_same_plan_to_the_byte(home, folder):
    again = kaopt("allocate", "corner", "--json", cwd=home)
    assert set(again.json) == {"run", "certificate", "scorecard"}
    assert (home / again.json["run"] / "plan.csv").read_bytes() == (folder / "plan.csv").read_bytes()


def test_a_run_in_words_names_the_kpis_the_proof_and_the_files(home):
    shown = kaopt("allocate", "corner", cwd=home)
    assert shown.code == 0
    assert "order fill rate" in shown.out and "objective" in shown.out and "gap" in shown.out
    wrote = [line.split(" ", 1)[1] for line in shown.out.splitlines() if line.startswith("wrote ")]
    files = ["report.html", "results.xlsx", "plan.csv", "scorecard.json", "certificate.json"]
    assert [Path(one).name for one in wrote] == files
    assert all((home / one).is_file() for one in wrote)


# --- plans that break one rule


def breaches(home, path, *more):
    judged = kaopt("evaluate", "corner", "--plan", path, "--json", *more, cwd=home)
    assert judged.code == 0  # broken rules are an answer, not a failure
    return judged.json["breaches"]


def test_a_budget_just_under_the_spend_is_broken_and_nothing_else(home, folder):
    spend = sum(float(row["trade_spend"]) for row in rows_of(folder / "plan.csv"))
    assert breaches(home, folder / "plan.csv", "--set", f"budget.total={spend + 0.5}") == []
    (broken,) = breaches(home, folder / "plan.csv", "--set", f"budget.total={spend - 0.5}")
    assert (broken["rule"], broken["scope"], broken["unit"]) == ("budget", "total", "money")
    assert broken["used"] == pytest.approx(spend)
    assert broken["limit"] == pytest.approx(spend - 0.5)


def test_two_events_too_near_break_spacing_and_nothing_else(home, tmp_path):
    path = write_plan(tmp_path / "near.csv", [event("A", "tea", 2), event("A", "tea", 3)])
    (broken,) = breaches(home, path)
    assert broken["rule"] == "spacing"
    assert "account=A" in broken["scope"] and "sku=tea" in broken["scope"]
    apart = write_plan(tmp_path / "apart.csv", [event("A", "tea", 2), event("A", "tea", 4)])
    assert breaches(home, apart) == []


def test_two_displays_where_there_is_room_for_one_break_display_slots_and_nothing_else(home, tmp_path):
    path = write_plan(tmp_path / "full.csv", [event("B", "tea", 5), event("B", "cola", 5)])
    (broken,) = breaches(home, path)
    assert (broken["rule"], broken["scope"]) == ("display_slots", "account=B week=5")
    assert (broken["used"], broken["limit"]) == (2, 1)


def test_a_copy_of_an_event_of_the_run_breaks_one_event(home, folder, tmp_path):
    rows = rows_of(folder / "plan.csv")
    path = write_plan(tmp_path / "twice.csv", [*rows, rows[0] | {"treatment": "cut"}])
    (broken,) = breaches(home, path)
    assert broken["rule"] == "one_event"


def test_a_broken_rule_is_told_in_words_too(home, tmp_path):
    path = write_plan(tmp_path / "near.csv", [event("A", "tea", 2), event("A", "tea", 3)])
    shown = kaopt("evaluate", "corner", "--plan", path, cwd=home)
    assert shown.code == 0
    assert sum(line.startswith("broken: spacing") for line in shown.out.splitlines()) == 1
    assert "no rule is broken" not in shown.out


def test_evaluate_writes_nothing(home, tmp_path):
    path = write_plan(tmp_path / "one.csv", [event("A", "tea", 2)])
    shown = kaopt("evaluate", home / "corner", "--plan", path, cwd=tmp_path)
    assert "no rule is broken" in shown.out
    assert [one.name for one in tmp_path.iterdir()] == ["one.csv"]


# --- exit code 2


def test_bad_input_tells_every_fault_and_writes_nothing(tmp_path):
    skus = "sku,list_price,unit_cost,high_margin\ntea,fifty,25,yes\ncola,40,22,perhaps\n"
    corner(tmp_path / "bad", skus=skus)
    shown = kaopt("run", "bad", "--json", cwd=tmp_path)
    assert shown.code == 2
    faults = [(Path(one["file"]).name, one["line"], one["column"]) for one in shown.json["errors"]]
    assert faults == [("skus.csv", 2, "list_price"), ("skus.csv", 3, "high_margin")]
    assert all(one["remedy"] and one["expected"] for one in shown.json["errors"])
    assert len(shown.err.splitlines()) == 2
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("run", "nowhere"),
        ("check", "corner", "--set", "budget.totally=5"),
        ("check", "corner", "--set", "budget.total"),
        ("check", "corner", "--variant", "fat"),
        ("check", "corner", "--model", "no_such_model"),
        ("check", "corner", "--gap", "much"),
        ("check", "corner", "--frobnicate"),
        ("check", "corner", "--workers", "0"),
        ("frobnicate",),
        ("run",),
        ("evaluate", "corner"),
        ("evaluate", "corner", "--plan", "nowhere.csv"),
        ("simulate", "corner", "--plan", "nowhere.csv"),
        ("new", "fresh", "--from", "nowhere"),
        ("demo", "nowhere"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_exits_2_says_why_and_writes_nothing(words, tmp_path):
    corner(tmp_path / "corner")
    shown = kaopt(*words, cwd=tmp_path)
    assert shown.code == 2
    assert shown.out == "" and shown.err.strip()
    assert [one.name for one in tmp_path.iterdir()] == ["corner"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("check", "corner", "--frobnicate"), "--frobnicate"),
        (("frobnicate",), "frobnicate"),
        (("check", "corner", "--variant", "fat"), "fat"),
        (("check", "corner", "--set", "budget.totally=5"), "totally"),
        (("run", "nowhere"), "nowhere"),
    ],
)
def test_what_is_wrong_is_named(home, words, named):
    assert named in kaopt(*words, cwd=home).err


def test_a_plan_with_strangers_in_it_is_refused_row_by_row(home, tmp_path):
    path = write_plan(tmp_path / "odd.csv", [event("A", "tea", 2), event("Q", "tea", 2), event("A", "tea", 9)])
    shown = kaopt("evaluate", "corner", "--plan", path, "--json", cwd=home)
    assert shown.code == 2
    assert [(one["line"], one["column"]) for one in shown.json["errors"]] == [(3, "account"), (4, "week")]


# --- the other exit codes


def test_rules_that_cannot_all_hold_are_named_and_the_run_says_failed(tmp_path):
    corner(tmp_path / "corner", locks=TWO_STACKS)
    shown = kaopt("allocate", "corner", "--json", cwd=tmp_path)
    assert shown.code == 3
    (conflict, *_) = shown.json["conflicts"]
    text = " ".join(conflict)
    assert "locks" in text and "display_slots" in text
    assert "budget" not in text and "spacing" not in text
    assert "display_slots" in shown.err
    (run,) = (tmp_path / "runs").iterdir()
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["exit_code"]) == ("infeasible", 3)
    assert not (run / "plan.csv").exists()


@pytest.mark.parametrize(("status", "code"), [("stopped", 5), ("interrupted", 130)])
def test_a_search_that_ended_early_leaves_its_plan_and_says_so(home, tmp_path, monkeypatch, status, code):
    def early(*given, **named):
        done = solved(*given, **named)
        return replace(done, plan=replace(done.plan, certificate=replace(done.plan.certificate, status=status)))

    monkeypatch.setattr("kaopt.allocation.allocate.solved", early)
    shown = kaopt("run", "corner", "--out", tmp_path, cwd=home)
    assert shown.code == code
    assert status in shown.out
    (run,) = tmp_path.iterdir()
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["exit_code"]) == (status, code)
    assert len(rows_of(run / "plan.csv")) > 0
    assert (run / "service.parquet").exists() == (status == "stopped")  # whoever interrupts wants to go home


def test_an_interrupt_during_the_simulation_leaves_the_plan(home, tmp_path, monkeypatch):
    def interrupt(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "simulate", interrupt)
    shown = kaopt("run", "corner", "--out", tmp_path, cwd=home)
    assert shown.code == 130 and shown.out == ""
    assert shown.err.splitlines()[-1] == "interrupted"
    (run,) = tmp_path.iterdir()
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["exit_code"]) == ("interrupted", 130)
    assert len(rows_of(run / "plan.csv")) > 0


def test_an_interrupt_while_reading_is_one_word_and_no_folder(tmp_path, monkeypatch):
    def interrupt(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "load", interrupt)
    assert kaopt("run", "corner", "--json", cwd=tmp_path) == Said(130, "", "interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_one_line_a_report_and_exit_1(home, tmp_path, monkeypatch):
    def fail(*given, **named):
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr(api, "check", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shown = kaopt("check", "corner", cwd=home)
    assert shown.code == 1 and shown.out == ""
    assert len(shown.err.splitlines()) == 1 and "bug" in shown.err
    (report,) = tmp_path.glob("kaopt-bug-*.txt")
    assert str(report) in shown.err
    assert "deep inside" in report.read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_exit_6(home, tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    shown = kaopt("simulate", "corner", "--out", tmp_path / "file", cwd=home)
    assert shown.code == 6
    assert "--out" in shown.err and len(shown.err.splitlines()) == 1


# --- check


def test_check_finds_no_fault_and_writes_nothing(tmp_path):
    corner(tmp_path / "corner")
    shown = kaopt("check", "corner", cwd=tmp_path)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == "Corner: 2 accounts, 2 SKUs, 8 weeks: no fault found\n"
    assert [one.name for one in tmp_path.iterdir()] == ["corner"]


def test_check_takes_the_file_as_well_as_the_folder(home):
    assert kaopt("check", "corner/scenario.yaml", cwd=home) == kaopt("check", "corner", cwd=home)


def test_check_in_chinese(home):
    shown = kaopt("check", "corner", "--lang", "zh", cwd=home)
    assert shown.out == "街角：2 个客户、2 个品项、8 周：没有发现错误\n"


def test_check_as_json(home):
    shown = kaopt("check", "corner", "--json", cwd=home)
    assert shown.json["findings"] == []


def test_check_finds_by_arithmetic_what_cannot_be(home):
    promise = ["--set", "rules.promotion_count.min=500"]
    shown = kaopt("check", "corner", *promise, "--json", cwd=home)
    assert shown.code == 3
    named = [one["column"] for one in shown.json["findings"]]
    assert {f"rules.promotion_count [account={a}]" for a in "AB"} < set(named)
    told = kaopt("check", "corner", *promise, cwd=home)
    assert told.code == 3 and told.out.startswith("these cannot all hold:\n")
    assert len(told.out.splitlines()) == 1 + len(named)


# --- simulate


def test_simulate_without_a_plan_lives_the_year_without_promotions(home, tmp_path):
    shown = kaopt("simulate", "corner", "--out", tmp_path, "--json", cwd=home)
    assert shown.code == 0
    assert set(shown.json) == {"run", "scorecard"}  # nobody searched, nothing is certified
    assert rows_of(home / shown.json["run"] / "plan.csv") == []


def test_simulate_with_a_plan_lives_that_plan(home, folder, tmp_path):
    shown = kaopt("simulate", "corner", "--plan", folder / "plan.csv", "--out", tmp_path, "--json", cwd=home)
    run = home / shown.json["run"]
    key = ("account", "sku", "week", "weeks", "treatment", "cases", "contribution")
    lived = [[row[name] for name in key] for row in rows_of(run / "plan.csv")]
    assert lived == [[row[name] for name in key] for row in rows_of(folder / "plan.csv")]
    same = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))["total"]
    assert shown.json["scorecard"]["total"]["fill_rate"] == same["fill_rate"]
    assert not (run / "certificate.json").exists() and not (run / "constraints.csv").exists()


def test_simulate_falls_back_on_the_scenarios_own_plan(tmp_path):
    plan = "account,sku,week,weeks,treatment\nB,tea,3,1,cut\n"
    corner(tmp_path / "corner", plan=plan)
    shown = kaopt("simulate", "corner", "--set", "plan=tables/plan.csv", "--json", cwd=tmp_path)
    (row,) = rows_of(tmp_path / shown.json["run"] / "plan.csv")
    assert (row["account"], row["week"], row["treatment"]) == ("B", "3", "cut")


# --- options


def manifest_of(home, shown):
    return json.loads((home / shown.json["run"] / "run.json").read_text(encoding="utf-8"))


def test_a_variant_is_a_set_of_overrides(home, tmp_path):
    shown = kaopt("allocate", "corner", "--variant", "lean", "--out", tmp_path, "--json", cwd=home)
    assert manifest_of(home, shown)["scenario"]["budget"]["total"]["max"] == 1500
    spend = sum(float(row["trade_spend"]) for row in rows_of(home / shown.json["run"] / "plan.csv"))
    assert spend <= 1500


def test_set_wins_over_the_variant_and_reads_chinese_units(home, tmp_path):
    words = ["--variant", "lean", "--set", "budget.total=0.1万", "--set", "rules.spacing.gap=3"]
    shown = kaopt("simulate", "corner", *words, "--out", tmp_path, "--json", cwd=home)
    resolved = manifest_of(home, shown)["scenario"]
    assert resolved["budget"]["total"]["max"] == 1000
    assert resolved["rules"]["spacing"][0]["gap"] == 3


def test_the_seed_reaches_the_manifest_and_the_year(home, tmp_path):
    words = ["--out", tmp_path, "--json"]
    one, same, other = (kaopt("simulate", "corner", "--seed", n, *words, cwd=home) for n in (11, 11, 12))
    assert [manifest_of(home, shown)["seed"] for shown in (one, same, other)] == [11, 11, 12]
    assert one.json["scorecard"] == same.json["scorecard"]
    assert one.json["run"] != same.json["run"]


def test_out_is_where_the_runs_go(home, tmp_path):
    shown = kaopt("simulate", "corner", "--out", tmp_path / "a" / "b", "--json", cwd=home)
    assert Path(shown.json["run"]).parent == tmp_path / "a" / "b"


def test_the_result_in_chinese(home, tmp_path):
    shown = kaopt("allocate", "corner", "--lang", "zh", "--out", tmp_path, cwd=home)
    assert shown.code == 0
    assert "计划：" in shown.out and "目标值" in shown.out and "写入" in shown.out
    assert "objective" not in shown.out


def test_gap_and_time_limit_are_settings_of_the_run(home, tmp_path):
    words = ["--gap", "3%", "--time-limit", "45s", "--out", tmp_path, "--json"]
    solve = manifest_of(home, kaopt("simulate", "corner", *words, cwd=home))["scenario"]["solve"]
    assert (solve["gap"], solve["time_limit"]) == (0.03, 45)


# --- new and demo


def test_new_writes_a_scenario_that_check_accepts_and_never_writes_over_it(tmp_path):
    first = kaopt("new", "mine", cwd=tmp_path)
    assert first.code == 0
    written = first.out.splitlines()
    assert "mine/scenario.yaml" in written and all((tmp_path / one).is_file() for one in written)
    assert "no fault found" in kaopt("check", "mine", cwd=tmp_path).out
    (tmp_path / "mine/scenario.yaml").write_text("my own words", encoding="utf-8")
    second = kaopt("new", "mine", cwd=tmp_path)
    assert second.code == 2 and "scenario.yaml" in second.err
    assert (tmp_path / "mine/scenario.yaml").read_text(encoding="utf-8") == "my own words"


def test_demo_copies_its_scenario_and_runs_the_copy(tmp_path, monkeypatch):
    seen = []

    def run(scenario, options, *, default_out):
        seen.append((scenario, default_out, options.seed))
        return Outcome(5, "done", {}, options.json)

    monkeypatch.setattr(pipeline, "run", run)
    shown = kaopt("demo", "starter", "--seed", "3", cwd=tmp_path)
    assert (shown.code, shown.out) == (5, "done\n")
    assert seen == [("kaopt-demo/starter", Path("kaopt-demo/runs"), 3)]
    assert (tmp_path / "kaopt-demo/starter/scenario.yaml").is_file()


def test_a_second_demo_keeps_what_its_owner_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "run", lambda *_, **__: Outcome(0, "", {}, False))
    kaopt("demo", "starter", cwd=tmp_path)
    mine = tmp_path / "kaopt-demo/starter/scenario.yaml"
    mine.write_text("changed", encoding="utf-8")
    assert kaopt("demo", "starter", cwd=tmp_path).code == 0
    assert mine.read_text(encoding="utf-8") == "changed"


def test_the_demo_is_the_cheese(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "run", lambda scenario, *_, **__: Outcome(0, scenario, {}, False))
    assert kaopt("demo", cwd=tmp_path).out == "kaopt-demo/cheese\n"


# --- help


def test_help_lists_the_commands_in_the_order_of_use(tmp_path):
    shown = kaopt("--help", cwd=tmp_path)
    assert shown.code == 0
    listed = [line.split()[0] for line in shown.out.partition("Commands:")[2].splitlines() if line.strip()]
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, tmp_path):
    shown = kaopt(command, "--help", cwd=tmp_path)
    assert shown.code == 0 and f"kaopt {command} [OPTIONS]" in shown.out.splitlines()[0]
    assert ("--seed" in shown.out) == (command not in ("new", "compare", "review", "predict", "fit"))


def test_without_a_command_the_help_is_shown(tmp_path):
    shown = kaopt(cwd=tmp_path)
    assert shown.code == 2
    assert (shown.out + shown.err).count("kaopt [OPTIONS] COMMAND") == 1


def test_help_loads_nothing_heavy(tmp_path):
    script = """
import sys
from kaopt.cli import main
sys.argv = ["kaopt", "--help"]
try:
    main()
finally:
    print([name for name in ("pandas", "pyomo", "numba", "scipy", "highspy") if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_the_installed_command_ends_with_the_code(tmp_path):
    script = Path(sys.executable).with_name("kaopt")
    done = subprocess.run([script, "frobnicate"], check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == "" and "Traceback" not in done.stderr and "frobnicate" in done.stderr


@pytest.mark.parametrize("command", [["check", "nowhere"], ["compare", "a", "b"]])
def test_a_language_that_is_not_spoken_is_wrong_usage(command, tmp_path):
    done = kaopt(*command, "--lang", "fr", cwd=tmp_path)
    assert done.code == 2
    assert "'--lang'" in done.err and "'en', 'zh'" in done.err
