"""Run the notebooks and keep what they show: text as printed, figures as small PNG.

Usage: python docs/notebooks.py [NAME ...] (all without names; half a minute; needs the extras
"notebooks" and "validation")

Nothing is written but what follows from the sources: no times, no paths. Cells with the tag
"trained" train networks, or show some: what they print may differ in its digits on another machine.
The first figure of 03 is docs/advice.png too.
"""

import base64
import contextlib
import io
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from nbformat import NotebookNode, v4
from PIL import Image
from traitlets.config import Config

HERE = Path(__file__).parent
NOTEBOOKS = sorted((HERE.parent / "notebooks").glob("*.ipynb"))
SHADES = 48
"""Colours of a kept figure: lines and letters need no more, and it is a third as large."""


class Kept(DisplayHook):
    """Keeps the value of a cell's last line in all its forms, where a terminal prints it."""

    shown: dict[str, Any] | None = None

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shown = format_dict

    def finish_displayhook(self) -> None:
        pass


class Shell(InteractiveShell):
    """What a kernel runs cells in, without its process and its history."""

    displayhook_class = Kept


def code(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that are run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(notebook: NotebookNode) -> Iterator[list[NotebookNode]]:
    """Run all cells from the first to the last; the outputs of each, as a notebook holds them."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = Shell(config=config)
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.use("agg")
        warnings.simplefilter("error")
        for number, cell in enumerate(code(notebook), 1):
            yield _outputs(shell, cell.source, number)
    plt.close("all")


def _outputs(shell: Shell, source: str, number: int) -> list[NotebookNode]:
    said = io.StringIO()
    shell.displayhook.shown = None
    with contextlib.redirect_stdout(said):
        result = shell.run_cell(source, silent=source.endswith(";"))
    result.raise_error()
    found = []
    if said.getvalue():
        found.append(v4.new_output("stream", name="stdout", text=said.getvalue()))
    if shell.displayhook.shown:
        shown = shell.displayhook.shown
        found.append(v4.new_output("execute_result", data=shown, execution_count=number))
    for figure in map(plt.figure, plt.get_fignums()):
        data = {"image/png": base64.b64encode(_png(figure)).decode(), "text/plain": str(figure)}
        found.append(v4.new_output("display_data", data=data))
    plt.close("all")
    return found


def _png(figure: Any) -> bytes:
    """The figure as a notebook shows it, of few colours and without the names of programs."""
    drawn, kept = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, dpi="figure", bbox_inches="tight", metadata={"Software": None})
    Image.open(drawn).convert("RGB").quantize(SHADES).save(kept, format="png", optimize=True)
    return kept.getvalue()


def main(names: list[str]) -> None:
    for path in NOTEBOOKS:
        if names and path.stem not in names:
            continue
        notebook = nbformat.read(path, as_version=4)
        for number, (cell, outputs) in enumerate(
            zip(code(notebook), run(notebook), strict=True), 1
        ):
            cell.outputs, cell.execution_count = outputs, number
        nbformat.write(notebook, path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
        if path.stem == "03_distillation":
            (HERE / "advice.png").write_bytes(first_figure(notebook))


def first_figure(notebook: NotebookNode) -> bytes:
    pictures = (
        output.data["image/png"]
        for cell in code(notebook)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    )
    return base64.b64decode(next(pictures))


if __name__ == "__main__":
    main(sys.argv[1:])
