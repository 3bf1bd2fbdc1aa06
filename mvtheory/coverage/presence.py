"""Accuracy on data in which each view is present with some probability."""

from typing import Any

from mvtheory.arguments import CLASSES, NETWORKS, PRESENCE, VIEWS
from mvtheory.formula import Formula
from mvtheory.references import Source


def _expression(classes: Any, views: Any, networks: Any, presence: Any) -> Any:
    import sympy

    i = sympy.Symbol("i", integer=True)
    shown = sympy.binomial(views, i) * presence**i * (1 - presence) ** (views - i)
    known = sympy.Sum(shown * (1 - (1 - i / views) ** networks), (i, 1, views))
    return 1 / classes + (1 - 1 / classes) * known


accuracy = Formula(
    name="accuracy",
    summary="Expected accuracy of N networks if each view is present with probability p.",
    symbol="a",
    quantity="accuracy, share of samples",
    arguments=(CLASSES, VIEWS.within(high=1000), NETWORKS, PRESENCE),
    expression=_expression,
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    monotone=("classes", "networks", "presence"),
    notes=(
        "The mean over the number D of distinct views known of 1 - (1 - p)^D (1 - 1/K). A sample "
        "shows I of the M views, I binomial; none of the networks knows one of them with "
        "probability (1 - I/M)^N, which gives the same number as a sum of positive terms."
    ),
)
