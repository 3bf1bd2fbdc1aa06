"""The claims on trial, one a file."""

from validation.claim import Claim
from validation.experiments.ensemble_coverage import ENSEMBLE_COVERAGE
from validation.experiments.single_view import SINGLE_VIEW
from validation.experiments.winner import WINNER

CLAIMS: dict[str, Claim] = {claim.name: claim for claim in (SINGLE_VIEW, ENSEMBLE_COVERAGE, WINNER)}

__all__ = ["CLAIMS"]
