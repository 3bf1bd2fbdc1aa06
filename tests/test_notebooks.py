"""Every notebook runs from top to bottom; its assertions are the test."""

import io
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from traitlets.config import Config

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.fixture
def shell():
    """What a kernel runs cells in, without its process and its history."""
    config = Config()
    config.HistoryManager.enabled = False
    found = InteractiveShell(config=config)
    with mpl.rc_context():
        yield found
    plt.close("all")


def show_figures():
    """Draw the figures of a cell, as the notebook does below it."""
    for number in plt.get_fignums():
        plt.figure(number).savefig(io.BytesIO(), format="png")
    plt.close("all")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, shell):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert any("assert " in source for source in cells)
    for source in cells:
        shell.run_cell(source).raise_error()
        show_figures()


def test_there_are_notebooks():
    assert NOTEBOOKS
