"""Coverage after rounds of self-distillation."""

import numpy as np

from mvtheory.arguments import ROUNDS, VIEWS
from mvtheory.coverage.share import coverage_formula
from mvtheory.formula import Case
from mvtheory.references import Source

self_distilled = coverage_formula(
    name="self_distilled",
    summary="Expected coverage after R rounds of self-distillation.",
    arguments=(VIEWS, ROUNDS),
    defaults=(("rounds", 1),),
    expression=lambda views, rounds: 1 - (1 - 1 / views) ** (rounds + 1),
    stable=lambda views, rounds: -np.expm1((rounds + 1) * np.log1p(-1 / views)),
    source=Source("allenzhu2023", "Theorem 4"),
    status="our extension",
    cases=(
        Case(
            "proved asymptotically",
            "at M = 2 and R <= 1",
            lambda value, views, rounds: (views == 2) & (rounds <= 1),
        ),
    ),
    monotone=("views", "rounds"),
    notes=(
        "One round is Theorem 4, at two views: the student adds its own view to the teacher's. "
        "More views and more rounds are our extension, which trained networks confirm (the claims "
        "self-distillation and repeated-self-distillation)."
    ),
)
