"""What a sample says of a mean: intervals and the p-values that belong to them.

Student's t, from scipy; for proportions whose successes or failures are few, or whose replicates
all agree, the exact binomial law (Clopper & Pearson 1934) of their independent trials. Interval
and p-value are two views of one test: the interval at confidence 1 - a leaves out a number
exactly when its two-sided p-value is below a. Every p-value is computed for one sample or, by the
same lines, for many of one size at once.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from validation.trial.claim import Expectation, Sample

Floats = NDArray[np.float64]
FEW = 5
"""Below so many successes or failures the mean of a proportion is not taken as normal."""


@dataclass(frozen=True)
class Samples:
    """Many samples of one number, of equal size, by what tests need of them."""

    mean: Floats
    """Of each sample, any shape."""
    deviation: Floats
    """Of a replicate, as estimated from each sample; exactly 0 where its replicates agree."""
    count: int
    """Replicates in each."""
    trials: int | None = None
    """As of `Sample`: in all replicates of a sample together."""


def _count(sample: Sample | Samples) -> int:
    return sample.count if isinstance(sample, Samples) else sample.values.size


def successes(sample: Sample | Samples) -> tuple[Any, Any]:
    """Number of successes among the trials, rounded down and up: the mean may be fractional."""
    assert sample.trials is not None
    count = sample.mean * sample.trials
    return np.floor(count + 1e-6), np.ceil(count - 1e-6)


def is_exact(sample: Sample | Samples) -> Any:
    """Whether the binomial law is used in place of Student's."""
    if sample.trials is None:
        return False
    few = np.minimum(sample.mean, 1 - sample.mean) * sample.trials < FEW
    return few | (_count(sample) < 2) | (sample.deviation == 0)


def _student(sample: Sample | Samples) -> tuple[Any, Any, int]:
    """Mean, its standard error and degrees of freedom; an infinite error where none is known."""
    count = _count(sample)
    error = np.asarray(sample.deviation) / math.sqrt(count)
    # Replicates that agree to the last digit say nothing of how much others would differ.
    return sample.mean, np.where(error == 0, math.inf, error), max(count - 1, 1)


def p_above(sample: Sample | Samples, bound: float) -> Any:
    """One-sided p-value of mean <= bound: small when the sample lies above it."""
    mean, error, freedom = _student(sample)
    p_value = special.stdtr(freedom, (bound - mean) / error)
    if sample.trials is None:
        return p_value
    count, _ = successes(sample)
    # P(X >= count) at the bound; a proportion cannot lie below 0 nor above 1.
    exact = special.bdtrc(count - 1, sample.trials, min(max(bound, 0.0), 1.0))
    return np.where(is_exact(sample), exact, p_value)[()]


def p_below(sample: Sample | Samples, bound: float) -> Any:
    """One-sided p-value of mean >= bound: small when the sample lies below it."""
    mean, error, freedom = _student(sample)
    p_value = special.stdtr(freedom, (mean - bound) / error)
    if sample.trials is None:
        return p_value
    _, count = successes(sample)
    exact = special.bdtr(count, sample.trials, min(max(bound, 0.0), 1.0))
    return np.where(is_exact(sample), exact, p_value)[()]


def p_inside(sample: Sample | Samples, expectation: Expectation) -> Any:
    """p-value of the mean lying outside the range: two one-sided tests (Schuirmann 1987).

    At level a it is significant exactly when the interval at confidence 1 - a lies inside; for
    a range open on one side, the one-sided interval.
    """
    low, high = expectation.low, expectation.high
    sides = [] if low is None else [p_above(sample, low)]
    sides += [] if high is None else [p_below(sample, high)]
    return np.minimum(1.0, len(sides) * np.maximum.reduce(sides))


def p_outside(sample: Sample | Samples, expectation: Expectation) -> Any:
    """p-value of the mean lying inside the range: small when the interval is disjoint from it."""
    low, high = expectation.low, expectation.high
    sides = [] if low is None else [p_below(sample, low)]
    sides += [] if high is None else [p_above(sample, high)]
    return np.minimum(1.0, len(sides) * np.minimum.reduce(sides))


def clopper_pearson(least: int, most: int, trials: int, tail: float) -> tuple[float, float]:
    """Proportions under which so many successes, or so few, have a probability of `tail`."""
    return (
        float(special.betaincinv(least, trials - least + 1, tail)) if least else 0.0,
        float(special.betainccinv(most + 1, trials - most, tail)) if most < trials else 1.0,
    )


def interval(sample: Sample, expectation: Expectation, confidence: float) -> tuple[float, float]:
    """Interval of the mean at this confidence, one-sided where the range is.

    What it has beyond [0, 1] for a proportion is no possibility and is cut.
    """
    sides = (expectation.low is not None) + (expectation.high is not None)
    tail = (1 - confidence) / sides
    if is_exact(sample):
        down, up = map(int, successes(sample))
        low, high = clopper_pearson(down, up, sample.trials or 0, tail)
    else:
        mean, error, freedom = _student(sample)
        half = -float(special.stdtrit(freedom, tail)) * error
        low, high = mean - half, mean + half
        if sample.trials is not None:
            low, high = max(0.0, low), min(1.0, high)
    smallest, largest = (0.0, 1.0) if sample.trials is not None else (-math.inf, math.inf)
    return (
        float(low) if expectation.low is not None else smallest,
        float(high) if expectation.high is not None else largest,
    )
