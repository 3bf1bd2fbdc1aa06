"""What a sample says of a mean: intervals and the p-values that belong to them.

Student's t, from scipy; for proportions whose successes or failures are few, or whose replicates
all agree, the exact binomial law (Clopper & Pearson 1934) of their independent trials. Other
replicates that all agree say nothing of how much more of them would differ: then the normal law of
the spread that was planned for is taken, and a number planned to have none is certain. Interval
and p-value are two views of one test: the interval at confidence 1 - a leaves out a number
exactly when its two-sided p-value is below a.
"""

import math

from scipy import special

from validation.trial.claim import Expectation, Sample

FEW = 5
"""Below so many successes or failures the mean of a proportion is not taken as normal."""


def successes(sample: Sample) -> tuple[int, int]:
    """Number of successes among the trials, rounded down and up: the mean may be fractional."""
    assert sample.trials is not None
    count = sample.mean * sample.trials
    return math.floor(count + 1e-6), math.ceil(count - 1e-6)


def is_exact(sample: Sample) -> bool:
    """Whether the binomial law is used in place of Student's."""
    if sample.trials is None:
        return False
    few = min(sample.mean, 1 - sample.mean) * sample.trials < FEW
    return few or sample.values.size < 2 or sample.deviation == 0


def is_certain(sample: Sample, expectation: Expectation) -> bool:
    """Whether a number that was said to have no spread has none: one observation then decides."""
    return expectation.spread == 0 and sample.deviation == 0 and not is_exact(sample)


def _student(sample: Sample, spread: float) -> tuple[float, float, float]:
    """Mean, its standard error and degrees of freedom; an infinite error where none is known."""
    count = sample.values.size
    if sample.deviation == 0:
        return sample.mean, spread / math.sqrt(count), math.inf
    return sample.mean, sample.deviation / math.sqrt(count), max(count - 1, 1)


def _tail(freedom: float, at: float) -> float:
    return float(special.ndtr(at) if math.isinf(freedom) else special.stdtr(freedom, at))


def p_above(sample: Sample, bound: float, spread: float = math.inf) -> float:
    """One-sided p-value of mean <= bound: small when the sample lies above it.

    `spread` is that of a replicate as planned, for replicates that all agree.
    """
    if is_exact(sample):
        count, _ = successes(sample)
        # P(X >= count) at the bound; a proportion cannot lie below 0 nor above 1.
        return float(special.bdtrc(count - 1, sample.trials, min(max(bound, 0.0), 1.0)))
    mean, error, freedom = _student(sample, spread)
    return _tail(freedom, (bound - mean) / error)


def p_below(sample: Sample, bound: float, spread: float = math.inf) -> float:
    """One-sided p-value of mean >= bound: small when the sample lies below it."""
    if is_exact(sample):
        _, count = successes(sample)
        return float(special.bdtr(count, sample.trials, min(max(bound, 0.0), 1.0)))
    mean, error, freedom = _student(sample, spread)
    return _tail(freedom, (mean - bound) / error)


def p_inside(sample: Sample, expectation: Expectation) -> float:
    """p-value of the mean lying outside the range: two one-sided tests (Schuirmann 1987).

    At level a it is significant exactly when the interval with tails `tail(expectation, a)` lies
    inside.
    """
    low, high, spread = expectation.low, expectation.high, expectation.spread
    if is_certain(sample, expectation):
        return 0.0 if is_within(sample, expectation) else 1.0
    sides = [] if low is None else [p_above(sample, low, spread)]
    sides += [] if high is None else [p_below(sample, high, spread)]
    return min(1.0, len(sides) * max(sides))


def is_within(sample: Sample, expectation: Expectation) -> bool:
    """Whether the mean itself lies in the range."""
    low, high = expectation.low, expectation.high
    return (low is None or low <= sample.mean) and (high is None or sample.mean <= high)


def p_outside(sample: Sample, expectation: Expectation) -> float:
    """p-value of the mean lying inside the range: small when the interval is disjoint from it."""
    low, high, spread = expectation.low, expectation.high, expectation.spread
    if is_certain(sample, expectation):
        return 1.0 if is_within(sample, expectation) else 0.0
    sides = [] if low is None else [p_below(sample, low, spread)]
    sides += [] if high is None else [p_above(sample, high, spread)]
    return min(1.0, len(sides) * min(sides))


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
        down, up = successes(sample)
        return clopper_pearson(down, up, sample.trials or 0, tail)
    mean, error, freedom = _student(sample, expectation.spread)
    quantile = special.ndtri(tail) if math.isinf(freedom) else special.stdtrit(freedom, tail)
    half = -float(quantile) * error
    low, high = mean - half, mean + half
    if sample.trials is not None:
        low, high = max(0.0, low), min(1.0, high)
    return low, high
