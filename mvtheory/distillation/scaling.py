"""The scaling law of distillation, as it was fitted to language models."""

from mvtheory.arguments import (
    GAP_EXPONENT,
    GAP_PLACE,
    GAP_WIDTH,
    REDUCIBLE,
    STUDENT_LOSS,
    TEACHER_EXPONENT,
    TEACHER_LOSS,
)
from mvtheory.formula import Formula
from mvtheory.references import Source

distilled_loss = Formula(
    name="distilled_loss",
    summary="Cross-entropy of a student that is distilled from a teacher of a given one.",
    symbol="L",
    quantity="cross-entropy in nats",
    arguments=(
        TEACHER_LOSS, STUDENT_LOSS, REDUCIBLE, TEACHER_EXPONENT, GAP_EXPONENT, GAP_PLACE, GAP_WIDTH,
    ),
    expression=lambda teacher_loss, student_loss, reducible, teacher_exponent, gap_exponent,
    gap_place, gap_width: teacher_loss
    + reducible
    * teacher_loss ** (-teacher_exponent)
    * (1 + (teacher_loss / (student_loss * gap_place)) ** (1 / gap_width))
    ** (-gap_exponent * gap_width),
    arithmetic=True,
    source=Source("busbridge2025", "equation (8)"),
    status="heuristic of the paper",
    monotone=("student_loss", "reducible", "teacher_exponent", "gap_exponent", "gap_place"),
    notes=(
        "Q is (A/N^alpha + B/D^beta)^gamma of N parameters and D tokens, with constants of its "
        "own; all constants must be fitted to the models in use. In L_T it may fall and then rise "
        "again as L_T falls, the capacity gap: c_0 > 0 makes better teachers cost more. By form "
        "no student is better than its teacher. For what makes the gap in ridge regression, see "
        "features.capacity_gap."
    ),
)  # fmt: skip
