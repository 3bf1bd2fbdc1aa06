"""Self-distillation as regularisation: kernel regression in rounds, and ridge with mixed targets.

Not the lottery of views: `mvtheory.coverage.self_distilled` is that.
"""

from mvtheory.self_distillation.bounds import (
    norm_at_least,
    norm_at_most,
    norm_bound,
    rounds_at_least,
    rounds_at_most,
    rounds_before_collapse,
    sparsity_growth,
)
from mvtheory.self_distillation.fluctuation import mixed_risk_variance, optimal_mixing_variance
from mvtheory.self_distillation.kernel import DistilledRegression, distill_kernel_regression
from mvtheory.self_distillation.mixing import (
    OptimalMixing,
    estimated_mixing,
    mixed_filter,
    mixed_risk,
    optimal_mixing,
)
from mvtheory.self_distillation.one_shot import OneShotMixing, one_shot_mixing
from mvtheory.self_distillation.recursion import Distilled, collapse_time, distill

__all__ = [
    "Distilled",
    "DistilledRegression",
    "OneShotMixing",
    "OptimalMixing",
    "collapse_time",
    "distill",
    "distill_kernel_regression",
    "estimated_mixing",
    "mixed_filter",
    "mixed_risk",
    "mixed_risk_variance",
    "norm_at_least",
    "norm_at_most",
    "norm_bound",
    "one_shot_mixing",
    "optimal_mixing",
    "optimal_mixing_variance",
    "rounds_at_least",
    "rounds_at_most",
    "rounds_before_collapse",
    "sparsity_growth",
]


def __dir__() -> list[str]:
    return __all__
