"""Examples of the gallery: short, of public names alone, each with a figure that is named.

All are run when the documentation is built; here one of each folder.
"""

import ast
from importlib import import_module
from pathlib import Path

import matplotlib as mpl
import pytest

mpl.use("agg")
import matplotlib.pyplot as plt

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*/*.py"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in EXAMPLES]
SAMPLE = [
    next(path for path in EXAMPLES if path.parent.name == room)
    for room in sorted({path.parent.name for path in EXAMPLES})
]


def test_there_are_enough():
    assert len(EXAMPLES) >= 16


@pytest.mark.parametrize("path", EXAMPLES, ids=NAMES)
def test_an_example_is_short_and_uses_public_names_alone(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    title, line, *_ = ast.get_docstring(tree).splitlines()
    assert set(line) == {"="}
    assert len(line) == len(title)
    code = [line for line in text.split('"""')[2].splitlines() if line.strip()]
    assert len(code) <= 30
    assert code[-1] == "plt.show()"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("mvtheory"):
            offered = import_module(node.module).__all__
            assert {alias.name for alias in node.names} <= set(offered), node.module


@pytest.mark.parametrize("path", SAMPLE, ids=[path.parent.name for path in SAMPLE])
def test_an_example_draws_a_figure_with_named_axes(path, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": "__main__"})
    drawn = [plt.figure(number) for number in plt.get_fignums()]
    assert drawn
    for figure in drawn:
        figure.canvas.draw()
        for ax in figure.axes:
            # An axis without marks has nothing to name.
            assert ax.get_xlabel() or not len(ax.get_xticks())
            assert ax.get_ylabel() or not len(ax.get_yticks())
    plt.close("all")
