"""The claims on trial, one a file."""

from validation.claims.advisor_regret import ADVISOR_REGRET
from validation.claims.correlated_views import CORRELATED_VIEWS
from validation.claims.curriculum_against_distillation import (
    CURRICULUM_AGAINST_DISTILLATION,
)
from validation.claims.decided_early import DECIDED_EARLY
from validation.claims.distilled_accuracy import DISTILLED_ACCURACY
from validation.claims.dual_gradient import DUAL_GRADIENT
from validation.claims.ensemble_coverage import ENSEMBLE_COVERAGE
from validation.claims.ensemble_distillation import ENSEMBLE_DISTILLATION
from validation.claims.ensemble_of_students import ENSEMBLE_OF_STUDENTS
from validation.claims.gaussian_inputs import GAUSSIAN_INPUTS
from validation.claims.gaussian_inputs_narrow import GAUSSIAN_INPUTS_NARROW
from validation.claims.h_spectrum import H_SPECTRUM
from validation.claims.hilbert_bounds import HILBERT_BOUNDS
from validation.claims.phase_diagram import PHASE_DIAGRAM
from validation.claims.random_features import RANDOM_FEATURES
from validation.claims.random_features_law import RANDOM_FEATURES_LAW
from validation.claims.random_features_ridgeless import RANDOM_FEATURES_RIDGELESS
from validation.claims.repeated_self_distillation import REPEATED_SELF_DISTILLATION
from validation.claims.saturation import SATURATION
from validation.claims.self_distillation import SELF_DISTILLATION
from validation.claims.shared_bias import SHARED_BIAS
from validation.claims.single_view import SINGLE_VIEW
from validation.claims.summed_views import SUMMED_VIEWS
from validation.claims.summed_views_growth import SUMMED_VIEWS_GROWTH
from validation.claims.temperature import TEMPERATURE
from validation.claims.trained_sum import TRAINED_SUM
from validation.claims.unequal_views import UNEQUAL_VIEWS
from validation.claims.view_curriculum import VIEW_CURRICULUM
from validation.claims.winner import WINNER
from validation.trial.claim import Claim

CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for claim in (
        SINGLE_VIEW,
        ENSEMBLE_COVERAGE,
        WINNER,
        ENSEMBLE_DISTILLATION,
        SELF_DISTILLATION,
        REPEATED_SELF_DISTILLATION,
        ENSEMBLE_OF_STUDENTS,
        TRAINED_SUM,
        TEMPERATURE,
        VIEW_CURRICULUM,
        CURRICULUM_AGAINST_DISTILLATION,
        SATURATION,
        UNEQUAL_VIEWS,
        SHARED_BIAS,
        CORRELATED_VIEWS,
        DECIDED_EARLY,
        SUMMED_VIEWS,
        SUMMED_VIEWS_GROWTH,
        PHASE_DIAGRAM,
        RANDOM_FEATURES,
        RANDOM_FEATURES_RIDGELESS,
        RANDOM_FEATURES_LAW,
        GAUSSIAN_INPUTS,
        GAUSSIAN_INPUTS_NARROW,
        DUAL_GRADIENT,
        H_SPECTRUM,
        DISTILLED_ACCURACY,
        ADVISOR_REGRET,
        HILBERT_BOUNDS,
    )
}

__all__ = ["CLAIMS"]
