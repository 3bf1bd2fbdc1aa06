"""The majority vote in the lottery, where networks that do not know a view agree on a wrong class.

Where they guess freely the vote is a plurality among K classes, which has no closed form: it is a
sum over the ways in which the guesses can fall.
"""

from typing import Any

from mvtheory.arguments import NETWORKS, VIEWS
from mvtheory.formula import Formula
from mvtheory.references import Source


def _expression(views: Any, networks: Any) -> Any:
    import sympy

    # Votes are counted one after the other until h are for the right class; j were against it.
    half, against = sympy.ceiling(networks / 2), sympy.Symbol("j", integer=True)
    ways = sympy.binomial(half - 1 + against, against) * (1 - 1 / views) ** against
    return sympy.Sum(ways, (against, 0, half - 1)) / views**half


majority_vote = Formula(
    name="majority_vote",
    summary="Probability that most of N networks know a view, ties counting one half.",
    symbol="V",
    quantity="share of the class-view pairs that the vote puts right",
    arguments=(VIEWS, NETWORKS.within(high=1000)),
    expression=_expression,
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    monotone=("views",),
    notes=(
        "Each network knows the view with probability 1/M, all others give one and the same wrong "
        "answer. With h = ceil(N/2) it is the regularised incomplete beta function I_{1/M}(h, h): "
        "the vote of an even number of networks is worth that of one less. The average of their "
        "outputs knows 1 - (1 - 1/M)^N (formula `ensemble`), because a network that knows the "
        "view is sure of it; more votes do harm at M > 2, and nothing at M = 2."
    ),
)
