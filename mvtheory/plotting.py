"""Figures of formulas; the one module that imports matplotlib."""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.formula import Formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Lines differ in dash and marker, so that they are told apart without colour.
COLOURS = ("#0b5394", "#b45309", "#38761d", "#741b47", "#444444")
MARKERS = ("o", "s", "^", "D", "v")
DASHES = ("-", "--", "-.", ":")


def plot_formula(formula: Formula, ax: "Axes | None" = None, **values: Any) -> "Axes":
    """Draw a formula against the argument that has most values, one line for each other choice.

    Parameters
    ----------
    formula : Formula
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    **values
        Arguments of the formula: numbers or sequences of numbers.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If an argument is wrong, or if all of them are single numbers.
    """
    from matplotlib.ticker import MaxNLocator

    formula.complete(values)
    columns = {
        name: value if formula.domain[name].vector else np.atleast_1d(value)
        for name, value in values.items()
    }
    scalars = {n: c for n, c in columns.items() if not formula.domain[n].vector}
    x_name = max(scalars, key=lambda name: scalars[name].size, default=None)
    if x_name is None or scalars[x_name].size < 2:
        raise ValueError(
            f"{formula.signature}: nothing to draw, every argument is a single number; give one of "
            "them several values, such as networks=1:20"
        )
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    x = np.sort(scalars[x_name])
    others = [name for name in scalars if name != x_name]
    for index, choice in enumerate(itertools.product(*(scalars[name] for name in others))):
        fixed = {n: c for n, c in columns.items() if formula.domain[n].vector}
        fixed |= dict(zip(others, choice, strict=True))
        y = formula(**fixed, **{x_name: x})
        label = ", ".join(
            f"{formula.domain[n].symbol} = {v:g}" for n, v in zip(others, choice, strict=True)
        )
        _line(ax, x, y, index, label)
    argument = formula.domain[x_name]
    ax.set_xlabel(f"{argument.symbol}, {argument.meaning}")
    ax.set_ylabel(f"{formula.symbol}, {formula.quantity}")
    ax.set_title(f"{formula.summary}\n{formula.source} ({formula.status})", fontsize=9)
    if argument.integer and x[-1] - x[0] <= 40:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif x[0] > 0 and x[-1] / x[0] > 1e3:
        ax.set_xscale("log")
    if others:
        ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    return ax


def _line(ax: "Axes", x: NDArray[Any], y: NDArray[Any], index: int, label: str) -> None:
    ax.plot(
        x,
        y,
        color=COLOURS[index % len(COLOURS)],
        linestyle=DASHES[index % len(DASHES)],
        marker=MARKERS[index % len(MARKERS)] if x.size <= 40 else None,
        markersize=4,
        label=label or None,
    )
