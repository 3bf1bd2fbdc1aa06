"""Probability that an ensemble knows every view of every class: the coupon collector."""

import math
from typing import Any

import numpy as np

from mvtheory.arguments import CLASSES, NETWORKS, VIEWS
from mvtheory.formula import Formula
from mvtheory.multiprecision import context
from mvtheory.references import Source


def _expression(views: Any, networks: Any, classes: Any) -> Any:
    import sympy

    i = sympy.Symbol("i", integer=True)
    one_class = sympy.Sum(
        (-1) ** i * sympy.binomial(views, i) * (1 - i / views) ** networks, (i, 0, views)
    )
    return sympy.Piecewise((0, networks < views), (one_class**classes, True))


def _one(views: float, networks: float, classes: float) -> float:
    """The alternating sum at a precision that makes its cancellation harmless.

    The terms add up to at most 2^M in absolute value and the sum is at least M!/M^M > e^-M, so
    2.5 M bits and 64 more leave a relative error below 2^-60.
    """
    m = int(views)
    if networks < m:
        return 0.0
    with context(bits=64 + 3 * m) as mp:
        total = mp.fsum(
            (-1) ** i * math.comb(m, i) * (mp.mpf(m - i) / m) ** networks for i in range(m)
        )
        return float(total**classes)


full_coverage = Formula(
    name="full_coverage",
    summary="Probability that N networks together know every view of all K classes.",
    symbol="P",
    quantity="probability",
    arguments=(VIEWS.within(high=1000), NETWORKS, CLASSES.within(low=1)),
    expression=_expression,
    stable=np.vectorize(_one, otypes=[float]),
    source=Source("johnson1977", "coupon collector"),
    status="exact",
    monotone=("networks", "classes"),
    notes="Given the lottery model: classes independent, views equally likely.",
)
