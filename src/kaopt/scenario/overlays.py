"""Which setting wins: recipe < policy < base (`extends`) < scenario < variant < `--set`; each knows its place.

A base may be meant in one of its variants, `extends: ../base@variant`, which then lies on the base.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from kaopt.scenario.bundled import model_folders
from kaopt.scenario.sources import Origin, Reading, unknown
from kaopt.scenario.yaml_file import Node, parse_value, read_yaml

FILE = "scenario.yaml"
RECIPE = "annual_agreement"  # where the scenario names none
POLICY = "gated_fefo"
NAME = re.compile(r"[\w-]+")
SIGN = "@"  # extends: ../base@variant
NOT_IN_A_VARIANT = ("kaopt", "extends", "variants")
ADDED_UP = ("assumptions",)  # an overlay states its own beside those of its base


@dataclass(frozen=True)
class Asked:
    """What the caller asks for beside the files."""

    variant: str | None = None
    overrides: tuple[str, ...] = ()
    model: str | None = None


@dataclass(frozen=True)
class Chain:
    """The scenario and what it extends: folders and settings, base first."""

    folders: tuple[Path, ...]
    layers: tuple[Node, ...]
    readable: bool = True  # no file had to be given up

    def find(self, relative: str) -> Path | None:
        """A file named by a setting: the scenario's own, else the nearest base's."""
        for folder in reversed(self.folders):
            if (folder / relative).is_file():
                return folder / relative
        return None


def merge(below: Node, above: Node, name: str = "") -> Node:
    """`above` wins; mappings merge key by key, `null` takes back what lay below, lists and values replace."""
    if isinstance(below.value, dict) and isinstance(above.value, dict):
        both = dict(below.value)
        for key, one in above.value.items():
            both[key] = merge(both[key], one, key) if key in both else one
        return Node(both, above.origin)
    if isinstance(below.value, list) and isinstance(above.value, list) and name in ADDED_UP:
        return Node(below.value + above.value, above.origin)
    if isinstance(below.value, list) and isinstance(above.value, dict) and all(map(str.isdigit, above.value)):
        changed = [merge(one, above.value.get(str(i), one)) for i, one in enumerate(below.value)]
        return Node(changed, above.origin)
    return above


def without_nulls(node: Node) -> Node:
    """The mapping without the keys that were taken back."""
    if not isinstance(node.value, dict):
        return node
    return Node({key: without_nulls(one) for key, one in node.value.items() if one.value is not None}, node.origin)


def root_of(folder: Path) -> Path:
    """The scenarios root, which no scenario may leave: the nearest folder named `scenarios`, else the parent."""
    for parent in folder.parents:
        if parent.name == "scenarios":
            return parent
    return folder.parent


def read_chain(folder: Path, reading: Reading) -> Chain:
    """The scenario's file and those it extends; cycles and ways out of the root are faults."""
    folders, files, readable = [folder], [], True
    while True:
        node = read_yaml(folders[-1] / FILE, reading)
        readable = readable and node is not None
        files.append(node or Node({}, Origin(reading.label(folders[-1] / FILE))))
        base = _base(files[-1], folders, reading)
        if base is None:
            return Chain(tuple(folders[::-1]), _layers(files[::-1], reading), readable)
        folders.append(base)


def _layers(files: list[Node], reading: Reading) -> tuple[Node, ...]:
    """The files, base first, each on the variant of what it extends: `extends: ../base@variant`."""
    layers: list[Node] = []
    for node in files:
        said, name = _extends(node)[1:]
        if name and layers:
            layers += _variant(Chain((), tuple(layers)), name, (said, "extends"), reading)
        layers.append(node)
    return tuple(layers)


def _extends(node: Node) -> tuple[str, Origin, str]:
    """The way that `extends` says (none where it is no text: the schema says what is wrong), its place, a variant."""
    said = node.at(("extends",))
    text = said.value if node.reach(("extends",)) and isinstance(said.value, str) else ""
    way, _, variant = text.partition(SIGN)
    return way, said.origin, variant


def _base(node: Node, folders: list[Path], reading: Reading) -> Path | None:
    """The folder that `extends` names, or None."""
    way, said, _ = _extends(node)
    if not way:
        return None
    base = (folders[-1] / way).resolve()
    base = base.parent if base.name == FILE else base
    if not base.is_relative_to(root_of(folders[0]).resolve()):
        wrong = "must stay inside the folder of all scenarios", f"Put the base into {root_of(folders[0]).name}/"
    elif base in folders:
        wrong = "must not lead back to a scenario that extends it", "Remove one `extends`"
    elif not (base / FILE).is_file():
        wrong = f"must be a folder with a {FILE}", "Write the way from this folder, such as ../base"
    else:
        return base
    reading.faults.append(said.fault("extends", way, *wrong))
    return None


def variants_of(chain: Chain) -> dict[str, Node]:
    """The named overrides of the scenario and its bases."""
    whole = reduce(merge, chain.layers).at(("variants",))
    is_there = any(isinstance(one.value, dict) and "variants" in one.value for one in chain.layers)
    return whole.value if is_there and isinstance(whole.value, dict) else {}


def settle(chain: Chain, asked: Asked, reading: Reading) -> Node:
    """All layers merged in their order: the settings that hold, each with the place that it came from."""
    layers = list(chain.layers)
    if asked.variant is not None:
        layers += _variant(chain, asked.variant, (Origin("--variant"), None), reading)
    layers += [node for text in asked.overrides if (node := override(text, reading)) is not None]
    own = reduce(merge, layers)
    recipe = _named(own, ("model",), asked.model or RECIPE, force=asked.model is not None)
    below = [_model_file("allocation", recipe, reading)]
    policy = _named(reduce(merge, [*filter(None, below), own]), ("supply", "policy"), POLICY)
    supply = _model_file("fulfilment", policy, reading)
    below.append(Node({"supply": supply}, supply.origin) if supply else None)
    stated = Node({"model": recipe}, recipe.origin) if asked.model else None
    return without_nulls(reduce(merge, [one for one in (*below, own, stated) if one is not None]))


def _variant(chain: Chain, name: str, asked: tuple[Origin, str | None], reading: Reading) -> list[Node]:
    """The layer of a variant, none where there is no such; `asked` = place and setting that ask for it."""
    known = variants_of(chain)
    if name not in known:
        reading.faults.append(unknown(*asked, name, known))
        return []
    node = known[name]
    if not isinstance(node.value, dict):
        reading.faults.append(node.origin.fault(f"variants.{name}", node.shown, "must be a mapping of settings"))
        return []
    for key in set(NOT_IN_A_VARIANT) & set(node.value):
        reading.faults.append(node.value[key].origin.fault(f"variants.{name}.{key}", key, "cannot differ by variant"))
    return [node]


def override(text: str, reading: Reading) -> Node | None:
    """`budget.total=500万` as a layer of its own."""
    place = Origin(f"--set {text}")
    path, sign, value = text.partition("=")
    keys = path.strip().split(".")
    if not sign or not all(keys):
        reading.faults.append(place.fault(None, text, "must be path=value", "Write it like --set budget.total=500万"))
        return None
    if keys[0] in NOT_IN_A_VARIANT:
        reading.faults.append(place.fault(None, text, "cannot be set from outside", "Change the file"))
        return None
    node = parse_value(value.strip(), place.file, reading.faults)
    if node is None:
        return None
    return reduce(lambda below, key: Node({key: below}, place), reversed(keys), _placed(node, place))


def _placed(node: Node, place: Origin) -> Node:
    """The same value, all of it said at `place`: the command line has no lines."""
    if isinstance(node.value, dict):
        return Node({key: _placed(one, place) for key, one in node.value.items()}, place)
    if isinstance(node.value, list):
        return Node([_placed(one, place) for one in node.value], place)
    return Node(node.value, place)


def _named(own: Node, path: tuple[str, ...], default: str, *, force: bool = False) -> Node:
    """The name that a setting gives, or the default's."""
    found = own.at(path)
    given = own.reach(path) == path and isinstance(found.value, str)
    return Node(default, Origin("--model")) if force else found if given else Node(default, Origin("default"))


def _model_file(kind: str, name: Node, reading: Reading) -> Node | None:
    """models/<kind>/<name>.yaml, from the nearest folder that has it."""
    text = str(name.value)
    folders = [folder / kind for folder in model_folders(reading.folder)]
    for folder in folders if NAME.fullmatch(text) else []:
        if (folder / f"{text}.yaml").is_file():
            return read_yaml(folder / f"{text}.yaml", reading)
    known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    reading.faults.append(unknown(name.origin, f"models/{kind}", text, known))
    return None


def provenance(settings: Node) -> dict[str, str]:
    """Dotted setting -> file:line that it came from."""
    return {".".join(path): str(node.origin) for path, node in settings.leaves() if path[0] != "variants"}
