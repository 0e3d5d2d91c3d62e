"""The README's Python example is a test like any other."""

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser


@pytest.fixture
def project_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example names scenarios from the project's root."""
    monkeypatch.chdir(Path(__file__).parent)


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["README.md"], fixtures=["project_root"]
).pytest()
