"""Intervals of scores, from what the members and the samples leave unknown."""

import numpy as np
from scipy import special

from mvtheory.ensembles.curve import Curve, Sizes
from mvtheory.ensembles.geometric import Geometric

LIKE_LIMIT = 64.0
"""Networks of a lottery than which infinitely many are no better known."""
HIGHEST = {"accuracy": 1.0, "log_loss": np.inf, "brier": 2.0, "calibration_error": 1.0}


def interval(
    curve: Curve, name: str, sizes: Sizes, confidence: float, new_samples: bool
) -> tuple[Sizes, Sizes]:
    """Bounds that hold a score with probability `confidence`: on these samples, or on new ones."""
    value, quantile = curve.at(name, sizes), float(special.ndtri((1 + confidence) / 2))
    if name == "accuracy" and curve.geometric is not None:
        down, up = _of_lottery(curve.geometric, value, sizes, quantile)
        # Of so few samples a share below one of them is none as likely as not.
        up = np.where(1 - value - up < 1 / curve.samples, 1 - value, up)
    else:
        down = up = quantile * curve.members_error(name, sizes)
    if new_samples:
        samples = quantile * curve.samples_error(name, sizes)
        down, up = np.hypot(down, samples), np.hypot(up, samples)
    return np.maximum(value - down, 0), np.minimum(value + up, HIGHEST[name])


def _of_lottery(law: Geometric, value: Sizes, sizes: Sizes, quantile: float) -> tuple[Sizes, Sizes]:
    """How far an accuracy may lie below and above, on the scale of log(1 - A).

    That nothing is left of the error in the limit is the theory of lotteries; what no network knows
    shows in none of them, so that the limit is no better known than a large ensemble. Nor are
    more networks worse than those at hand.
    """
    limit, most = np.isinf(sizes), float(law.networks)

    def wrong_at_most(networks: Sizes) -> Sizes:
        exponent = np.minimum(quantile * law.log_error(networks), 700.0)
        return np.asarray((1 - law.accuracy(networks)) * np.exp(exponent))

    wrong = wrong_at_most(np.where(limit, LIKE_LIMIT, sizes))
    at_hand = wrong_at_most(np.array([most]))[0]
    wrong = np.where(sizes > most, np.minimum(wrong, at_hand), wrong)
    shrunk = np.zeros(len(sizes))
    shrunk[~limit] = np.exp(-quantile * law.log_error(sizes[~limit]))
    return wrong - (1 - law.accuracy(sizes)), (1 - value) * (1 - shrunk)
