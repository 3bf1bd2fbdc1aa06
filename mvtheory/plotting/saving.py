"""Figures as files: at the width of a column, text as text, and what does not fit put right."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mvtheory.plotting.style import WIDTHS, figure_of, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BELOW = 0.03
"""Inches between what stands below the axes and a legend that does not fit into them."""
FITS = 0.8
"""Share of the width of the axes that a legend in them may take."""


@styled
def save(
    ax: "Axes | Sequence[Axes]",
    path: str | Path,
    width: str | float | None = None,
    ratio: float | None = None,
    titles: bool = True,
) -> Path:
    """Write the figure of axes as PDF, SVG or PNG, with its text as text, at the width of a column.

    Parameters
    ----------
    ax : matplotlib Axes, or a sequence of them
        As the functions of `mvtheory.plotting` return them.
    path : str or Path
        Its ending says the format. In .pdf and .svg text stays text, in fonts that can be edited.
    width : "single", "double" or float, optional
        3.5 inches, 7.2 inches or so many; the figure's own if not given. Labels that are longer
        than their axis then are broken, and a legend that is wider than the axes goes below them.
    ratio : float, optional
        Height over width; the figure's own if not given.
    titles : bool
        Whether titles stay: in a paper what they say belongs in the caption.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        For another word or a number that is not above 0.

    Examples
    --------
    >>> import tempfile
    >>> from mvtheory.coverage import ensemble
    >>> from mvtheory.plotting import plot_formula
    >>> ax = plot_formula(ensemble, views=[2, 3], networks=range(1, 9))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(ax, f"{folder}/figure.pdf", width="single", titles=False).name
    'figure.pdf'
    """
    figure = figure_of(ax)
    across, high = figure.get_size_inches()
    wanted: Any = across if width is None else WIDTHS.get(width, width)  # type: ignore[arg-type]
    if isinstance(wanted, str) or not 0 < wanted < 100:
        raise ValueError(
            f"width={width!r} is not allowed (single, double, or inches, 0 < width < 100); choose "
            "one of them"
        )
    figure.set_size_inches(wanted, wanted * (high / across if ratio is None else ratio))
    if not titles:
        for own in figure.axes:
            own.set_title("")
    if width is not None:
        _fit(figure)
    figure.savefig(path)
    return Path(path)


def _fit(figure: "Figure") -> None:
    """Put legends below that are too wide, then break labels that are longer than their axis."""
    figure.draw_without_rendering()
    wide = [
        ax
        for ax in figure.axes
        if (legend := ax.get_legend()) is not None
        and legend.get_window_extent().width > FITS * ax.get_window_extent().width
    ]
    for ax in wide:
        _legend_below(ax, figure)
    figure.draw_without_rendering()
    for ax in figure.axes:
        room = ax.get_window_extent()
        for label, length in ((ax.xaxis.label, room.width), (ax.yaxis.label, room.height)):
            extent = label.get_window_extent()
            longer = max(extent.width, extent.height) / length
            if longer > 1:
                text = label.get_text()
                label.set_text(textwrap.fill(text, max(12, int(len(text) / longer))))
    figure.draw_without_rendering()
    for ax in wide:  # labels of two lines are higher
        _legend_below(ax, figure)


def _legend_below(ax: "Axes", figure: "Figure") -> None:
    """The legend under all that stands below the axes, however high these become."""
    from matplotlib.transforms import ScaledTranslation

    lowest = ax.xaxis.get_tightbbox().y0 - ax.get_window_extent().y0  # type: ignore[union-attr]
    down = ScaledTranslation(0, lowest / figure.dpi - BELOW, figure.dpi_scale_trans)
    legend: Any = ax.get_legend()
    legend.set_loc("upper center")
    legend.set_bbox_to_anchor((0.5, 0), ax.transAxes + down)
