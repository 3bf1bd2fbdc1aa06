"""The look that all figures share: readable in grey, nothing drawn that says nothing."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Given = ParamSpec("Given")
Result = TypeVar("Result")

STYLE = "mvtheory.plotting.paper"
"""The style sheet beside this file: plt.style.use takes this name."""
# Lines differ in dash and marker, so that they are told apart without colour. The colours differ in
# lightness too, and to the eyes of the colour-blind; tests/test_style.py measures by how much.
COLOURS = ("#004488", "#d1600f", "#62a694", "#994077", "#000000")
MARKERS = ("o", "s", "^", "D", "v")
DASHES = ("-", "--", "-.", ":")
GREY, BAND = "#444444", "#c9d3e2"
"""Of lines beside the theory, and of its range."""
WIDTHS = {"single": 3.5, "double": 7.2}
"""Inches of one column of a paper, and of both."""


def styled(draw: Callable[Given, Result]) -> Callable[Given, Result]:
    """The function with the style sheet in force while it draws, and what was there after it."""

    @functools.wraps(draw)
    def drawn(*given: Given.args, **named: Given.kwargs) -> Result:
        import matplotlib.pyplot as plt
        from cycler import cycler

        # Dashes are given where they mean something: not every second line is dashed.
        with plt.style.context([STYLE, {"axes.prop_cycle": cycler(color=COLOURS)}]):
            return draw(*given, **named)

    return drawn


def axes_or_new(ax: "Axes | None", width: float = 5.2, height: float = 3.5) -> "Axes":
    """The axes given, or those of a new figure of this size in inches."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def several_or_new(
    ax: "Sequence[Axes] | None", count: int, size: tuple[float, float], **grid: Any
) -> "Sequence[Axes]":
    """The axes given, of which there must be so many, or those of a new figure."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, made = plt.subplots(
            *((count, 1) if "height_ratios" in grid else (1, count)),
            figsize=size,
            layout="constrained",
            **grid,
        )
        return list(made)
    given = list(ax) if hasattr(ax, "__len__") else [ax]
    if len(given) != count:
        raise ValueError(
            f"ax holds {len(given)} axes (this figure has {count} panels); give {count}, such as "
            f"plt.subplots(1, {count})[1]"
        )
    return ax


def plain(ax: "Axes", lines: Literal["x", "y", "both"] = "both") -> "Axes":
    """Axes without a frame above and beside, with a faint grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=False)
    ax.grid(alpha=0.25, axis=lines)
    return ax


def figure_of(ax: "Axes | Sequence[Axes]") -> "Figure":
    """The figure that axes are in."""
    given: Any = ax
    first = given[0] if hasattr(given, "__len__") else given
    found: Figure = first.get_figure(root=True)
    return found
