"""How much the coverage of ensembles varies, where all ensembles of some networks are averaged."""

import math
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import CONCENTRATION, NETWORKS, VIEWS

WAYS = 10**6
"""Ways in which networks can share out views that are summed over at most."""


def union_variance(views: int, networks: int, size: int, concentration: float = math.inf) -> float:
    r"""Variance of the mean coverage of one class by all ensembles of `size` of the networks.

    Each of N networks knows one view of the class. All binom(N, n) ensembles of n of them are
    averaged, which leaves less variance than one ensemble has, and more than independent ones
    would: they share networks. With N_l networks that know view l, the mean coverage is
    1 - (1/M) sum_l binom(N - N_l, n) / binom(N, n).

    Parameters
    ----------
    views, networks : int, >= 1
        M and N; N networks must have at most 10^6 ways of sharing out M views.
    size : int, 1 <= n <= N
        Networks of an ensemble.
    concentration : float, >= 1e-12
        a of the Dirichlet law by which the networks share favourite views (see
        `mvtheory.coverage.concentration`); infinite for independent networks.

    Returns
    -------
    float
        Of one class; the variance of the mean over K independent classes is this over K.

    Raises
    ------
    ValueError
        If an argument is out of range or there are too many ways.

    Notes
    -----
    Ours, exact in the lottery model: a sum over (N_1, ..., N_M), multinomial if the networks are
    independent, otherwise Dirichlet-multinomial. At n = N it is the formula `variance` at K = 1.

    Examples
    --------
    >>> round(union_variance(views=3, networks=10, size=4), 6)
    0.004069
    >>> round(union_variance(views=3, networks=10, size=4, concentration=2.0), 6)
    0.012554
    """
    m, number = int(VIEWS.number(views)), int(NETWORKS.number(networks))
    if not 1 <= NETWORKS.number(size) <= number:
        raise ValueError(
            f"size={size} is not allowed (integer, 1 <= size <= networks={number}); choose smaller "
            "ensembles or give more networks"
        )
    shape = math.inf if concentration == math.inf else CONCENTRATION.number(concentration)
    ways = math.comb(number + m - 1, m - 1)
    if ways > WAYS:
        raise ValueError(
            f"views={m} are shared out among networks={number} in {ways:.3g} ways (at most {WAYS} "
            "are summed over); give fewer networks or views"
        )
    return _variance(m, number, int(size), shape)


@lru_cache(maxsize=1024)
def _variance(views: int, networks: int, size: int, concentration: float) -> float:
    every = math.comb(networks, size)
    # Share of the ensembles that miss a view which so many networks know.
    missed = np.array([math.comb(networks - n, size) / every for n in range(networks + 1)])
    counts = _counts(networks, views)
    covered = 1 - missed[counts].mean(axis=1)
    weights = np.exp(_log_probabilities(counts, concentration))
    weights /= weights.sum()  # 1 but for rounding
    return float(weights @ (covered - weights @ covered) ** 2)


def _log_probabilities(counts: NDArray[np.int64], concentration: float) -> NDArray[np.float64]:
    from scipy import special

    views, networks = counts.shape[1], int(counts[0].sum())
    log = math.lgamma(networks + 1) - special.gammaln(np.arange(networks + 1) + 1.0)[counts].sum(1)
    if math.isinf(concentration):
        return np.asarray(log - networks * math.log(views))
    # log a (a + 1) ... (a + n - 1) term by term: differences of lgamma lose its digits.
    steps = np.arange(networks)
    rising = np.concatenate([[0.0], np.cumsum(np.log(concentration + steps))])
    log -= float(np.log(views * concentration + steps).sum())
    return np.asarray(log + rising[counts].sum(1))


@lru_cache(maxsize=64)
def _counts(networks: int, views: int) -> NDArray[np.int64]:
    """All ways in which the networks can share out the views, shape (ways, views): dividers among
    stars."""
    places = networks + views - 1
    dividers = np.array(list(combinations(range(places), views - 1)), dtype=np.int64)
    return np.diff(dividers, prepend=-1, append=places) - 1
