"""The law of a square root."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.cells import half_bands
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.discrete import simplest
from mvtheory.laws.free.operands import checked
from mvtheory.laws.solvers.image import ImageLaw, Piece

NODES = 32
"""Of the Gauss-Legendre rule in each cell of a band."""
CHUNK = 2**18
LEAST = 1e-145


def square_root(law: AbstractLaw) -> AbstractLaw:
    """The law of X^(1/2), the root >= 0: of singular values, from the law of their squares.

    Parameters
    ----------
    law : AbstractLaw
        Of X, on [0, infinity).

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If X may be negative.

    Notes
    -----
    Ours, elementary: G(z) = 2 z G_X(z^2) - E[1/(z + X^(1/2))], the last by quadrature.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, square_root
    >>> law = square_root(MarchenkoPastur(aspect_ratio=1, variance=2))  # a quarter of a circle
    >>> print(law.support[0][0], f"{law.support[0][1]:.6f} {law.pdf(1):.6f} {law.moment(1):.6f}")
    0.0 2.828427 0.421084 1.200422
    """
    one_sided(law)
    return simplest(SquareRoot(law=law))


def one_sided(law: AbstractLaw) -> None:
    """ValueError for a law with negative numbers in its spectrum."""
    low = hull(checked(law))[0]
    if low < 0:
        raise ValueError(
            f"law={law!r} with a spectrum from {low!r} is not allowed (square root: no negative "
            "numbers); shift it, or take the square first"
        )


def squares(x: Floats) -> Floats:
    """x^2, and 0 where it has lost digits to underflow."""
    return np.where(np.abs(x) < LEAST, 0, x * x)


@dataclass(frozen=True, kw_only=True)
class SquareRoot(ImageLaw):
    """The law of X^(1/2), X >= 0."""

    law: AbstractLaw

    @functools.cached_property
    def _knots(self) -> Floats:
        return np.array(hull(self.law))

    def _map(self, x: Floats) -> Floats:
        return np.sqrt(x)

    @np.errstate(divide="ignore")
    def _slope(self, x: Floats) -> Floats:
        return 0.5 / np.sqrt(x)

    def _preimage(self, y: Floats, piece: Piece) -> Floats:
        return np.clip(squares(y), piece.low, piece.high)

    @functools.cached_property
    def _rule(self) -> tuple[Floats, Floats]:
        """Square roots of points, with their masses."""
        points, masses = [self.law.atoms], [self.law.weights]
        for half in half_bands(self.law):
            x, weight = half.rule(NODES)
            points += [x.ravel(), np.array([half.end])]
            masses += [(weight * self.law.pdf(x)).ravel(), np.array([half.left])]
        return np.sqrt(np.concatenate(points)), np.concatenate(masses)

    @functools.cached_property
    def error_estimate(self) -> float:
        """That of the law, and what the rule lacks of the mass."""
        return self.law.error_estimate + abs(float(np.sum(self._rule[1])) - 1)

    def _expected(self, function: np.ufunc, z: Complexes) -> Complexes:
        """E[function(z + X^(1/2))], smooth where z is on the right."""
        roots, masses = self._rule
        total = np.empty(z.shape, dtype=complex)
        step = max(1, CHUNK // roots.size)
        for start in range(0, z.size, step):
            part = slice(start, start + step)
            total[part] = masses @ function(z[part] + roots[:, None])
        return total

    @np.errstate(divide="ignore", invalid="ignore")
    def _cauchy(self, z: Complexes) -> Complexes:
        value = np.empty(z.shape, dtype=complex)
        left = z.real < 0
        value[left] = -self._expected(np.reciprocal, -z[left])
        right = z[~left]
        inner = self._inner_cauchy(right * right, np.ones_like(right))
        value[~left] = 2 * right * inner - self._expected(np.reciprocal, right)
        return value

    def _potential(self, z: Complexes) -> Complexes:
        """On the right U_X(z^2) - E[log(z + X^(1/2))]; on the left that of -z, a half turn on."""
        value = np.empty(z.shape, dtype=complex)
        left = z.real < 0
        value[left] = self._expected(np.log, -z[left]) + 1j * np.pi
        right = z[~left]
        value[~left] = self._inner_potential(right * right) - self._expected(np.log, right)
        return value

    def _moments(self, n: int) -> list[float]:
        roots, masses = self._rule
        whole = [1.0, *self.law._moments(n // 2)] if n > 1 else [1.0]
        return [
            float(masses @ roots**k) if k % 2 else float(whole[k // 2]) for k in range(1, n + 1)
        ]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The square root of a matrix of the law."""
        values, vectors = np.linalg.eigh(self.law.matrix(n, rng))
        # Of what is rounding of 0 the root is not.
        values = np.where(values > n * np.spacing(values[-1]), values, 0)
        return (vectors * np.sqrt(values)) @ vectors.conj().T
