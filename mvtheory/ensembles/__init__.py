"""Ensembles: what N networks will reach, from the outputs of two or three of them.

Labels have shape (N,), outputs of n members (n, N, K). No network is trained here.
"""

from mvtheory.ensembles.advice import EnsembleAdvice, advise_ensemble
from mvtheory.ensembles.kind import Kind, kind_of_ensemble
from mvtheory.ensembles.risk import brier_of_ensemble

__all__ = [
    "EnsembleAdvice",
    "Kind",
    "advise_ensemble",
    "brier_of_ensemble",
    "kind_of_ensemble",
]
