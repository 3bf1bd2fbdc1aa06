"""How many replicates: the power analysis and the looks at which more are added."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from validation.trial.claim import Comparison, Expectation, Verdict
from validation.trial.evidence import FEW
from validation.trial.verdict import ALPHA, Decision, level

Floats = NDArray[np.float64]
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
    powers: dict[str, float]
    """Power of each claim to HOLD at the first look if the prediction is exact."""
    hardest: dict[str, Expectation]
    """The comparison of each claim that is least certain to pass."""


def power(expectation: Expectation, replicates: int, alpha: float) -> float:
    """Probability that the interval at confidence 1 - alpha lies inside the range.

    The truth is taken to be the prediction (at finite size where there is one), the spread of a
    replicate the one that the theory expects.
    """
    return float(powers([expectation], replicates, alpha)[0])


def powers(expectations: Sequence[Expectation], replicates: int, alpha: float) -> Floats:
    """`power` of each of them, shape (expectations,)."""
    truth, spread, trials, low, high = np.array(
        [
            (e.expected, e.spread, e.trials or 0, *(math.nan if b is None else b for b in ends))
            for e in expectations
            for ends in [(e.low, e.high)]
        ]
    ).T
    tail = alpha / (np.isfinite(low).astype(int) + np.isfinite(high))
    trials *= replicates
    exact = (trials > 0) & (np.minimum(truth, 1 - truth) * trials < FEW)
    missing = np.zeros(len(truth))
    # An upper bound on a proportion is a lower one on its complement.
    for distance, proportion, bound in (
        (truth - low, truth, low),
        (high - truth, 1 - truth, 1 - high),
    ):
        few, many = (chosen & np.isfinite(distance) for chosen in (exact, ~exact))
        missing[few] += _too_few(trials[few], proportion[few], bound[few], tail[few])
        missing[many] += _t_missing(distance[many], spread[many], replicates, tail[many])
    return np.asarray(np.maximum(0.0, 1 - missing))


def _t_missing(distance: Floats, spread: Floats, replicates: int, tail: Floats) -> Floats:
    """Probability that Student's one-sided test misses a bound so far from the truth."""
    # Beyond 30 the noncentral t has no digits left, and no doubt either.
    effect = np.full(len(distance), 30.0)
    np.divide(distance * math.sqrt(replicates), spread, out=effect, where=spread > 0)
    critical = -special.stdtrit(replicates - 1, tail)
    missed = special.nctdtr(replicates - 1, np.clip(effect, 0.0, 30.0), critical)
    return np.where(distance <= 0, 1.0, np.where(spread > 0, missed, 0.0))


def _too_few(trials: Floats, truth: Floats, bound: Floats, tail: Floats) -> Floats:
    """Probability that successes are too few to be significant against a proportion <= bound."""
    bound = np.clip(bound, 0.0, 1.0)
    # The smallest count c with P(X >= c) <= tail, and below it one more try: rounding.
    within = np.clip(bound, 1e-12, 1 - 1e-16)
    count = np.ceil(special.bdtrik(1 - tail, trials, within)) + 1
    whole = trials.astype(int)
    count -= special.bdtrc(count - 2, whole, bound) <= tail
    return np.asarray(special.bdtr(count - 1, whole, truth))


def claim_power(expectations: Sequence[Expectation], replicates: int, alpha: float) -> float:
    """Lower bound on the probability that every comparison passes (Bonferroni)."""
    return max(0.0, 1 - float((1 - powers(expectations, replicates, alpha)).sum()))


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
        {name: claim_power(e, needed[name], strictest) for name, e in claims.items()},
        {name: e[int(powers(e, needed[name], strictest).argmin())] for name, e in claims.items()},
    )


def _replicates(expectations: Sequence[Expectation], target: float, alpha: float) -> int:
    """Fewest replicates with the power wanted, or MOST if that is not enough.

    Power need not grow steadily where counts are few, hence no bisection.
    """
    return next(
        (n for n in range(LEAST, MOST) if claim_power(expectations, n, alpha) >= target), MOST
    )


def replicates_to_decide(comparison: Comparison, decision: Decision) -> int | None:
    """Replicates at which an undecided comparison would be decided in 9 of 10 repetitions.

    If its observed mean and spread were the true ones, at the level of the next look. None if it
    is decided, or would hardly ever be.
    """
    expected, error = comparison.expectation, comparison.standard_error
    if comparison.verdict is not Verdict.INCONCLUSIVE or not error:
        return None
    borders = [abs(comparison.observed - b) for b in (expected.low, expected.high) if b is not None]
    spread = error * comparison.replicates**0.5
    one_border = Expectation(
        expected.panel, expected.series, expected.x, 0.0, -max(min(borders), 1e-12), None, spread
    )
    # The next look spends half, shared by the sides of the range.
    alpha = decision.hold_level / 2 / len(borders)
    least, most = comparison.replicates + 1, comparison.replicates + 1
    while power(one_border, most, alpha) < 0.9:
        if most > 10**6:
            return None
        least, most = most, 2 * most
    while least < most:
        middle = (least + most) // 2
        if power(one_border, middle, alpha) < 0.9:
            least = middle + 1
        else:
            most = middle
    return most
