"""Theory, its range and what was measured in one figure, with residuals below."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.plotting.points import Points
from mvtheory.plotting.style import (
    BAND,
    COLOURS,
    GREY,
    MARKERS,
    axes_or_new,
    plain,
    several_or_new,
    styled,
)
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATIOS = (3, 1)
"""Heights of the figure and of its residuals."""


@styled
def plot_comparison(
    x: ArrayLike,
    theory: ArrayLike,
    points: Points | Sequence[Points] = (),
    band: tuple[ArrayLike, ArrayLike] | None = None,
    ax: "Axes | Sequence[Axes] | None" = None,
    residuals: bool = True,
    labels: tuple[str, str] = ("", ""),
    name: str = "theory",
) -> "Axes | Sequence[Axes]":
    """Draw a theory with its range, what was measured, and the residuals below, in one call.

    Parameters
    ----------
    x, theory : array_like, shape (n,)
        Where the theory was evaluated, ascending, and what it says there. Between them, where
        points may lie, it is taken as linear.
    points : Points, or a sequence of them
        What was measured, with error bars.
    band : (low, high) of array_like, shape (n,), optional
        The range in which the theory puts an observation.
    ax : matplotlib Axes, or a pair of them, optional
        Drawn into if given: one has no room for residuals. Otherwise a new figure is made.
    residuals : bool
        Whether a new figure has a second panel, of what was measured less the theory: in standard
        errors if all points have error bars, else in the unit of the values.
    labels : (str, str)
        Of the two axes, with units.
    name : str
        Of the theory in the legend.

    Returns
    -------
    matplotlib Axes, or a pair of them

    Raises
    ------
    ValueError
        If shapes differ, if x does not ascend, or if points lie outside of it.

    Examples
    --------
    >>> from mvtheory.coverage import ensemble
    >>> from mvtheory.plotting import Points, plot_comparison
    >>> x = np.arange(1, 9)
    >>> y = ensemble(views=3, networks=x)
    >>> run = Points(name="run", x=[2, 4], y=[0.5, 0.8], below=[0.05, 0.05], above=[0.05, 0.05])
    >>> above, below = plot_comparison(x, y, run, band=(y - 0.04, y + 0.04))
    >>> below.get_ylabel()
    'residual (errors)'
    """
    seen = [points] if isinstance(points, Points) else list(points)
    at, value = np.asarray(x, dtype=float), np.asarray(theory, dtype=float)
    ends = [np.asarray(end, dtype=float) for end in band or ()]
    if at.ndim != 1 or at.size < 2 or any(part.shape != at.shape for part in (value, *ends)):
        shapes = ", ".join(str(part.shape) for part in (at, value, *ends))
        raise ValueError(f"x, theory and band of shapes {shapes} are not allowed (one shape (n,), "
                         "n >= 2); evaluate the theory at every x")  # fmt: skip
    if not (np.diff(at) > 0).all():
        raise ValueError("x does not ascend (strictly); sort it, and the theory with it")
    for own in seen:
        if own.x.size and not (at[0] <= own.x.min() and own.x.max() <= at[-1]):
            raise ValueError(
                f"points {own.name!r} at x from {own.x.min():g} to {own.x.max():g} are not allowed "
                f"(within x of the theory: {at[0]:g} to {at[-1]:g}); evaluate it there too"
            )
    pair = (residuals and bool(seen)) if ax is None else hasattr(ax, "__len__")
    if not pair:
        axes: list[Any] = [axes_or_new(ax)]  # type: ignore[arg-type]
    else:
        given: Any = ax
        axes = list(several_or_new(given, 2, (5.2, 4.4), height_ratios=RATIOS, sharex=True))
    if ends:
        label = f"range of the {name}"
        axes[0].fill_between(at, *ends, color=BAND, linewidth=0, label=label, zorder=1)
    axes[0].plot(at, value, color=COLOURS[0], label=name, zorder=2)
    draw_points(axes[0], seen)
    axes[-1].set_xlabel(labels[0])
    axes[0].set_ylabel(labels[1])
    axes[0].legend()
    plain(axes[0])
    if not pair:
        found: Axes = axes[0]
        return found

    def predicted(places: Floats) -> Floats:
        return np.asarray(np.interp(places, at, value))

    limits = [(at, end - value) for end in ends]
    draw_residuals(axes[1], [(own, predicted) for own in seen], limits)
    return axes


def draw_points(ax: "Axes", points: Sequence[Points], first: int = 1) -> None:
    """Points with error bars, told apart by marker, hollow so that lines show through."""
    for index, own in enumerate(points, first):
        ax.errorbar(
            own.x,
            own.y,
            yerr=own.bars,
            fmt=MARKERS[index % len(MARKERS)],
            color=COLOURS[index % len(COLOURS)],
            markerfacecolor="white",
            linewidth=1,
            label=own.name,
            zorder=4,
        )


def draw_residuals(
    ax: "Axes",
    pairs: Sequence[tuple[Points, Callable[[Floats], Floats]]],
    limits: Sequence[tuple[Floats, Floats]] = (),
    first: int = 1,
) -> None:
    """What was measured less the theory: in standard errors where all points have some."""
    errors = [own.error for own, _ in pairs]
    by_error = all(error is not None and (error > 0).all() for error in errors)
    for index, ((own, theory), error) in enumerate(zip(pairs, errors, strict=True), first):
        away, bars = own.y - theory(own.x), own.bars
        if by_error and error is not None:
            away, bars = away / error, None
        ax.errorbar(
            own.x,
            away,
            yerr=bars,
            fmt=MARKERS[index % len(MARKERS)],
            color=COLOURS[index % len(COLOURS)],
            markerfacecolor="white",
            linewidth=1,
            zorder=4,
        )
    if by_error:
        ax.axhspan(-2, 2, color=BAND, linewidth=0, zorder=0)
    elif len(limits) == 2:
        (x, low), (_, high) = limits
        ax.fill_between(x, low, high, color=BAND, linewidth=0, zorder=0)
    ax.axhline(0, color=GREY, linewidth=0.8)
    reach = 1.15 * max((float(np.abs(end)) for end in ax.get_ylim()), default=1.0)
    ax.set_ylim(-reach, reach)
    ax.set_ylabel("residual (errors)" if by_error else "residual")
    plain(ax)
