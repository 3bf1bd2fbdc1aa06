"""Theorem 3: knowledge distillation of an ensemble."""

from mvtheory.coverage import distilled
from mvtheory.references import Source
from mvtheory.theorems.theorem import SETTING, Theorem

ensemble_distillation = Theorem(
    name="ensemble_distillation",
    summary="A student distilled from the ensemble has a test error of at most 0.001 mu.",
    statement=(
        "A single network trained by knowledge distillation from an ensemble of polylog(k) "
        "networks has perfect training accuracy and, with probability 1 - o(1), a test error of at "
        "most 0.001 mu: the ensemble's soft labels show it every view."
    ),
    hypotheses=(
        *SETTING,
        "the teacher is the ensemble of Theorem 2",
        "the student matches the teacher's outputs at a temperature tau polylogarithmic in 1/k, "
        "beside its hard labels, by the paper's distillation loss",
    ),
    bounds=(0.0, 0.001),
    coverage_formula=distilled,
    source=Source("allenzhu2023", "Theorem 3"),
)
