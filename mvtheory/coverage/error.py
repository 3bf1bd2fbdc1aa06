"""Test error that follows from a coverage."""

from mvtheory.arguments import CLASSES, COVERAGE, SINGLE_VIEW_FRACTION
from mvtheory.formula import Formula
from mvtheory.references import Source

test_error = Formula(
    name="test_error",
    summary="Test error of a classifier with coverage C on data with single-view fraction mu.",
    symbol="e",
    quantity="test error, share of samples",
    arguments=(COVERAGE, SINGLE_VIEW_FRACTION, CLASSES),
    expression=lambda coverage, single_view_fraction, classes: (
        single_view_fraction * (1 - coverage) * (1 - 1 / classes)
    ),
    well_conditioned=True,
    source=Source("allenzhu2023", "Theorems 1 and 2"),
    status="our extension",
    monotone=("coverage", "single_view_fraction", "classes"),
    notes=(
        "Multi-view samples are put right; of the single-view samples those that show an unknown "
        "view are put right by chance, 1/K: our correction. Theorems 1 and 2 are its limit for "
        "many classes, mu (1 - C), at the coverages of two views."
    ),
)
