"""Spectral laws of random matrices and the operations of free probability on them.

Here stands what has a name of its own, one law a file. Below it are `solvers`, the engines that
solve laws, and below those `contract`, what every law offers and what follows from it. Above it is
`free`, the operations, which return named laws wherever the result is one.
"""

from mvtheory.laws.adapters import reference_values, scipy_distribution
from mvtheory.laws.confusion import ConfusionLaw
from mvtheory.laws.contract.affine import AbstractLaw, Affine
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.empirical import Empirical
from mvtheory.laws.free.commutators import anticommutator, commutator
from mvtheory.laws.free.corners import free_compress
from mvtheory.laws.free.products import free_multiply
from mvtheory.laws.free.sums import free_add, free_subtract
from mvtheory.laws.free_bessel import FreeBessel
from mvtheory.laws.free_levy import FreeLevy
from mvtheory.laws.free_poisson import FreePoisson
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.generalized_wishart import GeneralizedWishart
from mvtheory.laws.kesten_mckay import KestenMcKay
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.poisson_dirichlet import PoissonDirichlet
from mvtheory.laws.semicircle import Semicircle
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
    "FreeBessel",
    "FreeLevy",
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
    "commutator",
    "free_add",
    "free_compress",
    "free_multiply",
    "free_subtract",
    "reference_values",
    "scipy_distribution",
]


def __dir__() -> list[str]:
    return __all__
