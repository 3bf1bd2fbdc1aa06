"""Figures of a claim: theory and observation in one frame, readable in grey."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from validation.report.maps import draw_map, is_logarithmic, scale_of

COLOURS = ("#0b5394", "#b45309", "#38761d", "#741b47", "#444444", "#a61c00")
MARKERS = ("o", "s", "^", "D", "v", "P")
RANGE = "range fixed beforehand"
GREY: dict[str, Any] = {"color": "0.88", "linewidth": 0}
COLUMNS = 3
"""Panels in a row."""
MOST_DIFFERENCES = 5
"""With more series the differences from the theory are left to the table."""

Row = dict[str, Any]


def draw(claim: dict[str, Any]) -> Figure:
    """Draw the panels of a claim, each after its kind.

    A map where a panel has a third label, for the colour; curves where x is a number, one for
    each series; else a frame with a column for every x. Comparisons of other panels are in the
    table only.
    """
    panels = {
        panel: [c for c in claim["comparisons"] if c["expectation"]["panel"] == panel]
        for panel in claim["panels"]
    }
    panels = {panel: rows for panel, rows in panels.items() if rows}
    if not panels:
        return _empty()
    kinds = {panel: _kind(claim["panels"][panel], rows) for panel, rows in panels.items()}
    # A number for each series, the same in all panels.
    names = [
        name for panel, rows in panels.items() if kinds[panel] != "map" for name in _series(rows)
    ]
    styles = {name: index for index, name in enumerate(dict.fromkeys(names))}
    if list(kinds.values()) == ["curves"] and len(styles) <= MOST_DIFFERENCES:
        ((panel, rows),) = panels.items()
        return _with_differences(claim["panels"][panel], rows, styles)
    return _panels(claim["panels"], panels, kinds, styles)


def _kind(labels: Sequence[str], rows: list[Row]) -> str:
    if len(labels) == 3:
        return "map"
    return "frame" if isinstance(rows[0]["expectation"]["x"], str) else "curves"


def _series(rows: list[Row]) -> dict[str, list[Row]]:
    series: dict[str, list[Row]] = {}
    for row in rows:
        series.setdefault(row["expectation"]["series"], []).append(row)
    return series


def _empty() -> Figure:
    figure = Figure(figsize=(6, 1.2))
    figure.text(0.5, 0.5, "no replicate of every setting is finished yet", ha="center")
    return figure


def _panels(
    labels: dict[str, Any],
    panels: dict[str, list[Row]],
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
            (_curves if kinds[panel] == "curves" else _frame)(ax, rows, styles)
            _name(ax, *labels[panel])
        if kinds[panel] != "frame" and len(panels) > 1:
            ax.set_title(panel, fontsize=9, loc="left")
        for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(name, handle)
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", frameon=False, fontsize=8,
        ncols=max(1, int(figure.get_figwidth() / 2.8)),
    )  # fmt: skip
    return figure


def _width(kind: str, rows: list[Row]) -> float:
    """Inches for a panel: columns and cells need room for what is written in them."""
    places = len({row["expectation"]["x"] for row in rows})
    if kind == "map":
        return max(4.2, 1.5 + 0.45 * places)
    return 3.8 if kind == "curves" else max(3.2, 0.55 * places)


def _ends(rows: list[Row]) -> tuple[float, float]:
    """Where ranges that are open on a side end in the picture: a little beyond all that is drawn.

    Shares stay within 0 and 1.
    """
    drawn = [row["observed"] for row in rows] + [row["expectation"]["predicted"] for row in rows]
    drawn += [row["expectation"][side] for row in rows for side in ("low", "high")]
    values = [value for value in drawn if value is not None]
    least, most = min(values), max(values)
    beyond = 0.15 * (most - least)
    low = max(0.0, least - beyond) if least >= 0 else least - beyond
    return low, min(1.0, most + beyond) if most <= 1 else most + beyond


def _range(rows: list[Row], ends: tuple[float, float]) -> tuple[list[float], list[float]]:
    """Lower and upper ends of the ranges to draw."""
    low, high = (
        [end if row["expectation"][side] is None else row["expectation"][side] for row in rows]
        for side, end in zip(("low", "high"), ends, strict=True)
    )
    return low, high


def _frame(ax: Axes, rows: list[Row], styles: dict[str, int]) -> None:
    """A column for every x; several series stand side by side in it."""
    series, ends = _series(rows), _ends(rows)
    places = list(dict.fromkeys(row["expectation"]["x"] for row in rows))
    step = 0.8 / len(series)
    for index, (name, own) in enumerate(series.items()):
        for row in own:
            expected = row["expectation"]
            middle = places.index(expected["x"]) + step * (index - (len(series) - 1) / 2)
            span = [middle - 0.44 * step, middle + 0.44 * step]
            ax.fill_between(span, *_range([row] * 2, ends), label=RANGE, **GREY)
            ax.plot(span, [expected["predicted"]] * 2, "k-", label="theory, asymptotic")
            if expected["finite_size"] is not None:
                ax.plot(span, [expected["finite_size"]] * 2, "k--", label="theory, finite size")
            label = f"{name}: observed" if len(series) > 1 else "observed"
            _observed(ax, [middle], [row], styles[name] if len(series) > 1 else 0, label)
    ax.set_xticks(range(len(places)), [place.replace(", ", "\n") for place in places])
    ax.set_xlim(-0.6, len(places) - 0.4)
    ax.margins(y=0.12)


def _curves(ax: Axes, rows: list[Row], styles: dict[str, int]) -> None:
    """Against x, for every series: the range, the theory's lines and what was observed."""
    # The legend's own, as series have colours.
    ax.fill_between([], [], [], label=RANGE, **GREY)
    ax.plot([], [], "k-", label="theory, asymptotic")
    for name, own in _series(rows).items():
        colour = COLOURS[styles[name] % len(COLOURS)]
        x = [row["expectation"]["x"] for row in own]
        ax.fill_between(x, *_range(own, _ends(own)), color=colour, alpha=0.15, linewidth=0)
        predicted = [row["expectation"]["predicted"] for row in own]
        ax.plot(x, predicted, "-", color=colour)
        _finite(ax, own, colour)
        _observed(ax, x, own, styles[name], f"{name}: observed")
    _ticks(ax, rows)


def _finite(ax: Axes, rows: list[Row], colour: str, base: bool = False) -> None:
    """The theory at finite size, where it has one; relative to the prediction if `base`."""
    own = [row["expectation"] for row in rows if row["expectation"]["finite_size"] is not None]
    if own:
        y = [e["finite_size"] - (e["predicted"] if base else 0.0) for e in own]
        ax.plot(
            [e["x"] for e in own], y, "--", color=colour, linewidth=1.2, label="theory, finite size"
        )


def _observed(
    ax: Axes, x: list[float], rows: list[Row], style: int, label: str, base: bool = False
) -> None:
    """Means with their intervals; relative to the prediction if `base`."""
    shifts = [row["expectation"]["predicted"] if base else 0.0 for row in rows]
    means = [row["observed"] - shift for row, shift in zip(rows, shifts, strict=True)]
    errors = [[max(0.0, side) for side in sides] for sides in zip(*map(_sides, rows), strict=True)]
    ax.errorbar(
        x, means, yerr=errors, fmt=MARKERS[style % len(MARKERS)],
        color=COLOURS[style % len(COLOURS)], markersize=5, capsize=3, linewidth=1.2,
        label=f"{label}, mean and interval" if label else "", zorder=3,
    )  # fmt: skip


def _sides(row: Row) -> tuple[float, float]:
    """How far the interval reaches below and above the mean.

    An open side is not drawn, nor the endless interval of a single replicate.
    """
    low, high = row["interval"]
    expected, mean = row["expectation"], row["observed"]
    return (
        0.0 if None in (expected["low"], low) else mean - low,
        0.0 if None in (expected["high"], high) else high - mean,
    )


def _with_differences(labels: Sequence[str], rows: list[Row], styles: dict[str, int]) -> Figure:
    """Curves on the left; on the right, for each series, the difference from the theory."""
    series = _series(rows)
    figure = Figure(figsize=(10, max(3.7, 2.4 + 1.2 * len(series))), layout="constrained")
    grid = figure.add_gridspec(len(series), 2, width_ratios=[1.15, 1])
    main = figure.add_subplot(grid[:, 0])
    for index, (name, own) in enumerate(series.items()):
        colour = COLOURS[styles[name] % len(COLOURS)]
        x = [row["expectation"]["x"] for row in own]
        predicted = [row["expectation"]["predicted"] for row in own]
        main.plot(x, predicted, "-", color=colour, label=f"{name}: theory")
        low, high = zip(*map(_fluctuation, own), strict=True)
        main.fill_between(
            x, low, high, color=colour, alpha=0.18, linewidth=0,
            label=f"{name}: 95 % of means, if that were exact",
        )  # fmt: skip
        _observed(main, x, own, styles[name], f"{name}: observed")
        ax = figure.add_subplot(grid[index, 1])
        _difference(ax, name, own, styles[name])
        _name(ax, labels[0] if index == len(series) - 1 else "", "observed - theory")
    _ticks(main, rows)
    _name(main, *labels)
    main.legend(loc="best", fontsize=8, frameon=False)
    handles, names = figure.axes[-1].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", ncols=3, frameon=False, fontsize=8)
    return figure


def _fluctuation(row: Row) -> tuple[float, float]:
    """Where 95 of 100 means over the replicates would be if the prediction were exact."""
    expected = row["expectation"]
    half = 1.96 * expected["spread"] / row["replicates"] ** 0.5
    low, high = expected["predicted"] - half, expected["predicted"] + half
    return (low, high) if expected["trials"] is None else (max(0.0, low), min(1.0, high))


def _difference(ax: Axes, name: str, rows: list[Row], style: int) -> None:
    x = [row["expectation"]["x"] for row in rows]
    predicted = [row["expectation"]["predicted"] for row in rows]
    low, high = (
        [end - value for end, value in zip(side, predicted, strict=True)]
        for side in _range(rows, _ends(rows))
    )
    ax.fill_between(x, low, high, label=RANGE, **GREY)
    ax.axhline(0, color="k", linewidth=1, label="theory, asymptotic")
    _finite(ax, rows, "k", base=True)
    _observed(ax, x, rows, style, "", base=True)
    _ticks(ax, rows)
    ax.set_title(name, fontsize=9, loc="left")


def _ticks(ax: Axes, rows: list[Row]) -> None:
    """Ticks where something was observed, unless they would crowd; a logarithm for wide spans."""
    x = sorted({row["expectation"]["x"] for row in rows})
    logarithmic = is_logarithmic(x)
    if logarithmic:
        ax.set_xscale("log")
    at = [math.log(value) for value in x] if logarithmic else x
    gaps = [right - left for left, right in itertools.pairwise(at)]
    if len(x) <= 12 and (not gaps or min(gaps) >= 0.06 * (at[-1] - at[0])):
        ax.set_xticks(x, [f"{value:g}" for value in x])
        ax.set_xticks([], minor=True)


def _name(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
