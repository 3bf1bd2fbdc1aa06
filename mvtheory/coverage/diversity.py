"""Coverage of networks that share biases."""

from typing import Any

import numpy as np

from mvtheory.arguments import CONCENTRATION, NETWORKS, VIEWS
from mvtheory.coverage.share import coverage_formula
from mvtheory.references import Source


def _expression(views: Any, networks: Any, concentration: Any) -> Any:
    import sympy

    m, a = views, concentration
    # The first factor, (M-1)a / (Ma), stands apart: at M = 1 the ratio would be 0 / 0.
    later = sympy.RisingFactorial((m - 1) * a + 1, networks - 1)
    later /= sympy.RisingFactorial(m * a + 1, networks - 1)
    return 1 - (m - 1) / m * later


@np.vectorize(otypes=[float])
def _stable(views: float, networks: float, concentration: float) -> float:
    # 1 - prod(1 - 1/(M + i/a)): a sum of small logarithms, added pairwise by numpy.
    terms = views + np.arange(networks) / concentration
    return float(-np.expm1(np.log1p(-1 / terms).sum()))


shared_bias = coverage_formula(
    name="shared_bias",
    summary="Expected coverage of N networks that share a Dirichlet-distributed bias.",
    arguments=(VIEWS, NETWORKS, CONCENTRATION),
    expression=_expression,
    stable=_stable,
    source=Source("johnson1977", "Polya urns"),
    status="our extension",
    monotone=("views", "networks", "concentration"),
    notes=(
        "One draw of the win probabilities per class, Dirichlet(a, ..., a), for all networks. "
        "Large a: independent networks, as in `ensemble`; small a: all learn the same view, 1/M."
    ),
)
