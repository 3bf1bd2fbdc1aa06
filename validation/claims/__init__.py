"""The claims on trial, one a file."""

from validation.claim import Claim
from validation.claims.advisor_regret import ADVISOR_REGRET
from validation.claims.distilled_accuracy import DISTILLED_ACCURACY
from validation.claims.dual_gradient import DUAL_GRADIENT
from validation.claims.ensemble_coverage import ENSEMBLE_COVERAGE
from validation.claims.h_spectrum import H_SPECTRUM
from validation.claims.single_view import SINGLE_VIEW
from validation.claims.winner import WINNER

CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for claim in (
        SINGLE_VIEW,
        ENSEMBLE_COVERAGE,
        WINNER,
        DUAL_GRADIENT,
        H_SPECTRUM,
        DISTILLED_ACCURACY,
        ADVISOR_REGRET,
    )
}

__all__ = ["CLAIMS"]
