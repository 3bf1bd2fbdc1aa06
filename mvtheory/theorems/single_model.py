"""Theorem 1: a single network."""

from mvtheory.coverage import single_network
from mvtheory.references import Source
from mvtheory.theorems.theorem import LENGTH, RATE, SETTING, WIDE, Theorem

single_model = Theorem(
    name="single_model",
    summary="A single network has a test error of about mu / 2.",
    statement=(
        "With probability 1 - o(1), training accuracy is perfect and the test error lies between "
        "0.49 mu and 0.51 mu: the network has learned one view of each class and memorised the "
        "single-view samples that show the other."
    ),
    hypotheses=(*SETTING, WIDE, RATE, LENGTH),
    bounds=(0.49, 0.51),
    coverage_formula=single_network,
    source=Source("allenzhu2023", "Theorem 1"),
)
