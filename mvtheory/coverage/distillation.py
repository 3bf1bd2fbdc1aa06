"""Coverage of a student distilled from an ensemble."""

import numpy as np

from mvtheory.arguments import NETWORKS, STUDENT_WIN, VIEWS
from mvtheory.coverage.share import coverage_formula
from mvtheory.formula import Case
from mvtheory.references import Source

distilled = coverage_formula(
    name="distilled",
    summary="Expected coverage of a student distilled from an ensemble of N networks.",
    arguments=(VIEWS, NETWORKS, STUDENT_WIN),
    defaults=(("student_win", 1),),
    expression=lambda views, networks, student_win: 1 - (1 - 1 / views) ** (networks + student_win),
    stable=lambda views, networks, student_win: (
        -np.expm1((networks + student_win) * np.log1p(-1 / views))
    ),
    source=Source("allenzhu2023", "Theorem 3"),
    status="our extension",
    cases=(
        Case(
            "proved asymptotically",
            "at M = 2 for s = 0 and N > 1, and for s = 1 and N = 1",
            lambda value, views, networks, student_win: (
                (views == 2) & (student_win == (networks == 1))
            ),
        ),
    ),
    monotone=("views", "networks"),
    notes=(
        "The student keeps the view that its own initial weights favour, as one network more: our "
        "extension, which trained networks confirm (.890 +- .009 for two networks at two views, "
        "where this is .875; the claim ensemble-distillation). At N = 1 it is Theorem 4. "
        "student_win=False is what Theorem 3 states, that the student covers what its teacher does."
    ),
)
