"""The spectrum of chiral block matrices [[0, X], [X^T, 0]]: square roots of both signs."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract import parameters, real_line
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.matrices import orthogonal
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.discrete import simplest
from mvtheory.laws.solvers.image import GROWN, HEIGHTS
from mvtheory.laws.solvers.transported import TransportedLaw, merged
from mvtheory.laws.square_root import one_sided, squares

ASIDE = 1e-6
"""Share of the largest eigenvalue at which the density at 0 is taken, where it is even."""


def chiral(law: AbstractLaw, aspect_ratio: float = 1.0) -> AbstractLaw:
    r"""The spectrum of [[0, X], [X^T, 0]]: square roots of both signs, from the law of X X^T.

    Of n + m eigenvalues, X n x m, |n - m| are 0 at least. With q = 1 it is the symmetrised square
    root of the law.

    Parameters
    ----------
    law : AbstractLaw
        Of X X^T, n x n, on [0, infinity); for q > 1 with an atom at 0 of 1 - 1/q at least.
    aspect_ratio : float
        q = n/m in [1e-9, 1e9].

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If the law has negative numbers in its support, or too few zeros for X of this shape.

    Notes
    -----
    Ours, elementary: G(z) = (2 n z G_X(z^2) + (m - n)/z)/(n + m).

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, chiral
    >>> law = chiral(MarchenkoPastur(aspect_ratio=0.25), aspect_ratio=0.25)
    >>> print(law.support, law.atoms, f"{law.weights[0]:.4f} {law.moment(2):.4f}")
    ((-1.5, -0.5), (0.5, 1.5)) [0.] 0.6000 0.4000
    """
    q = ratio_of(law, "X", "X X^T", aspect_ratio)
    return simplest(Chiral(law=law, aspect_ratio=q))


def ratio_of(law: AbstractLaw, matrix: str, product: str, aspect_ratio: float) -> float:
    """The number n/m; ValueError unless the law may be that of a product of n x m matrices."""
    one_sided(law)
    return shape_ratio(law, matrix, product, aspect_ratio)


def shape_ratio(law: AbstractLaw, matrix: str, product: str, aspect_ratio: float) -> float:
    """The same for laws of any sign, as of X T X^T."""
    q = parameters.ASPECT_RATIO.number(aspect_ratio)
    zero = float(np.sum(law.weights[law.atoms == 0]))
    if zero < 1 - 1 / q - parameters.DECIMALS:
        raise ValueError(
            f"aspect_ratio={q!r} is not allowed for {law!r} with mass {zero!r} at 0 ({product}, "
            f"{matrix} with n/m = q: mass 1 - 1/q = {1 - 1 / q:.6g} at least); give the law of "
            f"{product}, n x n, zeros included, or a lower ratio"
        )
    return q


@dataclass(frozen=True, kw_only=True)
class Chiral(TransportedLaw):
    """+-X^(1/2) of equal probabilities, 2 n of n + m eigenvalues, and zeros."""

    law: AbstractLaw
    aspect_ratio: float

    @functools.cached_property
    def _share(self) -> float:
        """2 n/(n + m): above 1 zeros of the law are taken away."""
        return 2 * self.aspect_ratio / (1 + self.aspect_ratio)

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        bands = [(float(np.sqrt(low)), float(np.sqrt(high))) for low, high in self.law.support]
        return merged([*bands, *((-high, -low) for low, high in bands)])

    @functools.cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        away = self.law.atoms > 0
        roots, half = np.sqrt(self.law.atoms[away]), self._share / 2 * self.law.weights[away]
        q, zero = self.aspect_ratio, float(np.sum(self.law.weights[~away]))
        # 1 - share (1 - zero), without cancellation.
        zero = ((1 - q) + 2 * q * zero) / (1 + q)
        middle = np.zeros(int(zero > ROUNDING))
        return (
            np.concatenate([-roots[::-1], middle, roots]),
            np.concatenate([half[::-1], middle + zero, half]),
        )

    @property
    def error_estimate(self) -> float:
        return self.law.error_estimate

    @functools.cached_property
    def _divergences(self) -> Floats:
        inner = self.law._divergences
        roots = np.sqrt(inner[inner > 0])
        near = self._pdf(self.support[-1][1] * np.array(HEIGHTS)) if (inner == 0).any() else [1, 0]
        middle = np.zeros(int(near[1] > GROWN * near[0]))
        return np.concatenate([-roots[::-1], middle, roots])

    def _pdf(self, x: Floats) -> Floats:
        # At 0 the density of the law may be infinite: the limit, in which it is even.
        size = np.where(squares(x) == 0, ASIDE * self.support[-1][1], np.abs(x))
        return self._share * size * real_line.density(self.law, size * size)

    def _continuous_cdf(self, x: Floats) -> Floats:
        full = 1 - float(np.sum(self.weights))
        beside = self._share * self.law._continuous_cdf(squares(x))
        return np.clip((full + np.sign(x) * beside) / 2, 0, full)

    @np.errstate(divide="ignore", invalid="ignore")
    def _cauchy(self, z: Complexes) -> Complexes:
        inner, left = z * z, z.real < 0
        value = real_line.cauchy(self.law, np.where(left, inner.conj(), inner) + 0.0)
        value = self._share * z * np.where(left, value.conj(), value) + (1 - self._share) / z
        zero = z == 0
        if zero.any():
            value[zero] = -1j * np.pi * real_line.density(self, z[zero].real)
        return value

    def _potential(self, z: Complexes) -> Complexes:
        inner, left = z * z, z.real < 0
        value = real_line.potential(self.law, np.where(left, inner.conj(), inner) + 0.0)
        value = np.where(left, value.conj() + 2j * np.pi, value)
        rest = 1 - self._share
        return self._share / 2 * value + (rest * np.log(z) if rest else 0)

    def _moments(self, n: int) -> list[float]:
        inner = self.law._moments(n // 2) if n > 1 else []
        return [0.0 if k % 2 else self._share * inner[k // 2 - 1] for k in range(1, n + 1)]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """[[0, X], [X^T, 0]], X X^T a matrix of the law, its right singular vectors random."""
        generator = np.random.default_rng(rng)
        rows = min(max(round(n * self.aspect_ratio / (1 + self.aspect_ratio)), 0), n)
        total = np.zeros((n, n))
        if 0 < rows < n:
            values, vectors = np.linalg.eigh(self.law.matrix(rows, generator))
            rank = min(rows, n - rows)
            values = values[-rank:]
            # Of what is rounding of 0 the root is not.
            roots = np.sqrt(np.where(values > rows * np.spacing(values[-1]), values, 0))
            right = orthogonal(n - rows, generator)[:, :rank]
            total[:rows, rows:] = (vectors[:, -rank:] * roots) @ right.T
        return total + total.T
