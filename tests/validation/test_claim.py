"""Verdicts: the rule, its error rates, its corner cases."""

import numpy as np
import pytest
from scipy import stats

from validation.claim import Expectation, Verdict, compare, mean_interval, verdict_of


def judge(sample, low=0.45, high=0.55, comparisons=1):
    return compare(Expectation("c", "s", 1, 0.5, low, high), sample, 80, comparisons)


def test_interval_is_students():
    sample = [0.4, 0.5, 0.7, 0.65]
    low, high = mean_interval(sample, 0.95, trials=4)
    reference = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    assert (low, high) == pytest.approx((reference.low, reference.high))


def test_replicates_that_agree_get_an_exact_interval_not_certainty():
    low, high = mean_interval([1.0] * 8, 0.95, trials=80)
    assert high == 1
    assert low == pytest.approx(stats.beta.ppf(0.025, 80, 1))  # Clopper-Pearson, 80 of 80
    assert mean_interval([0.5], 0.95, trials=1) == (0.0, 1.0)


def test_verdicts():
    assert judge([0.49, 0.50, 0.51, 0.50]).verdict is Verdict.HOLDS
    assert judge([0.59, 0.60, 0.61, 0.60]).verdict is Verdict.FAILS
    undecided = judge([0.3, 0.5, 0.7, 0.5])
    assert undecided.verdict is Verdict.INCONCLUSIVE
    assert undecided.replicates_to_decide > 4
    assert undecided.difference == pytest.approx(0)


def test_failing_is_corrected_for_the_number_of_comparisons():
    sample = [0.55, 0.57, 0.59, 0.60, 0.58]
    assert judge(sample).verdict is Verdict.FAILS
    assert judge(sample, comparisons=20).verdict is Verdict.INCONCLUSIVE


def test_a_claim_holds_only_if_everything_does():
    holds, fails, open_ = (
        judge([0.49, 0.50, 0.51]),
        judge([0.69, 0.70, 0.71]),
        judge([0.3, 0.5, 0.7]),
    )
    assert verdict_of([holds, holds]) is Verdict.HOLDS
    assert verdict_of([holds, open_]) is Verdict.INCONCLUSIVE
    assert verdict_of([open_, fails]) is Verdict.FAILS
    with pytest.raises(ValueError, match="comparisons is empty"):
        verdict_of([])


def test_error_rates_on_simulated_studies():
    """False HOLDS and false FAILS at the border are each at most 2.5 % for one comparison.

    4000 studies: a rate of 2.5 % is measured with deviation .0025, so 4 deviations are .035.
    """
    rng = np.random.default_rng(5)
    studies = rng.normal(0.55, 0.03, size=(4000, 8))
    verdicts = [judge(study).verdict for study in studies]
    assert verdicts.count(Verdict.HOLDS) / 4000 <= 0.035
    assert verdicts.count(Verdict.FAILS) / 4000 <= 0.035
    inside = [judge(study).verdict for study in rng.normal(0.5, 0.02, size=(1000, 8))]
    assert inside.count(Verdict.HOLDS) / 1000 > 0.99
