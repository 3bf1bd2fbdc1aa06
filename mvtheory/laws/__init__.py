"""Spectral laws of random matrices and the operations of free probability on them."""

from mvtheory.laws.affine import Affine
from mvtheory.laws.commutators import anticommutator, commutator
from mvtheory.laws.confusion import ConfusionLaw
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete, Empirical
from mvtheory.laws.free import free_add, free_compress, free_multiply, free_subtract
from mvtheory.laws.free_bessel import FreeBessel, WishartProduct
from mvtheory.laws.free_levy import FreeLevy, FreePoisson
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.generalized_wishart import GeneralizedWishart
from mvtheory.laws.law import AbstractLaw
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.poisson_dirichlet import PoissonDirichlet
from mvtheory.laws.semicircle import Semicircle

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
    "MarchenkoPastur",
    "PoissonDirichlet",
    "Semicircle",
    "WishartProduct",
    "anticommutator",
    "commutator",
    "free_add",
    "free_compress",
    "free_multiply",
    "free_subtract",
]
