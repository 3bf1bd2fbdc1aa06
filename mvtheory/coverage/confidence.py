"""How many networks know everything, with a given probability."""

from typing import Any

import numpy as np

from mvtheory.arguments import CLASSES, CONFIDENCE, NETWORKS, VIEWS
from mvtheory.coverage.collector import full_coverage
from mvtheory.formula import NOTHING, Case, Formula
from mvtheory.references import Source
from mvtheory.threshold import Threshold

networks_for_full_coverage = Threshold(
    name="networks_for_full_coverage",
    summary="Smallest number of networks that know every view of all classes with probability c.",
    symbol="N",
    quantity="networks in the ensemble",
    arguments=(VIEWS.within(high=1000), CLASSES.within(low=1), CONFIDENCE),
    expression=lambda views, classes, confidence: full_coverage.symbolic >= confidence,
    source=Source("johnson1977", "coupon collector"),
    notes="Solves the formula `full_coverage` for the number of networks.",
    of=full_coverage,
    counted="networks",
    level="confidence",
)


def _bound(views: Any, classes: Any, confidence: Any) -> Any:
    import sympy

    return sympy.ceiling(sympy.log(classes * views / (1 - confidence)) / -sympy.log(1 - 1 / views))


def _bound_stable(views: Any, classes: Any, confidence: Any) -> Any:
    """The closed form; where rounding could move it past a whole number, the exact comparison."""
    quotient = (np.log(classes * views) - np.log1p(-confidence)) / -np.log1p(-1 / views)
    result = np.ceil(np.atleast_1d(quotient))
    # Three logarithms and their quotient are right to a few units of 2e-16.
    doubtful = np.abs(quotient - np.rint(quotient)) <= 1e-14 * quotient
    given = np.broadcast_arrays(np.atleast_1d(views), classes, confidence)
    for index in zip(*np.nonzero(np.atleast_1d(doubtful)), strict=True):
        m, k, c = (float(values[index]) for values in given)
        exact = networks_for_full_coverage_bound.exact(views=m, classes=k, confidence=c)
        result[index] = float(exact)
    return result.reshape(np.shape(quotient))


networks_for_full_coverage_bound = Threshold(
    name="networks_for_full_coverage_bound",
    summary="A number of networks that suffices for full coverage with probability c.",
    symbol="N",
    quantity="networks in the ensemble",
    arguments=(VIEWS.within(low=2), CLASSES.within(low=1), CONFIDENCE),
    expression=_bound,
    stable=_bound_stable,
    source=Source("johnson1977", "coupon collector; union bound"),
    integer_valued=True,
    notes="Union bound over the K M views: above `networks_for_full_coverage`, and close.",
    of=Formula(
        name="1 - K M (1 - 1/M)^N",
        summary="Union bound on the probability of full coverage, from below.",
        symbol="P",
        quantity="probability",
        arguments=(VIEWS.within(low=2), NETWORKS, CLASSES.within(low=1)),
        expression=lambda views, networks, classes: (
            1 - classes * views * (1 - 1 / views) ** networks
        ),
        source=Source("johnson1977", "coupon collector; union bound"),
        status="bound",
        cases=(Case(NOTHING, "where it is not above 0", lambda value, **_: value <= 0),),
        monotone=("views", "networks", "classes"),
    ),
    counted="networks",
    level="confidence",
)
