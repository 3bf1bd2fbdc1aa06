"""The figures that commands write: refused before the work, closed after it."""

from pathlib import Path
from typing import TYPE_CHECKING

from mvtheory.console import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def check_figure(out: Path) -> None:
    """Raise ValueError unless a figure can be written there."""
    if out.suffix not in (".png", ".pdf", ".svg"):
        raise ValueError(f"out={str(out)!r} must end in .png, .pdf or .svg; name it so")
    if not out.parent.is_dir():
        raise ValueError(f"out={str(out)!r}: there is no folder {str(out.parent)!r}; make it first")


def without_window() -> None:
    """Draw into files only, also on machines without a display."""
    import matplotlib

    matplotlib.use("agg")


def save_figure(ax: "Axes", out: Path, quiet: bool = False) -> None:
    """Write the figure, say where it is unless quiet, and free it."""
    import matplotlib.pyplot as plt

    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(out, dpi=160)
    plt.close(figure)
    if not quiet:
        say(f"Figure: {out}")
