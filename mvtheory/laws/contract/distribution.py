"""Distribution functions from the potential: masses of bands, of gaps and inside of bands."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import Spectrum
from mvtheory.multiprecision import NoConvergence

QUANTILES = 8192
"""Cells of equal mass in the table that samples are drawn from: each holds less mass than the
noise of a million samples."""

SHARES = (0.4567, 0.2941, 0.7373, 0.1137, 0.9011)
"""Places in a gap, over its width, at which the mass below is asked; one does."""
LIFT = 1e-5
"""Height over the width of a gap."""


class Potential(Spectrum, Protocol):
    """A law with its G and U above the real line."""

    @property
    def _plateaus(self) -> Floats: ...

    def _band(self, x: Floats) -> NDArray[np.intp]: ...

    def _cauchy(self, z: Complexes) -> Complexes: ...

    def _potential(self, z: Complexes) -> Complexes: ...


class Invertible(Spectrum, Protocol):
    """A law with its distribution function and quantiles."""

    def cdf(self, x: Floats, side: str = "right") -> Any: ...

    def _cdf(self, x: Floats, side: str = "right") -> Floats: ...

    def _ppf(self, p: Floats) -> Floats: ...


def band_of(law: Spectrum, x: Floats) -> NDArray[np.intp]:
    """Index of the interval of the support that holds x, else -1."""
    edges = np.array(law.support).ravel()
    place = np.searchsorted(edges, x, side="right")
    # The right end belongs to its interval; touching intervals share it.
    place = np.where((place % 2 == 0) & np.isin(x, edges[1::2]), place - 1, place)
    return np.where(place % 2 == 1, place // 2, -1)


def continuous_cdf(law: Potential, x: Floats) -> Floats:
    """Mass of the continuous part up to x: the exact plateaus between the bands."""
    plateaus, band = law._plateaus, law._band(x)
    edges = np.array(law.support).ravel()
    mass = plateaus[(np.searchsorted(edges, x, side="right") + 1) // 2]
    ends = np.array(law.support).reshape(-1, 2)[band]
    at_low, at_high = (band >= 0) & (x <= ends[:, 0]), (band >= 0) & (x >= ends[:, 1])
    mass[at_low], mass[at_high] = plateaus[band[at_low]], plateaus[band[at_high] + 1]
    inside = (band >= 0) & ~at_low & ~at_high
    points = x[inside]
    total = 1 - law._potential(points.astype(complex)).imag / np.pi
    jumps = np.concatenate([[0.0], np.cumsum(law.weights)])
    inner = total - jumps[np.searchsorted(law.atoms, points, side="left")]
    mass[inside] = np.clip(inner, plateaus[band[inside]], plateaus[band[inside] + 1])
    return mass


def plateaus(law: Potential) -> Floats:
    """Continuous mass up to the end of each interval, from 0 to 1 - sum(weights)."""
    gaps = [(a[1], b[0]) for a, b in zip(law.support, law.support[1:], strict=False)]
    full = 1 - float(np.sum(law.weights))
    if not gaps:
        return np.array([0.0, full])[: 1 + len(law.support)]
    inner = [_mass_below(law, low, high) for low, high in gaps]
    return np.concatenate([[0.0], np.clip(inner, 0, full), [full]])


def _mass_below(law: Potential, low: float, high: float) -> float:
    """Continuous mass below a gap. There U' = G is real: at x + ih the argument of U has grown
    by h G, up to h^3. Where one point finds no solution, another does."""
    atoms = np.concatenate([[0.0], np.cumsum(law.weights)])
    for share in SHARES:
        x, h = low + share * (high - low), LIFT * (high - low)
        z = np.array([x + 1j * h])
        try:
            grown = (law._potential(z).imag - h * law._cauchy(z).real)[0]
        except NoConvergence as failure:
            reason = failure
            continue
        return float(1 - grown / np.pi - atoms[np.searchsorted(law.atoms, x)])
    raise reason


def quantile_table(law: Invertible) -> tuple[Floats, Floats]:
    """Nodes (probability, x) of the quantile function, doubled at atoms and gaps."""
    inner = np.linspace(0, 1, QUANTILES + 1)
    left, right = (np.asarray(law.cdf(law.atoms, side)) for side in ("left", "right"))
    starts = np.array([low for low, _ in law.support])
    ends = np.array([high for _, high in law.support])
    probability = np.concatenate([inner, left, right, law._cdf(starts), law._cdf(ends, "left")])
    x = np.concatenate([law._ppf(inner), law.atoms, law.atoms, starts, ends])
    # By probability, then by position, so that a jump of the quantile is one vertical step.
    order = np.lexsort((x, probability))
    return probability[order], np.maximum.accumulate(x[order])
