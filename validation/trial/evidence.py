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
FEW = 10
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
    return (expectation.spread == 0) & (sample.deviation == 0) & np.logical_not(is_exact(sample))


def _error(sample: Sample | Samples, spread: float) -> tuple[Any, Any]:
    """Standard error of the mean and its degrees of freedom, endless where the spread is that
    which was planned for."""
    agree = np.equal(sample.deviation, 0)
    error = np.where(agree, spread, sample.deviation) / math.sqrt(_count(sample))
    return error, np.where(agree, math.inf, max(_count(sample) - 1, 1))


def _tail(away: Any, error: Any, freedom: Any) -> Any:
    """Probability that a mean lies so far below another."""
    # Where there is no error the number is certain, and this is not asked.
    at = np.divide(away, error, out=np.zeros(np.shape(error)), where=error > 0)
    return np.where(np.isinf(freedom), special.ndtr(at), special.stdtr(freedom, at))[()]


def p_above(sample: Sample | Samples, bound: float, spread: float = math.inf) -> Any:
    """One-sided p-value of mean <= bound: small when the sample lies above it.

    `spread` is that of a replicate as planned, for replicates that all agree.
    """
    p_value = _tail(bound - sample.mean, *_error(sample, spread))
    if sample.trials is None:
        return p_value
    count, _ = successes(sample)
    # P(X >= count) at the bound; a proportion cannot lie below 0 nor above 1.
    exact = special.bdtrc(count - 1, sample.trials, min(max(bound, 0.0), 1.0))
    return np.where(is_exact(sample), exact, p_value)[()]


def p_below(sample: Sample | Samples, bound: float, spread: float = math.inf) -> Any:
    """One-sided p-value of mean >= bound: small when the sample lies below it."""
    p_value = _tail(sample.mean - bound, *_error(sample, spread))
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
    certain = np.where(is_within(sample, expectation), 0.0, 1.0)
    return np.where(is_certain(sample, expectation), certain, p_value)[()]


def is_within(sample: Sample | Samples, expectation: Expectation) -> Any:
    """Whether the mean itself lies in the range."""
    low = -math.inf if expectation.low is None else expectation.low
    high = math.inf if expectation.high is None else expectation.high
    return (low <= sample.mean) & (sample.mean <= high)


def p_outside(sample: Sample | Samples, expectation: Expectation) -> Any:
    """p-value of the mean lying inside the range: small when the interval is disjoint from it."""
    low, high, spread = expectation.low, expectation.high, expectation.spread
    sides = [] if low is None else [p_below(sample, low, spread)]
    sides += [] if high is None else [p_above(sample, high, spread)]
    p_value = np.minimum(1.0, len(sides) * np.minimum.reduce(sides))
    certain = np.where(is_within(sample, expectation), 1.0, 0.0)
    return np.where(is_certain(sample, expectation), certain, p_value)[()]


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
    error, freedom = map(float, _error(sample, expectation.spread))
    quantile = special.ndtri(tail) if math.isinf(freedom) else special.stdtrit(freedom, tail)
    half = -float(quantile) * error
    low, high = sample.mean - half, sample.mean + half
    if sample.trials is not None:
        low, high = max(0.0, low), min(1.0, high)
    return low, high
