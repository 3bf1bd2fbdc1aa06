"""Figure of the README: the first picture of notebook 03.

Usage: python docs/advice.py (writes docs/advice.png; needs the extra "notebooks")
"""

import base64
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent


def main() -> None:
    path = HERE.parent / "notebooks" / "03_distillation.ipynb"
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    pictures = (
        output["data"]["image/png"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    )
    (HERE / "advice.png").write_bytes(base64.b64decode(next(pictures)))


if __name__ == "__main__":
    main()
