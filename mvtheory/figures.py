"""The figures that commands write: refused before the work, closed after it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mvtheory.console import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Width = Annotated[
    str | None,
    typer.Option(
        help="Width of the figure: single or double, of a paper's columns; else for a screen."
    ),
]
JsonAlone = Annotated[
    bool, typer.Option("--json", help='Print JSON, infinity as "inf"; a figure with -o only.')
]


def figure_file(out: Path | None, default: str, quiet: bool) -> Path | None:
    """Where the figure goes, refused unless it can; None if data are printed without -o."""
    figure = Path(default) if out is None and not quiet else out
    if figure is not None:
        check_figure(figure)
    return figure


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


def save_figure(
    ax: "Axes | Sequence[Axes]",
    out: Path,
    quiet: bool = False,
    width: str | None = None,
    titles: bool = True,
) -> None:
    """Write the figure, say where it is unless quiet, and free it."""
    import matplotlib.pyplot as plt

    from mvtheory.plotting import save
    from mvtheory.plotting.style import figure_of

    save(ax, out, width=width, titles=titles)
    plt.close(figure_of(ax))
    if not quiet:
        say(f"Figure: {out}")
