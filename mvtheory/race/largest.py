"""The largest of independent standard normal responses: where and how finely it is integrated.

The law of the largest of k responses, Phi(x)^k, moves and sharpens with k; in u = log x it changes
by no more than a factor e over 1/x^2, and where k is so large that x > 10 matters there is nothing
left of it in doubles. So one grid in u serves every k, and every function of x that is as smooth.
"""

from functools import cache

import numpy as np

from mvtheory.shapes import Float, Floats

NODES = 12
FAINTEST, HIGHEST = -30.0, 2.5
"""log x: below and above, no strength has a probability that counts."""
EDGES = np.concatenate([
    [FAINTEST, -16, -8, -5], np.arange(-4, -2, 0.5), np.arange(-2, -1, 0.25),
    np.arange(-1, 1.5, 0.1), np.arange(1.5, 1.9, 0.05), np.arange(1.9, HIGHEST + 0.01, 0.025),
])  # fmt: skip
"""Where panels meet, in log x: the slope of a response at small x needs few of them."""


def panels(
    edges: Float[Floats, " edges"],
) -> tuple[Float[Floats, " nodes"], Float[Floats, " nodes"]]:
    """Nodes and weights of Gauss and Legendre between neighbouring edges, one after the other."""
    nodes, weights = _gauss()
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()


@cache
def _gauss() -> tuple[Float[Floats, " nodes"], Float[Floats, " nodes"]]:
    return np.polynomial.legendre.leggauss(NODES)


def largest(
    candidates: float, kink: float = 1.0
) -> tuple[Float[Floats, " nodes"], Float[Floats, " nodes"]]:
    """Nodes x > 0 and the probability that each stands for; their sum is 1 - 2^-candidates.

    For means over the largest of so many responses, 1 to 1e18, of functions that are smooth in
    log x but for a `kink`: absolute error 1e-12 of the function's size.
    """
    from scipy import special

    logs, weights = panels(np.unique([*EDGES, np.log(kink)]))
    x = np.exp(logs)
    below = (candidates - 1) * special.log_ndtr(x)
    density = candidates * np.exp(below - x**2 / 2) / np.sqrt(2 * np.pi)
    return x, density * x * weights
