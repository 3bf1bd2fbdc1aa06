"""How many replicates: the power analysis and the looks at which more are added."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats
from statsmodels.stats.power import TTestPower

from validation.claim import Expectation
from validation.evidence import FEW
from validation.verdict import ALPHA, level

LEAST = 6
"""Fewer replicates estimate their own spread too badly: t at 5 degrees of freedom is 2.6."""
MOST = 1000
"""More replicates are not planned: a claim that needs them has a margin too small to decide."""
GROWTH, LOOKS = 1.5, 3
"""Each look has GROWTH times the replicates of the one before; there are LOOKS of them."""


@dataclass(frozen=True)
class Design:
    """Replicates of every claim at each look, and the power planned for the first."""

    looks: dict[str, tuple[int, ...]]
    """The first look has the fewest replicates with which the claim reaches the target."""
    target: float
    powers: dict[str, float]
    """Power of each claim to HOLD at the first look if the prediction is exact."""
    hardest: dict[str, Expectation]
    """The comparison of each claim that is least certain to pass."""


def power(expectation: Expectation, replicates: int, alpha: float) -> float:
    """Probability that the interval at confidence 1 - alpha lies inside the range.

    The truth is taken to be the prediction (at finite size where there is one), the spread of a
    replicate the one that the theory expects.
    """
    low, high, truth = expectation.low, expectation.high, expectation.expected
    tail = alpha / ((low is not None) + (high is not None))
    trials = None if expectation.trials is None else expectation.trials * replicates
    if trials is not None and min(truth, 1 - truth) * trials < FEW:
        passing = 1.0
        if low is not None:
            least = _least_count(trials, low, tail)
            passing -= float(stats.binom.cdf(least - 1, trials, truth))
        if high is not None:
            most = trials - _least_count(trials, 1 - high, tail)
            passing -= float(stats.binom.sf(most, trials, truth))
        return max(0.0, passing)
    missing = 0.0
    for distance in ([] if low is None else [truth - low]) + (
        [] if high is None else [high - truth]
    ):
        if distance <= 0:
            return 0.0
        if expectation.spread > 0:
            # Beyond 30 the test's noncentral t has no digits left, and no doubt either.
            effect = min(distance / expectation.spread, 30 / math.sqrt(replicates))
            missing += 1 - float(TTestPower().power(effect, replicates, tail, alternative="larger"))
    return max(0.0, 1 - missing)


def _least_count(trials: int, bound: float, tail: float) -> int:
    """Smallest number of successes that is significant against a proportion <= bound."""
    # P(X >= c) <= tail.
    return int(stats.binom.isf(tail, trials, min(max(bound, 0.0), 1.0))) + 1


def claim_power(expectations: Sequence[Expectation], replicates: int, alpha: float) -> float:
    """Lower bound on the probability that every comparison passes (Bonferroni)."""
    missing = sum(1 - power(expectation, replicates, alpha) for expectation in expectations)
    return max(0.0, 1 - missing)


def design(claims: dict[str, Sequence[Expectation]], target: float, alpha: float = ALPHA) -> Design:
    """Plan the replicates of a run.

    Parameters
    ----------
    claims : dict
        For each claim its expectations and requirements over all settings.
    target : float in (0, 1)
        Power that each claim is to reach at the first look, at Holm's strictest level.
    alpha : float
        Error rate of the whole run.
    """
    strictest = level(1, alpha) / len(claims)
    needed = {
        name: _replicates(expectations, target, strictest) for name, expectations in claims.items()
    }
    return Design(
        {
            name: tuple(math.ceil(first * GROWTH**look) for look in range(LOOKS))
            for name, first in needed.items()
        },
        target,
        {name: claim_power(e, needed[name], strictest) for name, e in claims.items()},
        {
            name: min(e, key=lambda one: power(one, needed[name], strictest))
            for name, e in claims.items()
        },
    )


def _replicates(expectations: Sequence[Expectation], target: float, alpha: float) -> int:
    """Fewest replicates with the power wanted, or MOST if that is not enough.

    Power need not grow steadily where counts are few, hence no bisection.
    """
    return next(
        (n for n in range(LEAST, MOST) if claim_power(expectations, n, alpha) >= target), MOST
    )
