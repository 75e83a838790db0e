"""Chapters open as notebooks."""

import jupytext
import nbformat
import pytest

from book.build import ROOT

NOTEBOOKS = sorted(p for p in (ROOT / "chapters").glob("*.md") if p.read_text().startswith("---\njupytext"))


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_chapter_opens_as_a_notebook(source):
    notebook = jupytext.read(source)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not [cell for cell in notebook.cells if cell.cell_type == "markdown" and "{code-cell}" in cell.source]


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_chapter_has_no_outputs_and_short_cells(source):
    for cell in jupytext.read(source).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            if "hide-input" in cell.metadata.get("tags", []):
                continue  # drawing; the page shows it on request
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 12, cell.source


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_chapter_survives_the_way_through_a_notebook(source):
    notebook = jupytext.read(source)
    again = jupytext.reads(jupytext.writes(notebook, fmt="ipynb"), fmt="ipynb")
    assert [cell.source for cell in again.cells] == [cell.source for cell in notebook.cells]
