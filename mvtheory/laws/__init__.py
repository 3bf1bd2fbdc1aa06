"""Spectral laws of random matrices and the operations of free probability on them.

Here stands what has a name of its own, one law a file. Below it are `solvers`, the engines that
solve laws, and below those `contract`, what every law offers and what follows from it. Above it is
`free`, the operations, which return named laws wherever the result is one.
"""

from mvtheory.laws.adapters import reference_values, scipy_distribution
from mvtheory.laws.chiral import chiral
from mvtheory.laws.companion import companion
from mvtheory.laws.compound_free_poisson import compound_free_poisson, separable_covariance
from mvtheory.laws.confusion import ConfusionLaw
from mvtheory.laws.contract.affine import AbstractLaw, Affine
from mvtheory.laws.contract.failures import on_failure
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.empirical import Empirical
from mvtheory.laws.ensemble_eigenvalues import (
    circular_eigenvalues,
    gaussian_eigenvalues,
    jacobi_eigenvalues,
    laguerre_eigenvalues,
)
from mvtheory.laws.equilibrium_measure import EquilibriumMeasure
from mvtheory.laws.finite_ensembles import FiniteGUE, FiniteJUE, FiniteLUE
from mvtheory.laws.free.commutators import anticommutator, commutator
from mvtheory.laws.free.corners import free_compress
from mvtheory.laws.free.powers import (
    free_decompress,
    free_multiplicative_power,
    free_power,
)
from mvtheory.laws.free.products import free_multiply
from mvtheory.laws.free.sums import free_add, free_subtract
from mvtheory.laws.free_bessel import FreeBessel
from mvtheory.laws.free_levy import FreeLevy
from mvtheory.laws.free_meixner import FreeMeixner
from mvtheory.laws.free_poisson import FreePoisson
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.generalized_wishart import GeneralizedWishart
from mvtheory.laws.information_plus_noise import information_plus_noise
from mvtheory.laws.kesten_mckay import KestenMcKay
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.mixture import mixture
from mvtheory.laws.moebius_image import moebius_image, reciprocal
from mvtheory.laws.poisson_dirichlet import PoissonDirichlet
from mvtheory.laws.polynomial_image import polynomial_image, square
from mvtheory.laws.semicircle import Semicircle
from mvtheory.laws.square_root import square_root
from mvtheory.laws.tracy_widom import TracyWidom
from mvtheory.laws.wachter import Wachter
from mvtheory.laws.wishart_product import WishartProduct

__all__ = [
    "AbstractLaw",
    "Affine",
    "ConfusionLaw",
    "DeformedSemicircle",
    "Discrete",
    "Empirical",
    "EquilibriumMeasure",
    "FiniteGUE",
    "FiniteJUE",
    "FiniteLUE",
    "FreeBessel",
    "FreeLevy",
    "FreeMeixner",
    "FreePoisson",
    "GeneralizedCovariance",
    "GeneralizedWishart",
    "KestenMcKay",
    "MarchenkoPastur",
    "PoissonDirichlet",
    "Semicircle",
    "TracyWidom",
    "Wachter",
    "WishartProduct",
    "anticommutator",
    "chiral",
    "circular_eigenvalues",
    "commutator",
    "companion",
    "compound_free_poisson",
    "free_add",
    "free_compress",
    "free_decompress",
    "free_multiplicative_power",
    "free_multiply",
    "free_power",
    "free_subtract",
    "gaussian_eigenvalues",
    "information_plus_noise",
    "jacobi_eigenvalues",
    "laguerre_eigenvalues",
    "mixture",
    "moebius_image",
    "on_failure",
    "polynomial_image",
    "reciprocal",
    "reference_values",
    "scipy_distribution",
    "separable_covariance",
    "square",
    "square_root",
]


def __dir__() -> list[str]:
    return __all__
