"""Coverage of a student distilled from an ensemble."""

import numpy as np

from mvtheory.arguments import NETWORKS, STUDENT_WIN, VIEWS
from mvtheory.formula import Formula
from mvtheory.references import Source

distilled = Formula(
    name="distilled",
    summary="Expected coverage of a student distilled from an ensemble of N networks.",
    symbol="C",
    quantity="coverage, share of class-view pairs",
    arguments=(VIEWS, NETWORKS, STUDENT_WIN),
    defaults=(("student_win", 0),),
    expression=lambda views, networks, student_win: 1 - (1 - 1 / views) ** (networks + student_win),
    stable=lambda views, networks, student_win: (
        -np.expm1((networks + student_win) * np.log1p(-1 / views))
    ),
    source=Source("allenzhu2023", "Theorem 3"),
    status="proved asymptotically",
    notes=(
        "The student covers what its teacher does (Theorem 3, at two views). With student_win=True "
        "it keeps the view that its own initial weights favour as well, as one network more: our "
        "extension, to be tested."
    ),
)
