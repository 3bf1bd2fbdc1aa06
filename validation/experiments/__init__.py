"""The claims on trial, one a file."""

from typing import Any

from validation.claim import Claim
from validation.experiments.advisor_regret import ADVISOR_REGRET
from validation.experiments.distilled_accuracy import DISTILLED_ACCURACY
from validation.experiments.dual_gradient import DUAL_GRADIENT
from validation.experiments.ensemble_coverage import ENSEMBLE_COVERAGE
from validation.experiments.h_spectrum import H_SPECTRUM
from validation.experiments.lottery import LotterySetting
from validation.experiments.single_view import SINGLE_VIEW
from validation.experiments.students import StudentSetting
from validation.experiments.winner import WINNER

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
EXPERIMENTS: dict[str, Any] = {"lottery": LotterySetting, "students": StudentSetting}

__all__ = ["CLAIMS", "EXPERIMENTS", "restore"]


def restore(description: dict[str, Any]) -> Any:
    """The setting that described itself so, in a plan or a shard."""
    name = description.get("experiment")
    if name not in EXPERIMENTS:
        raise ValueError(
            f"experiment={name!r} is not known to this version; it knows {', '.join(EXPERIMENTS)}"
        )
    return EXPERIMENTS[name].restore(description)
