"""Ensembles: what N networks will reach, from the outputs of two or three of them.

`advise_ensemble` predicts accuracy, log loss, Brier score and calibration of ensembles of any size
and recommends one; `kind_of_ensemble` tells lotteries of views from noise that averages out;
`brier_of_ensemble` is the law of squared risks. Labels have shape (N,), outputs of n members
(n, N, K). No network is trained here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mvtheory.ensembles.risk import brier_of_ensemble

if TYPE_CHECKING:
    from mvtheory.ensembles.advice import EnsembleAdvice, advise_ensemble
    from mvtheory.ensembles.kind import Kind, kind_of_ensemble

__all__ = [
    "EnsembleAdvice",
    "Kind",
    "advise_ensemble",
    "brier_of_ensemble",
    "kind_of_ensemble",
]
HOMES = {
    "advice": ("EnsembleAdvice", "advise_ensemble"),
    "kind": ("Kind", "kind_of_ensemble"),
}
"""What is loaded only when it is asked for: the formula alone does not need it."""


def __getattr__(name: str) -> Any:
    for home, names in HOMES.items():
        if name in names:
            found = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
