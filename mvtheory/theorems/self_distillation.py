"""Theorem 4: self-distillation."""

from mvtheory.coverage import self_distilled
from mvtheory.references import Source
from mvtheory.theorems.theorem import BALANCED, LENGTH, NARROW, RATE, SETTING, Theorem

self_distillation = Theorem(
    name="self_distillation",
    summary="A self-distilled network has a test error of at most 0.26 mu.",
    statement=(
        "A network distilled from a single network of the same architecture has perfect training "
        "accuracy and, with probability 1 - o(1), a test error of at most 0.26 mu: it knows the "
        "union of its own view and its teacher's, so at least 3/4 (1 - o(1)) of the single-view "
        "samples are put right."
    ),
    hypotheses=(
        *SETTING,
        NARROW,
        RATE,
        LENGTH,
        BALANCED,
        "the teacher is a single network of Theorem 1, the student starts from other random "
        "weights and trains as in Theorem 3, after T steps alone",
    ),
    bounds=(0.0, 0.26),
    coverage_formula=self_distilled,
    source=Source("allenzhu2023", "Theorem 4"),
)
