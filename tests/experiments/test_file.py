"""What a file asks for, and every fault of it at its own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaopt.errors import InputError
from kaopt.experiments.question import Question
from kaopt.experiments.read import Said, read
from tests.experiments.files import TRYING, written


def question(folder: Path, text: str = TRYING) -> Question:
    return read(written(folder, text))


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as stop:
        question(folder, text)
    return [str(one) for one in stop.value.faults]


def changed(old: str, new: str) -> str:
    assert old in TRYING
    return TRYING.replace(old, new)


# --- policies


def test_the_grid_is_every_combination_the_last_factor_fastest(tmp_path: Path) -> None:
    found = question(tmp_path, changed("baseline: {supply.trucks: 1}\n", "baseline: careless\n"))
    assert [one.name for one in found.policies] == [
        "trucks 1 · dispatch_slack 30min",
        "trucks 1 · dispatch_slack 120min",
        "trucks 2 · dispatch_slack 30min",
        "trucks 2 · dispatch_slack 120min",
        "careless",
    ]
    assert [(one.supply.trucks, one.supply.dispatch_slack) for one in found.worlds] == [
        (1, 30), (1, 120), (2, 30), (2, 120), (1, 60),
    ]  # fmt: skip
    assert {one.supply.unfamiliar for one in found.worlds} == {0.3}
    assert [one.supply.issue_error for one in found.worlds] == [0.0] * 4 + [0.2]
    assert found.policies[2].factors == (("supply.trucks", "2"), ("supply.dispatch_slack", "30min"))
    assert found.baseline == 4


def test_a_baseline_of_its_own_comes_first(tmp_path: Path) -> None:
    found = question(tmp_path)
    assert (found.policies[0].name, found.baseline, len(found.policies)) == ("baseline", 0, 6)
    assert (found.worlds[0].supply.trucks, found.worlds[0].supply.dispatch_slack) == (1, 60)


def test_a_baseline_that_is_a_cell_of_the_grid_is_that_cell(tmp_path: Path) -> None:
    text = changed("baseline: {supply.trucks: 1}", "baseline: {supply.trucks: 2, supply.dispatch_slack: 30min}")
    found = question(tmp_path, text)
    assert (found.baseline, len(found.policies)) == (2, 5)
    assert found.policies[2].name == "trucks 2 · dispatch_slack 30min"


def test_without_a_baseline_it_is_the_scenario_as_it_is(tmp_path: Path) -> None:
    found = question(tmp_path, changed("baseline: {supply.trucks: 1}\n", "").replace("[1, 2]", "[3, 4]"))
    assert (found.policies[0].name, found.worlds[0].supply.trucks) == ("as it is", 12)


def test_levels_may_be_named_sets_of_settings(tmp_path: Path) -> None:
    levels = "crew: {few: {supply.pick_crews: 1}, many: {supply.pick_crews: 4, supply.docks: 5}}"
    found = question(tmp_path, changed("supply.trucks: [1, 2]", levels))
    assert [one.factors[0] for one in found.policies[1:5]] == [("crew", "few")] * 2 + [("crew", "many")] * 2
    assert [(one.supply.pick_crews, one.supply.docks) for one in found.worlds[1:4:2]] == [(1, 3), (4, 5)]


def test_policies_of_the_warehouse_are_called_by_their_name_alone(tmp_path: Path) -> None:
    found = question(tmp_path, changed("supply.trucks: [1, 2]", "supply.policy: [fifo, blind_fefo]"))
    assert found.policies[1].name == "fifo · dispatch_slack 30min"
    assert found.worlds[1].supply.issue == "fifo"


def test_variants_of_the_scenario(tmp_path: Path) -> None:
    text = changed("{name: careless, set:", "{name: careless, variant: lean, set:")
    found = question(tmp_path, text)
    assert found.policies[-1].variant == "lean"
    assert found.worlds[-1].resolved["budget"]["total"]["max"] == 1500.0


def test_the_command_line_wins(tmp_path: Path) -> None:
    found = read(written(tmp_path), Said(overrides=("supply.unfamiliar=0",), seed=99))
    assert {one.supply.unfamiliar for one in found.worlds} == {0.0} and found.seed == 99


def test_the_nearest_scenario_above_and_its_own_plan(tmp_path: Path) -> None:
    written(tmp_path)
    inner = tmp_path / "corner" / "experiments"
    inner.mkdir()
    (inner / "plan.csv").write_text("account,sku,week,weeks,treatment\nA,tea,1,1,cut\n", encoding="utf-8")
    text = TRYING.replace("scenario: corner", "plan: plan.csv")
    (inner / "here.yaml").write_text(text, encoding="utf-8")
    found = read(inner / "here.yaml")
    assert {len(one) for one in found.plans} == {1} and "plan.csv" in found.sources
    assert found.worlds[0].folder.name == "corner"


def test_widths_are_in_the_unit_of_their_measure(tmp_path: Path) -> None:
    assert question(tmp_path).stop.half_width == 0.02
    found = question(tmp_path, changed("half_width: 2pp", "half_width: 1.2k, of: cost"))
    assert (found.stop.half_width, found.stop_on) == (1200.0, 2)


# --- the digest


def test_the_same_question_has_the_same_digest_wherever_it_is_asked(tmp_path: Path) -> None:
    first, second = question(tmp_path / "a"), question(tmp_path / "b")
    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed: 5", "seed: 6"),
        ("half_width: 2pp", "half_width: 1pp"),
        ("supply.trucks: [1, 2]", "supply.trucks: [1, 3]"),
        ("below: 90%", "below: 91%"),
        ("name: careless", "name: hasty"),
        ("max: 40", "max: 48"),
        ("supply.unfamiliar: 0.3", "supply.unfamiliar: 0.31"),
    ],
)
def test_another_question_has_another(tmp_path: Path, old: str, new: str) -> None:
    assert question(tmp_path).digest != question(tmp_path, changed(old, new)).digest


def test_a_changed_table_is_another_question(tmp_path: Path) -> None:
    before = question(tmp_path).digest
    table = tmp_path / "corner" / "tables" / "base.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("A,tea,100", "A,tea,101"), encoding="utf-8")
    assert question(tmp_path).digest != before


def test_worlds_hold_once_what_they_share(tmp_path: Path) -> None:
    first, *others = question(tmp_path).worlds
    assert all(one.base_cases is first.base_cases and one.accounts is first.accounts for one in others)


# --- faults


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kaopt: 1", "kaopt: 2", "@1 kaopt = 2: must be 1"),
        ("grid:", "gird:", "@5 gird: is not a known name here. Did you mean 'grid'?"),
        ("[1, 2]", "[1, two]", "@6 supply.trucks = two: "),
        ("supply.dispatch_slack: [", "supply.despatch_slack: [", "@7 supply.despatch_slack"),
        ("supply.issue_error: 20%", "supply.issue_error: 120%", "@9 supply.issue_error = 120%: "),
        ("supply.trucks: [1, 2]", "supply.trucks: 2", "@6 grid.supply.trucks = 2: must be a list of values"),
        ("[fill, otif", "[fil, otif", "@10 measures.0 = fil: is not a measure. Did you mean 'fill'?"),
        ("account: B", "account: b", "@10 measures.3.account = b: is not a known name here. Did you mean 'B'?"),
        ("{measure: fill, account: B", "{measure: cost, account: B", "@10 measures.3.account = B: must be left out"),
        ("half_width: 2pp", "half_width: wide", "@11 replications.half_width = wide: "),
        ("half_width: 2pp", "half_width: 2pp, of: cases", "@11 replications.of = cases: must be one of the file's"),
        ("max: 40", "max: 4", "@11 replications.max = 4: must be at least min (16)"),
        ("min: 16", "min: 2", "@11 replications.min = 2: "),
        ("seed: 5", "seed: five", "@12 seed = five: must be a whole number"),
        ("baseline: {supply.trucks: 1}", "baseline: carefree", "@4 baseline = carefree: is not a policy"),
        ("name: careless", "name: trucks 1 · dispatch_slack 30min", "is the name of two policies"),
        ("scenario: corner", "scenario: nowhere", "must be a folder with a scenario.yaml"),
        ("scenario: corner\n", "", "@1 scenario = nothing: must be named"),
        ("seed: 5", "plan: gone.csv", "@12 plan = gone.csv: must be a plan's file"),
        ("seed: 5", "choose: {best: fill}", "@12 choose.indifference = nothing: must be the smallest"),
        ("seed: 5", "choose: {best: otif, method: ocba, budget: 20}", "@12 choose.budget = 20: must be at least 96"),
        ("seed: 5", "choose: {best: speed, indifference: 1pp}", "@12 choose.best = speed: must be one of"),
        ("seed: 5", "variant: thin", "@12 variant = thin: is not a known name here. Known: lean"),
        ("name: careless,", "name: careless, variant: thin,", "@9 policies.0.variant = thin: is not a known name"),
    ],
)  # fmt: skip
def test_faults_name_their_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = faults(tmp_path, changed(old, new))
    assert any(said.replace("@", "trying.yaml:") in one for one in found), found
    assert len(found) == len(set(found))


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = changed("[1, 2]", "[1, two]").replace("issue_error: 20%", "issue_error: 120%")
    assert len(faults(tmp_path, text)) == 2


def test_a_scenario_that_is_wrong_itself_is_told_once(tmp_path: Path) -> None:
    path = written(tmp_path)
    table = tmp_path / "corner" / "tables" / "base.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("A,tea,100", "A,tea,many"), encoding="utf-8")
    with pytest.raises(InputError) as stop:
        read(path)
    assert len(stop.value.faults) == 1 and "base.csv:2" in str(stop.value)
