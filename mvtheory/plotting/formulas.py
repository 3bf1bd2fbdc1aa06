"""Figures of formulas."""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.formula import NOTHING, Formula
from mvtheory.plotting.style import COLOURS, DASHES, MARKERS, axes_or_new, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        If an argument is wrong, if all of them are single numbers, or if the formula says nothing
        at any of the points. Points at which it says nothing are left out.
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
    ax = axes_or_new(ax)
    x = np.sort(scalars[x_name])
    others = [name for name in scalars if name != x_name]
    shown = 0
    for index, choice in enumerate(itertools.product(*(scalars[name] for name in others))):
        fixed = {n: c for n, c in columns.items() if formula.domain[n].vector}
        fixed |= dict(zip(others, choice, strict=True))
        y = formula(**fixed, **{x_name: x})
        told = formula.status_at(**fixed, **{x_name: x}) != NOTHING
        label = ", ".join(
            f"{formula.domain[n].symbol} = {v:g}" for n, v in zip(others, choice, strict=True)
        )
        shown += int(told.sum())
        _line(ax, x, np.where(told, y, np.nan), index, label if told.any() else f"{label}: none")
    if not shown:
        raise ValueError(
            f"nothing to draw: {formula.status_text}; choose arguments for which {formula.name} "
            "says something, see its status in mvtheory predict"
        )
    argument = formula.domain[x_name]
    ax.set_xlabel(f"{argument.symbol}, {argument.meaning}")
    ax.set_ylabel(f"{formula.symbol}, {formula.quantity}")
    ax.set_title(f"{formula.summary}\n{formula.source} ({formula.status_text})", fontsize=9)
    if argument.integer and x[-1] - x[0] <= 40:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif x[0] > 0 and x[-1] / x[0] > 1e3:
        ax.set_xscale("log")
    if others:
        ax.legend(frameon=False)
    return plain(ax)


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
