"""What a claim is, and the rule that turns observations into a verdict.

The rule is an equivalence test: a claim is not believed because a difference failed to be
significant, but because the interval of the observation lies inside a range fixed beforehand.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

CONFIDENCE = 0.95


class Verdict(StrEnum):
    HOLDS = "HOLDS"
    FAILS = "FAILS"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Expectation:
    """A number predicted before training, and the range in which an observation confirms it.

    `predicted` is the theory's asymptotic value; `finite_size`, where the theory has one, its
    value at the sizes used. The range [low, high] holds both and the margin around them.
    """

    panel: str
    series: str
    x: float | str
    predicted: float
    low: float
    high: float
    finite_size: float | None = None
    band: tuple[float, float] | None = None
    """Where the mean of the replicates lies with 95 % probability if the theory is exact."""


@dataclass(frozen=True)
class Comparison:
    """An expectation with what was observed, and the verdict on it."""

    expectation: Expectation
    observed: float
    standard_error: float
    interval: tuple[float, float]
    replicates: int
    verdict: Verdict
    replicates_to_decide: int | None = None

    @property
    def difference(self) -> float:
        return self.observed - self.expectation.predicted


@dataclass(frozen=True)
class Claim:
    """A statement of the theory that trained networks can hold or refute.

    `settings(preset)` lists what must be trained; `expect(setting)` predicts from the setting
    alone, before anything is trained; `observe(measured)` gives, in the same order, a sample of
    independent replicates for each expectation, with the number of independent trials in it.
    """

    name: str
    title: str
    statement: str
    sources: tuple[str, ...]
    formulas: tuple[str, ...]
    assumptions: tuple[str, ...]
    margin: str
    change: str
    panels: dict[str, tuple[str, str]]
    """Axis labels (x, y) of each panel of the figure."""
    settings: Callable[[str], tuple[Any, ...]]
    expect: Callable[[Any], list[Expectation]]
    observe: Callable[[Any], list[tuple[Sequence[float], int]]]
    remarks: Callable[[list[Comparison], list[Any]], list[str]] = field(
        default=lambda comparisons, measured: []
    )


def mean_interval(sample: ArrayLike, confidence: float, trials: int) -> tuple[float, float]:
    """Confidence interval of the mean of independent replicates between 0 and 1.

    Student's t; where all replicates agree, and t would claim certainty, the exact
    (Clopper-Pearson) bound on the share of the `trials` lotteries that could still differ.
    """
    values = np.asarray(sample, dtype=float)
    mean = float(values.mean())
    if values.size > 1 and np.ptp(values) > 0:
        half = stats.t.isf((1 - confidence) / 2, values.size - 1) * stats.sem(values)
        # The mean itself lies in [0, 1]: what the interval has beyond is no possibility.
        return max(0.0, mean - float(half)), min(1.0, mean + float(half))
    half = 1 - ((1 - confidence) / 2) ** (1 / trials)
    return max(0.0, mean - half), min(1.0, mean + half)


def compare(
    expectation: Expectation, sample: Sequence[float], trials: int, comparisons: int
) -> Comparison:
    """Judge one expectation among `comparisons` of the same claim.

    HOLDS when the 95 % interval lies inside [low, high]: a claim holds only if all of its
    comparisons do, so no correction is due (intersection-union test; Berger 1982). FAILS when
    the interval at Bonferroni's level is disjoint from it, since one failure is enough to
    refute the claim. Otherwise INCONCLUSIVE.
    """
    values = np.asarray(sample, dtype=float)
    mean = float(values.mean())
    low, high = mean_interval(values, CONFIDENCE, trials)
    wide_low, wide_high = mean_interval(values, 1 - (1 - CONFIDENCE) / comparisons, trials)
    if expectation.low <= low and high <= expectation.high:
        verdict = Verdict.HOLDS
    elif wide_high < expectation.low or wide_low > expectation.high:
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.INCONCLUSIVE
    error = float(stats.sem(values)) if values.size > 1 else math.nan
    needed = None
    if verdict is Verdict.INCONCLUSIVE and error > 0:
        distance = min(abs(mean - expectation.low), abs(mean - expectation.high))
        quantile = stats.norm.isf((1 - CONFIDENCE) / 2)
        needed = math.ceil((quantile * error / max(distance, 1e-3)) ** 2 * values.size)
        needed = max(needed, values.size + 1)
    return Comparison(expectation, mean, error, (low, high), values.size, verdict, needed)


def verdict_of(comparisons: Sequence[Comparison]) -> Verdict:
    """A claim holds if every comparison does and fails if one does."""
    verdicts = {comparison.verdict for comparison in comparisons}
    if not verdicts:
        raise ValueError("comparisons is empty: a claim without observations has no verdict")
    for decisive in (Verdict.FAILS, Verdict.INCONCLUSIVE):
        if decisive in verdicts:
            return decisive
    return Verdict.HOLDS
