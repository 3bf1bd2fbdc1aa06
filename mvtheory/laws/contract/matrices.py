"""Random matrices of laws: rotated, added up, cut."""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Floats


class Sampled(Protocol):
    """A law that draws matrices of its spectrum."""

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Any: ...


def orthogonal(n: int, generator: np.random.Generator) -> Floats:
    """An orthogonal n x n matrix, drawn uniformly."""
    q, r = np.linalg.qr(generator.standard_normal((n, n)))
    return q * np.sign(np.diag(r))


def rotated(matrix: Floats, generator: np.random.Generator) -> Floats:
    """The matrix in a basis drawn uniformly."""
    q = orthogonal(len(matrix), generator)
    return q @ matrix @ q.T


def corner(law: Sampled, fraction: float, n: int, rng: np.random.Generator | None) -> Floats:
    """The n x n corner of a larger matrix, rotated, that keeps this share of its rows."""
    generator = np.random.default_rng(rng)
    whole = rotated(law.matrix(max(n, round(n / fraction)), generator), generator)
    return whole[:n, :n]


def summed(
    terms: Iterable[tuple[Sampled, float]], n: int, rng: np.random.Generator | None
) -> NDArray[Any]:
    """The sum of a matrix of each law, each rotated; a multiplicity is a scaled corner.

    Complex, if a law's matrices are, such as a commutator's.
    """
    generator = np.random.default_rng(rng)
    total: NDArray[Any] = np.zeros((n, n))
    for law, times in terms:
        part = (
            law.matrix(n, generator) if times == 1 else times * corner(law, 1 / times, n, generator)
        )
        total = total + rotated(part, generator)
    return total
