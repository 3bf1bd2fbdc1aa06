"""The figure of a measured spectrum: bulk and law, and every eigenvalue by rank."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mvtheory.measured import Study
from mvtheory.plotting.style import (
    BAND,
    COLOURS,
    DASHES,
    GREY,
    MARKERS,
    plain,
    several_or_new,
    styled,
)
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LABELS = 6
"""Outliers whose values are written beside them."""
TOP = 0.985
"""Quantile of the law's density that the picture shows: it may be infinite."""


@styled
def plot_study(found: Study, ax: "Sequence[Axes] | None" = None) -> "Sequence[Axes]":
    """Draw the bulk with its law, and all eigenvalues by rank with what cleaning makes of them.

    Parameters
    ----------
    found : Study
        From `mvtheory.measured.study`.
    ax : sequence of two matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.

    Returns
    -------
    sequence of two matplotlib Axes
        The first has a histogram of the bulk, the density of its law and its edges; outliers stand
        at the right, as far as there is room. The second has eigenvalues against their rank, the
        upper edge, outliers without the noise with two standard errors, and cleaned ones.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data, study
    >>> rng = np.random.default_rng(1)
    >>> data = rng.normal(size=(120, 40)) + 2 * rng.normal(size=(120, 1))
    >>> [ax.get_xlabel() for ax in plot_study(study(spectrum_of_data(data)))]
    ['eigenvalue of the covariance', 'rank']
    """
    axes = several_or_new(ax, 2, (7.2, 3.3))
    _bulk(axes[0], found)
    _ranks(axes[1], found)
    for own in axes:
        plain(own)
    return axes


def _bulk(ax: "Axes", found: Study) -> None:
    values, law = found.spectrum.eigenvalues, found.law
    bulk = values[found.count :]
    ends = np.array(law.support)
    low, high = min(ends.min(), bulk.min()), max(ends.max(), bulk.max())
    count = int(np.clip(2.5 * bulk.size**0.5, 10, 60))
    edges = np.linspace(low, high, count + 1)
    unit = 1 / (found.spectrum.dimension * np.diff(edges))
    ax.stairs(np.histogram(bulk, edges)[0] * unit, edges, fill=True, color=BAND,
              label=f"{bulk.size} eigenvalues of the bulk")  # fmt: skip
    drawn = [_density(ax, law.support, law.pdf)]
    height = 1.25 * max(float(np.quantile(np.concatenate(drawn), TOP)),
                        float((np.histogram(bulk, edges)[0] * unit).max()))  # fmt: skip
    fits = "fits" if found.fits else "does not fit"
    best = found.bulk if found.population is None else found.population
    what = ("Marchenko-Pastur" if found.population is None
            else f"population of {found.population.atoms.size} variances")  # fmt: skip
    ax.plot([], [], color=COLOURS[0], label=f"{what}: {fits}, p = {best.p_value:.2g}")
    reach = high + 0.9 * (high - low)
    near = values[: found.count][values[: found.count] <= reach]
    if near.size:
        ax.plot(near, np.full(near.shape, 0.02 * height), MARKERS[2], color=COLOURS[1],
                label=f"outliers, {near.size} of {found.count} shown")  # fmt: skip
    elif found.count:
        ax.plot([], [], MARKERS[2], color=COLOURS[1], label=f"{found.count} outliers further right")
    zeros = found.spectrum.dimension - found.spectrum.size
    if zeros:
        ax.plot([], [], " ", label=f"{zeros} of {found.spectrum.dimension} eigenvalues are 0")
    ax.set_ylim(0, height)
    ax.set_xlabel("eigenvalue of the covariance")
    ax.set_ylabel("density, share of eigenvalues per unit")
    ax.legend()


def _density(ax: "Axes", support: tuple[tuple[float, float], ...], pdf: object) -> Floats:
    angle = np.linspace(0, np.pi, 402)[1:-1]
    heights = []
    for low, high in support:
        x = low + (high - low) * np.sin(angle / 2) ** 2
        heights.append(np.asarray(pdf(x)))  # type: ignore[operator]
        ax.plot(x, heights[-1], color=COLOURS[0], linewidth=1.8, zorder=3)
    return np.concatenate(heights)


def _ranks(ax: "Axes", found: Study) -> None:
    values = found.spectrum.eigenvalues
    rank = np.arange(1, values.size + 1)
    ax.plot(rank, values, ".", color="#888888", markersize=4, label="measured")
    edge = (found.bulk.edges[1] if found.population is None
            else found.population.bulk_edge)  # fmt: skip
    ax.axhline(edge, color=GREY, linestyle=DASHES[3], linewidth=1,
               label=f"edge of the bulk, {edge:.3g}")  # fmt: skip
    if found.count:
        ax.set_title(f"{found.count} outliers at the level {found.outliers.level:g}")
        if found.population is None:
            truth, error = found.outliers.population, 2 * found.outliers.errors
        else:
            truth, error = found.population.outliers, None
        ax.errorbar(rank[: found.count], truth, yerr=error, fmt=MARKERS[2], color=COLOURS[1],
                    markersize=4, linewidth=1, label="without the noise")  # fmt: skip
        for place in range(min(found.count, MOST_LABELS)):
            ax.annotate(f"{truth[place]:.3g}", (rank[place], truth[place]), fontsize=6,
                        xytext=(4, 3), textcoords="offset points")  # fmt: skip
    if found.cleaned is not None:
        best = found.cleaned.best
        cleaned = found.cleaned.eigenvalues[best][: values.size]
        ax.plot(rank, cleaned, color=COLOURS[2], linestyle=DASHES[1], linewidth=1.4,
                label=f"cleaned: {best}")  # fmt: skip
    ax.set_xscale("log")
    if values[-1] > 0:
        ax.set_yscale("log")
    ax.set_xlabel("rank")
    ax.set_ylabel("eigenvalue of the covariance")
    ax.legend()
