"""Variance of the coverage between ensembles."""

from typing import Any

import numpy as np

from mvtheory.arguments import CLASSES, NETWORKS, VIEWS
from mvtheory.formula import Formula
from mvtheory.multiprecision import context
from mvtheory.references import Source


def _expression(views: Any, networks: Any, classes: Any) -> Any:
    m, n = views, networks
    pairs = m * (m - 1) * (1 - 2 / m) ** n
    return (pairs + m * (1 - 1 / m) ** n - m**2 * (1 - 1 / m) ** (2 * n)) / (classes * m**2)


@np.vectorize(otypes=[float])
def _small_power(views: float, networks: float) -> float:
    """(1 - 1/M)^N where its logarithm is so large that rounding it costs digits."""
    with context(bits=100) as mp:
        return float((1 - mp.mpf(1) / views) ** networks)


def _stable(views: Any, networks: Any, classes: Any) -> Any:
    """K Var = a g with a = (1-1/M)^N and g = (1 - a) - (1 - 1/M)(1 - (1 - 1/(M-1))^N).

    With y = 1/M and x = 1/(M-1), the N-th power of 1 - x is a (1 - x^2)^N, so g = y (1 - a) -
    (1 - y) a eps, eps = 1 - (1 - x^2)^N. For N much smaller than M the two terms agree to
    relative order N/M; the binomial series of g, whose first term is the second order, takes over.
    """
    ndim = np.broadcast(views, networks, classes).ndim
    views, networks = np.broadcast_arrays(np.atleast_1d(views), networks)
    y, x = 1 / views, 1 / (views - 1)
    log_a = networks * np.log1p(-y)
    a = np.exp(log_a)
    small = (log_a < -20) & (log_a > -750)
    if small.any():
        a[small] = _small_power(views[small], networks[small])
    eps = -np.expm1(networks * np.log1p(-x * x))
    direct = y * -np.expm1(log_a) - (1 - y) * a * eps
    # sum over j >= 2 of (-1)^j binom(N, j) y (x^(j-1) - y^(j-1)), x = y / (1 - y)
    series = np.zeros_like(y)
    term = networks * y
    for j in range(2, 26):
        term = -term * (networks - j + 1) / j * y
        series -= term * np.expm1(-(j - 1) * np.log1p(-y))
    ratio = networks / views
    result = a * np.where(ratio < 0.5, series, direct) / classes
    result = np.where((views == 1) | (networks == 1), 0.0, result)
    return result if ndim else result[..., 0]


variance = Formula(
    name="variance",
    summary="Variance of an ensemble's coverage over the lotteries of its K classes.",
    symbol="Var C",
    quantity="variance of the coverage",
    arguments=(VIEWS, NETWORKS, CLASSES.within(low=1)),
    expression=_expression,
    stable=_stable,
    source=Source("johnson1977", "occupancy distributions"),
    status="exact",
    monotone=("classes",),
    continued_from=(("views", 2),),  # (1 - 2/M)^N
    notes="Given the lottery model: classes independent, views equally likely.",
)
