"""One panel of a figure: theory and observation in one frame, readable in grey."""

import math
from textwrap import TextWrapper, fill
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes

from validation.report.letters import are_apart, with_room
from validation.report.maps import is_logarithmic
from validation.report.words import is_bound
from validation.trial.claim import Comparison

COLOURS = ("#0b5394", "#b45309", "#38761d", "#741b47", "#444444", "#a61c00")
MARKERS = ("o", "s", "^", "D", "v", "P")
RANGE = "range fixed beforehand"
BOUND = "bound fixed beforehand"
THEORY = "theory, asymptotic"
MANY = 3
"""From so many columns on the names of neighbours may meet."""
WRAPPER = TextWrapper(width=13, break_long_words=False, break_on_hyphens=False)
"""Lines of as many letters as three columns have room for."""
SHADE = "#e0e0e0"
"""Of what was fixed beforehand."""
GREY: dict[str, Any] = {"color": SHADE, "linewidth": 0}


def series_of(rows: list[Comparison]) -> dict[str, list[Comparison]]:
    series: dict[str, list[Comparison]] = {}
    for row in rows:
        series.setdefault(row.expectation.series, []).append(row)
    return series


def places_of(rows: list[Comparison]) -> list[float]:
    """Their x, where it is a number."""
    return [float(row.expectation.x) for row in rows]


def draw_frame(ax: Axes, rows: list[Comparison], styles: dict[str, int], room: float) -> None:
    """A column for every x, in so many inches; several series stand side by side in it."""
    series, ends = series_of(rows), ends_of(rows)
    places = list(dict.fromkeys(row.expectation.x for row in rows))
    step = 0.8 / len(series)
    for index, (name, own) in enumerate(series.items()):
        for row in own:
            expected = row.expectation
            middle = places.index(expected.x) + step * (index - (len(series) - 1) / 2)
            span = [middle - 0.44 * step, middle + 0.44 * step]
            ax.fill_between(span, *range_of([row] * 2, ends), label=RANGE, **GREY)
            if is_bound(expected):
                ax.plot(span, [bound_of(row)] * 2, "k:", linewidth=1.6, label=BOUND)
            else:
                ax.plot(span, [expected.predicted] * 2, "k-", label=THEORY)
            if expected.finite_size is not None:
                ax.plot(span, [expected.finite_size] * 2, "k--", label="theory, finite size")
            label = f"{name}: observed" if len(series) > 1 else "observed"
            draw_observed(ax, [middle], [row], styles[name] if len(series) > 1 else 0, label)
    names = [in_lines(place, len(places)) for place in places]
    ax.set_xticks(range(len(places)), names)
    at = [(0.6 + n) / (len(places) + 0.2) for n in range(len(places))]
    if not are_apart(at, names, rcParams["font.size"], room):
        ax.tick_params(axis="x", rotation=40)
        for text in ax.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
    ax.set_xlim(-0.6, len(places) - 0.4)
    ax.margins(y=0.12)


def in_lines(place: float | str, places: int) -> str:
    """The name of one of so many columns: broken at commas, and where neighbours would meet.

    >>> in_lines("cifar-100 coarse, 3 x 3", 2), in_lines("cifar-100 coarse, 3 x 3", 3)
    ('cifar-100 coarse\\n3 x 3', 'cifar-100\\ncoarse\\n3 x 3')
    """
    lines = (place if isinstance(place, str) else f"{place:g}").split(", ")
    if places >= MANY:
        lines = [part for line in lines for part in WRAPPER.wrap(line)]
    return "\n".join(lines)


def draw_curves(ax: Axes, rows: list[Comparison], styles: dict[str, int], room: float) -> None:
    """Against x, for every series: the range, the theory's lines and what was observed."""
    # The legend's own, as series have colours.
    ax.fill_between([], [], [], label=RANGE, **GREY)
    if any(not is_bound(row.expectation) for row in rows):
        ax.plot([], [], "k-", label=THEORY)
    if any(is_bound(row.expectation) for row in rows):
        ax.plot([], [], "k:", linewidth=1.6, label=BOUND)
    for name, own in series_of(rows).items():
        colour = COLOURS[styles[name] % len(COLOURS)]
        x = places_of(own)
        ax.fill_between(x, *range_of(own, ends_of(own)), color=colour, alpha=0.15, linewidth=0)
        draw_theory(ax, own, colour)
        draw_finite(ax, own, colour)
        draw_observed(ax, x, own, styles[name], f"{name}: observed")
    set_ticks(ax, rows, room)


def draw_theory(ax: Axes, rows: list[Comparison], colour: str) -> None:
    """The value of the theory as a line; where there is but a bound, that, dotted."""
    x = places_of(rows)
    lines = {
        "-": [math.nan if is_bound(row.expectation) else row.expectation.predicted for row in rows],
        ":": [bound_of(row) if is_bound(row.expectation) else math.nan for row in rows],
    }
    for style, y in lines.items():
        if not all(map(math.isnan, y)):
            marker = "_" if style == ":" else ""
            ax.plot(x, y, style, color=colour, linewidth=1.6, marker=marker)


def bound_of(row: Comparison) -> float:
    """The one end of its range."""
    expected = row.expectation
    end = expected.high if expected.low is None else expected.low
    assert end is not None  # an expectation has one
    return end


def draw_finite(ax: Axes, rows: list[Comparison], colour: str, base: bool = False) -> None:
    """The theory at finite size, where it has one; relative to the prediction if `base`."""
    own = [row for row in rows if row.expectation.finite_size is not None]
    if own:
        y = [row.expectation.expected - (row.expectation.predicted if base else 0.0) for row in own]
        words = "theory, finite size"
        ax.plot(places_of(own), y, "--", color=colour, linewidth=1.2, label=words)


def draw_observed(
    ax: Axes, x: list[float], rows: list[Comparison], style: int, label: str, base: bool = False
) -> None:
    """Means with their intervals; relative to the prediction if `base`."""
    shifts = [row.expectation.predicted if base else 0.0 for row in rows]
    means = [row.observed - shift for row, shift in zip(rows, shifts, strict=True)]
    errors = [[max(0.0, side) for side in sides] for sides in zip(*map(_sides, rows), strict=True)]
    ax.errorbar(
        x, means, yerr=errors, fmt=MARKERS[(style + style // len(COLOURS)) % len(MARKERS)],
        color=COLOURS[style % len(COLOURS)], markersize=5, capsize=3, linewidth=1.2,
        label=f"{label}, mean and interval" if label else "", zorder=3,
    )  # fmt: skip


def _sides(row: Comparison) -> tuple[float, float]:
    """How far the interval reaches below and above the mean.

    The endless interval of a single replicate is not drawn.
    """
    low, high = row.interval
    return 0.0 if low is None else row.observed - low, 0.0 if high is None else high - row.observed


def ends_of(rows: list[Comparison]) -> tuple[float, float]:
    """Where ranges that are open on a side end in the picture: a little beyond all that is drawn.

    Shares stay within 0 and 1.
    """
    expected = [row.expectation for row in rows]
    values = [row.observed for row in rows] + [e.predicted for e in expected if not e.bound]
    values += [end for e in expected for end in (e.low, e.high) if end is not None]
    least, most = min(values), max(values)
    beyond = 0.15 * (most - least)
    low = max(0.0, least - beyond) if least >= 0 else least - beyond
    return low, min(1.0, most + beyond) if most <= 1 else most + beyond


def range_of(rows: list[Comparison], ends: tuple[float, float]) -> tuple[list[float], list[float]]:
    """Lower and upper ends of the ranges to draw."""
    expected = [row.expectation for row in rows]
    low = [ends[0] if e.low is None else e.low for e in expected]
    high = [ends[1] if e.high is None else e.high for e in expected]
    return low, high


def set_ticks(ax: Axes, rows: list[Comparison], room: float) -> None:
    """Ticks where something was observed, unless too many; a logarithm for wide spans.

    Those are numbered that have room for it on an axis of so many inches.
    """
    x = sorted(set(places_of(rows)))
    logarithmic = is_logarithmic(x)
    if logarithmic:
        ax.set_xscale("log")
    if len(x) <= MOST_TICKS:
        at = [math.log(value) for value in x] if logarithmic else x
        # Axes go on a twentieth of what is drawn on either side.
        span = 1.1 * (at[-1] - at[0]) or 1.0
        places = [0.045 + (value - at[0]) / span for value in at]
        names = [f"{value:g}" for value in x]
        ax.set_xticks(x, with_room(places, names, rcParams["font.size"], room))
        ax.set_xticks([], minor=True)


MOST_TICKS = 20
"""With more numbers on an axis matplotlib chooses its ticks."""
HIGH = 30
"""Letters that a panel's height has room for."""


def set_names(ax: Axes, x: str, y: str) -> None:
    """Name the axes; a long name of the upright one goes on, at its unit, in a second line."""
    ax.set_xlabel(x)
    if len(y) > HIGH and "\n" not in y:
        y = y.replace(" (", "\n(") if " (" in y else fill(y, HIGH)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
