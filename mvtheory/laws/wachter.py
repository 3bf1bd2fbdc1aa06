"""Two sample covariances over their sum: the Wachter law."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.delegated import DelegatedLaw
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.corners import free_compress

OTHER_RATIO = Argument("other_aspect_ratio", "q'", "dimension over samples of the other", 1e-9, 1e9)


@dataclass(frozen=True, kw_only=True)
class Wachter(DelegatedLaw):
    r"""Limit of A (A + B)^(-1), A = X X^T and B = Y Y^T of n variables, m and m' samples.

    Of multivariate analysis of variance, of squared canonical correlations and of the Jacobi
    ensemble: the corner n/(m + m') of a projection of rank m/(m + m'), so n <= m + m'.

    Parameters
    ----------
    aspect_ratio : float
        q = n/m in [1e-9, 1e9].
    other_aspect_ratio : float
        q' = n/m' in [1e-9, 1e9]; 1/q + 1/q' >= 1.

    References
    ----------
    [wachter1980]_; as a corner: [collins2005]_.

    Examples
    --------
    >>> law = Wachter(aspect_ratio=0.5, other_aspect_ratio=2)
    >>> print([f"{low:.6f} {high:.6f}" for low, high in law.support], law.atoms, law.weights)
    ['0.168082 0.951918'] [1.] [0.5]
    """

    aspect_ratio: float
    other_aspect_ratio: float

    def __post_init__(self) -> None:
        parameters.check(self, parameters.ASPECT_RATIO, OTHER_RATIO)
        if self._fraction > 1 + 1e-12:
            raise ValueError(
                f"aspect_ratio={self.aspect_ratio!r}, other_aspect_ratio="
                f"{self.other_aspect_ratio!r} are not allowed (A + B invertible: 1/q + 1/q' >= 1); "
                "lower one of them"
            )

    @property
    def _fraction(self) -> float:
        return 1 / (1 / self.aspect_ratio + 1 / self.other_aspect_ratio)

    @functools.cached_property
    def _law(self) -> AbstractLaw:
        share = self.other_aspect_ratio / (self.aspect_ratio + self.other_aspect_ratio)
        return free_compress(
            Discrete(atoms=[0, 1], weights=[1 - share, share]), min(self._fraction, 1.0)
        )

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """(A + B)^(-1/2) A (A + B)^(-1/2), as many samples as the ratios say, n at least."""
        generator = np.random.default_rng(rng)
        first = max(1, round(n / self.aspect_ratio))
        second = max(1, n - first, round(n / self.other_aspect_ratio))
        both = generator.standard_normal((n, first + second))
        # Rows of an orthonormal basis of the row space: X against Y in it.
        basis, _ = np.linalg.qr(both.T)
        part = basis[:first]
        return np.asarray(part.T @ part)
