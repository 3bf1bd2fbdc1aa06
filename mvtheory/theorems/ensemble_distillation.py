"""Theorem 3: knowledge distillation of an ensemble."""

from mvtheory.coverage import distilled
from mvtheory.references import Source
from mvtheory.theorems.theorem import LENGTH, NARROW, RATE, SETTING, Theorem

ensemble_distillation = Theorem(
    name="ensemble_distillation",
    summary="A student distilled from the ensemble has a test error of at most 0.001 mu.",
    statement=(
        "A single network trained by knowledge distillation from an ensemble of polylog(k) "
        "networks has, with probability 1 - o(1) and in at least 90 % of the iterations, perfect "
        "training accuracy and a test error of at most 0.001 mu: the ensemble's soft labels show "
        "it every view."
    ),
    hypotheses=(
        *SETTING,
        NARROW,
        RATE,
        LENGTH,
        "the teacher is the ensemble of Theorem 2",
        "the student matches the teacher's outputs, both cut off, at a temperature tau = "
        "1/log^2 k, beside its hard labels, by the paper's distillation loss",
        "at least 90 % of the iterations are as stated, not each of them",
    ),
    bounds=(0.0, 0.001),
    coverage_formula=distilled,
    # The theorem says that the student has what its teacher has; what it won itself is ours.
    given=(("views", 2), ("student_win", 0)),
    source=Source("allenzhu2023", "Theorem 3"),
)
