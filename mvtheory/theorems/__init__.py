"""Theorems 1 to 4 of Allen-Zhu & Li (2023)."""

from mvtheory.theorems.ensemble_distillation import ensemble_distillation
from mvtheory.theorems.ensemble_model import ensemble
from mvtheory.theorems.self_distillation import self_distillation
from mvtheory.theorems.single_model import single_model
from mvtheory.theorems.theorem import Theorem

__all__ = ["Theorem", "ensemble", "ensemble_distillation", "self_distillation", "single_model"]


def __dir__() -> list[str]:
    return __all__
