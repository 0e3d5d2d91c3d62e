"""Where an input came from, and the bytes of its files: places, encodings, hashes, faults with a suggestion."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from kaopt.errors import Fault, InputError

SHOWN = 60  # characters of a found value in a message


@dataclass(frozen=True)
class Origin:
    """A file and a line of it; no line for what the command line said. `letters`: a sheet's columns by name."""

    file: str
    line: int | None = None
    letters: Mapping[str, str] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def fault(self, column: str | None, found: str, expected: str, remedy: str = "") -> Fault:
        """A fault at this place."""
        shown = found if len(found) <= SHOWN else found[: SHOWN - 1] + "…"
        return Fault(self.file, self.line, column, shown, expected, remedy, self.cell(column))

    def cell(self, column: str | None) -> str:
        """`C7` where this is a line of a workbook's sheet; for a key of several columns the first one's."""
        letter = (self.letters or {}).get((column or "").partition(",")[0])
        return f"{letter}{self.line}" if letter and self.line else ""


@dataclass(eq=False)
class Reading:
    """One reading of a scenario: the faults found so far and the hash of every file that was read."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)

    def label(self, path: Path) -> str:
        """How a file is called in messages: seen from the scenario's folder, or `models/…`."""
        parts = path.parts
        if "models" in parts and not path.is_relative_to(self.folder):
            return Path(*parts[len(parts) - 1 - parts[::-1].index("models") :]).as_posix()
        return Path(os.path.relpath(path, self.folder)).as_posix()

    def data(self, path: Path) -> bytes | None:
        """The bytes of a file, their hash remembered; None after a fault."""
        place = Origin(self.label(path))
        try:
            data = path.read_bytes()
        except OSError as error:
            reason = error.strerror or "unreadable"
            self.faults.append(
                place.fault(None, reason, "must be a file that can be read", "Check the name and the rights")
            )
            return None
        self.hashes[place.file] = hashlib.sha256(data).hexdigest()
        return data

    def text(self, path: Path) -> str | None:
        """The text of a file, its hash remembered; None after a fault."""
        if (data := self.data(path)) is None:
            return None
        try:
            return decode(data)
        except UnicodeDecodeError:
            expected = "must be text in UTF-8 or GB18030"
            place = Origin(self.label(path))
            self.faults.append(place.fault(None, "another encoding", expected, "Save it as 'CSV UTF-8'"))
            return None

    def stop_on_faults(self) -> None:
        """Raise InputError with every fault so far, each once."""
        if self.faults:
            raise InputError(list(dict.fromkeys(self.faults)))


def in_table(fault: Fault) -> bool:
    """True for a fault of a table, so that there are no arrays to be made of it."""
    return fault.file.endswith((".csv", ".parquet", ".xlsx")) or ".xlsx!" in fault.file


def decode(data: bytes) -> str:
    """Text from UTF-8, with or without a mark, or from GB18030 (what Chinese spreadsheets save)."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data:
        raise UnicodeDecodeError("utf-8", data[:2], 0, 1, "not a text file that we read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def suggest(name: str, known: Iterable[str]) -> str:
    """`Did you mean 'x'?`, or the list of what is known where that is short."""
    names = [str(one) for one in known]
    folded = {one.casefold(): one for one in reversed(names)}
    close = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.7)
    if close:
        return f"Did you mean {folded[close[0]]!r}?"
    return f"Known: {', '.join(names)}" if 0 < len(names) <= 20 else ""


def unknown(place: Origin, column: str | None, name: str, known: Iterable[str]) -> Fault:
    """The fault of a name that nobody knows, with a suggestion."""
    return place.fault(column, name, "is not a known name here", suggest(name, known))
