"""Figures of spectra: laws, sampled matrices and data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mvtheory.distillation.spectra import HSpectrum
from mvtheory.laws import AbstractLaw
from mvtheory.plotting.style import BAND, COLOURS, DASHES, GREY, MARKERS, axes_or_new, plain, styled
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_spectrum(
    law: AbstractLaw,
    ax: "Axes | None" = None,
    matrices: Sequence[Floats] = (),
    eigenvalues: Floats | None = None,
    bins: int | None = None,
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
    bins : int, optional
        Bins over the spectrum; else as many as the smallest sample lets stand out of the noise.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur
    >>> plot_spectrum(MarchenkoPastur(aspect_ratio=0.25)).get_xlabel()
    'eigenvalue'
    """
    ax = axes_or_new(ax)
    seen = [*matrices, *([] if eigenvalues is None else [eigenvalues])]
    ends = np.concatenate([np.ravel(law.support), law.atoms, *seen])
    pad = 0.03 * float(np.ptp(ends)) or 1.0
    fewest = min((len(values) for values in seen), default=0)
    count = bins or int(np.clip(2 * fewest**0.5, 8, 60))
    edges = np.linspace(ends.min() - pad, ends.max() + pad, count + 1)
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
        ax.axvline(atom, color=GREY, linestyle=":", linewidth=1)
        label = _atom_label(atom, weight, matrices, eigenvalues, float(np.ptp(ends)))
        ax.plot([], [], color=GREY, linestyle=":", label=label)
    # An infinite density is cut off at twice what was seen.
    seen_top = max(tops[1:], default=tops[0])
    # The legend has its place above the curves.
    room = 1.1 + 0.09 * len(ax.get_legend_handles_labels()[1])
    ax.set_ylim(0, room * max(seen_top, min(tops[0], 2 * seen_top)))
    ax.set_xlabel("eigenvalue")
    ax.set_ylabel("density, mass per unit of eigenvalue")
    ax.legend()
    return plain(ax)


@styled
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

    Examples
    --------
    >>> from mvtheory.distillation import h_spectrum
    >>> labels, rng = np.arange(60) % 3, np.random.default_rng(1)
    >>> logits = rng.normal(size=(60, 3)) + 2 * np.eye(3)[labels]
    >>> plot_h_spectrum(h_spectrum(labels, logits, draws=0)).get_title()
    'H of labels and student: K = 3, N = 60, q = 0.0333, T = 1'
    """
    ax = axes_or_new(ax)
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
    ax.stairs(height, edges, fill=True, color=BAND, label=f"{values.size} eigenvalues of K H")
    tops = [float(height.max())]
    for index, comparison in enumerate(record.comparisons):
        label = f"{comparison.name}: D = {comparison.distance:.2g}"
        if comparison.sampled_distances:
            label += f" (its own matrices to {max(comparison.sampled_distances):.2g})"
        tops.append(_density_lines(ax, comparison.law, label, index))
    for atom, weight in list(atoms.items())[:8]:
        ax.axvline(atom, color=GREY, linestyle=":", linewidth=1)
        label = _atom_label(atom, weight, [], values, float(np.ptp(ends)))
        ax.plot([], [], color=GREY, linestyle=":", label=label)
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
        f"T = {record.temperature:g}{soft}"
    )
    ax.legend()
    return plain(ax)


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
            linewidth=1.6,
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
