"""Figures of the distillation advisor."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mvtheory.distillation.advice import Advice
from mvtheory.plotting.style import DASHES, MARKERS, axes_or_new, plain, styled
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_advice(advice: Advice, ax: "Axes | None" = None, reached: Floats | None = None) -> "Axes":
    """Draw what is predicted against the temperature, a line for each hard weight, with intervals.

    Parameters
    ----------
    advice : Advice
        From `mvtheory.distillation.advise`; its objective is drawn.
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    reached : ndarray, shape (temperatures, hard weights), optional
        The same of students that were trained at these settings, drawn as crosses; nan for none.

    Returns
    -------
    matplotlib Axes
        Temperatures stand in rising order at 0, 1, 2 and so on, lines side by side, the
        recommended setting in a ring. A teacher far above everything else is in the legend alone.

    Examples
    --------
    >>> from mvtheory.distillation import advise
    >>> labels, rng = np.arange(60) % 3, np.random.default_rng(1)
    >>> student, teacher = rng.normal(size=(2, 60, 3)) + 2 * np.eye(3)[labels]
    >>> plot_advice(advise(labels, student, teacher)).get_xlabel()
    'temperature T (no unit)'
    """
    import matplotlib as mpl

    ax = axes_or_new(ax, 7.2, 4.6)
    rows, columns = np.argsort(advice.temperatures), np.argsort(advice.hard_weights)
    x = np.arange(rows.size)
    step = 0.75 / columns.size
    # From dark to light as the hard weight grows, in grey too.
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.8, columns.size))
    sought = advice.sought
    low, high = sought.low[rows], sought.high[rows]
    shown: list[Any] = []
    for index, column in enumerate(columns):
        middle = sought.predicted[rows, column]
        # Side by side: intervals on one another could not be read.
        place = x + (index - (columns.size - 1) / 2) * step
        line = ax.errorbar(
            place,
            middle,
            yerr=[middle - low[:, column], high[:, column] - middle],
            color=shades[index],
            linestyle=DASHES[index % len(DASHES)],
            marker=MARKERS[index % len(MARKERS)],
            markersize=5,
            linewidth=1.2,
            capsize=2.5,
            label=f"a_H = {advice.hard_weights[column]:g}",
        )
        shown.append(line)
        if reached is not None:
            crosses = ax.plot(place, reached[rows, column], "kx", markersize=6, zorder=5)
        if column == advice.best[1]:
            best = place[rows == advice.best[0]], middle[rows == advice.best[0]]
    name = f"recommended: T = {advice.temperature:g}, a_H = {advice.hard_weight:g}"
    ring: dict[str, Any] = {"markersize": 14, "markerfacecolor": "none", "markeredgewidth": 1.5}
    shown += ax.plot(*best, "ok", label=name, **ring)
    if reached is not None:
        crosses[0].set_label("reached by trained students")
        shown += crosses
    student, teacher = sought.student, sought.teacher
    found = [low.min(), high.max(), student] + ([] if reached is None else list(reached.flat))
    bottom, top = float(np.nanmin(found)), float(np.nanmax(found))
    pad = 0.05 * (top - bottom) or 0.01
    seen = abs(teacher - (top + bottom) / 2) < 1.5 * (top - bottom)
    ends = [bottom, top, teacher] if seen else [bottom, top]
    for level, name, dash in (
        (student, "student, hard labels alone", "-"),
        (teacher, "teacher" if seen else "teacher, beyond the figure", ":"),
    ):
        label = f"{name}: {level:.3f}"
        shown.append(ax.axhline(level, color="k", linestyle=dash, linewidth=1, label=label))
    ax.set_ylim(min(ends) - pad, max(ends) + pad)
    for between in x[1:] - 0.5:
        ax.axvline(between, color="0.85", linewidth=0.8, zorder=0)
    ax.set_xlim(-0.5, x.size - 0.5)
    ax.set_xticks(x, [f"{advice.temperatures[row]:g}" for row in rows])
    ax.set_xlabel("temperature T (no unit)")
    ax.set_ylabel(f"predicted {sought.name} with {100 * advice.confidence:g} % interval")
    ax.set_title(f"Distilled students: {advice.method} mixture")
    ax.legend(handles=shown, ncols=3, loc="upper left",
              bbox_to_anchor=(0, -0.14))  # fmt: skip
    return plain(ax, "y")
