"""Random matrices of laws: rotated, added up, cut."""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from mvtheory.laws.contract.shapes import Floats


class Sampled(Protocol):
    """A law that draws matrices of its spectrum."""

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Any: ...


def rotated(matrix: Floats, generator: np.random.Generator) -> Floats:
    """The matrix in a basis drawn uniformly."""
    n = len(matrix)
    q, r = np.linalg.qr(generator.standard_normal((n, n)))
    q = q * np.sign(np.diag(r))
    return q @ matrix @ q.T


def summed(laws: Iterable[Sampled], n: int, rng: np.random.Generator | None) -> Floats:
    """The sum of a matrix of each law, each rotated."""
    generator = np.random.default_rng(rng)
    return sum((rotated(law.matrix(n, generator), generator) for law in laws), np.zeros((n, n)))


def corner(law: Sampled, fraction: float, n: int, rng: np.random.Generator | None) -> Floats:
    """The n x n corner of a larger matrix, rotated, that keeps this share of its rows."""
    generator = np.random.default_rng(rng)
    whole = rotated(law.matrix(max(n, round(n / fraction)), generator), generator)
    return whole[:n, :n]
