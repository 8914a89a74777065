# SPDX-License-Identifier: Apache-2.0
"""The example notebooks run to their last cell, and are committed without output."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
BOOKS = sorted((ROOT / "examples/notebooks").glob("*.ipynb"))
LONGEST_S = 240
"""Of a cell, on a loaded machine."""


def test_there_are_notebooks() -> None:
    assert {book.stem for book in BOOKS} >= {"golden_vectors", "own_channel", "own_system"}


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_a_notebook_runs_and_is_committed_without_output(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    made = nbformat.read(book, as_version=4)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(made, timeout=LONGEST_S, resources=resources).execute()
    assert all(cell.execution_count for cell in code)
    assert any(cell.outputs for cell in code)
