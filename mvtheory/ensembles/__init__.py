"""Ensembles: what N networks will reach, from the outputs of two or three of them.

`advise_ensemble` predicts accuracy, log loss, Brier score and calibration of ensembles of any size
and recommends one; `kind_of_ensemble` tells lotteries of views from noise that averages out;
`brier_of_ensemble` is the law of squared risks; `explained_by_accuracy` and `two_value_share` say
in what networks of one accuracy differ. Labels have shape (N,), outputs of n members (n, N, K). No
network is trained here.
"""

from typing import TYPE_CHECKING

from mvtheory.ensembles.risk import brier_of_ensemble
from mvtheory.lazy import lazily

if TYPE_CHECKING:
    from mvtheory.ensembles.advice import EnsembleAdvice, advise_ensemble
    from mvtheory.ensembles.kind import Kind, kind_of_ensemble
    from mvtheory.ensembles.modes import (
        explained_by_accuracy,
        two_value_share,
        two_value_share_of_noise,
    )

__all__ = [
    "EnsembleAdvice",
    "Kind",
    "advise_ensemble",
    "brier_of_ensemble",
    "explained_by_accuracy",
    "kind_of_ensemble",
    "two_value_share",
    "two_value_share_of_noise",
]
HOMES = {
    "advice": ("EnsembleAdvice", "advise_ensemble"),
    "kind": ("Kind", "kind_of_ensemble"),
    "modes": ("explained_by_accuracy", "two_value_share", "two_value_share_of_noise"),
}
"""What is loaded only when it is asked for: the formula alone does not need it."""

__getattr__, __dir__ = lazily(globals(), HOMES)
