"""The lottery model of view coverage: each network learns one view of each class.

Coverage C is the share of (class, view) pairs that a network, an ensemble or a student knows.
"""

from mvtheory.coverage.apart import neurons_apart, views_apart
from mvtheory.coverage.built import distinct_wins, opposite_starts, shown_coverage
from mvtheory.coverage.collector import full_coverage
from mvtheory.coverage.confidence import (
    networks_for_full_coverage,
    networks_for_full_coverage_bound,
)
from mvtheory.coverage.correlated_starts import correlated_coverage
from mvtheory.coverage.disagreement import disagreement_over_error
from mvtheory.coverage.distillation import distilled
from mvtheory.coverage.diversity import shared_bias
from mvtheory.coverage.ensembles import ensemble
from mvtheory.coverage.error import test_error
from mvtheory.coverage.fluctuation import variance
from mvtheory.coverage.networks_needed import networks_for_coverage
from mvtheory.coverage.occupancy import distinct_views, distinct_views_pmf
from mvtheory.coverage.presence import accuracy
from mvtheory.coverage.self_distillation import self_distilled
from mvtheory.coverage.single import single_network
from mvtheory.coverage.soups import averaged_weights, soup_output, sure_coverage
from mvtheory.coverage.taught import taught
from mvtheory.coverage.two_starts import agreement, concentration
from mvtheory.coverage.unequal import ensemble_unequal
from mvtheory.coverage.unions import union_variance
from mvtheory.coverage.votes import majority_vote

__all__ = [
    "accuracy",
    "agreement",
    "averaged_weights",
    "concentration",
    "correlated_coverage",
    "disagreement_over_error",
    "distilled",
    "distinct_views",
    "distinct_views_pmf",
    "distinct_wins",
    "ensemble",
    "ensemble_unequal",
    "full_coverage",
    "majority_vote",
    "networks_for_coverage",
    "networks_for_full_coverage",
    "networks_for_full_coverage_bound",
    "neurons_apart",
    "opposite_starts",
    "self_distilled",
    "shared_bias",
    "shown_coverage",
    "single_network",
    "soup_output",
    "sure_coverage",
    "taught",
    "test_error",
    "union_variance",
    "variance",
    "views_apart",
]


def __dir__() -> list[str]:
    return __all__
