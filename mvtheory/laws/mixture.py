"""Mixtures of laws: the spectra of block-diagonal matrices."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.laws.contract import parameters, real_line
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four, ValuedChart
from mvtheory.laws.contract.matrices import rotated
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.discrete import simplest
from mvtheory.laws.free.operands import checked
from mvtheory.laws.solvers.powers import chart_of_values
from mvtheory.laws.solvers.transported import TransportedLaw, merged


def mixture(laws: Sequence[AbstractLaw], weights: ArrayLike) -> AbstractLaw:
    """The law that is each of the laws with its weight: the spectrum of diagonal blocks.

    Parameters
    ----------
    laws : sequence of AbstractLaw
        At least one.
    weights : array_like, shape (k,)
        Shares of the blocks: one >= 0 for each law, of sum 1.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        For weights that are no probabilities, or not as many as laws.

    References
    ----------
    [rao2008]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, Semicircle, mixture
    >>> blocks = [Semicircle(mean=-3), MarchenkoPastur(aspect_ratio=2)]
    >>> law = mixture(blocks, weights=[0.25, 0.75])
    >>> print(law.atoms, law.weights, law.moment(1), f"{law.cdf(-1):.4f}")
    [0.] [0.375] 0.0 0.2500
    """
    parts = [checked(law) for law in laws]
    places, masses = parameters.point_masses(np.arange(len(parts)), weights)
    used = [(parts[int(k)], float(mass)) for k, mass in zip(places, masses, strict=True)]
    if len(used) == 1:
        return used[0][0]
    return simplest(Mixture(parts=tuple(used)))


@dataclass(frozen=True, kw_only=True)
class Mixture(TransportedLaw):
    """Laws with their weights > 0, of sum 1."""

    parts: tuple[tuple[AbstractLaw, float], ...]

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        return merged([band for law, _ in self.parts for band in law.support])

    @functools.cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        atoms = np.concatenate([law.atoms for law, _ in self.parts])
        distinct, place = np.unique(atoms, return_inverse=True)
        masses = np.concatenate([mass * law.weights for law, mass in self.parts])
        return distinct, np.asarray(np.bincount(place, masses, distinct.size), dtype=float)

    @functools.cached_property
    def _divergences(self) -> Floats:
        return np.unique(np.concatenate([law._divergences for law, _ in self.parts]))

    @property
    def error_estimate(self) -> float:
        return sum(mass * law.error_estimate for law, mass in self.parts)

    def _cauchy(self, z: Complexes) -> Complexes:
        return np.sum([mass * real_line.cauchy(law, z) for law, mass in self.parts], axis=0)

    def _potential(self, z: Complexes) -> Complexes:
        return np.sum([mass * real_line.potential(law, z) for law, mass in self.parts], axis=0)

    def _pdf(self, x: Floats) -> Floats:
        return np.sum([mass * real_line.density(law, x) for law, mass in self.parts], axis=0)

    def _continuous_cdf(self, x: Floats) -> Floats:
        return np.sum([mass * law._continuous_cdf(x) for law, mass in self.parts], axis=0)

    def _moments(self, n: int) -> list[float]:
        rows = [[mass * m for m in law._moments(n)] for law, mass in self.parts]
        return [float(sum(column)) for column in zip(*rows, strict=True)]

    @functools.cached_property
    def _valued_chart(self) -> Chart:
        return _MixtureChart(self)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """Diagonal blocks of matrices of the laws, rotated."""
        generator = np.random.default_rng(rng)
        ends = np.cumsum([mass for _, mass in self.parts])
        cuts = np.round(n * ends / ends[-1]).astype(int)
        total = np.zeros((n, n))
        for (law, _), start, end in zip(self.parts, [0, *cuts[:-1]], cuts, strict=True):
            if end > start:
                total[start:end, start:end] = law.matrix(int(end - start), generator)
        return rotated(total, generator)


class _MixtureChart(ValuedChart):
    """w = z, with those of the parts: the whole has ends of theirs inside its bands."""

    @functools.cached_property
    def _parts(self) -> list[tuple[ValuedChart, float]]:
        return [(chart_of_values(law), mass) for law, mass in self.law.parts]

    def at(self, w: Complexes) -> Four:
        parts = [(mass, chart.at(w)) for chart, mass in self._parts]
        g, slope = (np.sum([mass * four[k] for mass, four in parts], axis=0) for k in (2, 3))
        return w, 1.0, g, slope

    def potential(self, w: Complexes) -> Complexes:
        return np.sum([mass * chart.potential(w) for chart, mass in self._parts], axis=0)
