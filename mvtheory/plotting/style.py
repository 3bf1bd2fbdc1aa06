"""The look that all figures share: readable in grey, nothing drawn that says nothing."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Lines differ in dash and marker, so that they are told apart without colour.
COLOURS = ("#0b5394", "#b45309", "#38761d", "#741b47", "#444444")
MARKERS = ("o", "s", "^", "D", "v")
DASHES = ("-", "--", "-.", ":")


def axes_or_new(ax: "Axes | None", width: float = 6.4, height: float = 4.2) -> "Axes":
    """The axes given, or those of a new figure of this size in inches."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def plain(ax: "Axes", lines: Literal["x", "y", "both"] = "both") -> "Axes":
    """Axes without a frame above and beside, with a faint grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25, axis=lines)
    return ax
