"""Figures of a claim: its panels side by side, each after its kind."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
from validation.trial.claim import Comparison

COLUMNS = 3
"""Panels in a row."""
LETTER = 0.066
"""Inches that a letter of a legend takes."""
MOST_DIFFERENCES = 5
"""With more series the differences from the theory are left to the table."""

Labels = Mapping[str, Sequence[str]]
"""Of each panel: of x, of y and, for a map, of the colour."""


def draw(labels: Labels, comparisons: Sequence[Comparison]) -> Figure:
    """Draw the panels of a claim, each after its kind.

    A map where a panel has a third label, for the colour; curves where x is a number that changes,
    one for each series; else a frame with a column for every x. Comparisons of other panels are
    in the table only.
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
    bounds = any(row.expectation.bound for own in panels.values() for row in own)
    if list(kinds.values()) == ["curves"] and len(styles) <= MOST_DIFFERENCES and not bounds:
        ((panel, rows),) = panels.items()
        return _with_differences(labels[panel], rows, styles)
    return _panels(labels, panels, kinds, styles)


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
) -> Figure:
    """All panels on a grid, with one legend below them."""
    columns = 2 if len(panels) == 4 else min(len(panels), COLUMNS)
    lines = math.ceil(len(panels) / columns)
    widths = [0.0] * columns
    for index, (panel, rows) in enumerate(panels.items()):
        widths[index % columns] = max(widths[index % columns], _width(kinds[panel], rows))
    figure = Figure(figsize=(1.2 + sum(widths), 0.7 + 3 * lines), layout="constrained")
    grid = figure.add_gridspec(lines, columns, width_ratios=widths)
    # Maps of one claim share their colours, so that they compare.
    mapped = [row for name, rows in panels.items() if kinds[name] == "map" for row in rows]
    scale = scale_of(mapped) if mapped else (0.0, 1.0)
    handles: dict[str, Any] = {}
    for index, (panel, rows) in enumerate(panels.items()):
        ax = figure.add_subplot(grid[index // columns, index % columns])
        if kinds[panel] == "map":
            draw_map(ax, labels[panel], rows, scale)
        else:
            (draw_curves if kinds[panel] == "curves" else draw_frame)(ax, rows, styles)
            set_names(ax, *labels[panel])
        if kinds[panel] != "frame" and len(panels) > 1:
            ax.set_title(panel, fontsize=9, loc="left")
        for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(name, handle)
    if handles:  # A map without a contour names nothing.
        letters = max(map(len, handles))
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower center", frameon=False, fontsize=8,
            ncols=max(1, int(figure.get_figwidth() / (0.6 + LETTER * letters))),
        )  # fmt: skip
    return figure


def _width(kind: str, rows: list[Comparison]) -> float:
    """Inches for a panel: columns and cells need room for what is written in them."""
    every = {row.expectation.x for row in rows}
    places = len(every)
    if kind == "map":
        return max(4.2, 1.5 + 0.45 * places)
    if kind == "curves":
        return 3.8
    longest = max(len(line) for x in every for line in in_lines(x, places).split("\n"))
    return max(3.2, max(0.55, 1.3 * LETTER * longest) * places)


def _with_differences(
    labels: Sequence[str], rows: list[Comparison], styles: dict[str, int]
) -> Figure:
    """Curves on the left; on the right, for each series, the difference from the theory."""
    series = series_of(rows)
    figure = Figure(figsize=(10, max(3.7, 2.4 + 1.2 * len(series))), layout="constrained")
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
        _difference(ax, name, own, styles[name])
        set_names(ax, labels[0] if index == len(series) - 1 else "", "observed - theory")
    set_ticks(main, rows)
    set_names(main, *labels)
    main.legend(loc="best", fontsize=8, frameon=False)
    handles, names = figure.axes[-1].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", ncols=3, frameon=False, fontsize=8)
    return figure


def _fluctuation(row: Comparison) -> tuple[float, float]:
    """Where 95 of 100 means over the replicates would be if the prediction were exact."""
    expected = row.expectation
    half = 1.96 * expected.spread / row.replicates**0.5
    low, high = expected.predicted - half, expected.predicted + half
    return (low, high) if expected.trials is None else (max(0.0, low), min(1.0, high))


def _difference(ax: Axes, name: str, rows: list[Comparison], style: int) -> None:
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
    set_ticks(ax, rows)
    ax.set_title(name, fontsize=9, loc="left")
