"""Figures of formulas, with what was measured."""

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.formula import NOTHING, Formula
from mvtheory.plotting.comparison import RATIOS, draw_points, draw_residuals
from mvtheory.plotting.points import Points, points_from
from mvtheory.plotting.style import (
    COLOURS,
    DASHES,
    MARKERS,
    axes_or_new,
    plain,
    several_or_new,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 40
"""Points of a line that are marked each."""


@styled
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

    Examples
    --------
    >>> from mvtheory.coverage import ensemble
    >>> ax = plot_formula(ensemble, views=[2, 3], networks=range(1, 9))
    >>> [line.get_label() for line in ax.lines]
    ['M = 2', 'M = 3']
    """
    ax = axes_or_new(ax)
    _draw(ax, [formula], values)
    return ax


@styled
def plot_formulas(
    formulas: Sequence[Formula],
    ax: "Axes | Sequence[Axes] | None" = None,
    data: Mapping[str, Any] | None = None,
    residuals: bool = False,
    **values: Any,
) -> "Axes | Sequence[Axes]":
    """Draw several formulas against one argument, with measured points and their residuals.

    Parameters
    ----------
    formulas : sequence of Formula
        Each takes those of the values that are its arguments.
    ax : matplotlib Axes, or a pair of them for residuals, optional
        Drawn into if given; otherwise a new figure is made.
    data : mapping of str to array_like, optional
        Columns, as of a CSV file: one by the name or symbol of the argument of the horizontal axis,
        others of points, with NAME_error, or NAME_low and NAME_high, for error bars of NAME.
    residuals : bool
        Add a panel of what was measured less what a formula says: the only line, or the formula
        whose name the column has.
    **values
        Arguments: numbers or sequences of numbers. The one with most values is the horizontal axis.

    Returns
    -------
    matplotlib Axes, or a pair of them with residuals

    Raises
    ------
    ValueError
        As `plot_formula`; for a value that no formula takes, for formulas that do not share the
        horizontal axis, for data without its column, and for residuals of no one line.

    Examples
    --------
    >>> from mvtheory.coverage import distilled, ensemble
    >>> data = {"networks": [2, 4], "ensemble": [0.76, 0.93], "ensemble_error": [0.02, 0.02]}
    >>> above, below = plot_formulas([ensemble, distilled], data=data, residuals=True, views=2,
    ...                              networks=range(1, 9))
    >>> [text.get_text() for text in above.get_legend().get_texts()]
    ['ensemble', 'distilled', 'ensemble, measured']
    """
    pair = residuals if ax is None else hasattr(ax, "__len__")
    given: Any = ax
    axes: list[Any] = (
        list(several_or_new(given, 2, (5.2, 4.4), height_ratios=RATIOS, sharex=True))
        if pair
        else [axes_or_new(given)]
    )
    x_name, lines = _draw(axes[0], formulas, values)
    argument = formulas[0].domain[x_name]
    points = [] if data is None else points_from(data, argument)
    own = {formula.name for formula in formulas}
    named = [
        Points(name=f"{p.name}, measured" if p.name in own else p.name, x=p.x, y=p.y,
               below=p.below, above=p.above)
        for p in points
    ]  # fmt: skip
    draw_points(axes[0], named, len(lines))
    axes[0].legend()
    if not pair:
        return axes[0]  # type: ignore[no-any-return]
    pairs = []
    for shown, p in zip(named, points, strict=True):
        chosen = [line for line in lines if len(lines) == 1 or line[0].name == p.name]
        if len(chosen) != 1:
            raise ValueError(
                f"residuals of {p.name!r} are of no one line (a single line, or a column that has "
                f"the name of one formula: {', '.join(sorted(own))}); rename it, give other "
                "arguments one value, or leave residuals out"
            )
        formula, fixed = chosen[0]
        pairs.append((shown, lambda x, f=formula, v=fixed: np.asarray(f(**v, **{x_name: x}))))
    draw_residuals(axes[1], pairs, first=len(lines))
    axes[1].set_xlabel(axes[0].get_xlabel())
    axes[0].set_xlabel("")
    return axes


def _draw(
    ax: "Axes", formulas: Sequence[Formula], values: dict[str, Any]
) -> tuple[str, list[tuple[Formula, dict[str, Any]]]]:
    """All lines into the axes; the horizontal axis and, of each line, its formula and values."""
    from matplotlib.ticker import MaxNLocator

    shared = {name for formula in formulas for name in formula.domain}
    taken = [{n: v for n, v in values.items() if n in f.domain or n not in shared}
             for f in formulas]  # fmt: skip
    for formula, own in zip(formulas, taken, strict=True):
        formula.complete(own)
    x_name = _horizontal(formulas, taken)
    x = np.sort(np.atleast_1d(values[x_name]))
    drawn: list[tuple[Formula, dict[str, Any]]] = []
    shown = 0
    for formula, own in zip(formulas, taken, strict=True):
        columns = {n: v if formula.domain[n].vector else np.atleast_1d(v) for n, v in own.items()}
        others = [n for n in columns if n != x_name and not formula.domain[n].vector]
        # What has one value for all lines says nothing in a legend of several formulas.
        told = [n for n in others if len(formulas) == 1 or columns[n].size > 1]
        for choice in itertools.product(*(columns[name] for name in others)):
            fixed = {n: c for n, c in columns.items() if formula.domain[n].vector}
            fixed |= dict(zip(others, choice, strict=True))
            y = formula(**fixed, **{x_name: x})
            says = formula.status_at(**fixed, **{x_name: x}) != NOTHING
            words = [formula.name] if len(formulas) > 1 else []
            words += [f"{formula.domain[n].symbol} = {fixed[n]:g}" for n in told]
            label = ", ".join(words)
            shown += int(says.sum())
            _line(ax, x, np.where(says, y, np.nan), len(drawn),
                  label if says.any() else f"{label}: none")  # fmt: skip
            drawn.append((formula, fixed))
    if not shown:
        names = ", ".join(formula.name for formula in formulas)
        raise ValueError(
            f"nothing to draw: {formulas[0].status_text}; choose arguments for which {names} "
            "says something, see its status in mvtheory predict"
        )
    argument = formulas[0].domain[x_name]
    ax.set_xlabel(f"{argument.symbol}, {argument.meaning}")
    quantities = dict.fromkeys(f"{f.symbol}, {f.quantity}" for f in formulas)
    ax.set_ylabel("; ".join(quantities) if len(quantities) < 3 else "value, see the legend")
    if len(formulas) == 1:
        (only,) = formulas
        ax.set_title(f"{only.summary}\n{only.source} ({only.status_text})", wrap=True)
    if argument.integer and x[-1] - x[0] <= FEW:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif x[0] > 0 and x[-1] / x[0] > 1e3:
        ax.set_xscale("log")
    if any(line.get_label() and not str(line.get_label()).startswith("_") for line in ax.lines):
        ax.legend()
    plain(ax)
    return x_name, drawn


def _horizontal(formulas: Sequence[Formula], taken: list[dict[str, Any]]) -> str:
    """The argument with most values, which all formulas must have."""
    scalars: dict[str, int] = {}
    for formula, own in zip(formulas, taken, strict=True):
        for name, value in own.items():
            if not formula.domain[name].vector:
                scalars[name] = max(scalars.get(name, 0), np.size(value))
    x_name = max(scalars, key=lambda name: scalars[name], default=None)
    if x_name is None or scalars[x_name] < 2:
        raise ValueError(
            f"{formulas[0].signature}: nothing to draw, every argument is a single number; give "
            "one of them several values, such as networks=1:20"
        )
    for formula in formulas:
        if x_name not in formula.domain:
            raise ValueError(
                f"{formula.name} has no argument {x_name!r}, which is the horizontal axis (that "
                f"with most values); draw it by itself, or against one of "
                f"{', '.join(formula.domain)}"
            )
    return x_name


def _line(ax: "Axes", x: NDArray[Any], y: NDArray[Any], index: int, label: str) -> None:
    ax.plot(
        x,
        y,
        color=COLOURS[index % len(COLOURS)],
        linestyle=DASHES[index % len(DASHES)],
        marker=MARKERS[index % len(MARKERS)] if x.size <= FEW else None,
        label=label or None,
    )
