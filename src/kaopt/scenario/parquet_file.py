"""A table in Parquet: one file, or a folder of files, perhaps one per account; read batch by batch.

`tables/base.parquet`, `tables/base/*.parquet`, or `tables/base/account=A001/*.parquet`, where a folder's name gives the
cells of a column. A cell means what the same cell of a CSV file means; rows are counted from 1 in each file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kaopt.csv_text import cell
from kaopt.scenario.sources import Origin, Reading
from kaopt.scenario.table_file import Row, Sheet

SUFFIX = ".parquet"
ROWS = 32_768  # of a batch
NOTHING = "__HIVE_DEFAULT_PARTITION__"  # the folder of an empty cell


def parquet_at(folder: Path, table: str) -> Path | None:
    """The file or the folder of a table's Parquet files, where there is one."""
    file, parts = folder / "tables" / f"{table}{SUFFIX}", folder / "tables" / table
    return file if file.is_file() else parts if is_parts(parts) else None


def is_parts(path: Path) -> bool:
    """Whether a folder holds Parquet files, at any depth."""
    return path.is_dir() and next(path.rglob(f"*{SUFFIX}"), None) is not None


def head(path: Path, reading: Reading) -> Origin:
    """The place of the table as a whole."""
    return Origin(reading.label(path) + (f"/*{SUFFIX}" if path.is_dir() else ""))


def sheets(path: Path, reading: Reading) -> Iterator[Sheet]:
    """The table batch by batch, files in the order of their names; what cannot be read is a fault."""
    for file in sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else (path,):
        folders = file.relative_to(path).parts[:-1] if path.is_dir() else ()
        yield from _batches(file, dict(map(_cell_of, filter(_is_cell, folders))), reading)


def whole(path: Path, reading: Reading) -> Sheet | None:
    """The table as one sheet, its rows counted through; None where it cannot be used."""
    place, found = head(path, reading), list(sheets(path, reading))
    if not found:
        return None
    header = tuple(dict.fromkeys(name for one in found for name in one.header))
    rows: list[Row] = []
    for one in found:
        at = {name: n for n, name in enumerate(one.header)}
        cells = ([row.cells[at[name]] if name in at else "" for name in header] for row in one.rows)
        rows += [Row(len(rows) + n, tuple(texts)) for n, texts in enumerate(cells, 1)]
    return Sheet(place.file, 1, header, tuple(rows))


def _batches(file: Path, fixed: dict[str, str], reading: Reading) -> Iterator[Sheet]:
    """One file's rows; `fixed`: the cells that its folders' names give."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    label = reading.label(file)
    try:
        with file.open("rb") as data:
            reading.hashes[label] = hashlib.file_digest(data, "sha256").hexdigest()
        with pq.ParquetFile(file) as opened:
            header, begun = (*fixed, *opened.schema_arrow.names), 0
            if not opened.metadata.num_rows:
                yield Sheet(label, 1, header, ())
            for batch in opened.iter_batches(ROWS):
                columns = [[text] * len(batch) for text in fixed.values()] + [_texts(one) for one in batch.columns]
                rows = (Row(begun + n, cells) for n, cells in enumerate(zip(*columns, strict=True), 1))
                yield Sheet(label, 1, header, tuple(rows))
                begun += len(batch)
    except (OSError, pa.ArrowException) as error:
        expected, remedy = "must be a Parquet file that can be read", "Write it again, or save the table as CSV"
        reading.faults.append(Origin(label).fault(None, str(error).partition("\n")[0], expected, remedy))


def _texts(column: Any) -> list[str]:
    """A column's cells as they would stand in a CSV file; a value that occurs again is the same text again."""
    coded = column if hasattr(column, "dictionary") else column.dictionary_encode()
    texts = [*map(_text, coded.dictionary.to_pylist()), ""]
    places = coded.indices.fill_null(len(texts) - 1).to_pylist()
    return [texts[n] for n in places]


def _text(value: Any) -> str:
    """One cell; midnight is a day."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    return cell(value)


def _is_cell(folder: str) -> bool:
    return "=" in folder


def _cell_of(folder: str) -> tuple[str, str]:
    name, _, text = folder.partition("=")
    return unquote(name), "" if text == NOTHING else unquote(text)
