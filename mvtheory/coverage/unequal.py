"""Coverage of an ensemble when some views win more often than others."""

from typing import Any

import numpy as np

from mvtheory.arguments import NETWORKS, PROBABILITIES
from mvtheory.coverage.share import coverage_formula
from mvtheory.references import Source


def _expression(probabilities: Any, networks: Any) -> Any:
    import sympy

    view, views = sympy.Symbol("l", integer=True), sympy.Symbol("M", integer=True)
    missed = sympy.Sum((1 - probabilities[view]) ** networks, (view, 1, views))
    return 1 - missed / views


def _stable(probabilities: Any, networks: Any) -> Any:
    # A mean of non-negative terms: nothing cancels. The last axis holds the views.
    exponent = np.asarray(networks)[..., None] * np.log1p(-probabilities)
    return (-np.expm1(exponent)).mean(axis=-1)


ensemble_unequal = coverage_formula(
    name="ensemble_unequal",
    summary="Expected coverage of N networks when view l wins with probability pi_l.",
    arguments=(PROBABILITIES, NETWORKS),
    expression=_expression,
    stable=_stable,
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    monotone=("networks",),
    notes="Networks broadcast against the leading axes of the probabilities.",
)
