"""The spectrum of X^T X from that of X X^T."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.chiral import shape_ratio
from mvtheory.laws.contract import real_line
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.matrices import orthogonal
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.discrete import simplest
from mvtheory.laws.free.operands import checked
from mvtheory.laws.solvers.transported import TransportedLaw

CIRCLE, POINTS = 0.3, 32
"""Radius about 0, over the distance of the spectrum, and points on its upper half: what is left
out of a mean over them is a power .3^64."""
CLOSE = 1e-3
"""Share of that distance within which terms in 1/z cancel."""
ASIDE = 1e-12
"""Share of the spectrum at which the limit at 0 is taken, if it reaches 0."""


def companion(law: AbstractLaw, aspect_ratio: float | None = None) -> AbstractLaw:
    r"""The spectrum of X^T X/m, m x m, from the law of X X^T/m, X n x m: the same but for zeros.

    Of m eigenvalues n are those of the law and m - n are 0; for n > m as many zeros are taken
    away: companion = (1 - q) delta_0 + q law. X^T X over n in place of m is 1/q times it. With
    T^(1/2) X in place of X it is the companion of a sample covariance matrix.

    Parameters
    ----------
    law : AbstractLaw
        Of X X^T/m; for q > 1 with an atom at 0 of 1 - 1/q at least.
    aspect_ratio : float, optional
        q = n/m in [1e-9, 1e9]; that of the law where it is one of data: MarchenkoPastur,
        GeneralizedCovariance, multiples and companions of them.

    Returns
    -------
    AbstractLaw
        Of a Marchenko-Pastur law the one of ratio 1/q and variance q v; of a covariance of
        finitely many atoms a FreeLevy law.

    Raises
    ------
    ValueError
        If the law has too few zeros for X of this shape, or no ratio of its own and none is given.

    References
    ----------
    [silverstein1995]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur
    >>> companion(MarchenkoPastur(aspect_ratio=0.25, variance=2))
    MarchenkoPastur(aspect_ratio=4.0, variance=0.5)
    >>> law = companion(MarchenkoPastur(aspect_ratio=2), aspect_ratio=1.5)  # of more zeros
    >>> print(law.atoms, law.weights, law.moment(1))
    [0.] [0.25] 1.5
    """
    own = checked(law)._transposed()
    if aspect_ratio is None:
        if own is None:
            raise ValueError(
                f"aspect_ratio=None is not allowed for {law!r} (n/m of X, n x m: real, 1e-9 <= "
                "aspect_ratio <= 1e9); only laws of data know their own: give it"
            )
        aspect_ratio = own[0]
    q = shape_ratio(law, "X", "X X^T", aspect_ratio)
    if q == 1:
        return law
    if own is not None and own[0] == q and own[1] is not None:
        return own[1]
    return simplest(CompanionLaw(law=law, aspect_ratio=q))


@dataclass(frozen=True, kw_only=True)
class CompanionLaw(TransportedLaw):
    """(1 - q) delta_0 + q law, q not 1."""

    law: AbstractLaw
    aspect_ratio: float

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        return self.law.support

    @functools.cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        q, away = self.aspect_ratio, self.law.atoms != 0
        zero = 1 - q + q * float(np.sum(self.law.weights[~away]))
        atoms = np.append(self.law.atoms[away], 0.0)
        masses = np.append(q * self.law.weights[away], zero)
        order = np.argsort(atoms)
        order = order[masses[order] > ROUNDING * max(1, q)]
        return atoms[order], masses[order]

    @property
    def error_estimate(self) -> float:
        return max(1, self.aspect_ratio) * self.law.error_estimate

    @functools.cached_property
    def _divergences(self) -> Floats:
        return self.law._divergences

    @functools.cached_property
    def _distance(self) -> float:
        """Of the spectrum from 0, where there is no atom."""
        ends = np.array(self.support).ravel()
        inside = any(low <= 0 <= high for low, high in self.support)
        return 0.0 if inside else float(np.min(np.abs(np.concatenate([ends, self.atoms]))))

    def _pdf(self, x: Floats) -> Floats:
        return self.aspect_ratio * real_line.density(self.law, x)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        return self.aspect_ratio * self.law._pdf_from_edge(offset, edge)

    def _continuous_cdf(self, x: Floats) -> Floats:
        return self.aspect_ratio * self.law._continuous_cdf(x)

    def _cauchy(self, z: Complexes) -> Complexes:
        return self._valued(z, real_line.cauchy, lambda t: 1 / t, 0.0)

    def _potential(self, z: Complexes) -> Complexes:
        # In the gap around 0 the argument is that of what lies above.
        turn = 2j * np.pi * (1 - float(self._cdf(np.zeros(1))[0]))
        return self._valued(z, real_line.potential, np.log, turn)

    def _valued(
        self, z: Complexes, function: Any, at_zero: Callable[[Complexes], Complexes], turn: complex
    ) -> Complexes:
        """q times a function of the law and 1 - q times that of a zero; where both are large, by
        its values on a circle around 0, which are the conjugates plus `turn` on the lower half."""
        near = (np.abs(z) <= CLOSE * self._distance) & (self._distance > 0)
        # At 0 in a band the law may have an atom: a little further in the limits are the same.
        step = ASIDE * max(map(abs, hull(self.law)))
        step = step if self._band(np.array([step]))[0] >= 0 else -step
        points = np.where(z == 0, step, z)[~near]
        t = CIRCLE * self._distance * np.exp(1j * np.pi * (np.arange(POINTS) + 0.5) / POINTS)
        points = np.concatenate([points, t]) if near.any() else points
        q, found = self.aspect_ratio, np.empty(z.shape, dtype=complex)
        values = q * function(self.law, points) + (1 - q) * at_zero(points)
        found[~near] = values[: np.count_nonzero(~near)]
        if near.any():
            upper, at = values[-POINTS:], z[near, None]
            lower = upper.conj() + turn
            both = upper * t / (t - at) + lower * t.conj() / (t.conj() - at)
            found[near] = np.mean(both, axis=1) / 2
        return found

    def _moments(self, n: int) -> list[float]:
        return [self.aspect_ratio * float(m) for m in self.law._moments(n)]

    def _chart(self) -> Chart:
        return _CompanionChart(self)

    def _transposed(self) -> tuple[float, Any]:
        return 1 / self.aspect_ratio, self.law

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """X^T X/m, X X^T/m a matrix of the law, its right singular vectors random."""
        generator = np.random.default_rng(rng)
        rows = max(round(n * self.aspect_ratio), 1)
        values = np.linalg.eigvalsh(self.law.matrix(rows, generator))
        kept = values[np.argsort(-np.abs(values))[:n]]
        right = orthogonal(n, generator)[:, : kept.size]
        return (right * kept) @ right.T


class _CompanionChart(Chart):
    """The chart of the law."""

    @functools.cached_property
    def _inner(self) -> Chart:
        return self.law.law._chart()

    def at(self, w: Complexes) -> Four:
        z, dz, g, dg = self._inner.at(w)
        q = self.law.aspect_ratio
        return z, dz, q * g + (1 - q) / z, q * dg - (1 - q) * dz / (z * z)

    def start(self, z: Complexes) -> Complexes:
        return self._inner.start(z)

    def potential(self, w: Complexes) -> Complexes:
        q = self.law.aspect_ratio
        return q * self._inner.potential(w) + (1 - q) * np.log(self._inner.at(w)[0])
