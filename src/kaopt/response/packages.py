"""Public data sets that come as packages: fetched when a model is fitted again, never copied into the project."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import subprocess
from pathlib import Path


def debian(package: str, file: str, folder: Path) -> tuple[Path, str]:
    """A file of a Debian package, unpacked into `folder`; its path and the package's version.

    Needs `apt-get` and `dpkg-deb`. Raises CalledProcessError where the package cannot be had.
    """
    subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
    archive = next(folder.glob(f"{package}_*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive.name, "unpacked"], cwd=folder, check=True)
    return next(folder.glob(f"unpacked/**/{file}")), archive.name.split("_")[1]


def python(package: str, file: str) -> tuple[Path, str]:
    """A data file of an installed Python package; its path and the package's version.

    Raises ModuleNotFoundError where it is not installed (`pip install kaopt[data]`).
    """
    return Path(str(importlib.resources.files(package) / file)), importlib.metadata.version(package)
