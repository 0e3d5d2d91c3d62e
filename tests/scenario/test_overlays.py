"""Which value wins and where it came from: recipe < policy < base < scenario < variant < --set; tables patch by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import Fault, InputError
from kaopt.scenario.bundled import bundled, model_folders
from kaopt.scenario.overlays import merge, without_nulls
from kaopt.scenario.sources import Origin
from kaopt.scenario.yaml_file import Node, parse_value
from tests.scenario.files import FILES, overlay, read, write

LAYERS = ("recipe", "base", "scenario", "variant", "set")


def models(root: Path, kind: str, **files: str) -> None:
    folder = root / "models" / kind
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def faults_of(folder: Path, *overrides: str, **options: str) -> list[Fault]:
    with pytest.raises(InputError) as caught:
        read(folder, *overrides, **options)
    return list(caught.value.faults)


@pytest.mark.parametrize("top", range(5))
def test_the_highest_layer_that_speaks_wins(tmp_path: Path, top: int) -> None:
    """gap = 1 % in the recipe, 2 % in the base, … as far as `top`; layers above say something else."""

    def gap(layer: int) -> str:
        return f"solve: {{gap: {layer + 1}%}}\n" if layer <= top else "solve: {seed: 3}\n"

    models(tmp_path, "allocation", mine=gap(0))
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + "model: mine\n" + gap(1))
    text = "extends: ../base\n" + gap(2) + "variants:\n  loud:\n    " + gap(3)
    folder = overlay(tmp_path, "mine", text)
    world = read(folder, f"solve.gap={top + 1}%" if top == 4 else "solve.seed=3", variant="loud")
    assert world.solve.gap == pytest.approx((top + 1) / 100)
    place = [
        "models/allocation/mine.yaml:1",
        "../base/scenario.yaml:4",
        "scenario.yaml:2",
        "scenario.yaml:5",
        "--set solve.gap=5%",
    ]
    assert world.provenance["solve.gap"] == place[top]


def test_provenance_of_every_value(tmp_path: Path) -> None:
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + "solve:\n  gap: 1%\n  seed: 4\n")
    world = read(
        overlay(tmp_path, "mine", "extends: ../base\nsolve: {gap: 2%}\nrules:\n  margin_mix:\n    - {min: 10%}\n")
    )
    found = world.provenance
    assert found["horizon.weeks"] == "../base/scenario.yaml:2"
    assert found["solve.seed"] == "../base/scenario.yaml:5"
    assert found["solve.gap"] == "scenario.yaml:2"
    assert found["rules.margin_mix.0.min"] == "scenario.yaml:5"
    assert found["rules.one_event"].startswith("models/allocation/annual_agreement.yaml:")
    assert found["supply.gate"].startswith("models/fulfilment/gated_fefo.yaml:")
    assert (world.solve.gap, world.solve.seed) == (0.02, 4)


def test_a_policy_lies_under_the_scenarios_own_values(tmp_path: Path) -> None:
    folder = write(tmp_path, scenario=FILES["scenario.yaml"] + "supply: {policy: blind_fefo, issue_error: 2%}\n")
    supply = read(folder).supply
    assert (supply.policy, supply.gate, supply.position, supply.issue_error) == ("blind_fefo", False, "all", 0.02)
    assert read(folder, "supply.policy=fifo").supply.issue == "fifo"
    assert read(write(tmp_path, "plain")).supply.gate is True


def test_bundled_models_serve_where_the_user_has_none_or_others(tmp_path: Path) -> None:
    models(tmp_path, "allocation", mine="solve: {gap: 7%}\n")
    folder = write(tmp_path)
    assert read(folder).solve.gap == 0.001  # annual_agreement is not in the user's folder
    assert read(folder, model="mine").solve.gap == 0.07
    assert read(folder, model="mine").provenance["model"] == "--model"
    assert list(model_folders(folder)) == [tmp_path / "models", bundled("models")]
    assert "Did you mean 'mine'?" in str(faults_of(folder, model="mime")[0])


def test_null_takes_back_and_false_switches_off(tmp_path: Path) -> None:
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + "budget: {total: 5}\nrules: {spacing: {gap: 2}}\n")
    world = read(overlay(tmp_path, "mine", "extends: ../base\nbudget: {total: null}\nrules: {spacing: false}\n"))
    assert world.budget == ()
    assert world.rules["spacing"] == ()
    assert "budget.total" not in world.provenance


def test_lists_replace_and_assumptions_add_up(tmp_path: Path) -> None:
    text = "budget: {nodes: [{max: 1}, {max: 2}]}\nassumptions: [one]\n"
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + text)
    world = read(overlay(tmp_path, "mine", "extends: ../base\nbudget: {nodes: [{max: 3}]}\nassumptions: [two]\n"))
    assert [one.high for one in world.budget] == [3]
    assert world.assumptions == ("one", "two")


def test_tables_patch_by_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        "base",
        budgets="account,max\nW,5\n",
        scenario=FILES["scenario.yaml"] + "budget: {by_account: tables/budgets.csv}\n",
    )
    folder = overlay(
        tmp_path,
        "mine",
        "extends: ../base\n",
        accounts="客户,加价率,name\nZ,50%,\nV,,new\n",
        base="account,sku,cases\nV,cola,7\nW,cola,999\n",
        eligibility="account,sku,treatment,allowed\nV,*,*,no\n",
        budgets="account,quarter,max\nW,,6\nW,1,2\n",
    )
    world = read(folder)
    assert world.accounts.account == ("W", "Z", "V")
    assert world.accounts.name == ("", "", "new")
    assert world.accounts.retail_markup.tolist() == [0.25, 0.5, 0.25]  # the base's, the overlay's, the declared default
    assert world.accounts.channel == ("hyper", "trade", "")  # unknown to the overlay
    assert world.base_cases[:, :, 0].tolist() == [[999, 50], [80, 0], [7, 0]]
    assert world.eligible[:, 0, 0, 0].tolist() == [True, True, False]
    assert [(one.scope, one.high) for one in world.budget] == [("account=W", 6), ("account=W quarter=1", 2)]
    assert {"../base/tables/accounts.csv", "tables/accounts.csv"} <= set(world.inputs)


def test_a_fault_of_a_patched_cell_is_told_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, "base")
    folder = overlay(
        tmp_path,
        "mine",
        "extends: ../base\n",
        accounts="account,acceptance_age\nZ,7\nW,0.5\n",
        skus="sku,unit_cost\ntea,\nmilk,3\n",
    )
    found = {(one.file, one.line, one.column) for one in faults_of(folder)}
    assert found == {("tables/accounts.csv", 2, "acceptance_age"), ("tables/skus.csv", 3, "list_price")}


def test_a_patch_needs_its_keys(tmp_path: Path) -> None:
    write(tmp_path, "base")
    (fault,) = faults_of(overlay(tmp_path, "mine", "extends: ../base\n", base="account,cases\nW,3\n"))
    assert (fault.file, fault.line, fault.column) == ("tables/base.csv", 1, "sku")


def test_an_overlay_of_an_overlay_and_the_nearest_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        "base",
        plan="account,sku,week,treatment\nW,cola,1,cut\n",
        scenario=FILES["scenario.yaml"] + "plan: tables/plan.csv\n",
    )
    overlay(tmp_path, "middle", "extends: ../base/scenario.yaml\nsolve: {gap: 3%, seed: 1}\n")
    folder = overlay(tmp_path, "top", "extends: ../middle\nsolve: {seed: 2}\n")
    world = read(folder)
    assert (world.solve.gap, world.solve.seed) == (0.03, 2)
    assert world.plan_file == tmp_path / "scenarios/base/tables/plan.csv"


@pytest.mark.parametrize("way", ["../b", "../b/scenario.yaml", "."])
def test_cycles(tmp_path: Path, way: str) -> None:
    overlay(tmp_path, "b", "extends: ../a\n")
    folder = overlay(tmp_path, "a", f"extends: {way}\n")
    assert any("must not lead back" in str(one) for one in faults_of(folder))


@pytest.mark.parametrize("way", ["../../outside", "/etc", "../../scenarios/../outside", "../link"])
def test_no_way_out_of_the_scenarios(tmp_path: Path, way: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "scenario.yaml").write_text(FILES["scenario.yaml"], encoding="utf-8")
    folder = write(tmp_path, scenario=f"extends: {way}\n" + FILES["scenario.yaml"])
    (tmp_path / "scenarios" / "link").symlink_to(tmp_path / "outside")
    (fault,) = faults_of(folder)
    assert (fault.line, fault.column) == (1, "extends")
    assert "must stay inside" in fault.expected


@pytest.mark.parametrize("setting", ["plan: ../../secret.csv", "budget: {by_account: ../../secret.csv}"])
def test_no_table_from_outside(tmp_path: Path, setting: str) -> None:
    (tmp_path / "secret.csv").write_text("account,sku,week,treatment\n", encoding="utf-8")
    (fault,) = faults_of(write(tmp_path, scenario=FILES["scenario.yaml"] + setting + "\n"))
    assert "must stay inside" in fault.expected


def test_a_base_that_is_not_there(tmp_path: Path) -> None:
    (fault,) = faults_of(write(tmp_path, scenario="extends: ../bace\n" + FILES["scenario.yaml"]))
    assert "must be a folder with a scenario.yaml" in fault.expected


VARIANTS = "variants:\n  tight: {budget: {total: 5}}\n  loose: {solve: {gap: 50%}}\n"


def test_variants(tmp_path: Path) -> None:
    folder = write(tmp_path, scenario=FILES["scenario.yaml"] + VARIANTS)
    assert [one.high for one in read(folder, variant="tight").budget] == [5]
    assert read(folder).budget == ()
    assert "variants" not in read(folder).resolved
    assert "Did you mean 'tight'?" in str(faults_of(folder, variant="tigth")[0])


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("{budget: {totl: 5}}", "scenario.yaml:4 budget.totl = totl: is not a known name here. Did you mean 'total'?"),
        ("{supply: {policy: blind}}", "scenario.yaml:4 models/fulfilment = blind"),
        ("{extends: ../x}", "scenario.yaml:4 variants.wrong.extends = extends: cannot differ by variant"),
        ("5", "scenario.yaml:4 variants.wrong = 5: must be a mapping"),
    ],
)
def test_a_variant_that_nobody_asked_for_is_checked_too(tmp_path: Path, variant: str, words: str) -> None:
    folder = write(tmp_path, scenario=FILES["scenario.yaml"] + f"variants:\n  wrong: {variant}\n")
    assert any(words in str(one) for one in faults_of(folder)), [str(one) for one in faults_of(folder)]


def test_a_fault_of_the_whole_is_told_once_whatever_the_variants(tmp_path: Path) -> None:
    assert (
        len(faults_of(write(tmp_path, scenario=FILES["scenario.yaml"] + VARIANTS + "targets: {fill_rate: 900}\n"))) == 1
    )


@pytest.mark.parametrize("way", ["../base@loose", "../base/scenario.yaml@loose", "../base@tight"])
def test_a_base_in_one_of_its_variants(tmp_path: Path, way: str) -> None:
    """The variant lies on its base and under what the overlay says itself; another variant may lie on top of all."""
    text = (
        "solve: {gap: 1%, seed: 1}\nvariants:\n  loose: {solve: {gap: 50%, seed: 2}}\n  tight: {budget: {total: 5}}\n"
    )
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + text)
    folder = overlay(tmp_path, "mine", f"extends: {way}\nsolve: {{seed: 3}}\n")
    world, loose = read(folder), way.endswith("loose")
    assert (world.solve.gap, world.solve.seed) == (0.5 if loose else 0.01, 3)
    assert [one.high for one in world.budget] == ([] if loose else [5])
    assert world.provenance["solve.gap"] == f"../base/scenario.yaml:{5 if loose else 3}"
    both = read(folder, variant="loose")
    assert (both.solve.gap, both.solve.seed, len(both.budget)) == (0.5, 2, 0 if loose else 1)


def test_a_variant_may_be_that_of_a_base_further_down(tmp_path: Path) -> None:
    """`middle` leaves the variant as it is but for its seed; what `middle` itself says lies under it."""
    text = "variants:\n  loose: {solve: {gap: 50%, seed: 2}}\n"
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + text)
    middle = "extends: ../base\nsolve: {gap: 4%}\nvariants: {loose: {solve: {seed: 7}}}\n"
    overlay(tmp_path, "middle", middle)
    world = read(overlay(tmp_path, "top", "extends: ../middle@loose\n"))
    assert (world.solve.gap, world.solve.seed) == (0.5, 7)


@pytest.mark.parametrize(("name", "words"), [("tigth", "Did you mean 'tight'?"), ("@", "extends = @: ")])
def test_a_variant_that_the_base_does_not_have(tmp_path: Path, name: str, words: str) -> None:
    write(tmp_path, "base", scenario=FILES["scenario.yaml"] + VARIANTS)
    (fault,) = faults_of(overlay(tmp_path, "mine", f"extends: ../base@{name}\n"))
    assert words in str(fault) and (fault.file, fault.line, fault.column) == ("scenario.yaml", 1, "extends")


@pytest.mark.parametrize(
    ("override", "check"),
    [
        ("budget.total=500万", lambda w: w.budget[0].high == 5_000_000),
        ("budget.total={max: 5, min: 2}", lambda w: (w.budget[0].low, w.budget[0].high) == (2, 5)),
        ("rules.spacing.gap=3", lambda w: w.rules["spacing"][0].gap == 3),
        (
            "rules.margin_mix=[{min: 10%}, {min: 20%}]",
            lambda w: [one.min for one in w.rules["margin_mix"]] == [0.1, 0.2],
        ),
        ("rules.locks=false", lambda w: w.rules["locks"] == ()),
        ("horizon.weeks=2", lambda w: w.base_cases.shape[2] == 2),
        ("name=试", lambda w: w.name.zh == "试"),
        ("assumptions=[a]", lambda w: w.assumptions == ("a",)),
        ("supply.shift_start=05:30", lambda w: w.supply.shift_start == 330),
        ("supply.gate=false", lambda w: w.supply.gate is False),
    ],
)
def test_overrides_are_typed(tmp_path: Path, override: str, check: object) -> None:
    assert callable(check)
    assert check(read(write(tmp_path), override))


def test_an_override_of_one_entry_of_a_list(tmp_path: Path) -> None:
    folder = write(tmp_path, scenario=FILES["scenario.yaml"] + "budget: {nodes: [{max: 1}, {max: 2}]}\n")
    assert [one.high for one in read(folder, "budget.nodes.1.max=7").budget] == [1, 7]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("budget.totl=5", "--set budget.totl=5 budget.totl = totl: is not a known name here. Did you mean 'total'?"),
        ("bugdet.total=5", "Did you mean 'budget'?"),
        ("rules.spacng.gap=5", "Did you mean 'spacing'?"),
        ("rules.spacing.gap=soon", "must be a whole number"),
        ("budget.total", "must be path=value"),
        ("=5", "must be path=value"),
        ("budget..total=5", "must be path=value"),
        ("budget.total=[1", "must be YAML 1.2"),
        ("budget.total=", "must hold settings"),
        ("extends=../base", "cannot be set from outside"),
        ("solve.gap.deep=1", "must be a single value"),
    ],
)
def test_overrides_that_are_wrong(tmp_path: Path, override: str, words: str) -> None:
    found = [str(one) for one in faults_of(write(tmp_path), override)]
    assert any(words in one and one.startswith("--set") for one in found), found


def test_the_last_override_wins(tmp_path: Path) -> None:
    assert read(write(tmp_path), "solve.gap=1%", "solve.gap=2%").solve.gap == 0.02


def test_hashes_change_with_their_file_only(tmp_path: Path) -> None:
    one, other = read(write(tmp_path, "a")), read(write(tmp_path, "b", skus=FILES["tables/skus.csv"] + "\n"))
    assert {name for name in one.inputs if one.inputs[name] != other.inputs[name]} == {"tables/skus.csv"}
    assert list(one.inputs) == sorted(one.inputs)
    assert all(len(digest) == 64 for digest in one.inputs.values())


def node(text: str) -> Node:
    found = parse_value(text, "x", [])
    assert found is not None
    return found


NAMES = st.sampled_from("abc")
TREES = st.recursive(st.sampled_from(["1", "2"]), lambda below: st.dictionaries(NAMES, below, max_size=3), max_leaves=6)


def placed(data: object) -> Node:
    value = {key: placed(one) for key, one in data.items()} if isinstance(data, dict) else data
    return Node(value, Origin("x", 1))  # type: ignore[arg-type]


def section(below: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    """Values under small letters, sections under capitals: a name is one or the other in every layer."""
    values = st.dictionaries(NAMES, st.sampled_from(["1", "2"]), max_size=3)
    sections = st.dictionaries(st.sampled_from("AB"), below, max_size=2)
    return st.builds(lambda these, those: {**these, **those}, values, sections)


SECTIONS = section(section(section(st.just({}))))


@given(SECTIONS, SECTIONS, SECTIONS)
def test_merging_in_steps_is_merging_at_once(one: object, two: object, three: object) -> None:
    a, b, c = placed(one), placed(two), placed(three)
    assert merge(merge(a, b), c).plain() == merge(a, merge(b, c)).plain()
    assert merge(a, a).plain() == a.plain()


@given(st.dictionaries(NAMES, TREES), st.dictionaries(NAMES, TREES))
def test_every_leaf_above_survives_a_merge(below: dict[str, object], above: dict[str, object]) -> None:
    whole = merge(placed(below), placed(above))
    for path, leaf in placed(above).leaves():
        assert whole.at(path).value == leaf.value
        assert whole.reach(path) == path


def test_nulls_go_at_the_end_only() -> None:
    below, above = node("{a: {b: 1, c: 2}}"), node("{a: {b: null}, d: ~}")
    assert without_nulls(merge(below, above)).plain() == {"a": {"c": "2"}}
    assert without_nulls(merge(merge(below, above), node("{a: {b: 3}}"))).plain() == {"a": {"b": "3", "c": "2"}}


def test_quoted_null_is_a_text() -> None:
    assert node('{a: "null", b: null}').plain() == {"a": "null", "b": None}
