"""Theorem 2: the ensemble."""

from mvtheory.coverage import ensemble as ensemble_coverage
from mvtheory.references import Source
from mvtheory.theorems.theorem import LENGTH, RATE, SETTING, WIDE, Theorem

ensemble = Theorem(
    name="ensemble",
    summary="The average of polylog(k) networks has a test error of at most 0.001 mu.",
    statement=(
        "The average of the outputs of polylog(k) networks, trained independently from random "
        "initial weights, has perfect training accuracy and, with probability 1 - o(1), a test "
        "error of at most 0.001 mu. (In the lottery model, 2^-N <= 0.001 first holds at N = 10.)"
    ),
    hypotheses=(
        *SETTING,
        WIDE,
        RATE,
        LENGTH,
        "networks differ in their random initialisation only",
    ),
    bounds=(0.0, 0.001),
    coverage_formula=ensemble_coverage,
    source=Source("allenzhu2023", "Theorem 2"),
)
