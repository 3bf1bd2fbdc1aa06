"""Every notebook runs from top to bottom, says what is committed, and uses public names alone.

Its assertions are the test of its numbers.
"""

import ast
import re
from importlib import import_module

import nbformat
import pytest

from notebooks import NOTEBOOKS, code, run

NAMES = [path.stem for path in NOTEBOOKS]
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?")


def read(path):
    return nbformat.read(path, as_version=4)


def said(cell, outputs):
    """Kinds and plain text of outputs; where networks are trained, digits depend on the machine."""
    text = [output.get("text") or output.data["text/plain"] for output in outputs]
    if "trained" in cell.metadata.get("tags", ()):
        text = [" ".join(NUMBER.sub("#", part).split()) for part in text]
    return [(output.output_type, part) for output, part in zip(outputs, text, strict=True)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_runs_and_says_what_is_committed(path):
    notebook = read(path)
    for cell, outputs in zip(code(notebook), run(notebook), strict=True):
        remade = f"python docs/notebooks.py {path.stem} makes this cell's outputs anew"
        assert said(cell, outputs) == said(cell, cell.outputs), remade


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_committed_with_its_figures_small_and_without_traces(path):
    cells = code(read(path))
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    assert any("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs)
    assert path.stat().st_size < 400_000
    assert not {key for cell in cells for key in cell.metadata} - {"tags"}
    assert not re.search(r"/(home|root|tmp|Users)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_uses_public_names_and_asserts_in_a_cell_or_two(path):
    sources = [cell.source for cell in code(read(path))]
    assert 1 <= sum("assert " in source for source in sources) <= 2
    for node in ast.walk(ast.parse("\n".join(sources))):
        assert not isinstance(node, ast.Import) or not any(
            alias.name.startswith(("mvtheory", "validation")) for alias in node.names
        )
        if isinstance(node, ast.ImportFrom) and node.module.startswith(("mvtheory", "validation")):
            assert {alias.name for alias in node.names} <= set(import_module(node.module).__all__)


def test_there_are_notebooks():
    assert NOTEBOOKS
