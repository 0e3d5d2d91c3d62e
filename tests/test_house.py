"""The house's habits, kept by the same command as the tests: sizes, style, types, direction of imports, pins."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
FILE_LINES, FUNCTION_LINES, PARAMETERS = 250, 40, 5
REASON = "# house:"  # a function that needs more says why in a comment that starts so


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node, "\n".join(lines[node.lineno - 1 : node.end_lineno])


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_keep_to_their_room(path: Path) -> None:
    faults = []
    length = len(path.read_text(encoding="utf-8").splitlines())
    if length > FILE_LINES:
        faults.append(f"{length} lines")
    for node, body in functions(path):
        size = (node.end_lineno or node.lineno) - node.lineno + 1
        arguments = [*node.args.posonlyargs, *node.args.args]
        count = len([a for a in arguments if a.arg not in ("self", "cls")])
        if (size > FUNCTION_LINES or count > PARAMETERS) and REASON not in body:
            faults.append(f"{node.name}: {size} lines, {count} positional parameters, and no reason stated")
    assert faults == []


def test_a_long_function_is_caught(tmp_path: Path) -> None:
    long = tmp_path / "long.py"
    long.write_text("def f():\n" + "    x = 1\n" * 45, encoding="utf-8")
    with pytest.raises(AssertionError, match="46 lines"):
        test_files_and_functions_keep_to_their_room(long)


def test_tests_are_at_least_as_long_as_the_code() -> None:
    def total(folder: str) -> int:
        return sum(len(p.read_text(encoding="utf-8").splitlines()) for p in (ROOT / folder).rglob("*.py"))

    assert total("tests") >= total("src")


def complaints(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff() -> None:
    assert complaints("ruff", "check", "src", "tests", "models", "scenarios") == ""


def test_mypy_strict() -> None:
    assert complaints("mypy") == ""


def test_imports_point_one_way() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(tool)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pins_cover_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["test"]
    names = {re.split(r"[<>=~!\[; ]", one)[0].lower().replace("_", "-") for one in asked}
    pinned = re.findall(r"(?m)^([a-z0-9.\-]+)==[^\s]+ \\$", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
    assert {name.replace(".", "-") for name in names} <= {name.replace(".", "-") for name in pinned}


def test_no_committed_file_names_a_registry_host() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    hosts = ["pypi" + ".org", "files.python" + "hosted.org", "registry." + "npmjs.org"]
    guilty = [
        name
        for name in listed
        if (ROOT / name).is_file()
        and any(host in (ROOT / name).read_text(encoding="utf-8", errors="ignore") for host in hosts)
    ]
    assert guilty == []


def test_only_the_solver_rooms_import_a_solver() -> None:
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if re.search(r"(?m)^\s*(import|from) highspy", path.read_text("utf-8"))
    ]
    assert all(name.startswith("src/kaopt/allocation/") for name in guilty), guilty
    assert len(guilty) <= 2, guilty
