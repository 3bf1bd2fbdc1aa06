"""Ridge regression on random features, sketches and random inputs: what to expect of it.

With P independent features, their kernel matrix on the training samples is a sample covariance of
P draws. Its deterministic equivalents give the law of the model's outputs: Gaussian about a kernel
regression with a larger ridge, with a variance in closed form. An average of N models has that
variance over N; N models trained as one have N P features; a student of an average of many learns
what these fit.

On random inputs everything follows from the spectrum of their covariance: `fit_ridge` is a
regression, of any free sketch and on the labels of a teacher too, and `distilled_risk` what
self-distillation adds.

Theory for features taken as Gaussian of the same mean kernel; asymptotic in P. For other features
it is held against drawn ones in the tests, and against trained models by the claims on random
features.
"""

from mvtheory.features.arc_cosine import arc_cosine_diagonal, arc_cosine_kernel
from mvtheory.features.distilled_ridge import DistilledRisk, distilled_risk
from mvtheory.features.inherited import gate_share, inherited_share
from mvtheory.features.outputs import Outputs
from mvtheory.features.random_design import LinearModel, fit_ridge
from mvtheory.features.regression import FeatureRegression
from mvtheory.features.ridge import degrees_of_freedom, effective_ridge
from mvtheory.features.sketches import sketched_ridge
from mvtheory.features.sphere import relu_spectrum
from mvtheory.features.weak_teachers import (
    best_surrogate,
    capacity_gap,
    flipped_classes,
    hard_labels,
    two_class_accuracy,
)
from mvtheory.features.weak_to_strong import ridge_student_exponent, stopped_descent

__all__ = [
    "DistilledRisk",
    "FeatureRegression",
    "LinearModel",
    "Outputs",
    "arc_cosine_diagonal",
    "arc_cosine_kernel",
    "best_surrogate",
    "capacity_gap",
    "degrees_of_freedom",
    "distilled_risk",
    "effective_ridge",
    "fit_ridge",
    "flipped_classes",
    "gate_share",
    "hard_labels",
    "inherited_share",
    "relu_spectrum",
    "ridge_student_exponent",
    "sketched_ridge",
    "stopped_descent",
    "two_class_accuracy",
]


def __dir__() -> list[str]:
    return __all__
