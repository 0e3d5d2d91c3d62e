"""From an experiment's file to the question it asks: every fault at once, each with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kaopt import api, runs
from kaopt.errors import Fault, InputError
from kaopt.experiments.measures import MEASURES
from kaopt.experiments.policies import Policy, policies_of
from kaopt.experiments.question import Contest, Question, same, sharing
from kaopt.experiments.settings import Choose, ExperimentFile, Measured
from kaopt.own_policies import with_policies
from kaopt.plan import Plan
from kaopt.scenario.kinds import parse
from kaopt.scenario.model import Scenario
from kaopt.scenario.overlays import FILE
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.sections import checked
from kaopt.scenario.sources import Origin, Reading, suggest, unknown
from kaopt.scenario.yaml_file import Node, read_yaml
from kaopt.statistics.stopping import Enough

if TYPE_CHECKING:
    from kaopt.allocation.rules.rule import Rule

KINDS = {"share": "points", "money": "money", "day": "number", "case": "cases"}  # how a width is written, by unit


@dataclass(frozen=True)
class Said:
    """What the caller says beside the file; wins over it."""

    overrides: tuple[str, ...] = ()
    variant: str | None = None
    model: str | None = None
    seed: int | None = None
    rules: tuple[Rule, ...] | None = None
    policies: Path | None = None  # a supply policy of one's own, for all worlds


def read(path: Path, said: Said | None = None) -> Question:
    """The question of an experiment's file. Raises InputError with every fault."""
    said = said or Said()
    reading = Reading(path.parent.resolve())
    node = read_yaml(path.resolve(), reading)
    found = checked(node, ExperimentFile, reading.faults) if node is not None else None
    reading.stop_on_faults()
    assert node is not None and isinstance(found, ExperimentFile)
    found = found.model_copy(update={"variant": said.variant or found.variant})
    policies, baseline = policies_of(found, node, reading.faults)
    folder = scenario_of(found, node, reading)
    reading.stop_on_faults()
    worlds = worlds_of(folder, policies, said, reading, node)
    reading.stop_on_faults()
    policies, settled_worlds, baseline = settled(policies, worlds, baseline)
    return asked(Draft(found, node, reading, said), policies, settled_worlds, baseline)


@dataclass(frozen=True, eq=False)
class Draft:
    """A file being read."""

    file: ExperimentFile
    node: Node
    reading: Reading
    said: Said

    def fault(self, path: tuple[str, ...], found: str, expected: str, remedy: str = "") -> None:
        """Note a fault at the place of a setting."""
        self.reading.faults.append(self.node.at(path).origin.fault(".".join(path), found, expected, remedy))


def asked(draft: Draft, policies: list[Policy], worlds: Sequence[Scenario], baseline: int) -> Question:
    """Measures, stopping and choosing, checked against the world."""
    file = draft.file
    check_accounts(draft, worlds[baseline])
    measures = list(file.measures)
    stop_on = index_of(draft, measures, file.replications.of or measures[0].label, ("replications", "of"))
    contest = None if file.choose is None else contest_of(draft, measures, file.choose, len(policies))
    again = file.replications
    if again.max < again.min:
        draft.fault(("replications", "max"), str(again.max), f"must be at least min ({again.min})")
    width = amount(draft, measures[stop_on], again.half_width, ("replications", "half_width"))
    plans, sources = plans_of(draft, worlds)
    draft.reading.stop_on_faults()
    seed = draft.said.seed if draft.said.seed is not None else file.seed
    return Question(
        name=file.name if file.name.en or file.name.zh else worlds[baseline].name,
        policies=tuple(policies),
        baseline=baseline,
        worlds=sharing(worlds),
        plans=plans,
        measures=tuple(measures),
        stop=Enough(width, again.min, again.max, again.confidence),
        stop_on=stop_on,
        contest=contest,
        seed=worlds[baseline].supply.seed if seed is None else seed,
        sources={**draft.reading.hashes, **sources},
    )


def scenario_of(file: ExperimentFile, node: Node, reading: Reading) -> Path:
    """The scenario's folder: named from the file's place, or the nearest one above it."""
    if file.scenario:
        return (reading.folder / file.scenario).resolve()
    for folder in (reading.folder, *reading.folder.parents):
        if (folder / FILE).is_file():
            return folder
    expected = f"must be named, as no folder above this file has a {FILE}"
    reading.faults.append(node.origin.fault("scenario", "nothing", expected, "Add scenario: ../cheese"))
    return reading.folder


def worlds_of(folder: Path, policies: Sequence[Policy], said: Said, reading: Reading, node: Node) -> list[Scenario]:
    """A world for each policy; what the scenario says about a setting is told at its line of this file."""
    worlds = []
    api.load(folder, overrides=said.overrides, model=said.model, rules=said.rules)  # its own faults come alone
    for one in policies:
        places = {f"--set {text}": place for text, place in one.settings}
        overrides = [*one.overrides, *said.overrides]
        try:
            world = api.load(folder, variant=one.variant, overrides=overrides, model=said.model, rules=said.rules)
        except InputError as error:
            reading.faults.extend(placed(fault, places, one, node) for fault in error.faults)
        else:
            worlds.append(with_policies(world, said.policies) if said.policies else world)
    return worlds


def placed(fault: Fault, places: Mapping[str, Origin], policy: Policy, node: Node) -> Fault:
    """The fault of a setting, or of a variant, at its own line."""
    if fault.file == "--variant" and node.reach(policy.variant_at) == policy.variant_at:
        place = node.at(policy.variant_at).origin
        return replace(fault, file=place.file, line=place.line, column=".".join(policy.variant_at))
    known = places.get(fault.file)
    return fault if known is None else replace(fault, file=known.file, line=known.line)


def settled(
    policies: list[Policy], worlds: list[Scenario], baseline: int
) -> tuple[list[Policy], tuple[Scenario, ...], int]:
    """Without the added baseline where a policy of the file is just that."""
    if baseline == 0 and not policies[0].factors:
        for n in range(1, len(worlds)):
            if alike(worlds[0], worlds[n]):
                return policies[1:], tuple(worlds[1:]), n - 1
    return policies, tuple(worlds), baseline


def alike(a: Scenario, b: Scenario) -> bool:
    """The same world, wherever its settings were said."""
    return same(replace(a, provenance={}), replace(b, provenance={}))


def check_accounts(draft: Draft, world: Scenario) -> None:
    """Accounts that the world does not have, and figures that an account does not have."""
    for n, one in enumerate(draft.file.measures):
        path = ("measures", str(n), "account")
        place = draft.node.at(path).origin
        if one.account and one.account not in world.accounts.account:
            draft.reading.faults.append(unknown(place, ".".join(path), one.account, world.accounts.account))
        elif one.account and not MEASURES[one.measure].by_account:
            draft.fault(path, one.account, f"must be left out: {one.measure} is of the whole warehouse")


def index_of(draft: Draft, measures: list[Measured], label: str, path: tuple[str, ...]) -> int:
    """Where a measure stands among those of the file."""
    labels = [one.label for one in measures]
    if label not in labels:
        draft.fault(path, label, "must be one of the file's measures", suggest(label, labels))
        return 0
    return labels.index(label)


def contest_of(draft: Draft, measures: list[Measured], choose: Choose, policies: int) -> Contest | None:
    """How the best is found."""
    at = index_of(draft, measures, choose.best, ("choose", "best"))
    if MEASURES[measures[at].measure].better == 0:
        draft.fault(("choose", "best"), choose.best, "must be a figure of which more, or less, is better")
    zone, least = 0.0, policies * draft.file.replications.min
    if choose.method == "kn":
        zone = amount(draft, measures[at], choose.indifference or "0", ("choose", "indifference"))
        if zone <= 0:
            expected = "must be the smallest difference that matters, more than 0"
            draft.fault(("choose", "indifference"), choose.indifference or "nothing", expected, "Write it like 0.3pp")
    elif (choose.budget or 0) < least:
        expected = f"must be at least {least}: every policy's first years"
        draft.fault(("choose", "budget"), str(choose.budget or "nothing"), expected)
    return Contest(at, choose.method, zone, choose.confidence, choose.budget or 0)


def amount(draft: Draft, measure: Measured, text: str, path: tuple[str, ...]) -> float:
    """A width in the unit of its measure."""
    unit = MEASURES[measure.measure].unit
    try:
        return float(parse(KINDS[unit], text))
    except Wrong as wrong:
        draft.fault(path, text, f"{wrong.expected}, as {measure.label} is in {unit}", wrong.remedy)
    return 0.0


def plans_of(draft: Draft, worlds: Sequence[Scenario]) -> tuple[tuple[Plan, ...], dict[str, str]]:
    """The plan that is lived in each world, and the hash of its file; also that of a policy of one's own."""
    named = (draft.reading.folder / draft.file.plan).resolve() if draft.file.plan else None
    if named is not None and not named.is_file():
        draft.fault(("plan",), draft.file.plan, "must be a plan's file, seen from this one")
        return (), {}
    found, sources = [], {}
    if draft.said.policies is not None:
        sources[draft.reading.label(draft.said.policies.resolve())] = runs.sha256(draft.said.policies)
    for world in worlds:
        source = named or world.plan_file
        found.append(Plan.nothing() if source is None else api.load_plan(world, source))
        if source is not None:
            sources[draft.reading.label(source)] = runs.sha256(source)
    return tuple(found), sources
