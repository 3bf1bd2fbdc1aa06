"""Free products of Marchenko-Pastur laws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mvtheory import arrays
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.composable import Factors
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.solvers.free_product import FreeProduct, one_sided_last
from mvtheory.laws.solvers.multiplicative import MultiplicativeLaw


@dataclass(frozen=True, kw_only=True)
class WishartProduct(MultiplicativeLaw):
    r"""Free product of Marchenko-Pastur laws of the given aspect ratios, times a scale.

    S(y) = 1/(scale prod (1 + q_i y)); the spectrum of a product of independent Wishart matrices.

    Parameters
    ----------
    aspect_ratios : tuple of float
        q_i in [1e-9, 1e9], at least one.
    scale : float
        Mean of the law, > 0.

    References
    ----------
    [banica2011]_, [speicher2006]_.

    Examples
    --------
    >>> law = WishartProduct(aspect_ratios=(1, 1), scale=2)
    >>> print(law.support, law.moment(2))
    ((0.0, 13.5),) 12.0
    """

    aspect_ratios: tuple[float, ...]
    scale: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.SCALE)
        given = arrays.as_array(self.aspect_ratios, "aspect_ratios")
        if given.ndim != 1 or not given.size:
            raise parameters.ASPECT_RATIO.error(
                given.tolist(), "give a tuple of at least one ratio"
            )
        ratios = tuple(parameters.ASPECT_RATIO.check(q).item() for q in given)
        object.__setattr__(self, "aspect_ratios", ratios)

    def _factors(self) -> tuple[float, list[tuple[float, float]]]:
        return self.scale, [(q, self.aspect_ratios.count(q)) for q in set(self.aspect_ratios)]

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        return scale * self.scale, self.aspect_ratios, ()

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """X_1 ... X_k X_k^T ... X_1^T, scaled, in the form A^(1/2) B A^(1/2) for each factor."""
        generator = np.random.default_rng(rng)
        total = np.eye(n) * self.scale
        for q in self.aspect_ratios:
            samples = max(1, round(n / q))
            x = generator.standard_normal((n, samples)) / np.sqrt(samples)
            values, vectors = np.linalg.eigh(total)
            root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
            total = root @ (x @ x.T) @ root
        return total


def product_with_wisharts(
    parts: Sequence[AbstractLaw], ratios: Sequence[float], scale: float
) -> AbstractLaw:
    """`scale` times the free product of the parts and of Marchenko-Pastur laws of the ratios."""
    if not parts:
        size = abs(scale)
        result, scale = _wishart(ratios, size), scale / size
    else:
        factors = one_sided_last([*parts, _wishart(ratios, 1.0)] if ratios else parts)
        result = FreeProduct(parts=tuple(factors)) if len(factors) > 1 else factors[0]
    return scale * result if scale != 1 else result


def _wishart(ratios: Sequence[float], scale: float) -> AbstractLaw:
    if len(ratios) == 1:
        return MarchenkoPastur(aspect_ratio=ratios[0], variance=scale)
    return WishartProduct(aspect_ratios=tuple(ratios), scale=scale)
