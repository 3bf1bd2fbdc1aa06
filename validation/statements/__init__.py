"""The sources line by line: what each states, where it is computed, which claims try it.

One file a source, and one for other conditions; `STATEMENTS` are all of them in the order of this
list. The page of claims has a table of them. Every claim of ours stands in one of them at least.
"""

from validation.statements import (
    contrasts,
    distilling,
    hilbert_space,
    kernels,
    multi_view,
    ours,
    races,
    random_matrices,
)
from validation.statements.statement import Statement

__all__ = ["STATEMENTS", "Statement"]

STATEMENTS: tuple[Statement, ...] = (
    *multi_view.STATEMENTS,
    *contrasts.STATEMENTS,
    *kernels.STATEMENTS,
    *races.STATEMENTS,
    *distilling.STATEMENTS,
    *random_matrices.STATEMENTS,
    *hilbert_space.STATEMENTS,
    *ours.STATEMENTS,
)
"""Every statement, source by source."""
