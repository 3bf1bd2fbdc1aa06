"""Figures of a claim: theory and observation in one frame, readable in grey."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0b5394", "#b45309", "#38761d", "#741b47")
MARKERS = ("o", "s", "^", "D")
LINES = ("-", "--", "-.", ":")
RANGE: dict[str, Any] = {"color": "0.88", "linewidth": 0}


def draw(claim: dict[str, Any]) -> Figure:
    """Draw the panels of a claim: curves where x is a number, else one frame a quantity.

    Comparisons of other panels are in the table only.
    """
    rows = [c for c in claim["comparisons"] if c["expectation"]["panel"] in claim["panels"]]
    if not rows:
        return _empty()
    numeric = not isinstance(rows[0]["expectation"]["x"], str)
    return _curves(claim["panels"], rows) if numeric else _frames(claim["panels"], rows)


def _empty() -> Figure:
    figure = Figure(figsize=(6, 1.2))
    figure.text(0.5, 0.5, "no replicate of every setting is finished yet", ha="center")
    return figure


def _range(expected: dict[str, Any]) -> tuple[float, float]:
    """Ends of the range to draw; what is drawn are shares, so an open side ends at 0 or 1."""
    low, high = expected["low"], expected["high"]
    return 0.0 if low is None else low, 1.0 if high is None else high


def _frames(panels: dict[str, Any], comparisons: list[dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(1.2 + 3.2 * len(panels), 3.7), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (panel, labels) in zip(axes, panels.items(), strict=True):
        rows = [c for c in comparisons if c["expectation"]["panel"] == panel]
        ends = _ends(rows)
        for position, row in enumerate(rows):
            _one_setting(ax, position, row, ends)
        ticks = [row["expectation"]["x"].replace(", ", "\n") for row in rows]
        ax.set_xticks(range(len(rows)), ticks)
        ax.set_xlim(-0.6, len(rows) - 0.4)
        ax.margins(y=0.12)
        _name(ax, *labels)
    handles, names = axes[0].get_legend_handles_labels()
    unique = dict(zip(names, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="outside lower center", ncols=2, frameon=False,
        fontsize=8,
    )  # fmt: skip
    return figure


def _ends(rows: list[dict[str, Any]]) -> tuple[float, float]:
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


def _one_setting(ax: Axes, position: int, row: dict[str, Any], ends: tuple[float, float]) -> None:
    expected = row["expectation"]
    span = [position - 0.35, position + 0.35]
    low, high = (
        end if expected[side] is None else expected[side]
        for side, end in zip(("low", "high"), ends, strict=True)
    )
    ax.fill_between(span, low, high, label="range fixed beforehand", **RANGE)
    ax.plot(span, [expected["predicted"]] * 2, "k-", label="theory, asymptotic")
    if expected["finite_size"] is not None:
        ax.plot(span, [expected["finite_size"]] * 2, "k--", label="theory, finite size")
    _observed(ax, [position], [row], 0, "observed, mean and interval")


def _observed(
    ax: Axes, x: list[float], rows: list[dict], style: int, label: str, base: bool = False
) -> None:
    """Means with their intervals; relative to the prediction if `base`."""
    shifts = [row["expectation"]["predicted"] if base else 0.0 for row in rows]
    means = [row["observed"] - shift for row, shift in zip(rows, shifts, strict=True)]
    errors = [[max(0.0, side) for side in sides] for sides in zip(*map(_sides, rows), strict=True)]
    ax.errorbar(
        x, means, yerr=errors, fmt=MARKERS[style], color=COLOURS[style], markersize=5, capsize=3,
        linewidth=1.2, label=label, zorder=3,
    )  # fmt: skip


def _sides(row: dict[str, Any]) -> tuple[float, float]:
    """How far the interval reaches below and above the mean.

    An open side is not drawn, nor the endless interval of a single replicate.
    """
    low, high = row["interval"]
    expected, mean = row["expectation"], row["observed"]
    return (
        0.0 if None in (expected["low"], low) else mean - low,
        0.0 if None in (expected["high"], high) else high - mean,
    )


def _curves(panels: dict[str, Any], comparisons: list[dict[str, Any]]) -> Figure:
    """Curves on the left; on the right, for each series, the difference from the theory."""
    (labels,) = panels.values()
    series: dict[str, list[dict[str, Any]]] = {}
    for row in comparisons:
        series.setdefault(row["expectation"]["series"], []).append(row)
    figure = Figure(figsize=(10, 2.4 + 1.2 * len(series)), layout="constrained")
    grid = figure.add_gridspec(len(series), 2, width_ratios=[1.15, 1])
    main = figure.add_subplot(grid[:, 0])
    last = len(series) - 1
    for index, (name, rows) in enumerate(series.items()):
        x = [row["expectation"]["x"] for row in rows]
        style = index % len(COLOURS)
        predicted = [row["expectation"]["predicted"] for row in rows]
        main.plot(x, predicted, LINES[style], color=COLOURS[style], label=f"{name}: theory")
        # The lottery's own fluctuation of a mean over so many replicates.
        half = [1.96 * r["expectation"]["spread"] / r["replicates"] ** 0.5 for r in rows]
        main.fill_between(
            x, [p - h for p, h in zip(predicted, half, strict=True)],
            [min(1.0, p + h) for p, h in zip(predicted, half, strict=True)],
            color=COLOURS[style], alpha=0.18, linewidth=0,
            label=f"{name}: the lottery's 95 % fluctuation",
        )  # fmt: skip
        _observed(main, x, rows, style, f"{name}: observed, interval")
        _difference(figure.add_subplot(grid[index, 1]), name, rows, style, index == last)
    main.set_xticks(x)
    _name(main, *labels)
    main.legend(loc="lower right", fontsize=8, frameon=False)
    handles, names = figure.axes[-1].get_legend_handles_labels()
    figure.legend(
        handles[:3], names[:3], loc="outside lower right", ncols=3, frameon=False, fontsize=8
    )
    return figure


def _difference(ax: Axes, name: str, rows: list[dict[str, Any]], style: int, lowest: bool) -> None:
    x = [row["expectation"]["x"] for row in rows]
    expected = [row["expectation"] for row in rows]
    ax.fill_between(
        x,
        [_range(e)[0] - e["predicted"] for e in expected],
        [_range(e)[1] - e["predicted"] for e in expected],
        label="range fixed beforehand",
        **RANGE,
    )
    ax.axhline(0, color="k", linewidth=1, label="theory, asymptotic")
    if all(e["finite_size"] is not None for e in expected):
        finite = [e["finite_size"] - e["predicted"] for e in expected]
        ax.plot(x, finite, "k--", linewidth=1, label="theory, finite size")
    _observed(ax, x, rows, style, "", base=True)
    ax.set_xticks(x)
    ax.set_title(name, fontsize=9, loc="left")
    _name(ax, "number of networks N" if lowest else "", "observed - theory")


def _name(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
