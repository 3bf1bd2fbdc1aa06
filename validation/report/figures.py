"""Figures of a claim: its panels side by side, each after its kind."""

import math
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from validation.report.letters import GAP, inches
from validation.report.maps import draw_map, scale_of
from validation.report.panels import (
    COLOURS,
    GREY,
    RANGE,
    THEORY,
    draw_curves,
    draw_finite,
    draw_frame,
    draw_observed,
    ends_of,
    in_lines,
    places_of,
    range_of,
    series_of,
    set_names,
    set_ticks,
)
from validation.report.words import is_bound
from validation.trial.claim import Comparison

COLUMNS = 3
"""Panels in a row."""
SIDE, HEIGHT, CURVES, FRAME, MAP = 0.8, 2.9, 3.1, 2.8, 3.6
"""Inches, where letters have ten points: what the names and numbers of an upright axis take, a
panel's height, and the least width of each kind."""
MOST_DIFFERENCES = 5
"""With more series the differences from the theory are left to the table."""
BESIDE = 6
"""Inches from which on differences stand beside their curves."""

Labels = Mapping[str, Sequence[str]]
"""Of each panel: of x, of y and, for a map, of the colour."""


def draw(labels: Labels, comparisons: Sequence[Comparison], width: float | None = None) -> Figure:
    """Draw the panels of a claim, each after its kind.

    A map where a panel has a third label, for the colour; curves where x is a number that changes,
    one for each series; else a frame with a column for every x. Comparisons of other panels are
    in the table only. A `width` in inches is kept to, with fewer panels in a row; without one the
    figure is as wide as its words want.
    """
    panels = {panel: [c for c in comparisons if c.expectation.panel == panel] for panel in labels}
    panels = {panel: rows for panel, rows in panels.items() if rows}
    if not panels:
        return _empty()
    kinds = {panel: _kind(labels[panel], rows) for panel, rows in panels.items()}
    # A number for each series, the same in all panels.
    names = [
        name for panel, rows in panels.items() if kinds[panel] != "map" for name in series_of(rows)
    ]
    styles = {name: index for index, name in enumerate(dict.fromkeys(names))}
    bounds = any(is_bound(row.expectation) for own in panels.values() for row in own)
    wide = width is None or width >= BESIDE
    if (
        wide
        and list(kinds.values()) == ["curves"]
        and len(styles) <= MOST_DIFFERENCES
        and not bounds
    ):
        ((panel, rows),) = panels.items()
        return _with_differences(labels[panel], rows, styles, width or 10)
    return _panels(labels, panels, kinds, styles, width)


def _kind(labels: Sequence[str], rows: list[Comparison]) -> str:
    if len(labels) == 3:
        return "map"
    places = {row.expectation.x for row in rows}
    return "frame" if len(places) == 1 or isinstance(rows[0].expectation.x, str) else "curves"


def _empty() -> Figure:
    figure = Figure(figsize=(6, 1.2))
    figure.text(0.5, 0.5, "no replicate of every setting is finished yet", ha="center")
    return figure


def _panels(
    labels: Labels,
    panels: dict[str, list[Comparison]],
    kinds: dict[str, str],
    styles: dict[str, int],
    width: float | None,
) -> Figure:
    """All panels on a grid, with one legend below them."""
    wanted = [_width(kinds[panel], rows) for panel, rows in panels.items()]
    columns = 2 if len(panels) == 4 else min(len(panels), COLUMNS)
    while width and columns > 1 and _total(wanted, columns) > width:
        columns -= 1
    lines = math.ceil(len(panels) / columns)
    total = width or _total(wanted, columns)
    widths = [max(wanted[column::columns]) for column in range(columns)]
    room = [(total - SIDE * _scale() * columns) * own / sum(widths) for own in widths]
    figure = Figure(figsize=(total, 0.4 + HEIGHT * _scale() * lines), layout="constrained")
    grid = figure.add_gridspec(lines, columns, width_ratios=widths)
    # Maps of one claim share their colours, so that they compare.
    mapped = [row for name, rows in panels.items() if kinds[name] == "map" for row in rows]
    scale = scale_of(mapped) if mapped else (0.0, 1.0)
    handles: dict[str, Any] = {}
    for index, (panel, rows) in enumerate(panels.items()):
        ax = figure.add_subplot(grid[index // columns, index % columns])
        if kinds[panel] == "map":
            draw_map(ax, labels[panel], rows, scale, room[index % columns])
        else:
            drawn = draw_curves if kinds[panel] == "curves" else draw_frame
            drawn(ax, rows, styles, room[index % columns])
            set_names(ax, *labels[panel])
        if kinds[panel] != "frame" and len(panels) > 1:
            ax.set_title(panel, fontsize=rcParams["axes.labelsize"], loc="left")
        for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(name, handle)
    if handles:  # A map without a contour names nothing.
        _legend(figure, handles)
    return figure


def _total(wanted: Sequence[float], columns: int) -> float:
    """Inches of a figure whose panels are as wide as they want to be, so many in a row."""
    return sum(max(wanted[column::columns]) + SIDE * _scale() for column in range(columns))


def _scale() -> float:
    """Of all that goes with the size of letters."""
    return float(rcParams["font.size"]) / 10


def _small() -> float:
    """Points of the letters of a legend."""
    return min(8.0, rcParams["font.size"])


def _legend(figure: Figure, handles: Mapping[str, Any]) -> None:
    """What lines and marks mean, in as many columns as there is room for, below the panels."""
    em = _small() / 72  # by which matplotlib's own distances go
    most = figure.get_figwidth() - 4 * em
    names = {name: _fitted(name, most - 3 * em) for name in handles}
    widest = max(inches(name, _small()) for name in names.values()) + 3 * em
    columns = max(1, int((most + 2 * em) / (widest + 2 * em)))
    rows = math.ceil(len(names) / columns)
    height = rows * max(name.count("\n") + 1 for name in names.values()) * 1.5 * em
    figure.set_figheight(figure.get_figheight() + height)
    figure.legend(
        handles.values(), names.values(), loc="outside lower center", frameon=False,
        fontsize=_small(), ncols=columns,
    )  # fmt: skip


def _fitted(name: str, most: float) -> str:
    """A name in lines that are no wider than so many inches."""
    wide = inches(name, _small())
    return name if wide <= most else fill(name, max(12, int(len(name) * most / wide)))


def _width(kind: str, rows: list[Comparison]) -> float:
    """Inches for a panel: columns and cells need room for what is written in them."""
    every = {row.expectation.x for row in rows}
    places = len(every)
    if kind == "map":
        return max(MAP, 0.9 + 0.45 * places) * _scale()
    if kind == "curves":
        return CURVES * _scale()
    names = (in_lines(x, places) for x in every)
    widest = max(inches(name, rcParams["font.size"]) for name in names)
    return max(FRAME * _scale(), (widest + 2 * GAP) * (places + 0.2))


def _with_differences(
    labels: Sequence[str], rows: list[Comparison], styles: dict[str, int], width: float
) -> Figure:
    """Curves on the left; on the right, for each series, the difference from the theory."""
    series = series_of(rows)
    figure = Figure(
        figsize=(width, max(3.5, 2.2 + 1.2 * len(series)) * _scale()), layout="constrained"
    )
    room = width / 2 - SIDE * _scale()
    grid = figure.add_gridspec(len(series), 2, width_ratios=[1.15, 1])
    main = figure.add_subplot(grid[:, 0])
    for index, (name, own) in enumerate(series.items()):
        # One alone has its name over the differences.
        which = f"{name}: " if len(series) > 1 else ""
        colour = COLOURS[styles[name] % len(COLOURS)]
        x = places_of(own)
        predicted = [row.expectation.predicted for row in own]
        main.plot(x, predicted, "-", color=colour, label=f"{which}theory")
        low, high = zip(*map(_fluctuation, own), strict=True)
        main.fill_between(
            x, low, high, color=colour, alpha=0.18, linewidth=0,
            label=f"{which}95 % of means, if that were exact",
        )  # fmt: skip
        draw_observed(main, x, own, styles[name], f"{which}observed")
        ax = figure.add_subplot(grid[index, 1])
        _difference(ax, name, own, styles[name], room)
        set_names(ax, labels[0] if index == len(series) - 1 else "", "observed - theory")
    set_ticks(main, rows, room)
    set_names(main, *labels)
    # Below: among the curves what marks mean looks like observations.
    handles = {
        name: handle
        for axis in (main, figure.axes[-1])
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    _legend(figure, handles)
    return figure


def _fluctuation(row: Comparison) -> tuple[float, float]:
    """Where 95 of 100 means over the replicates would be if the prediction were exact."""
    expected = row.expectation
    half = 1.96 * expected.spread / row.replicates**0.5
    low, high = expected.predicted - half, expected.predicted + half
    return (low, high) if expected.trials is None else (max(0.0, low), min(1.0, high))


def _difference(ax: Axes, name: str, rows: list[Comparison], style: int, room: float) -> None:
    x = places_of(rows)
    predicted = [row.expectation.predicted for row in rows]
    low, high = (
        [end - value for end, value in zip(side, predicted, strict=True)]
        for side in range_of(rows, ends_of(rows))
    )
    ax.fill_between(x, low, high, label=RANGE, **GREY)
    ax.axhline(0, color="k", linewidth=1, label=THEORY)
    draw_finite(ax, rows, "k", base=True)
    draw_observed(ax, x, rows, style, "", base=True)
    set_ticks(ax, rows, room)
    ax.set_title(name, fontsize=rcParams["axes.labelsize"], loc="left")
