"""How much the views that several networks know together vary from one lottery to the next."""

import math
from functools import cache, lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=1024)
def union_variance(views: int, networks: int, size: int, concentration: float = math.inf) -> float:
    """Variance of the share of a class's views that `size` networks know, their subsets' mean.

    Of `networks`, each of which knows one view, all subsets of `size` are averaged. Exact, by
    summing over how many networks know each view: multinomial if they are independent, otherwise
    Dirichlet-multinomial with this concentration for each view.
    """
    every = math.comb(networks, size)
    # Share of the subsets that miss a view which so many networks know.
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
    total = views * concentration
    log += math.lgamma(total) - math.lgamma(total + networks)
    rising = special.gammaln(concentration + np.arange(networks + 1)) - math.lgamma(concentration)
    return np.asarray(log + rising[counts].sum(1))


@cache
def _counts(networks: int, views: int) -> NDArray[np.int64]:
    """All ways in which the networks can share out the views, shape (ways, views): dividers among
    stars."""
    places = networks + views - 1
    dividers = np.array(list(combinations(range(places), views - 1)), dtype=np.int64)
    return np.diff(dividers, prepend=-1, append=places) - 1
