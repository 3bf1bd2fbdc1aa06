"""How many networks know everything, with a given probability."""

from typing import Any

import numpy as np

from mvtheory.arguments import CLASSES, CONFIDENCE, VIEWS
from mvtheory.coverage.collector import full_coverage
from mvtheory.formula import Formula
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
    status="exact",
    notes="Solves the formula `full_coverage` for the number of networks.",
    of=full_coverage,
    counted="networks",
    level="confidence",
)


def _bound(views: Any, classes: Any, confidence: Any) -> Any:
    import sympy

    return sympy.ceiling(sympy.log(classes * views / (1 - confidence)) / -sympy.log(1 - 1 / views))


networks_for_full_coverage_bound = Formula(
    name="networks_for_full_coverage_bound",
    summary="A number of networks that suffices for full coverage with probability c.",
    symbol="N",
    quantity="networks in the ensemble",
    arguments=(VIEWS.within(low=2), CLASSES.within(low=1), CONFIDENCE),
    expression=_bound,
    stable=lambda views, classes, confidence: np.ceil(
        (np.log(classes * views) - np.log1p(-confidence)) / -np.log1p(-1 / views)
    ),
    source=Source("johnson1977", "coupon collector; union bound"),
    status="bound",
    integer_valued=True,
    notes="Union bound over the K M views: above `networks_for_full_coverage`, and close.",
)
