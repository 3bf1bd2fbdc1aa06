"""How much the views that several networks know together vary from one lottery to the next."""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise


@lru_cache(maxsize=1024)
def union_variance(views: int, networks: int, size: int, concentration: float = math.inf) -> float:
    """Variance of the share of a class's views that `size` networks know, their subsets' mean.

    Of `networks`, each of which knows one view, all subsets of `size` are averaged. Exact, by
    summing over how many networks know each view: multinomial if they are independent, otherwise
    Dirichlet-multinomial with this concentration for each view.
    """
    every = math.comb(networks, size)
    mean = square = 0.0
    for counts in _counts(networks, views):
        missed = sum(math.comb(networks - count, size) for count in counts)
        covered = 1 - missed / (every * views)
        weight = math.exp(_log_probability(counts, concentration))
        mean += weight * covered
        square += weight * covered**2
    return max(square - mean**2, 0.0)


def _log_probability(counts: tuple[int, ...], concentration: float) -> float:
    networks, views = sum(counts), len(counts)
    log = math.lgamma(networks + 1) - sum(math.lgamma(count + 1) for count in counts)
    if math.isinf(concentration):
        return log - networks * math.log(views)
    total = views * concentration
    log += math.lgamma(total) - math.lgamma(total + networks)
    rising = (math.lgamma(concentration + n) - math.lgamma(concentration) for n in counts)
    return log + sum(rising)


def _counts(networks: int, views: int) -> Iterator[tuple[int, ...]]:
    """All ways in which the networks can share out the views: dividers among stars."""
    places = networks + views - 1
    for dividers in combinations(range(places), views - 1):
        ends = (-1, *dividers, places)
        yield tuple(right - left - 1 for left, right in pairwise(ends))
