"""How a loop is compiled: once for a machine, kept on disk, and compiled again when any of the loops changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import types


def compiled(function: Callable[..., Any]) -> Any:
    """Compile at the first call; the machine code is kept on disk."""
    loop = njit(function)
    loop.enable_caching()
    # numba looks at the function's own file only, yet the code of what it calls is inside too
    loop._cache._cache_file._source_stamp = stamp()
    # otherwise a loop is compiled once more for every constant that somebody passes to it
    typing = loop.get_call_template
    loop.get_call_template = lambda args, kws: typing(tuple(map(variable, args)), kws)
    return loop


def variable(kind: Any) -> Any:
    """The type of a variable for that of a constant, in plain tuples too."""
    kind = types.unliteral(kind)  # type: ignore[no-untyped-call]
    if isinstance(kind, (types.Tuple, types.UniTuple)):
        return types.BaseTuple.from_types(tuple(map(variable, kind)))  # type: ignore[no-untyped-call]
    return kind


def compiled_as(signature: str) -> Callable[[Callable[..., Any]], Any]:
    """Compile at import, for these types only: for small functions that are called everywhere."""

    def decorate(function: Callable[..., Any]) -> Any:
        loop = compiled(function)
        loop.compile(signature)
        loop.disable_compile()
        return loop

    return decorate


@cache
def stamp() -> str:
    """Changes with any file of this package: a loop that calls another one is stale when that one changes."""
    digest = blake2b(digest_size=16)
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
