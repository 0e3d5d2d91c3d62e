"""From merged settings to validated sections: every wrong value a fault at its own file and line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kaopt.errors import Fault
from kaopt.scenario.ledger_settings import Calibrate
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.risk_settings import Risk
from kaopt.scenario.settings import Budget, Horizon, Objective, Rolling, RuleSettings, Solve, Supply, Targets, Words
from kaopt.scenario.sources import Origin, suggest, unknown
from kaopt.scenario.yaml_file import Node


def _words(given: object) -> object:
    """A plain text is the name in both languages."""
    return {"en": given, "zh": given} if isinstance(given, str) else given


def _version(given: object) -> object:
    if given != "1":
        raise Wrong("must be 1, the version of this format", "Write kaopt: 1")
    return given


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
SECTIONS: Mapping[str, Any] = {
    "kaopt": Annotated[str, BeforeValidator(_version)],
    "extends": Text,
    "name": Annotated[Words, BeforeValidator(_words)],
    "model": Text,
    "horizon": Horizon,
    "currency": Text,
    "plan": Text,
    "variants": dict[str, dict[str, Any]],
    "tables": dict[str, Any],  # cells that differ from the tables' own, see amend
    "budget": Budget,
    "objective": Objective,
    "rolling": Rolling,
    "risk": Risk,
    "rules": dict[str, Any],
    "supply": Supply,
    "solve": Solve,
    "targets": Targets,
    "calibrate": Calibrate,
    "response": Text,
    "assumptions": tuple[Text, ...],
}
TRUTHS = {"true": True, "false": False}
REQUIRED = {"kaopt": "kaopt: 1", "horizon": "horizon: {start: 2027-01-04, weeks: 52}"}
EXPECTED = {
    "missing": "must be given",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "string_type": "must be a single text",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping of settings",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "recursion_loop": "must not contain itself",
}


def validate(settings: Node, rule_settings: Mapping[str, type[RuleSettings]], faults: list[Fault]) -> dict[str, Any]:
    """The sections that are right, by name; what is wrong is appended to `faults`.

    `rule_settings`: the settings class of every rule by name.
    """
    assert isinstance(settings.value, dict)
    values: dict[str, Any] = {}
    for name, node in settings.value.items():
        if name not in SECTIONS:
            faults.append(unknown(node.origin, name, name, SECTIONS))
        elif name == "rules":
            values[name] = _rules(node, rule_settings, faults)
        elif name != "variants" or _is_mapping(node, name, faults):
            _section(values, (name,), node, SECTIONS[name], faults)
    return values


def checked(node: Node, kind: Any, faults: list[Fault]) -> Any:
    """What a file of another kind says, read as a scenario is; None after faults at their own lines."""
    try:
        return TypeAdapter(kind).validate_python(node.plain())
    except ValidationError as error:
        faults.extend(_fault(one, (), node, kind) for one in error.errors())
    return None


def missing(settings: Node, faults: list[Fault]) -> None:
    """Note the sections that every scenario needs and this one lacks."""
    assert isinstance(settings.value, dict)
    for name, example in REQUIRED.items():
        if name not in settings.value:
            faults.append(settings.origin.fault(name, "nothing", "must be given", f"Add `{example}`"))


def _is_mapping(node: Node, name: str, faults: list[Fault]) -> bool:
    if isinstance(node.value, dict):
        return True
    faults.append(node.origin.fault(name, node.shown, "must be a mapping", f"Write `{name}: {{...}}`"))
    return False


def _section(values: dict[str, Any], path: tuple[str, ...], node: Node, kind: Any, faults: list[Fault]) -> None:
    """Put the validated section into `values` under the last part of `path`, or note its faults."""
    try:
        values[path[-1]] = TypeAdapter(kind).validate_python(_with_truths(node.plain(), kind))
    except ValidationError as error:
        faults.extend(_fault(one, path, node, kind) for one in error.errors())


def _with_truths(data: Any, kind: Any) -> Any:
    """The same data with true and false as such where a rule allows one of them only; elsewhere pydantic reads them."""
    if not (isinstance(data, dict) and isinstance(kind, type) and issubclass(kind, BaseModel)):
        return data
    only = {name for name, field in kind.model_fields.items() if get_args(field.annotation) in ((True,), (False,))}
    return {key: TRUTHS.get(one, one) if key in only and isinstance(one, str) else one for key, one in data.items()}


def _rules(node: Node, known: Mapping[str, type[RuleSettings]], faults: list[Fault]) -> dict[str, Any]:
    """Rule name -> its settings, possibly several; `true` means the defaults, `false` (none) that it does not hold."""
    rules: dict[str, Any] = {}
    if not _is_mapping(node, "rules", faults):
        return rules
    assert isinstance(node.value, dict)
    for name, said in node.value.items():
        if name not in known:
            faults.append(unknown(said.origin, f"rules.{name}", name, known))
            continue
        if said.value == "false":
            rules[name] = ()
            continue
        found: dict[str, Any] = {}
        many = said.value if isinstance(said.value, list) else [said]
        for number, one in enumerate(many):
            path = ("rules", name, str(number)) if isinstance(said.value, list) else ("rules", name)
            _one_rule(found, path, one, known[name], faults)
        rules[name] = tuple(found.values())
    return rules


def _one_rule(
    found: dict[str, Any], path: tuple[str, ...], one: Node, kind: type[RuleSettings], faults: list[Fault]
) -> None:
    if isinstance(one.value, dict) or one.value == "true":
        _section(found, path, Node({} if one.value == "true" else one.value, one.origin), kind, faults)
    else:
        expected = "must be true, false, a mapping of settings or a list of those"
        faults.append(one.origin.fault(".".join(path), one.shown, expected, _known_keys(kind)))


def _fault(error: ErrorDetails, path: tuple[str, ...], node: Node, kind: Any) -> Fault:
    """One complaint of pydantic in our words, at the place of the value that it is about."""
    where = tuple(str(part) for part in error["loc"])
    there = node.reach(where)
    column = ".".join((*path, *there))
    place, found = node.at(there).origin, node.at(there).shown
    what = error["type"]
    if what == "missing":
        column, found = ".".join((*path, *where)), "nothing"
        return place.fault(column, found, "must be given", f"Add `{where[-1]}: …`")
    if what == "extra_forbidden":
        return _unknown_key(place, column, there[-1], _model_at(kind, there[:-1]))
    if what == "value_error" and isinstance(wrong := error.get("ctx", {}).get("error"), Wrong):
        return place.fault(column, found, wrong.expected, wrong.remedy)
    if what == "literal_error":
        allowed = [part.strip("' ") for part in error["ctx"]["expected"].replace(" or ", ",").split(",")]
        return place.fault(column, found, f"must be one of: {', '.join(allowed)}", suggest(found, allowed))
    expected = EXPECTED.get(what, error["msg"].replace("Input should", "must").removeprefix("Value error, "))
    return place.fault(column, found, expected, _example(kind, there) if what in ("model_type", "dict_type") else "")


def _unknown_key(place: Origin, column: str, name: str, model: type[BaseModel] | None) -> Fault:
    return unknown(place, column, name, model.model_fields if model else ())


def _example(kind: Any, path: tuple[str, ...]) -> str:
    model = _model_at(kind, path)
    return _known_keys(model) if model else ""


def _known_keys(model: type[BaseModel]) -> str:
    return f"Settings: {', '.join(model.model_fields)}"


def _model_at(kind: Any, path: tuple[str, ...]) -> type[BaseModel] | None:
    """The pydantic model that rules the mapping at `path` below `kind`."""
    model = _model_in(kind)
    for part in path:
        if model is None:
            return None
        if part in model.model_fields:
            kind = model.model_fields[part].annotation
            model = _model_in(kind)
        # an index of a list or a key of a mapping: its entries share one model
    return model


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The first pydantic model inside a type such as `tuple[BudgetNode, ...]` or `Annotated[Limits, …] | None`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for one in get_args(kind) if (found := _model_in(one))), None)
