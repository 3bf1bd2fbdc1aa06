"""A lottery's views and its share of single-view samples, estimated from members that take part."""

from typing import NamedTuple

import numpy as np

from mvtheory.ensembles.counts import fit_lottery
from mvtheory.ensembles.tally import ALIKE, ONE, RIGHT, Means, Tally
from mvtheory.shapes import Float, Floats


class Lottery(NamedTuple):
    """M and mu with 90 % intervals; an interval that would hold every value is None."""

    views: float
    views_interval: tuple[float, float] | None
    single_view_fraction: float
    single_view_fraction_interval: tuple[float, float] | None


def estimate_lottery(tally: Tally, side: float = 0.95) -> Lottery | None:
    """The lottery that the members' agreement fits best, and how well it is known.

    With two members, 1 - mu (1 - q) is the accuracy and 1 - mu (1 - q^2) the share that both put
    right; more members tell by all counts. A member that does not know a view guesses: q = 1/M +
    (1 - 1/M) h with h = 1/K where guesses are free, and h = 0 where all give one answer, which is
    right for all of them at once. Which it is shows in how often two wrong answers are the same.

    Each class is a lottery of its own, which all its samples share: errors are those of a jackknife
    over classes, with Student's quantile, and so large where there are few classes.

    Parameters
    ----------
    tally : Tally
    side : float
        Certainty on each side of an interval.

    Returns
    -------
    Lottery or None
        None for two classes, where wrong answers are always the same and a guess cannot be told
        from knowledge, or if no sample is put right by some members only.
    """
    from scipy import special

    asked = np.flatnonzero(tally.counts.sum(axis=1))
    counts, sums = tally.counts[asked], tally.sums[asked]
    whole = _solve(counts.sum(axis=0), sums.sum(axis=0), tally.classes)
    if whole is None:
        return None
    known, share = whole
    reach = np.full(2, np.inf)
    if len(asked) > 1:
        every = zip(counts, sums, strict=True)
        without = [
            found
            for c, s in every
            if (found := _solve(counts.sum(axis=0) - c, sums.sum(axis=0) - s, tally.classes))
        ]
        # If one class alone tells anything, nothing is known of others.
        if len(without) == len(asked):
            away = np.array(without) - np.mean(without, axis=0)
            error = np.sqrt((len(asked) - 1) / len(asked) * (away**2).sum(axis=0))
            reach = special.stdtrit(len(asked) - 1, side) * error
    low, high = _within(known - reach[0], known + reach[0])
    shares = _within(share - reach[1], share + reach[1])
    return Lottery(
        1 / known if known > 0 else np.inf,
        None if (low, high) == (0, 1) else (1 / high, 1 / low if low > 0 else np.inf),
        share,
        None if shares == (0, 1) else shares,
    )


def _within(low: float, high: float) -> tuple[float, float]:
    return min(max(float(low), 0.0), 1.0), max(min(float(high), 1.0), 1e-12)


def _solve(
    counts: Float[Floats, " outcomes"], sums: Means, classes: int
) -> tuple[float, float] | None:
    """1/M and mu, from numbers of samples and sums of columns."""
    fit = fit_lottery(counts) if counts.sum() else None
    if fit is None or classes == 2:
        return None
    neither = counts.sum() - sums[RIGHT] - sums[ONE] / 2
    by_chance = 1 / (classes - 1)
    alike = sums[ALIKE] / neither if neither > 0 else by_chance
    common = min(max((alike - by_chance) / (1 - by_chance), 0.0), 1.0)
    guess = (1 - common) / classes
    known = max((fit.chance - guess) / (1 - guess), 0.0)
    return float(known), float(min(fit.share / (1 - common / classes), 1.0))
