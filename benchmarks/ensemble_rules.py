"""Rules by which others, or simpler models, predict the accuracy of larger ensembles.

Each takes labels, shape (N,), and the members' logits, shape (n, N, K), and predicts the accuracy
of ensembles of so many networks (mean probabilities); infinity is allowed.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from mvtheory.ensembles.averages import contributions

Rule = Callable[[NDArray, NDArray, NDArray], NDArray]
DRAWS = 16


def subset_accuracies(labels: NDArray, outputs: NDArray) -> NDArray:
    """Mean accuracies over all subsets of 1 to n members, shape (n,)."""
    count = len(outputs)
    return np.array(
        [
            np.mean(
                [
                    (outputs[list(subset)].mean(axis=0).argmax(axis=1) == labels).mean()
                    for subset in combinations(range(count), size)
                ]
            )
            for size in range(1, count + 1)
        ]
    )


def softmax(logits: NDArray) -> NDArray:
    return contributions(logits.swapaxes(-1, -2), "probabilities").swapaxes(-1, -2)


def no_gain(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """As all members together."""
    return np.full(len(sizes), subset_accuracies(labels, softmax(logits))[-1])


def inverse(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """a + b/N through the subsets, by least squares."""
    known = subset_accuracies(labels, softmax(logits))
    slope, limit = np.polyfit(1 / np.arange(1, len(known) + 1), known, 1)
    return limit + slope / sizes


def power_law(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """a - b N^-c through the subsets (Lobacheva et al., 2020); two members leave c = 1."""
    known = subset_accuracies(labels, softmax(logits))
    if len(known) < 3:
        return inverse(labels, logits, sizes)
    at = np.arange(1.0, len(known) + 1)
    found = optimize.least_squares(
        lambda p: p[0] - p[1] * at ** -p[2] - known,
        [known[-1], known[-1] - known[0], 1.0],
        bounds=([0, -1, 0.1], [1, 1, 4]),
    )
    limit, gain, power = found.x
    return limit - gain * sizes**-power


def simulation_extrapolation(order: int) -> Rule:
    """SIMEX: add noise of the members' covariance to their mean, and extrapolate to less of it.

    Noise of (1 + s)/n of a member's variance stands for an ensemble of n/(1 + s); a polynomial in s
    is continued to s = n/N - 1 (Cook & Stefanski, 1994).
    """
    added = np.array([0.0, 0.5, 1.0, 2.0])

    def rule(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
        outputs, rng = softmax(logits), np.random.default_rng(0)
        count, mean = len(outputs), outputs.mean(axis=0)
        away = (outputs - mean) / np.sqrt(count * (count - 1))
        right = np.zeros(len(added))
        for _ in range(DRAWS):
            noise = np.einsum("ns,nsk->sk", rng.standard_normal(outputs.shape[:2]), away)
            for place, more in enumerate(added):
                right[place] += ((mean + np.sqrt(more) * noise).argmax(axis=1) == labels).mean()
        return np.polyval(np.polyfit(added, right / DRAWS, order), count / sizes - 1)

    rule.__doc__ = f"SIMEX of order {order}"
    return rule


def normal_margins(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """Normal margins with a normal prior: each sample's mean is shrunk to that of all."""
    outputs = softmax(logits)
    count, rows = len(outputs), np.arange(len(labels))
    others = outputs.mean(axis=0)
    others[rows, labels] = -1
    margin = outputs[:, rows, labels] - outputs[:, rows, others.argmax(axis=1)]
    mean, own = margin.mean(axis=0), margin.var(axis=0, ddof=1)
    noise = ((count - 1) * own + 4 * own.mean()) / (count + 3)
    between = max(mean.var() - own.mean() / count, 1e-12)
    kept = between / (between + noise / count)
    middle = mean.mean() + kept * (mean - mean.mean())
    left = kept * noise / count
    deviation = np.sqrt(left + noise / sizes[:, None])
    return special.ndtr(middle / np.maximum(deviation, 1e-12)).mean(axis=1)


def dirichlet(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """Dirichlet outputs: means with the posterior that a flat prior gives, one concentration."""
    outputs, rng = softmax(logits), np.random.default_rng(0)
    count, mean = len(outputs), outputs.mean(axis=0)
    spread = (mean * (1 - mean)).sum(axis=1) / np.maximum(
        outputs.var(axis=0, ddof=1).sum(axis=1), 1e-6
    )
    concentration = np.clip(np.median(spread) - 1, 0.1, 1e4)
    right = np.zeros(len(sizes))
    for _ in range(DRAWS):
        middle = rng.standard_gamma(count * concentration * mean + 1 / mean.shape[1])
        middle /= middle.sum(axis=1, keepdims=True)
        for place, size in enumerate(np.minimum(sizes, 1e6)):
            drawn = rng.standard_gamma(size * concentration * middle + 1e-9)
            right[place] += (drawn.argmax(axis=1) == labels).mean()
    return right / DRAWS


def polarisation(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """A vote errs with 3/4 of E W^2, W the share of members that err: 4/3-polarised networks.

    Theisen et al. (2023), Kim et al. (2024).
    """
    wrong = logits.argmax(axis=2) != labels
    one = wrong.mean()
    two = np.mean([(a & b).mean() for a, b in combinations(wrong, 2)])
    return 1 - 0.75 * (one / sizes + (1 - 1 / sizes) * two)


def lottery(labels: NDArray, logits: NDArray, sizes: NDArray) -> NDArray:
    """1 - mu q^N, from how often one member and two are right."""
    right = logits.argmax(axis=2) == labels
    one = right.mean()
    two = np.mean([(a | b).mean() for a, b in combinations(right, 2)])
    left = (1 - two) / max(1 - one, 1e-12)
    return 1 - (1 - one) * left ** (np.minimum(sizes, 1e6) - 1)


RULES: dict[str, Rule] = {
    "no gain": no_gain,
    "a + b/N": inverse,
    "power law": power_law,
    "SIMEX": simulation_extrapolation(1),
    "SIMEX, second order": simulation_extrapolation(2),
    "normal margins": normal_margins,
    "Dirichlet": dirichlet,
    "4/3-polarisation": polarisation,
    "lottery": lottery,
}
