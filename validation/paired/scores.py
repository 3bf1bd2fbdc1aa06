"""Paired tests of scores that are any numbers: of their differences, item by item."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]
EXACT = 20
"""Up to so many items that differ, all ways to exchange the models are counted."""
FLIPS = 100_000
"""Beyond, so many are drawn."""
BLOCK = 2_000_000


def sign_flips(differences: Floats, seed: int = 0) -> float:
    """Two-sided p-value of models that may be exchanged (Fisher 1935).

    Then every difference might as well have the other sign. The share of all 2^n ways to give them
    signs in which the mean is as far from 0; of many items a sample of the ways, which counts the
    one that was seen (Phipson & Smyth 2010), so that the level is kept exactly.

    >>> sign_flips(np.array([0.5, 1.0, 0.25, 0.0]))
    0.25
    """
    own = differences[differences != 0]
    if not own.size:
        return 1.0
    # Sums of the same numbers in another order are rounded otherwise.
    seen = abs(float(own.sum())) - 1e-9 * float(np.abs(own).sum())
    if own.size <= EXACT:
        sums = np.zeros(1)
        for value in own:
            sums = np.concatenate([sums + value, sums - value])
        return float((np.abs(sums) >= seen).mean())
    rng = np.random.default_rng(seed)
    further, drawn = 0, 0
    while drawn < FLIPS:
        ways = min(FLIPS - drawn, max(1, BLOCK // own.size))
        signs = 2.0 * rng.integers(2, size=(ways, own.size), dtype=np.int8) - 1
        further += int((np.abs(signs @ own) >= seen).sum())
        drawn += ways
    return (further + 1) / (FLIPS + 1)


def _error(differences: Floats) -> tuple[float, float, int]:
    """Mean, its standard error, and degrees of freedom."""
    count = differences.size
    spread = float(differences.std(ddof=1))
    # What is left by rounding, where all differences are the same.
    spread *= spread > 1e-12 * float(np.abs(differences).max())
    return float(differences.mean()), spread / math.sqrt(count), count - 1


def p_above(differences: Floats, bound: float) -> float:
    """One-sided p-value of a mean difference <= bound, by Student's t."""
    mean, error, freedom = _error(differences)
    if error == 0:
        return 0.0 if mean > bound else 1.0
    return float(special.stdtr(freedom, (bound - mean) / error))


def interval(differences: Floats, confidence: float) -> tuple[float, float]:
    """Of the mean difference, by Student's t."""
    mean, error, freedom = _error(differences)
    half = float(special.stdtrit(freedom, 0.5 + confidence / 2)) * error
    return mean - half, mean + half


def detectable(differences: Floats, alpha: float, wanted: float) -> float:
    """Smallest mean difference that Student's t shows with the power wanted; nan without error."""
    _, error, freedom = _error(differences)
    if error == 0:
        return math.nan
    critical = float(special.stdtrit(freedom, 1 - alpha / 2))

    def short(effect: float) -> float:
        return 1 - float(special.nctdtr(freedom, effect, critical)) - wanted

    return error * float(optimize.brentq(short, 0.0, critical + 30))
