"""What a sample says of a mean: intervals and the p-values that belong to them.

Student's t, from scipy; for proportions whose successes or failures are few, or whose replicates
all agree, the exact binomial law (Clopper & Pearson 1934) of their independent trials. Other
replicates that all agree say nothing of how much more of them would differ: then the normal law of
the spread that was planned for is taken, and a number planned to have none is certain. Interval
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


def is_certain(sample: Sample | Samples, expectation: Expectation) -> Any:
    """Whether a number that was said to have no spread has none: one observation then decides."""
    agree = np.equal(sample.deviation, 0) & np.logical_not(is_exact(sample))
    return (expectation.spread == 0) & agree


def _lower_tail(sample: Sample | Samples, distance: Any, spread: float) -> Any:
    """P(less than a distance from the mean): Student's, or normal where all replicates agree."""
    count, agree = _count(sample), np.equal(sample.deviation, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = distance / (np.where(agree, spread, sample.deviation) / math.sqrt(count))
    return np.where(agree, special.ndtr(at), special.stdtr(max(count - 1, 1), at))[()]


def p_above(sample: Sample | Samples, bound: float, spread: float = math.inf) -> Any:
    """One-sided p-value of mean <= bound: small when the sample lies above it.

    `spread` is that of a replicate as planned, for replicates that all agree.
    """
    p_value = _lower_tail(sample, bound - sample.mean, spread)
    if sample.trials is None:
        return p_value
    count, _ = successes(sample)
    # P(X >= count) at the bound; a proportion cannot lie below 0 nor above 1.
    exact = special.bdtrc(count - 1, sample.trials, min(max(bound, 0.0), 1.0))
    return np.where(is_exact(sample), exact, p_value)[()]


def p_below(sample: Sample | Samples, bound: float, spread: float = math.inf) -> Any:
    """One-sided p-value of mean >= bound: small when the sample lies below it."""
    p_value = _lower_tail(sample, sample.mean - bound, spread)
    if sample.trials is None:
        return p_value
    _, count = successes(sample)
    exact = special.bdtr(count, sample.trials, min(max(bound, 0.0), 1.0))
    return np.where(is_exact(sample), exact, p_value)[()]


def p_inside(sample: Sample | Samples, expectation: Expectation) -> Any:
    """p-value of the mean lying outside the range: two one-sided tests (Schuirmann 1987).

    At level a it is significant exactly when the interval with tails `tail(expectation, a)` lies
    inside.
    """
    low, high, spread = expectation.low, expectation.high, expectation.spread
    sides = [] if low is None else [p_above(sample, low, spread)]
    sides += [] if high is None else [p_below(sample, high, spread)]
    p_value = np.minimum(1.0, len(sides) * np.maximum.reduce(sides))
    outside = np.logical_not(is_within(sample, expectation))
    return np.where(is_certain(sample, expectation), outside, p_value)[()]


def is_within(sample: Sample | Samples, expectation: Expectation) -> Any:
    """Whether the mean itself lies in the range."""
    low, high = expectation.low, expectation.high
    above = low is None or np.greater_equal(sample.mean, low)
    return np.logical_and(above, high is None or np.less_equal(sample.mean, high))


def p_outside(sample: Sample | Samples, expectation: Expectation) -> Any:
    """p-value of the mean lying inside the range: small when the interval is disjoint from it."""
    low, high, spread = expectation.low, expectation.high, expectation.spread
    sides = [] if low is None else [p_below(sample, low, spread)]
    sides += [] if high is None else [p_above(sample, high, spread)]
    p_value = np.minimum(1.0, len(sides) * np.minimum.reduce(sides))
    within = is_within(sample, expectation)
    return np.where(is_certain(sample, expectation), within, p_value)[()]


def clopper_pearson(least: int, most: int, trials: int, tail: float) -> tuple[float, float]:
    """Proportions under which so many successes, or so few, have a probability of `tail`."""
    return (
        float(special.betaincinv(least, trials - least + 1, tail)) if least else 0.0,
        float(special.betainccinv(most + 1, trials - most, tail)) if most < trials else 1.0,
    )


def tail(expectation: Expectation, level: float) -> float:
    """Error of each end of the interval by which a range is tested at this level: a bound has it
    to itself."""
    return level / ((expectation.low is not None) + (expectation.high is not None))


def interval(sample: Sample, expectation: Expectation, tail: float) -> tuple[float, float]:
    """Both ends of an interval of the mean, each of which is wrong with probability `tail`.

    What it has beyond [0, 1] for a proportion is no possibility and is cut.
    """
    if is_exact(sample):
        down, up = map(int, successes(sample))
        return clopper_pearson(down, up, sample.trials or 0, tail)
    count, agree = sample.values.size, sample.deviation == 0
    quantile = special.ndtri(tail) if agree else special.stdtrit(max(count - 1, 1), tail)
    spread = expectation.spread if agree else sample.deviation
    half = -float(quantile) * spread / math.sqrt(count)
    low, high = sample.mean - half, sample.mean + half
    if sample.trials is not None:
        low, high = max(0.0, low), min(1.0, high)
    return low, high
