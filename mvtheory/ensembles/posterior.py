r"""Ensembles larger than the members at hand, simulated sample by sample.

Logits of a network on a sample are z = m + noise, with a mean m over all starts and a covariance S
of its own. The n members say about m what n draws say about their mean: it is normal about their
average, with covariance S / n, and a little nearer to 0, as if m were normal itself with the
variance that samples have beyond their noise (Stein's shrinkage). The label says more: among the
possible m those are likelier under which it is likely. With P(y | m) = softmax(b m)_y, as of a
network whose temperature is to be mended, a sample's possible m are weighed by it, and an ensemble
of N networks is N draws about each m.

Without this weight further members would only be predicted to add noise: what an ensemble gains is
that the label sides with m where m and the average of n disagree. So the rate b matters, near ties
most, and is fitted to pairs: how often the label is the first of the two highest classes of m and
not the second, as their difference grows (maximum likelihood, by expectation-maximisation over the
possible m).

S is known from n - 1 residuals. It is taken as their sum and that of PRIOR further ones from a
covariance that all samples share, in the order of their classes by rank, scaled to the sample:
the mean of an inverse Wishart posterior. How much scales differ from sample to sample is estimated
from how much more the sizes of residuals differ than those of normal ones would.

Our extension. It gives back a + b/N where noise is small against the differences between classes,
and the samples' own curves where it is not; `benchmarks/ensembles.py` holds it against others.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from mvtheory.ensembles.averages import contributions
from mvtheory.ensembles.reduced import Reduced
from mvtheory.ensembles.subsets import Scores
from mvtheory.scores import of_label, share_right
from mvtheory.shapes import Float, Floats, Int, Integers

PRIOR = 6.0
"""Residuals that the covariance shared by all samples counts for."""
DRAWS = 32
"""Possible means of a sample: weights of fewer are too even."""
LARGEST = 32
"""Networks in the largest ensemble simulated; beyond it scores are linear in 1/N."""
SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, LARGEST)
MOST_SHRUNK = 0.9
"""Of the way to 0: a mean of pure noise is not moved altogether."""
FITTED = 20_000
"""Samples to which the rate is fitted."""
BLOCK = 4096
"""Samples in a block: the draws of one stay in the cache."""
ROUNDS = 6
"""Of expectation-maximisation; the rate changes by less than a percent after four."""
TINY = 1e-30
"""Of a spread, where all logits are alike."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """Scores of ensembles of SIZES networks, in the order of `subsets.SCORES`.

    Attributes
    ----------
    scores, votes : arrays, shape (4, sizes) and (sizes,)
        Of the average; accuracy of the majority's vote.
    error : float
        Standard error of the accuracy on these samples for knowing n members only.
    rate : float
        b.
    """

    scores: Float[Floats, "scores sizes"]
    votes: Float[Floats, " sizes"]
    error: float
    rate: float


@dataclass(frozen=True, eq=False)
class Posterior:
    """What the members leave possible."""

    reduced: Reduced
    seed: int = 0

    @cached_property
    def centred(self) -> Float[Floats, "networks kept samples"]:
        logits = self.reduced.logits
        return np.asarray(logits - logits.mean(axis=1, keepdims=True))

    @cached_property
    def mean(self) -> Float[Floats, "kept samples"]:
        return np.asarray(self.centred.mean(axis=0))

    @cached_property
    def rest(self) -> Float[Floats, " samples"]:
        """exp of what is left out, beside the centred logits."""
        shift = self.reduced.logits.mean(axis=1)
        return np.asarray(np.exp(self.reduced.rest - shift).mean(axis=0))

    @cached_property
    def residuals(self) -> Float[Floats, "networks kept samples"]:
        """Scaled so that the sum of their squares is the sample's covariance."""
        return np.asarray((self.centred - self.mean) / np.float32((len(self.centred) - 1) ** 0.5))

    @cached_property
    def scatter(self) -> Float[Floats, " samples"]:
        """Sum of the variances of a sample's logits, by its residuals alone."""
        squares = np.einsum("nks,nks->s", self.residuals, self.residuals, dtype=np.float64)
        return np.asarray(squares)

    @cached_property
    def shared(self) -> Float[Floats, "kept kept"]:
        """The covariance that all samples share, in the mean."""
        every = self.residuals.swapaxes(0, 1).reshape(len(self.mean), -1)
        return np.asarray(every @ every.T / self.mean.shape[1], dtype=float)

    @cached_property
    def scale(self) -> Float[Floats, " samples"]:
        """Deviation of a sample's noise relative to that of all; 1 where all are without noise.

        The scatter of normal residuals has the relative variance 2/f, f = (n-1) Tr(S)^2 / Tr(S^2);
        what it has beyond that, c, is that of scales; a sample's own scatter counts f against
        2/c + 2, as with scales of an inverse gamma law.
        """
        mean, squared = float(np.trace(self.shared)), float((self.shared**2).sum())
        if mean == 0:
            return np.ones(len(self.scatter), dtype=np.float32)
        freedom = (len(self.centred) - 1) * mean**2 / squared
        spread = float(self.scatter.var()) / mean**2
        beyond = max((spread - 2 / freedom) / (1 + 2 / freedom), 1e-3)
        prior = 2 / beyond + 2
        own = (freedom * self.scatter / mean + prior) / (freedom + prior)
        return np.asarray(np.sqrt(own), dtype=np.float32)

    @cached_property
    def own(self) -> float:
        """Share of a sample's own residuals in its covariance."""
        return (len(self.centred) - 1) / (len(self.centred) - 1 + PRIOR)

    @cached_property
    def shrinkage(self) -> Float[Floats, " samples"]:
        """Of means towards 0: the share of their noise in what all of them vary by.

        Over all classes, not the kept ones alone: that these stand highest by their luck too does
        not change what their means are likely to be.
        """
        all_means, noise = float(self.reduced.spread.mean()), self.reduced.noise
        if all_means == 0:
            return np.zeros(len(noise), dtype=np.float32)
        noise = self.own * noise + (1 - self.own) * self.scale**2 * noise.mean()
        share = noise / len(self.centred) / all_means
        return np.asarray(np.minimum(share, MOST_SHRUNK), dtype=np.float32)

    def noise(self, rows: slice, count: int, rng: np.random.Generator) -> Floats:
        """Of further members, shape (count, kept, samples), in single precision."""
        residuals = self.residuals[:, :, rows]
        _, kept, samples = residuals.shape
        values, vectors = np.linalg.eigh(self.shared)
        root = vectors * np.sqrt(np.maximum(values, 0) * (1 - self.own))
        drawn = root.astype(np.float32) @ rng.standard_normal(
            (count, kept, samples), dtype=np.float32
        )
        drawn *= self.scale[rows]
        for residual in residuals * np.float32(self.own**0.5):
            drawn += rng.standard_normal((count, 1, samples), dtype=np.float32) * residual
        return np.asarray(drawn)

    def covariance_times(self, rows: slice, vector: Floats) -> Float[Floats, "kept samples"]:
        """S v of every sample."""
        residuals = self.residuals[:, :, rows]
        along = np.einsum("nks,ks->ns", residuals, vector)
        own = self.own * np.einsum("nks,ns->ks", residuals, along)
        return np.asarray(own + (1 - self.own) * self.scale[rows] ** 2 * (self.shared @ vector))

    def away(self, rows: slice, rng: np.random.Generator) -> Floats:
        """How means may differ from the middle, shape (DRAWS, kept, samples), in pairs."""
        half = self.noise(rows, DRAWS // 2, rng)
        half *= np.sqrt((1 - self.shrinkage[rows]) / np.float32(len(self.centred)))
        return np.concatenate([half, -half])

    def means(self, rows: slice, away: Floats, rate: float) -> tuple[Floats, Floats]:
        """Possible means, shape (DRAWS, kept, samples), and their weights, (DRAWS, samples).

        They are drawn where the label makes them likely: about a middle that is moved by the slope
        of log P(label | mean), as a normal law is that is weighed by an exponential. The weights
        are of what that leaves out; without the move few draws would bear nearly all weight.
        """
        share, place = 1 - self.shrinkage[rows], self.reduced.place[rows]
        middle = self.mean[:, rows] * share
        slope = -rate * contributions(rate * middle, "probabilities")
        slope[place, np.arange(len(place))] += rate
        moved = self.covariance_times(rows, slope) * (share / len(self.centred))
        means = (middle + moved).astype(np.float32) + away
        gaps = rate * (means - of_label(means, place)[:, None])
        top = gaps.max(axis=1)
        log = -top - np.log(np.exp(gaps - top[:, None]).sum(axis=1))
        log = log - np.einsum("dks,ks->ds", means, slope)
        weights = np.exp(log - log.max(axis=0), dtype=np.float64)
        return means, weights / weights.sum(axis=0)

    @cached_property
    def rate(self) -> float:
        """b, fitted to the two highest classes of the possible means."""
        drawn = [(rows, self.away(rows, rng)) for rows, rng in self.blocks(FITTED)]
        rate = 1 / max(float(np.sqrt(self.reduced.spread.mean())), TINY)
        for _ in range(ROUNDS):
            margins, weights = [], []
            for rows, away in drawn:
                means, weight = self.means(rows, away, rate)
                own = of_label(means, self.reduced.place[rows])
                second, first = np.partition(means, -2, axis=1)[:, -2:].swapaxes(0, 1)
                sign = np.where(own == first, 1, np.where(own == second, -1, 0))
                margins.append((sign * (first - second)).ravel())
                weights.append(weight.ravel())
            margin, weight = np.concatenate(margins), np.concatenate(weights)
            if not (margin < 0).any() or not (margin > 0).any():
                return rate  # every label is the first, or none: nothing is left to be told
            # In units of the margins' own size, so that the bounds fit any scale of logits.
            told = margin != 0
            unit = float(np.abs(margin[told]).mean())
            rate = _logistic(margin[told] / unit, weight[told]) / unit
        return rate

    def blocks(self, most: int | None = None) -> "list[tuple[slice, np.random.Generator]]":
        """Blocks of samples, each with random numbers of its own."""
        samples = self.mean.shape[1]
        starts = range(0, samples, BLOCK)
        if most is not None and samples > most:
            starts = range(0, samples, BLOCK)[:: max(1, samples // most)]
        return [
            (slice(start, min(start + BLOCK, samples)), np.random.default_rng([self.seed, start]))
            for start in starts
        ]


def simulate(reduced: Reduced, average: str, seed: int = 0) -> Simulated:
    """Scores of ensembles of SIZES networks made of further members, on the same samples."""
    posterior = Posterior(reduced, seed)
    scores = Scores(len(SIZES), least=float(np.finfo(np.float32).tiny))
    votes, variance = np.zeros(len(SIZES)), 0.0
    for rows, rng in posterior.blocks():
        place = reduced.place[rows]
        means, weights = posterior.means(rows, posterior.away(rows, rng), posterior.rate)
        known = of_label(means, place) == means.max(axis=1)
        right = np.minimum(np.einsum("ds,ds->s", weights, known), 1)
        variance += float(right @ (1 - right))
        noise = posterior.noise(rows, LARGEST, rng)
        for draw, (mean, weight) in enumerate(zip(means, weights, strict=True)):
            # Each possible mean hears the same further members, beginning with another one.
            order = np.roll(np.arange(LARGEST), -draw)
            _one_draw(
                mean, noise[order], posterior.rest[rows], place, weight, average, scores, votes
            )
    samples = len(reduced.place)
    return Simulated(scores.means(), votes / samples, variance**0.5 / samples, posterior.rate)


def _one_draw(
    mean: Floats,
    noise: Floats,
    rest: Floats,
    place: Int[Integers, " samples"],
    weight: Float[Floats, " samples"],
    average: str,
    scores: Scores,
    votes: Float[Floats, " sizes"],
) -> None:
    """Let the members join one after another, and add up what the ensembles of SIZES score."""
    total, counts = np.zeros_like(mean), np.zeros_like(mean)
    joined = 0
    for row, size in enumerate(SIZES):
        logits = mean + noise[joined:size]
        joined = size
        vote = contributions(logits, "vote").sum(axis=0)
        counts += vote
        if average == "vote":
            total += vote
        elif average == "logits":
            total += logits.sum(axis=0)
        else:
            total += _with_rest(logits, rest).sum(axis=0)
        now = total / np.float32(size)
        said = _with_rest(now, rest) if average == "logits" else now
        scores.add(row, now, said, place, weight)
        votes[row] += weight @ share_right(counts, place)


def _with_rest(logits: Floats, rest: Floats) -> Floats:
    """Probabilities of the kept classes beside those left out."""
    top = logits.max(axis=-2, keepdims=True)
    shares = np.exp(logits - top)
    return np.asarray(shares / (shares.sum(axis=-2, keepdims=True) + rest * np.exp(-top)))


def _logistic(margins: Floats, weight: Floats) -> float:
    """The rate b of a logistic model without intercept, P(sign) = 1 / (1 + exp(-b margin))."""

    def loss(log_rate: float) -> float:
        return float(weight @ np.logaddexp(0, -np.exp(log_rate) * margins))

    found = optimize.minimize_scalar(loss, bounds=(-9, 9), method="bounded",
                                     options={"xatol": 1e-3})  # fmt: skip
    return float(np.exp(found.x))
