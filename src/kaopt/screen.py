"""What the command line shows: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.status import Status

from kaopt.errors import InfeasibleError, InputError, KaoptError
from kaopt.progress import Progress


class Screen(AbstractContextManager["Screen"]):
    """A listener that draws one living line on a terminal, and plain lines where stderr is a file."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._stage = ""

    def __enter__(self) -> Screen:
        if self._console.is_terminal:
            self._status = self._console.status("")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, event: Progress) -> None:
        """Show one event; a new stage leaves a line behind."""
        line = describe(event)
        if self._status is not None:
            self._status.update(line)
        if event.stage != self._stage or (self._status is None and event.best is not None):
            self._stage = event.stage
            self._console.print(line, markup=False)


def describe(event: Progress) -> str:
    """One event in one line."""
    parts = [f"{event.seconds:6.1f} s  {event.stage:<9} {event.message}"]
    if event.best is not None:
        parts.append(f"best {event.best:,.0f}")
    if event.bound is not None:
        parts.append(f"bound {event.bound:,.0f}")
    if event.gap is not None:
        parts.append(f"gap {event.gap:.2%}")
    if event.done is not None:
        parts.append(f"{event.done}" + (f"/{event.total}" if event.total else ""))
    return "  ".join(parts)


def print_json(payload: dict[str, Any]) -> None:
    """The machine-readable result: one JSON document on stdout; figures that do not exist are null."""
    sys.stdout.write(json.dumps(payload, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def report_error(error: BaseException, *, as_json: bool) -> int:
    """Tell the user what went wrong, in words, and give the exit code; never a traceback."""
    if isinstance(error, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return 130
    if isinstance(error, KaoptError):
        if as_json:
            print_json(_as_json(error))
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    if isinstance(error, (OSError, MemoryError)):
        sys.stderr.write(f"the machine refused: {str(error) or 'out of memory'}\n")
        return 6
    sys.stderr.write(f"this is a bug in kaopt ({type(error).__name__}); please send the report {_bug_report(error)}\n")
    return 1


def _as_json(error: KaoptError) -> dict[str, Any]:
    if isinstance(error, InputError):
        return {"errors": [fault.as_dict() for fault in error.faults]}
    if isinstance(error, InfeasibleError):
        return error.as_dict()
    return {"errors": [{"found": str(error), "file": "", "line": None, "column": None, "expected": "", "remedy": ""}]}


def _bug_report(error: BaseException) -> Path:
    text = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile("w", prefix="kaopt-bug-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(text)
    return Path(file.name)
