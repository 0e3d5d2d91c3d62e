"""YAML 1.2 as text with places: every value a string until a schema turns it into something, every line remembered.

No aliases, anchors, tags or second documents; a key given twice is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kaopt.errors import Fault
from kaopt.scenario.sources import Origin, Reading

DEEPEST = 12
EXPECTED = "must be YAML 1.2"
PAIRS = "Write settings as `name: value`"
NULLS = ("", "null", "Null", "NULL", "~")


@dataclass(frozen=True)
class Node:
    """A value and where it stands: a text, None (`null`: take back what lay below), a mapping or a list."""

    value: str | dict[str, Node] | list[Node] | None
    origin: Origin

    def at(self, path: tuple[str, ...]) -> Node:
        """The deepest node on the way along `path`."""
        if path and isinstance(self.value, dict) and path[0] in self.value:
            return self.value[path[0]].at(path[1:])
        if path and isinstance(self.value, list) and path[0].isdigit() and int(path[0]) < len(self.value):
            return self.value[int(path[0])].at(path[1:])
        return self

    def reach(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """As much of `path` as exists."""
        done: tuple[str, ...] = ()
        while len(done) < len(path) and self.at(path[: len(done) + 1]) is not self.at(done):
            done = path[: len(done) + 1]
        return done

    def plain(self) -> Any:
        """Plain data without places."""
        if isinstance(self.value, dict):
            return {key: one.plain() for key, one in self.value.items()}
        return [one.plain() for one in self.value] if isinstance(self.value, list) else self.value

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Every single value below, with its path."""
        if not isinstance(self.value, (dict, list)):
            yield path, self
            return
        pairs = self.value.items() if isinstance(self.value, dict) else enumerate(self.value)
        for key, one in pairs:
            yield from one.leaves((*path, str(key)))

    @property
    def shown(self) -> str:
        """The value as a message shows it."""
        if isinstance(self.value, (dict, list)):
            return "a mapping" if isinstance(self.value, dict) else "a list"
        return "null" if self.value is None else self.value


def read_yaml(path: Path, reading: Reading) -> Node | None:
    """The mapping of a YAML file; None where the file cannot be used at all (its faults are in `reading`)."""
    text = reading.text(path)
    return None if text is None else parse_yaml(text, reading.label(path), reading.faults)


def parse_yaml(text: str, file: str, faults: list[Fault]) -> Node | None:
    """A mapping from YAML text; faults are appended with line and column."""
    root = parse_value(text, file, faults)
    if root is None or isinstance(root.value, dict):
        return root
    faults.append(Origin(file, 1).fault(None, root.shown, "must be a mapping of settings", PAIRS))
    return None


def parse_value(text: str, file: str, faults: list[Fault]) -> Node | None:
    """Any single YAML value with its places."""
    builder = _Builder(file, faults)
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        return builder.document(iter(events))
    except _Unusable:
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Origin(file, mark.line + 1 if mark else None)
        column = f"column {mark.column + 1}" if mark else None
        problem = (error.problem or "").replace("\t", "a tab") or "unreadable"
        faults.append(
            place.fault(column, problem, EXPECTED, "Check indentation (spaces only), quotes and `name: value`")
        )
    except YAMLError as error:
        faults.append(Origin(file).fault(None, str(error).splitlines()[0], EXPECTED, "Remove unprintable characters"))
    return None


class _Unusable(Exception):
    """The file has to be given up; its fault has been noted."""


@dataclass(frozen=True)
class _Builder:
    """Builds nodes from the events of the parser."""

    file: str
    faults: list[Fault]

    def document(self, events: Iterator[Event]) -> Node | None:
        """The one value of the one document."""
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    self.note(event, "a second document", "must be one document", "Remove the line `---`")
                    raise _Unusable
                root = self.node(next(events), events, ())
        if root is None:
            self.faults.append(Origin(self.file).fault(None, "nothing", "must hold settings", PAIRS))
        return root

    def node(self, event: Event, events: Iterator[Event], path: tuple[str, ...]) -> Node:
        """The value that starts with `event`."""
        if isinstance(event, AliasEvent):
            self.note(event, f"*{getattr(event, 'anchor', '')}", "aliases are not used here", "Write the value itself")
            raise _Unusable
        self.check(event, path)
        origin = Origin(self.file, event.start_mark.line + 1)
        if isinstance(event, MappingStartEvent):
            return Node(self.mapping(events, path), origin)
        if isinstance(event, SequenceStartEvent):
            return Node(list(self.items(events, path)), origin)
        assert isinstance(event, ScalarEvent)
        return Node(None if not event.style and event.value in NULLS else str(event.value), origin)

    def filled(self, event: Event, key: Event, path: tuple[str, ...]) -> Event:
        """The event of a value; nothing at all is a fault of its key: only `null` takes back what lay below."""
        if isinstance(event, ScalarEvent) and not event.style and event.value == "":
            self.note(key, "nothing", "must have a value", "Write one, or delete the line", path)
        return event

    def check(self, event: Event, path: tuple[str, ...]) -> None:
        """Anchors and tags are faults; so is a depth that nobody needs."""
        if anchor := getattr(event, "anchor", None):
            self.note(event, f"&{anchor}", "anchors are not used here", "Remove it", path)
        if tag := getattr(event, "tag", None):
            self.note(event, str(tag), "tags are not used here", "Remove it", path)
        if len(path) > DEEPEST:
            self.note(event, ".".join(path), f"must not be nested deeper than {DEEPEST}", "Flatten it", path)
            raise _Unusable

    def mapping(self, events: Iterator[Event], path: tuple[str, ...]) -> dict[str, Node]:
        """The pairs of a mapping; a key given twice is a fault and its first value stays."""
        found: dict[str, Node] = {}
        while not isinstance(key := next(events), MappingEndEvent):
            if not isinstance(key, ScalarEvent):
                self.note(key, "a key of several parts", "must be a single name", "Write `name: value`", path)
                raise _Unusable
            self.check(key, path)
            name, line = str(key.value), key.start_mark.line + 1
            below = self.node(self.filled(next(events), key, (*path, name)), events, (*path, name))
            if name in found:
                first = found[name].origin.line
                self.note(key, name, f"is given twice, first in line {first}", "Keep one of them", (*path, name))
            else:
                found[name] = Node(below.value, Origin(self.file, line))
        return found

    def items(self, events: Iterator[Event], path: tuple[str, ...]) -> Iterator[Node]:
        """The entries of a list."""
        count = 0
        while not isinstance(event := next(events), SequenceEndEvent):
            yield self.node(self.filled(event, event, path), events, (*path, str(count)))
            count += 1

    def note(self, event: Event, found: str, expected: str, remedy: str, path: tuple[str, ...] = ()) -> None:
        """Remember a fault at the place of an event."""
        mark = event.start_mark
        column = ".".join(path) or f"column {mark.column + 1}"
        self.faults.append(Origin(self.file, mark.line + 1).fault(column, found, expected, remedy))
