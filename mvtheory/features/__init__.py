"""Ridge regression on random features: what the theory expects of it, before any are drawn.

With P independent features, their kernel matrix on the training samples is a sample covariance of
P draws. Its deterministic equivalents give the law of the model's outputs: Gaussian about a kernel
regression with a larger ridge, with a variance in closed form. An average of N models has that
variance over N; N models trained as one have N P features; a student of an average of many learns
what these fit.

Theory for features taken as Gaussian of the same mean kernel; asymptotic in P. For other features
it is held against drawn ones in the tests, and against trained models by the claims on random
features.
"""

from mvtheory.features.arc_cosine import arc_cosine_diagonal, arc_cosine_kernel
from mvtheory.features.outputs import Outputs
from mvtheory.features.regression import FeatureRegression
from mvtheory.features.ridge import degrees_of_freedom, effective_ridge

__all__ = [
    "FeatureRegression",
    "Outputs",
    "arc_cosine_diagonal",
    "arc_cosine_kernel",
    "degrees_of_freedom",
    "effective_ridge",
]


def __dir__() -> list[str]:
    return __all__
