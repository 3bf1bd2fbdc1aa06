"""Maps: a quantity over two numbers as colours and digits, with the theory's contour lines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects, rcParams
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from validation.report.letters import with_room
from validation.trial.claim import Comparison

Floats = NDArray[np.float64]

FACTOR = 30
"""An axis whose numbers span more than this factor is logarithmic."""
BAR = 0.9
"""Inches of the bar of colours."""
INK = "#111111"
"""Of what is written and drawn on colours; it stays dark where pages are dark, for these stay."""
LEVELS = (0.25, 0.5, 0.75)
"""Contours between the ends of the colours; the middle one is the boundary."""


def is_logarithmic(values: Any) -> bool:
    return min(values) > 0 and max(values) > FACTOR * min(values)


def scale_of(rows: Sequence[Comparison]) -> tuple[float, float]:
    """Least and largest number of the maps of a claim, which share their colours."""
    values = [row.observed for row in rows] + [row.expectation.expected for row in rows]
    return min(values), max(values)


def draw_map(
    ax: Axes,
    labels: Sequence[str],
    rows: Sequence[Comparison],
    scale: tuple[float, float],
    room: float,
) -> None:
    """Observed means as colours and digits, predictions in brackets.

    Cells outside their range are framed.

    Parameters
    ----------
    ax : matplotlib Axes
    labels : three str
        Of x, of y and of the colour.
    rows : Comparisons
        Their series is the y value, written as a number.
    scale : (float, float)
        Numbers at the ends of the colours.
    room : float
        Inches for the map with the bar of its colours.
    """
    places = [(float(r.expectation.x), float(r.expectation.series)) for r in rows]
    x, y = (np.array(sorted(set(values))) for values in zip(*places, strict=True))
    observed, predicted = np.full((2, y.size, x.size), np.nan)
    framed = np.zeros(observed.shape, dtype=bool)
    for (column, line), row in zip(places, rows, strict=True):
        cell = int(np.searchsorted(y, line)), int(np.searchsorted(x, column))
        observed[cell], predicted[cell] = row.observed, row.expectation.expected
        framed[cell] = not is_inside(row)
    for axis, values, spaced in ((ax.xaxis, x, ax.set_xscale), (ax.yaxis, y, ax.set_yscale)):
        spaced("log" if is_logarithmic(values) else "linear")
        names = [f"{value:g}" for value in values]
        if axis is ax.xaxis:
            names = with_room(_shares(values), names, rcParams["font.size"], room - BAR)
        axis.set_ticks(values, names)
        axis.set_tick_params(which="minor", length=0)
        axis.set_ticklabels([], minor=True)
    edges = [_edges(values) for values in (x, y)]
    # cividis: perceptually uniform, and monotone in grey.
    least, most = scale if scale[0] < scale[1] else (scale[0] - 0.5, scale[1] + 0.5)
    mesh = ax.pcolormesh(
        *edges, np.ma.masked_invalid(observed), cmap="cividis", vmin=least, vmax=most
    )
    _digits(ax, x, y, (observed, predicted), edges, framed, mesh)
    lines = _contours(ax, x, y, predicted, [least + share * (most - least) for share in LEVELS])
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    bar = ax.figure.colorbar(mesh, ax=ax, label=labels[2])
    if lines:
        bar.add_lines(lines)


def is_inside(row: Comparison) -> bool:
    """Whether the mean lies in the range fixed beforehand."""
    low, high = row.expectation.low, row.expectation.high
    return (low is None or low <= row.observed) and (high is None or row.observed <= high)


def _edges(values: Floats) -> Floats:
    """Borders of cells halfway between their middles, on the axis as it is drawn."""
    at = np.log(values) if is_logarithmic(values) else values
    if at.size == 1:
        edges = at + np.array([-0.5, 0.5])
    else:
        half = np.diff(at) / 2
        edges = np.concatenate([[at[0] - half[0]], at[:-1] + half, [at[-1] + half[-1]]])
    return np.exp(edges) if is_logarithmic(values) else edges


def _shares(values: Floats) -> list[float]:
    """Where the middles of cells are, from 0 to 1 of the axis."""
    at = np.log(values) if is_logarithmic(values) else values
    edges = _edges(values)
    left, right = (np.log(edges) if is_logarithmic(values) else edges)[[0, -1]]
    return list((at - left) / (right - left))


def _digits(
    ax: Axes,
    x: Floats,
    y: Floats,
    numbers: tuple[Floats, Floats],
    edges: list[Floats],
    framed: NDArray[np.bool_],
    mesh: QuadMesh,
) -> None:
    observed, predicted = numbers
    middle = sum(mesh.get_clim()) / 2
    size = 8 if x.size <= 6 else 6.5
    for (line, column), value in np.ndenumerate(observed):
        if np.isnan(value):
            continue
        ink, (paper,) = "white" if value < middle else INK, mesh.to_rgba(np.array([value]))
        ax.text(
            float(x[column]), float(y[line]), f"{value:.2f}\n({predicted[line, column]:.2f})",
            color=ink, ha="center", va="center",
            fontsize=size, zorder=4, bbox={"facecolor": paper, "linewidth": 0, "pad": 0.8},
        )  # fmt: skip
        if framed[line, column]:
            left, right = edges[0][column : column + 2]
            bottom, top = edges[1][line : line + 2]
            ax.add_patch(
                Rectangle(
                    (left, bottom), right - left, top - bottom, fill=False, edgecolor="#c00000",
                    linewidth=2, linestyle=":", label="observed outside the range fixed beforehand",
                )
            )  # fmt: skip


def _contours(
    ax: Axes, x: Floats, y: Floats, predicted: Floats, levels: list[float]
) -> ContourSet | None:
    """Contour lines of the prediction, interpolated between the cells' middles."""
    if min(x.size, y.size) < 2 or np.isnan(predicted).any() or np.ptp(predicted) < 1e-9:
        return None
    fine, values = [], predicted
    for own in (x, y):  # along the rows, then along the columns
        at = np.log(own) if is_logarithmic(own) else own
        points = np.linspace(at[0], at[-1], 121)
        values = np.array([np.interp(points, at, line) for line in values]).T
        fine.append(np.exp(points) if is_logarithmic(own) else points)
    if not any(predicted.min() < level < predicted.max() for level in levels):
        return None
    lines = ax.contour(
        *fine, values, levels=levels, colors=INK, linewidths=[1.2, 2.4, 1.2],
        linestyles=["--", "-", "--"],
    )  # fmt: skip
    lines.set_path_effects([patheffects.withStroke(linewidth=3.5, foreground="white")])
    words = "theory: middle and quarters of the colours"
    ax.plot([], [], "k-", linewidth=2.4, label=words)
    return lines
