"""Distillation: what a student reaches, from labels and outputs.

The losses in use (`Loss`) and what libraries call their arguments (`Convention`), the dual model of
Hinton's (`loss`, `dual_labels`, `dual_outputs`, `logit_gradient`), the matrix H of labels
and predictions with its traces and its spectrum (`h_matrix`, `accuracy`, `h_spectrum`), whether the
random-matrix theory's hypotheses hold (`diagnose`), its estimator of the accuracy of a distilled
student (`estimate`), and ours, a mixture of students that were trained (`Anchor`, `Balance`), on
which `advise` builds. N samples, K classes, T the temperature, w the soft weight; arrays are labels
(N,) and logits (N, K).
"""

from typing import TYPE_CHECKING

from mvtheory.distillation.estimator import (
    Estimate,
    chi_measured,
    estimate,
    estimate_dual,
    estimate_printed,
    estimate_test,
    gain_free,
)
from mvtheory.distillation.limits import exclusive_jsd, jsd_curvature
from mvtheory.distillation.scaling import distilled_loss
from mvtheory.distillation.weighting import (
    calibrated_soft_weight,
    distillation_weight,
    soft_weight,
    soft_weight_from_alpha,
)
from mvtheory.lazy import lazily

if TYPE_CHECKING:
    from mvtheory.distillation.advice import Advice
    from mvtheory.distillation.advisor import advise
    from mvtheory.distillation.as_logits import Mean, Probabilities, TopK
    from mvtheory.distillation.balance import Balance
    from mvtheory.distillation.comparison import (
        Comparison,
        compare,
        h_eigenvalues,
        kolmogorov_distance,
    )
    from mvtheory.distillation.conventions import Convention
    from mvtheory.distillation.diagnostics import diagnose
    from mvtheory.distillation.dual import dual_labels, dual_outputs, logit_gradient, loss
    from mvtheory.distillation.hypothesis import Diagnostic
    from mvtheory.distillation.limits import cold_divergence, hot_divergence
    from mvtheory.distillation.losses import Dual, Loss
    from mvtheory.distillation.matrices import h_matrix
    from mvtheory.distillation.measures import ClassAccuracy, Measured
    from mvtheory.distillation.mixture import Anchor, Coefficients, linear
    from mvtheory.distillation.spectra import HSpectrum, h_spectrum
    from mvtheory.distillation.traces import (
        Decomposition,
        accuracy,
        decomposition,
        dual_accuracy,
        gain_measured,
        h,
        h_hat,
    )
    from mvtheory.distillation.wishart import (
        fit_generalized_wishart,
        gain_from_edges,
        generalized_wishart_of_outputs,
    )

__all__ = [
    "Advice",
    "Anchor",
    "Balance",
    "ClassAccuracy",
    "Coefficients",
    "Comparison",
    "Convention",
    "Decomposition",
    "Diagnostic",
    "Dual",
    "Estimate",
    "HSpectrum",
    "Loss",
    "Mean",
    "Measured",
    "Probabilities",
    "TopK",
    "accuracy",
    "advise",
    "calibrated_soft_weight",
    "chi_measured",
    "cold_divergence",
    "compare",
    "decomposition",
    "diagnose",
    "distillation_weight",
    "distilled_loss",
    "dual_accuracy",
    "dual_labels",
    "dual_outputs",
    "estimate",
    "estimate_dual",
    "estimate_printed",
    "estimate_test",
    "exclusive_jsd",
    "fit_generalized_wishart",
    "gain_free",
    "gain_from_edges",
    "gain_measured",
    "generalized_wishart_of_outputs",
    "h",
    "h_eigenvalues",
    "h_hat",
    "h_matrix",
    "h_spectrum",
    "hot_divergence",
    "jsd_curvature",
    "kolmogorov_distance",
    "linear",
    "logit_gradient",
    "loss",
    "soft_weight",
    "soft_weight_from_alpha",
]
HOMES = {
    "advice": ("Advice",),
    "advisor": ("advise",),
    "as_logits": ("Mean", "Probabilities", "TopK"),
    "balance": ("Balance",),
    "comparison": ("Comparison", "compare", "h_eigenvalues", "kolmogorov_distance"),
    "conventions": ("Convention",),
    "diagnostics": ("diagnose",),
    "dual": ("dual_labels", "dual_outputs", "logit_gradient", "loss"),
    "hypothesis": ("Diagnostic",),
    "limits": ("cold_divergence", "hot_divergence"),
    "losses": ("Dual", "Loss"),
    "matrices": ("h_matrix",),
    "measures": ("ClassAccuracy", "Measured"),
    "mixture": ("Anchor", "Coefficients", "linear"),
    "spectra": ("HSpectrum", "h_spectrum"),
    "traces": (
        "Decomposition",
        "accuracy",
        "decomposition",
        "dual_accuracy",
        "gain_measured",
        "h",
        "h_hat",
    ),
    "wishart": ("fit_generalized_wishart", "gain_from_edges", "generalized_wishart_of_outputs"),
}
"""What is loaded only when it is asked for: the formulas alone do not need it."""

__getattr__, __dir__ = lazily(globals(), HOMES)
