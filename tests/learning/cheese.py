"""The public cheese data as sales rows, where their package can be had."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

MODEL = Path(__file__).parents[2] / "models" / "response" / "cheese"


def cheese_sales(folder: Path) -> pd.DataFrame:
    """All rows of the data set; skips where it cannot be fetched."""
    pytest.importorskip("pyreadr", reason="pip install kaopt[data] to read the original data")
    spec = importlib.util.spec_from_file_location("rebuild", MODEL / "rebuild.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip("the data come in a Debian package: apt-get and dpkg-deb are not here")
    try:
        rda, _ = script.debian(script.PACKAGE, script.FILE, folder)
    except (subprocess.CalledProcessError, StopIteration):
        pytest.skip("the Debian package r-cran-bayesm cannot be fetched here")
    return script.read(rda).drop(columns="retailer")
