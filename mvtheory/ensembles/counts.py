r"""How many of n members put a sample right: the lottery's law of it, and that of noise.

In a lottery a share 1 - mu of the samples is put right by all, and on the others each member is
right with probability q by itself: counts are (1 - mu) delta_n + mu Bin(n, q). Where members differ
by noise, the probability to be right varies smoothly from sample to sample: beta-binomial counts.
"""

from typing import NamedTuple

import numpy as np

from mvtheory.shapes import ArrayLike, Float, Floats


class LotteryFit(NamedTuple):
    """The lottery of largest likelihood."""

    share: float
    """mu: of the samples that not everybody knows."""
    chance: float
    """q: of a member to be right on one of them."""


def fit_lottery(counts: ArrayLike) -> LotteryFit | None:
    """The lottery of largest likelihood; None if every sample is put right by all or by none.

    Of the counts below n, truncated binomial, the mean determines q, as n (q - q^n)/(1 - q^n); mu
    then makes up for those at n. If it would be above 1, all samples are of the lottery.

    Parameters
    ----------
    counts : array, shape (n + 1,)
        How many samples (or what weight of them) 0, 1, ..., n members put right, n >= 2.

    Examples
    --------
    >>> fit = fit_lottery([16, 16, 68])
    >>> round(fit.share, 9), round(fit.chance, 9)  # of two networks right: mu (1-q)^2 = .16 neither
    (0.36, 0.333333333)
    """
    from scipy import optimize

    weights = np.asarray(counts, dtype=float)
    n, total = len(weights) - 1, float(weights.sum())
    below = float(weights[:n].sum())
    right = float(weights[:n] @ np.arange(n))
    if right == 0:
        return None
    mean = right / below

    def excess(chance: float) -> float:
        # (1 - q^n)/(1 - q) = 1 + q + ... + q^(n-1), without the pole at 1.
        powers = chance ** np.arange(n)
        return float(n * chance * powers[: n - 1].sum() / powers.sum()) - mean

    chance = float(optimize.brentq(excess, 0.0, 1.0, xtol=1e-15))
    if below >= total * (1 - chance**n):
        return LotteryFit(1.0, float(weights @ np.arange(n + 1)) / (n * total))
    return LotteryFit(below / total / (1 - chance**n), chance)


def lottery_against_noise(counts: ArrayLike) -> float | None:
    """By how many standard errors the counts are likelier in a lottery than as beta-binomial ones.

    Vuong's statistic of two models with two parameters each. None for two members, whose counts
    both models fit exactly, and where both say the same.

    Parameters
    ----------
    counts : array, shape (classes, n + 1)
        As of `fit_lottery`, by class. The samples of a class have the members' views of it in
        common: the error is that of independent classes, if larger than that of samples.
    """
    from scipy import optimize, special

    by_class = np.asarray(counts, dtype=float)
    weights = by_class.sum(axis=0)
    n, total = len(weights) - 1, float(weights.sum())
    fit = fit_lottery(weights)
    if n < 3 or fit is None:
        return None
    right = np.arange(n + 1.0)
    ways = special.gammaln(n + 1) - special.gammaln(right + 1) - special.gammaln(n - right + 1)
    binomial = np.exp(ways) * fit.chance**right * (1 - fit.chance) ** (n - right)
    binomial *= fit.share
    binomial[n] += 1 - fit.share

    def smooth(logs: Float[Floats, " 2"]) -> Float[Floats, " outcomes"]:
        a, b = np.exp(logs)
        return np.asarray(ways + special.betaln(a + right, b + n - right) - special.betaln(a, b))

    def misfit(logs: Float[Floats, " 2"]) -> float:
        return -float(weights @ smooth(logs)) / total

    found = optimize.minimize(misfit, np.zeros(2), method="L-BFGS-B", bounds=[(-12, 12)] * 2)
    # What nobody was seen to do has weight 0, and perhaps probability 0.
    seen = weights > 0
    gain = np.log(binomial[seen]) - smooth(found.x)[seen]
    mean = float(weights[seen] @ gain) / total
    of_samples = float(weights[seen] @ (gain - mean) ** 2)
    of_classes = float(((by_class[:, seen] @ (gain - mean)) ** 2).sum())
    variance = max(of_samples, of_classes)
    return float(mean * total / np.sqrt(variance)) if variance > 1e-18 * total else None
