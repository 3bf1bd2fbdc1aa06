"""Figures of what is no limit of spectra: largest eigenvalues, ranked weights, finite matrices."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.laws import FiniteGUE, FiniteJUE, FiniteLUE, PoissonDirichlet, TracyWidom
from mvtheory.plotting.style import BAND, COLOURS, GREY, MARKERS, axes_or_new, plain, styled
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TAIL = 1e-5
"""Probability on either side of what is drawn."""
DRAWS, RANKS = 4000, 12
"""Sequences of weights drawn for their means, and how many of the weights are shown."""
BETWEEN, FEWEST = 4, 400
"""Points of a curve from one zero of an oscillation to the next, and at least in all."""


@styled
def plot_largest(
    law: TracyWidom, ax: "Axes | None" = None, eigenvalues: ArrayLike | None = None
) -> "Axes":
    """Draw the density of a Tracy-Widom law, with a histogram of centred largest eigenvalues.

    Parameters
    ----------
    law : TracyWidom
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    eigenvalues : array_like, shape (n,), optional
        Largest eigenvalues, one a matrix, centred and scaled as the law is.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from mvtheory.laws import TracyWidom
    >>> plot_largest(TracyWidom(beta=2)).get_xlabel()
    'largest eigenvalue, centred and scaled (no unit)'
    """
    ax = axes_or_new(ax)
    low, high = law.ppf([TAIL, 1 - TAIL])
    if eigenvalues is not None:
        values = arrays.real(eigenvalues, "eigenvalues").ravel()
        ax.hist(values, bins=min(60, max(8, int(values.size**0.5))), density=True, color=BAND,
                label=f"{values.size} given")  # fmt: skip
        low, high = min(low, values.min()), max(high, values.max())
    x = np.linspace(low, high, 400)
    ax.plot(x, law.pdf(x), color=COLOURS[0], label=f"Tracy-Widom, beta = {law.beta}")
    ax.axvline(law.mean, color=GREY, linestyle=":", linewidth=1, label=f"mean {law.mean:.4g}")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("largest eigenvalue, centred and scaled (no unit)")
    ax.set_ylabel("density, mass per unit")
    ax.legend()
    return plain(ax)


@styled
def plot_weights(
    law: PoissonDirichlet, ax: "Axes | None" = None, rng: np.random.Generator | int | None = 0
) -> "Axes":
    """Draw means and central 80 % of the largest weights of a Poisson-Dirichlet law, by rank.

    Parameters
    ----------
    law : PoissonDirichlet
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    rng : numpy.random.Generator, int or None
        The means but for the first are those of 4000 sequences drawn with it.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from mvtheory.laws import PoissonDirichlet
    >>> plot_weights(PoissonDirichlet(discount=0.5)).get_ylabel()
    'weight, share of the sum'
    """
    ax = axes_or_new(ax)
    weights = law.rvs(DRAWS, rng, count=RANKS)
    rank = np.arange(1, RANKS + 1)
    low, high = np.quantile(weights, [0.1, 0.9], axis=0)
    ax.fill_between(rank, low, high, color=BAND, linewidth=0, label="80 % of sequences")
    ax.plot(rank, weights.mean(axis=0), color=COLOURS[0], marker=MARKERS[0],
            label=f"mean of {DRAWS} sequences")  # fmt: skip
    ax.plot(1, law.largest_mean, MARKERS[3], color=COLOURS[1], markerfacecolor="none", markersize=9,
            label=f"mean of the largest, {law.largest_mean:.4g}")  # fmt: skip
    ax.set_xticks(rank)
    ax.set_ylim(0, 1)
    ax.set_xlabel("rank of the weight")
    ax.set_ylabel("weight, share of the sum")
    ax.legend()
    return plain(ax)


@styled
def plot_finite(
    law: FiniteGUE | FiniteLUE | FiniteJUE,
    ax: "Axes | None" = None,
    eigenvalues: ArrayLike | None = None,
) -> "Axes":
    """Draw the mean density of the eigenvalues of finite matrices, with a histogram of some.

    Parameters
    ----------
    law : FiniteGUE, FiniteLUE or FiniteJUE
    ax : matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    eigenvalues : array_like, shape (n,), optional
        Of matrices of that law, all together.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from mvtheory.laws import FiniteGUE
    >>> plot_finite(FiniteGUE(size=4)).get_ylabel()
    'mean density, mass per unit'
    """
    ax = axes_or_new(ax)
    if eigenvalues is not None:
        values = arrays.real(eigenvalues, "eigenvalues").ravel()
        ax.hist(values, bins=min(60, max(8, int(values.size**0.5))), density=True, color=BAND,
                label=f"{values.size} given")  # fmt: skip
    x = positions(law, TAIL)
    ax.plot(x, law.pdf(x), color=COLOURS[0], label=f"mean at size {law.size}")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("eigenvalue (unit of the matrix)")
    ax.set_ylabel("mean density, mass per unit")
    ax.legend()
    return plain(ax)


def positions(law: FiniteGUE | FiniteLUE | FiniteJUE, tail: float) -> Floats:
    """Where to evaluate such a density: closer where it oscillates faster.

    Beyond the first and the last of them is a mass of at most `tail` each.

    >>> from mvtheory.laws import FiniteGUE
    >>> law = FiniteGUE(size=4)
    >>> x = positions(law, 1e-6)
    >>> bool(law.cdf(x[0]) <= 1e-6), bool(law.cdf(x[-1]) >= 1 - 1e-6)
    (True, True)
    """
    knots, mass = law._panels
    inner = knots[np.flatnonzero(mass <= tail)[-1] : np.flatnonzero(mass >= 1 - tail)[0] + 1]
    parts = max(BETWEEN, -(-FEWEST // (inner.size - 1)))
    place = np.linspace(0, inner.size - 1, parts * (inner.size - 1) + 1)
    return np.asarray(np.interp(place, np.arange(inner.size), inner))
