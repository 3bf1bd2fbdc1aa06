"""Figures of formulas, spectra and advice; the one module that imports matplotlib."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.distillation.advisor import Advice
from mvtheory.distillation.spectra import HSpectrum
from mvtheory.formula import NOTHING, Formula
from mvtheory.laws import AbstractLaw
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Lines differ in dash and marker, so that they are told apart without colour.
COLOURS = ("#0b5394", "#b45309", "#38761d", "#741b47", "#444444")
MARKERS = ("o", "s", "^", "D", "v")
DASHES = ("-", "--", "-.", ":")


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
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
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
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    return ax


def plot_spectrum(
    law: AbstractLaw,
    ax: "Axes | None" = None,
    matrices: Sequence[Floats] = (),
    eigenvalues: Floats | None = None,
    bins: int = 60,
) -> "Axes":
    """Draw a law's density and atoms, with histograms of sampled matrices and of data.

    Parameters
    ----------
    law : AbstractLaw
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    matrices : sequence of ndarray, shape (n,)
        The eigenvalues of each sampled matrix: drawn as mean and standard deviation of a bin.
    eigenvalues : ndarray, shape (m,), optional
        Data, drawn with the square root of the count in each bin.
    bins : int
        Bins over the spectrum.

    Returns
    -------
    matplotlib Axes
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    seen = [*matrices, *([] if eigenvalues is None else [eigenvalues])]
    ends = np.concatenate([np.ravel(law.support), law.atoms, *seen])
    pad = 0.03 * float(np.ptp(ends)) or 1.0
    edges = np.linspace(ends.min() - pad, ends.max() + pad, bins + 1)
    tops = [_density_lines(ax, law)]
    if len(matrices):
        heights = np.array([_heights(law, values, edges)[0] for values in matrices])
        error = heights.std(axis=0, ddof=1) if len(matrices) > 1 else None
        label = f"{len(matrices)} matrices of size {len(matrices[0])}, mean and deviation"
        _bars(ax, edges, heights.mean(axis=0), error, label, 1)
        tops.append(float(heights.mean(axis=0).max()))
    if eigenvalues is not None:
        height, error = _heights(law, eigenvalues, edges)
        _bars(ax, edges, height, error, f"{eigenvalues.size} eigenvalues given, ± √count", 2)
        tops.append(float(height.max()))
    for atom, weight in zip(law.atoms[:8], law.weights[:8], strict=True):
        ax.axvline(atom, color="#444444", linestyle=":", linewidth=1)
        label = _atom_label(atom, weight, matrices, eigenvalues, float(np.ptp(ends)))
        ax.plot([], [], color="#444444", linestyle=":", label=label)
    # An infinite density is cut off at twice what was seen.
    seen_top = max(tops[1:], default=tops[0])
    ax.set_ylim(0, 1.2 * max(seen_top, min(tops[0], 2 * seen_top)))
    ax.set_xlabel("eigenvalue")
    ax.set_ylabel("density, mass per unit of eigenvalue")
    ax.legend(frameon=False, fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    return ax


def plot_h_spectrum(record: HSpectrum, ax: "Axes | None" = None) -> "Axes":
    """Draw the eigenvalues of K H as a histogram, with the density and atoms of each law.

    Parameters
    ----------
    record : HSpectrum
        From `mvtheory.distillation.spectra.h_spectrum`.
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.

    Returns
    -------
    matplotlib Axes
        The legend holds each law's Kolmogorov distance D and, where matrices were sampled, the
        largest distance of one of the law's own.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    values, laws = record.eigenvalues, record.laws.values()
    atoms = {
        float(a): float(w) for law in laws for a, w in zip(law.atoms, law.weights, strict=True)
    }
    # Bands of next to no mass, as those of a confusion law, would stretch the picture.
    ends = np.concatenate([*(law.ppf([1e-3, 0.999]) for law in laws), values])
    pad = 0.03 * float(np.ptp(ends)) or 1.0
    # As many bins over the eigenvalues as their number lets stand out of the noise.
    width = float(np.ptp(values)) / np.clip(2 * values.size**0.5, 8, 60) or pad
    edges = np.arange(ends.min() - pad, ends.max() + pad + width, width)
    first = next(iter(laws))
    height, _ = _heights(first, values, edges)
    ax.stairs(height, edges, fill=True, color="#d9d9d9", label=f"{values.size} eigenvalues of K H")
    tops = [float(height.max())]
    for index, comparison in enumerate(record.comparisons):
        label = f"{comparison.name}: D = {comparison.distance:.2g}"
        if comparison.sampled_distances:
            label += f" (its own matrices to {max(comparison.sampled_distances):.2g})"
        tops.append(_density_lines(ax, comparison.law, label, index))
    for atom, weight in list(atoms.items())[:8]:
        ax.axvline(atom, color="#444444", linestyle=":", linewidth=1)
        label = _atom_label(atom, weight, [], values, float(np.ptp(ends)))
        ax.plot([], [], color="#444444", linestyle=":", label=label)
    # The legend has its place above the curves.
    room = 1.1 + 0.07 * len(ax.get_legend_handles_labels()[1])
    ax.set_ylim(0, room * max(tops[0], min(max(tops), 2 * tops[0])))
    ax.set_xlim(edges[0], edges[-1])
    what = "labels and student" if record.soft_weight is None else "the dual model"
    soft = "" if record.soft_weight is None else f", w = {record.soft_weight:g}"
    ax.set_xlabel("eigenvalue of K H orthogonal to all-ones (no unit)")
    ax.set_ylabel("density, share of eigenvalues per unit")
    ax.set_title(
        f"H of {what}: K = {record.classes}, N = {record.samples}, q = {record.aspect_ratio:.3g}, "
        f"T = {record.temperature:g}{soft}",
        fontsize=9,
    )
    ax.legend(frameon=False, fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    return ax


def plot_advice(advice: Advice, ax: "Axes | None" = None, reached: Floats | None = None) -> "Axes":
    """Draw predicted accuracy against the temperature, a line for each hard weight, with intervals.

    Parameters
    ----------
    advice : Advice
        From `mvtheory.distillation.advise`.
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    reached : ndarray, shape (temperatures, hard weights), optional
        Accuracies of students that were trained at these settings, drawn as crosses; nan for none.

    Returns
    -------
    matplotlib Axes
        Temperatures stand in rising order at 0, 1, 2 and so on, lines side by side, the
        recommended setting in a ring. A teacher far above everything else is in the legend alone.
    """
    import matplotlib as mpl

    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(7.2, 4.8), layout="constrained")
    rows, columns = np.argsort(advice.temperatures), np.argsort(advice.hard_weights)
    x = np.arange(rows.size)
    step = 0.75 / columns.size
    # From dark to light as the hard weight grows, in grey too.
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.8, columns.size))
    low, high = advice.low[rows], advice.high[rows]
    shown: list[Any] = []
    for index, column in enumerate(columns):
        middle = advice.predicted[rows, column]
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
    student, teacher = advice.student_accuracy, advice.teacher_accuracy
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
    ax.set_ylabel(f"predicted accuracy with {100 * advice.confidence:g} % interval")
    ax.set_title(f"Distilled students: {advice.method} mixture", fontsize=9)
    ax.legend(handles=shown, frameon=False, fontsize=8, ncols=3, loc="upper left",
              bbox_to_anchor=(0, -0.14))  # fmt: skip
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25, axis="y")
    return ax


def _density_lines(ax: "Axes", law: AbstractLaw, label: str = "law", index: int = 0) -> float:
    """The density over each band; returns a height that shows most of it."""
    angle = np.linspace(0, np.pi, 402)[1:-1]
    heights = []
    for low, high in law.support:
        x = low + (high - low) * np.sin(angle / 2) ** 2
        density = np.asarray(law.pdf(x))
        heights.append(density)
        ax.plot(
            x,
            density,
            color=COLOURS[index % len(COLOURS)],
            linestyle=DASHES[index % len(DASHES)],
            linewidth=1.8,
            label=label if len(heights) == 1 else None,
            zorder=3,
        )
    if not heights:
        return 1.0
    drawn = np.concatenate(heights)
    return float(min(drawn.max(), 4 * np.quantile(drawn, 0.75)))


def _heights(law: AbstractLaw, values: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Height and root of the count of each bin, as shares of all, those on atoms left out."""
    spread = float(edges[-1] - edges[0])
    free = values
    for atom in law.atoms if law.support else ():
        free = free[np.abs(free - atom) > 1e-6 * spread]
    counts, _ = np.histogram(free, edges)
    unit = 1 / (values.size * np.diff(edges))
    return counts * unit, np.sqrt(counts) * unit


def _bars(ax: "Axes", edges: Floats, height: Floats, error: Any, label: str, index: int) -> None:
    middle = (edges[1:] + edges[:-1]) / 2
    shift = (index - 1.5) * 0.15 * (edges[1] - edges[0])
    shown = height > 0
    ax.errorbar(
        (middle + shift)[shown],
        height[shown],
        yerr=None if error is None else error[shown],
        fmt=MARKERS[index],
        color=COLOURS[index],
        markersize=3.5,
        linewidth=1,
        markerfacecolor="none" if index == 2 else COLOURS[index],
        label=label,
    )


def _atom_label(
    atom: float, weight: float, matrices: Sequence[Floats], data: Floats | None, spread: float
) -> str:
    label = f"atom at {atom:.4g}: mass {weight:.4g}"
    for name, groups in (("matrices", matrices), ("data", [] if data is None else [data])):
        if len(groups):
            share = np.mean([np.mean(np.abs(v - atom) <= 1e-6 * spread) for v in groups])
            label += f", {name} {share:.4g}"
    return label


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
