"""Every notebook runs from top to bottom, uses public names only, and what it says in words is so."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kaopt.response.packages import debian

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 240  # a cell, on a busy machine

# what the text of a notebook claims, checked in its own kernel after the last cell
CLAIMS = {
    "leadership": """
assert sign == "optimised" and summary.loc[sign, "KPIs met"] == 5
assert summary.loc["habit", "accounts that lose share"] == 0 and summary.loc["habit", "profit delivered"] < 0
assert summary.loc["cut", "accounts that lose share"] == 10
assert summary.loc["cut", "spend on promotions"] < 0.55 * summary.loc["habit", "spend on promotions"]
assert summary["profit delivered"].is_monotonic_increasing and 0 < len(losers) < 7
""",
    "fill_rate": """
assert 0.6 < complaint["value"]["mean"] < 0.7 and complaint["otif"]["mean"] < complaint["line"]["mean"] < 0.6
assert lost.index[0] == "late" and set(lost.index) == {"late", "age", "shortage", "paper"}
assert (gain["low"] > 0).all() and (gain["penalties, 1 000 yuan"] < 0).all(), "each lever helps"
assert gain.index[0] == "small_lots" and "gate" in useless, "smaller lots leave nothing for the gate to stop"
assert ladder["fill[W]"].is_monotonic_increasing or ladder["fill[W]"].diff().min() > -0.002
assert abs(ladder["fill[W]"].iloc[-1] - end["value"]["mean"]) < 0.01 and end["value"]["mean"] > 0.88, "the package"
assert worth.iloc[0] > 0 and worth.iloc[1] > 0 and worth.iloc[2] + worth.iloc[3] < 0.1 * worth.iloc[:2].sum()
""",
    "response": """
assert errors.index[0] == "partial_pooling" and card.coverage80 > 0.75
assert ahead["width"].iloc[1] > ahead["width"].iloc[0], "a new store is forecast less surely"
assert best["extra profit"] > habit["extra profit"] and best["at least"] > habit["at most"], "beyond what is not known"
assert best["extra cases for 100 USD"] > habit["extra cases for 100 USD"]
assert habit["growth index"] < 0.97 < 0.98 < best["growth index"]
assert proof.gap <= 0.01 and not proof.breaches
""",
    "ignoring_the_dip": """
agreed, hurried = (table[table["way"] == way] for way in ways)
assert (table["promised too much"] > 0.05).all(), "the promise is wrong in any case"
assert (agreed["profit lost"].abs() < 0.05).all(), "with enough rest the choice is hardly wrong"
assert "market_share" in agreed["targets the blind plan misses"].iloc[0], "but a signed target is missed"
assert (hurried["profit lost"] > 0.05).all(), "without rest it costs real money"
assert (hurried["profit lost"].to_numpy() > agreed["profit lost"].to_numpy()).all()
""",
}


DATA = {"response": ("rdata", "r-cran-bayesm", "orangeJuice.rda")}  # what a notebook reads: reader, package, file


def skip_without_data(name: str, folder: Path) -> None:
    if name not in DATA:
        return
    reader, package, file = DATA[name]
    pytest.importorskip(reader, reason="pip install kaopt[data] to read the original data")
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip("the data come in a Debian package: apt-get and dpkg-deb are not here")
    try:
        debian(package, file, folder)
    except (subprocess.CalledProcessError, StopIteration):
        pytest.skip(f"the Debian package {package} cannot be fetched here")


def code_of(notebook: nbformat.NotebookNode) -> Iterator[str]:
    return (cell.source for cell in notebook.cells if cell.cell_type == "code")


def test_there_are_notebooks_and_every_claim_has_one() -> None:
    assert NOTEBOOKS and set(CLAIMS) <= {path.stem for path in NOTEBOOKS}


@pytest.mark.thorough
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_words_are_true(path: Path, tmp_path: Path) -> None:
    skip_without_data(path.stem, tmp_path)
    notebook = nbformat.read(path, as_version=4)
    claim = nbformat.v4.new_code_cell(CLAIMS.get(path.stem, ""))
    notebook.cells.append(claim)
    here = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=here).execute()
    assert claim.execution_count == len(list(code_of(notebook)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_public_names_only(path: Path) -> None:
    import kaopt

    tree = ast.parse("\n".join(code_of(nbformat.read(path, as_version=4))))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("kaopt"), ast.unparse(node)
        if isinstance(node, ast.Import):
            assert {"kaopt"} >= {one.name for one in node.names if one.name.startswith("kaopt")}
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ka":
            assert node.attr in kaopt.__all__, ast.unparse(node)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_as_it_ran(path: Path) -> None:
    """Executed once from top to bottom, without an error, with what it showed."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    shown = [one.output_type for cell in cells for one in cell.outputs]
    assert shown and "error" not in shown
