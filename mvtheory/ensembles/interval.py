"""Intervals of scores, from what the members and the samples leave unknown."""

import numpy as np
from scipy import special

from mvtheory.ensembles.curve import Curve, Sizes
from mvtheory.ensembles.posterior import LARGEST

HIGHEST = {"accuracy": 1.0, "log_loss": np.inf, "brier": 2.0, "calibration_error": 1.0}


def interval(
    curve: Curve, name: str, sizes: Sizes, confidence: float, new_samples: bool
) -> tuple[Sizes, Sizes]:
    """Bounds that hold a score with probability `confidence`: on these samples, or on new ones."""
    value, error = curve.at(name, sizes), curve.members_error(name, sizes)
    if new_samples:
        error = np.hypot(error, curve.samples_error(name, sizes))
    reach = float(special.ndtri((1 + confidence) / 2)) * error
    if name == "accuracy" and curve.geometric is not None:
        return _of_lottery(curve, sizes, value, reach)
    return np.maximum(value - reach, 0), np.minimum(value + reach, HIGHEST[name])


def _of_lottery(curve: Curve, sizes: Sizes, value: Sizes, reach: Sizes) -> tuple[Sizes, Sizes]:
    """Of an error 1 - A that falls geometrically, on the scale of its logarithm.

    That nothing is left of it in the limit is the theory of lotteries; what no network knows shows
    in none of them, so that the limit is no better known than a large ensemble.
    """
    if np.isinf(sizes).any():
        largest = np.array([float(LARGEST)])
        low, _ = _of_lottery(
            curve, largest, curve.at("accuracy", largest), reach[np.isinf(sizes)][:1]
        )
    wrong = np.maximum(1 - value, 1e-300)
    factor = np.exp(np.minimum(reach / wrong, 700.0))
    bottom = np.maximum(1 - wrong * factor, 0)
    if np.isinf(sizes).any():
        bottom = np.where(np.isinf(sizes), low[0], bottom)
    return bottom, np.minimum(1 - wrong / factor, 1)
