"""What a reader of values does not see in a workbook: merged cells, and formulas that nobody has calculated yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import join, normpath
from xml.etree.ElementTree import Element, fromstring, iterparse
from zipfile import ZipFile

Cell = tuple[int, int]  # row and column, from 1


@dataclass(frozen=True)
class Flaws:
    """A sheet's merged ranges as `(first row, first column, last row, last column)`, and formulas without a value."""

    merged: tuple[tuple[int, int, int, int], ...] = ()
    uncalculated: frozenset[Cell] = frozenset()


def flaws_of(archive: ZipFile) -> Mapping[str, Flaws]:
    """The flaws of every sheet by its title; a sheet without any is not there."""
    found = {title: _flaws(archive, part) for title, part in _parts(archive)}
    return {title: flaws for title, flaws in found.items() if flaws != Flaws()}


def _parts(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """Title and XML part of every sheet."""
    (book,) = (one for kind, one in _relations(archive, "").values() if kind == "officeDocument")
    relations = _relations(archive, book)
    for sheet in fromstring(archive.read(book)).iter():
        if _name(sheet) == "sheet":
            (key,) = (value for name, value in sheet.attrib.items() if name.endswith("}id"))
            kind, part = relations[key]
            if kind == "worksheet":
                yield sheet.attrib["name"], part


def _relations(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Id -> kind and path of what a part of the archive refers to."""
    folder, _, name = part.rpartition("/")
    root = fromstring(archive.read(join(folder, "_rels", f"{name}.rels")))
    return {
        one.attrib["Id"]: (one.attrib["Type"].rpartition("/")[2], normpath(join("/", folder, one.attrib["Target"]))[1:])
        for one in root
    }


def _flaws(archive: ZipFile, part: str) -> Flaws:
    """The flaws of one sheet; most sheets have neither formulas nor merged cells and are not parsed at all."""
    content = archive.read(part)
    if not any(mark in content for mark in (b"mergeCell ", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")):
        return Flaws()
    merged, uncalculated = [], []
    with archive.open(part) as file:
        for _, element in iterparse(file):
            match _name(element):
                case "mergeCell":
                    merged.append(_range(element.attrib["ref"]))
                case "row":
                    uncalculated += [_place(cell.attrib["r"]) for cell in element if _is_uncalculated(cell)]
                    element.clear()
    return Flaws(tuple(merged), frozenset(uncalculated))


def _is_uncalculated(cell: Element) -> bool:
    """A formula without a value; a formula whose value is an empty text has one."""
    parts = {_name(part): part for part in cell}
    value = parts.get("v")
    return "f" in parts and (value is None or (not value.text and cell.get("t") != "str"))


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _range(reference: str) -> tuple[int, int, int, int]:
    """`B3:C5` as rows and columns."""
    first, _, last = reference.partition(":")
    return *_place(first), *_place(last or first)


def _place(address: str) -> Cell:
    """`C7` as (7, 3)."""
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(address[len(letters) :]), column
