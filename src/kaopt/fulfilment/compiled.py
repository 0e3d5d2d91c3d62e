# mypy: disable-error-code="no-untyped-call, attr-defined"
"""How a loop is compiled: once for a machine, kept on disk, and compiled again when any of the loops changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import config, types

FOR_PYTHON: Any = {"no_cfunc_wrapper": True}  # nobody calls the loops from C


def compiled(function: Callable[..., Any], **given: Any) -> Any:
    """Compile at the first call; the machine code is kept on disk."""
    loop = njit(**FOR_PYTHON, **given)(function)
    loop.enable_caching()
    # numba looks at the function's own file only, yet the code of what it calls is inside too
    kept = loop._cache._cache_file
    kept._source_stamp = stamp()
    kept.save = partial(save, kept)
    # otherwise a loop is compiled once more for every constant that somebody passes to it
    typing = loop.get_call_template
    loop.get_call_template = lambda args, kws: typing(tuple(map(variable, args)), kws)
    loop.compile = lightly(loop.compile)
    return loop


def inlined(function: Callable[..., Any]) -> Any:
    """Compile as a part of the loops that call it: the arrays of what every line needs are then not handed over."""
    return compiled(function, inline="always")


def save(kept: Any, key: Any, code: Any) -> None:
    """Keep machine code in a file of its own, then name it in the index.

    numba numbers the files and names them before it writes them: of two processes that compile at the same time one
    may then find the code of another signature under its number, and one that is stopped leaves a name behind.
    """
    name = f"{Path(kept._index_name).stem}.{blake2b(repr((key, stamp())).encode(), digest_size=8).hexdigest()}.nbc"
    kept._save_data(name, code)
    kept._save_index(kept._load_index() | {key: name})


def lightly(compiler: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with few optimisations: a quarter less time for loops that run as fast as with all of them."""

    def compile_lightly(signature: Any) -> Any:
        usual, config.OPT = config.OPT, config._OptLevel(1)
        try:
            return compiler(signature)
        finally:
            config.OPT = usual

    return compile_lightly


def variable(kind: Any) -> Any:
    """The type of a variable for that of a constant, in plain tuples too."""
    kind = types.unliteral(kind)
    if isinstance(kind, (types.Tuple, types.UniTuple)):
        return types.BaseTuple.from_types(tuple(map(variable, kind)))
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
