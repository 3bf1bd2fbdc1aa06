"""Simulated studies of claims: replicates around a known truth, with the spread that is expected.

So it is known which verdicts on them are false. The comparisons of a claim are measured on the same
networks; their scores, the deviations from the truth in units of the spread, vary together as those
of replicates that are known do: of a simulated lottery (`Pool`), or of a few trained ones (`Few`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from validation.trial.claim import Expectation, Sample
from validation.trial.evidence import FEW, Samples

Floats = NDArray[np.float64]


LEAST = 1e-3
"""Of a dispersion that is told from none."""


class Scores(Protocol):
    """How the scores of some comparisons vary together, from replicate to replicate."""

    @property
    def words(self) -> str:
        """Where that is known from."""
        ...

    def draw(self, studies: int, replicates: int, rng: np.random.Generator) -> Floats:
        """Normal scores of each comparison, shape (studies, replicates, comparisons)."""
        ...

    def shaped(self, place: int, scores: Floats) -> Floats:
        """Scores of a comparison with the law that they have where the truth is as predicted."""
        ...


@dataclass(frozen=True)
class Independent:
    """Scores that have nothing to do with each other."""

    comparisons: int
    words: str = "independent draws"

    def draw(self, studies: int, replicates: int, rng: np.random.Generator) -> Floats:
        return rng.standard_normal((studies, replicates, self.comparisons))

    def shaped(self, place: int, scores: Floats) -> Floats:
        return scores


@dataclass(frozen=True)
class Pool:
    """Whole replicates, drawn from so many that those are the population.

    What is drawn are normal scores, by the order of the values; chance orders those that are equal.
    """

    values: Floats
    """Shape (replicates, comparisons)."""
    words: str

    @cached_property
    def _scores(self) -> Floats:
        chance = np.random.default_rng(0).random(self.values.shape)
        ranks = np.lexsort((chance, self.values), axis=0).argsort(axis=0)
        return np.asarray(special.ndtri((ranks + 0.5) / len(ranks)))

    def draw(self, studies: int, replicates: int, rng: np.random.Generator) -> Floats:
        return self._scores[rng.integers(len(self.values), size=(studies, replicates))]

    def shaped(self, place: int, scores: Floats) -> Floats:
        away = self.values[:, place] - self.values[:, place].mean()
        if _constant(self.values)[place]:
            return scores
        normal = special.ndtri((np.arange(len(away)) + 0.5) / len(away))
        return np.interp(scores, normal, np.sort(away) / away.std())


def _constant(values: Floats) -> NDArray[np.bool_]:
    """Which comparisons do not vary, up to rounding."""
    return np.asarray(np.ptp(values, axis=0) <= 1e-12 * np.maximum(1.0, np.abs(values).max(axis=0)))


@dataclass(frozen=True)
class Few:
    """Normal scores, correlated as in a few replicates.

    The correlations of few replicates are uncertain: they are shrunk to none by the share lambda
    that costs least in the mean square (Schäfer & Strimmer 2005, equation 10).
    """

    values: Floats
    """Shape (replicates, comparisons); at least three replicates."""
    words: str

    @cached_property
    def _standardised(self) -> Floats:
        away = self.values - self.values.mean(axis=0)
        constant = _constant(self.values)
        spread = np.where(constant, 1.0, away.std(axis=0, ddof=1))
        return np.where(constant, 0.0, away / spread)

    @cached_property
    def shrinkage(self) -> float:
        """lambda, in [0, 1]."""
        seen, count = self._standardised, len(self._standardised)
        products = seen[:, :, None] * seen[:, None, :]
        correlation = products.sum(axis=0) / (count - 1)
        variance = count / (count - 1) ** 3 * ((products - products.mean(axis=0)) ** 2).sum(axis=0)
        others = ~np.eye(seen.shape[1], dtype=bool)
        squares = float((correlation[others] ** 2).sum())
        return min(1.0, float(variance[others].sum()) / squares) if squares else 1.0

    def draw(self, studies: int, replicates: int, rng: np.random.Generator) -> Floats:
        seen, count = self._standardised, len(self._standardised)
        mixed = rng.standard_normal((studies, replicates, count)) @ seen / math.sqrt(count - 1)
        own = rng.standard_normal(mixed.shape)
        # What has no spread in these replicates has none in the mixture.
        lone = np.where(seen.any(axis=0), math.sqrt(self.shrinkage), 1.0)
        return math.sqrt(1 - self.shrinkage) * mixed + lone * own

    def shaped(self, place: int, scores: Floats) -> Floats:
        return scores


@dataclass(frozen=True)
class Joined:
    """Parts that have nothing to do with each other, side by side."""

    parts: Sequence[Scores]
    comparisons: Sequence[int]
    """Of each part."""

    @property
    def words(self) -> str:
        return "; ".join(dict.fromkeys(part.words for part in self.parts))

    def draw(self, studies: int, replicates: int, rng: np.random.Generator) -> Floats:
        drawn = [part.draw(studies, replicates, rng) for part in self.parts]
        return np.concatenate(drawn, axis=-1)

    def shaped(self, place: int, scores: Floats) -> Floats:
        for part, comparisons in zip(self.parts, self.comparisons, strict=True):
            if place < comparisons:
                return part.shaped(place, scores)
            place -= comparisons
        raise IndexError(place)


def observed(expectation: Expectation, truth: float, scores: Floats) -> Floats:
    """Replicates with these scores around a truth, with the spread and trials of the expectation.

    The last axis of the scores holds the replicates of a study. A proportion has a law of whole
    numbers, skewed near 0 and 1, as proportions are; Student's t must bear it.
    """
    trials, spread = expectation.trials, expectation.spread
    if trials is None:
        return np.asarray(truth + spread * scores)
    truth = min(max(truth, 0.0), 1.0)
    few = min(truth, 1 - truth) * trials * scores.shape[-1] < FEW
    heights = _heights(truth, trials, 1.0 if few else _dispersion(expectation))
    # A normal score becomes the quantile of the law that lies as high.
    counts = np.searchsorted(heights, special.ndtr(scores))
    return np.asarray(np.minimum(counts / (len(heights) - 1), 1.0))


def _dispersion(expectation: Expectation) -> float:
    """Variance of a proportion in units of that of its independent trials, as predicted."""
    room = expectation.expected * (1 - expectation.expected)
    if not expectation.trials or expectation.spread == 0 or room <= 0:
        return 1.0
    return expectation.spread**2 * expectation.trials / room


def _heights(truth: float, trials: int, dispersion: float) -> Floats:
    """Distribution function of the successes in one replicate.

    Beta-binomial where they vary more than independent trials do; where they vary less, binomial of
    more trials.
    """
    if dispersion <= 1 + LEAST or truth in (0, 1):
        number = max(1, round(trials / dispersion))
        return np.asarray(special.bdtr(np.arange(number + 1.0), number, truth))
    # Trials of a replicate are correlated; nine tenths is nearly one answer for all of them.
    correlation = min((dispersion - 1) / max(trials - 1, 1), 0.9)
    shape = 1 / correlation - 1
    counts = np.arange(trials + 1.0)
    logarithms = -special.betaln(counts + 1, trials - counts + 1)
    logarithms += special.betaln(counts + truth * shape, trials - counts + (1 - truth) * shape)
    shares = np.exp(logarithms - logarithms.max())
    return np.asarray(np.cumsum(shares / shares.sum()))


def draw(
    expectation: Expectation, truth: float, replicates: int, rng: np.random.Generator
) -> Sample:
    """One study of one comparison."""
    trials = expectation.trials and expectation.trials * replicates
    return Sample(observed(expectation, truth, rng.standard_normal(replicates)), trials)


def at_looks(expectation: Expectation, values: Floats, looks: Sequence[int]) -> list[Samples]:
    """Samples of many studies as they are at each look; values of shape (studies, replicates)."""
    found = []
    for replicates in looks:
        seen = values[:, :replicates]
        mean, deviation = seen.mean(axis=1), seen.std(axis=1, ddof=1)
        if expectation.trials is not None or expectation.spread == 0:
            same = (seen == seen[:, :1]).all(axis=1)
            mean, deviation = np.where(same, seen[:, 0], mean), np.where(same, 0.0, deviation)
        trials = expectation.trials and expectation.trials * replicates
        found.append(Samples(mean, deviation, replicates, trials))
    return found
