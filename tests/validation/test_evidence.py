"""Intervals and p-values against scipy, statsmodels and each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from validation.trial.claim import Expectation, Sample
from validation.trial.evidence import (
    Samples,
    clopper_pearson,
    interval,
    is_exact,
    p_above,
    p_below,
    p_inside,
    p_outside,
    successes,
    tail,
)
from validation.trial.verdict import Case, judge


def expectation(low=0.45, high=0.55, trials=None):
    return Expectation("p", "s", 1, 0.5, low, high, spread=0.01, trials=trials)


def test_students_interval_and_p_values_are_those_of_scipy_and_statsmodels():
    values = [0.4, 0.5, 0.7, 0.65]
    sample = Sample.of(values)
    reference = stats.ttest_1samp(values, 0.45).confidence_interval(0.9)
    assert interval(sample, expectation(), 0.05) == pytest.approx((reference.low, reference.high))
    assert p_above(sample, 0.45) == pytest.approx(
        stats.ttest_1samp(values, 0.45, alternative="greater").pvalue
    )
    both, _, _ = DescrStatsW(values).ttost_mean(0.3, 0.9)
    assert p_inside(sample, expectation(0.3, 0.9)) == pytest.approx(2 * both)


def test_few_failures_get_the_exact_law():
    sample = Sample.of([1.0] * 8, trials=80)
    assert is_exact(sample)
    low, high = interval(sample, expectation(), 0.025)
    assert low == pytest.approx(stats.beta.ppf(0.025, 80, 1))  # Clopper-Pearson, 80 of 80
    assert high == 1
    assert p_above(sample, 0.95) == pytest.approx(
        stats.binomtest(80, 80, 0.95, alternative="greater").pvalue
    )
    few = Sample.of([0.99, 0.95, 0.98, 0.96], trials=100)
    assert is_exact(few)
    assert p_below(few, 0.995) == pytest.approx(
        stats.binomtest(97, 100, 0.995, alternative="less").pvalue
    )
    assert not is_exact(Sample.of([0.8, 0.9, 0.85], trials=100))
    assert is_exact(Sample.of([0.5], trials=30))


def test_replicates_that_agree_are_judged_by_the_spread_planned_for():
    """Of themselves they say nothing of how much others would differ."""
    sample = Sample.of([0.5, 0.5, 0.5, 0.5])
    assert p_above(sample, 0.0) == pytest.approx(0.5)
    half = stats.norm.ppf(0.975) * 0.01 / 2  # four replicates of deviation .01
    assert interval(sample, expectation(), 0.025) == pytest.approx((0.5 - half, 0.5 + half))
    assert p_inside(sample, expectation(0.49, 0.51)) == pytest.approx(2 * stats.norm.sf(2))
    assert p_outside(sample, expectation(0.3, 0.49)) == pytest.approx(2 * stats.norm.sf(2))
    assert p_inside(Sample.of([0.5]), expectation()) == 1  # one says nothing of its spread


def test_the_exact_law_is_used_for_fewer_than_ten():
    """Of 160 trials: 10 failures are 1/16, exactly."""
    ten, fewer = Sample.of([0.875, 1.0], 160), Sample.of([0.9, 1.0], 160)
    assert (is_exact(ten), is_exact(fewer)) == (False, True)
    assert (is_exact(Sample.of([0.125, 0.0], 160)), is_exact(Sample.of([0.1, 0.0], 160))) == (0, 1)
    # One replicate, or several that agree, have no spread to be judged by; without trials neither.
    assert is_exact(Sample.of([0.5], 80))
    assert is_exact(Sample.of([0.5, 0.5, 0.5], 80))
    assert not is_exact(Sample.of([0.5, 0.5, 0.5]))
    assert not is_exact(Sample.of([0.25, 0.75], 80))


def test_two_replicates_have_one_degree_of_freedom():
    sample = Sample.of([0.4, 0.5])
    reference = stats.ttest_1samp([0.4, 0.5], 0.3, alternative="greater")
    assert p_above(sample, 0.3) == pytest.approx(reference.pvalue)
    assert p_below(sample, 0.6) == pytest.approx(reference.pvalue)
    low, high = interval(sample, expectation(), 0.1)
    assert (low, high) == pytest.approx(stats.t.interval(0.8, 1, 0.45, 0.05))


def test_fractional_counts_are_rounded_against_each_decision():
    sample = Sample.of([0.97, 1.0, 0.98], 100)  # 98.33 of 100
    assert successes(sample) == (98, 99)
    assert successes(Sample.of([0.97, 0.99], 100)) == (98, 98)
    assert p_above(sample, 0.9) == pytest.approx(stats.binom.sf(97, 100, 0.9))
    assert p_below(sample, 0.995) == pytest.approx(stats.binom.cdf(99, 100, 0.995))
    low, high = interval(sample, expectation(), 0.05)
    # Clopper and Pearson: 98 successes and more, 99 and fewer, are as seldom as the tail.
    assert stats.binom.sf(97, 100, low) == pytest.approx(0.05)
    assert stats.binom.cdf(99, 100, high) == pytest.approx(0.05)
    assert p_above(sample, -0.2) == 0
    assert p_above(sample, 1.2) == 1
    assert p_below(sample, -0.2) == 1
    assert p_below(sample, 1.2) == 0
    none, every = Sample.of([0.0, 0.0], 40), Sample.of([1.0, 1.0], 40)
    assert interval(none, expectation(), 0.025)[0] == 0
    assert interval(every, expectation(), 0.025)[1] == 1
    assert clopper_pearson(3, 3, 40, 0.025) == pytest.approx(
        tuple(stats.binomtest(3, 40).proportion_ci(0.95, "exact"))
    )


def test_intervals_of_proportions_end_at_0_and_1():
    wide = Sample.of([0.05, 0.95, 0.4], 300)
    assert not is_exact(wide)
    assert interval(wide, expectation(), 0.005) == (0.0, 1.0)
    low, high = interval(Sample.of([0.05, 0.95, 0.4]), expectation(), 0.005)
    assert low < 0
    assert high > 1


def test_many_samples_are_judged_like_each():
    rng = np.random.default_rng(4)
    values = np.round(rng.beta(8, 1, (200, 6)), 1)
    values[:3] = values[:3, :1]  # they agree
    share, bound = expectation(0.85, None, 30), expectation(0.46, None)
    for trials, expected in ((None, expectation()), (60, share), (None, bound), (6000, share)):
        for spread in (0.01, 0.0):
            planned = replace(expected, spread=spread)
            every = [Sample.of(own, trials) for own in values]
            means, deviations = (
                np.array([getattr(s, name) for s in every]) for name in ("mean", "deviation")
            )
            together = Samples(means, deviations, 6, trials)
            for test in (p_inside, p_outside):
                alone = [test(sample, planned) for sample in every]
                assert test(together, planned).tolist() == alone


def test_a_number_that_is_certain_is_decided():
    """Planned without spread and seen without: the range it lies in holds it, its ends too."""
    sample = Sample.of([0.5, 0.5])
    for low, high, inside in (
        (0.4, 0.6, 1), (0.5, 0.6, 1), (0.4, 0.5, 1), (0.5, None, 1), (None, 0.5, 1),
        (0.51, 0.6, 0), (0.3, 0.49, 0), (0.51, None, 0), (None, 0.49, 0),
    ):  # fmt: skip
        certain = replace(expectation(low, high), spread=0.0)
        assert (p_inside(sample, certain), p_outside(sample, certain)) == (1 - inside, inside)
        assert interval(sample, certain, 0.025) == (0.5, 0.5)
        (decision,) = judge([Case([certain], [sample])], look=1)
        assert decision.verdict == ("HOLDS" if inside else "FAILS")
    varied = replace(expectation(), spread=0.0)
    assert 0 < p_inside(Sample.of([0.5, 0.51]), varied) < 1  # not certain after all


def test_bounds_are_one_sided():
    values = [0.5, 0.52, 0.51, 0.55, 0.5]
    sample = Sample.of(values)
    bound = expectation(low=0.48, high=None)
    assert p_inside(sample, bound) == pytest.approx(
        stats.ttest_1samp(values, 0.48, alternative="greater").pvalue
    )
    assert p_outside(sample, bound) == pytest.approx(1 - p_inside(sample, bound))
    low, high = interval(sample, bound, tail(bound, 0.05))
    for end, side in ((low, "greater"), (high, "less")):
        reference = stats.ttest_1samp(values, 0.48, alternative=side).confidence_interval(0.95)
        assert end == pytest.approx(reference.low if side == "greater" else reference.high)
    assert tail(expectation(), 0.05) == 0.025  # shared by the sides


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=12),
    st.sampled_from([None, 40, 4000]),
    st.sampled_from([(0.3, 0.7), (0.5, None), (None, 0.6)]),
    st.sampled_from([0.1, 0.05, 0.005]),
)
def test_interval_and_p_value_are_one_test(values, trials, ends, alpha):
    """Inside the range at confidence 1 - a exactly if p_inside <= a; disjoint if p_outside <= a."""
    sample = Sample.of(np.round(values, 3), trials)
    expected = expectation(*ends, trials)
    low, high = interval(sample, expected, tail(expected, alpha))
    inside = (ends[0] is None or low > ends[0]) and (ends[1] is None or high < ends[1])
    outside = (ends[0] is not None and high < ends[0]) or (ends[1] is not None and low > ends[1])
    for p, decided in ((p_inside, inside), (p_outside, outside)):
        value = p(sample, expected)
        if decided:
            assert value <= alpha + 1e-12
        # The exact test rounds a fractional count against each decision, the interval for both.
        elif not is_exact(sample):
            assert value > alpha - 1e-12


@pytest.mark.parametrize("share", [0.002, 0.02, 0.3, 0.9, 0.995])
def test_exact_coverage_is_never_below_what_it_says(share):
    """10,000 samples of 8 replicates of 25 trials: the 95 % interval holds the truth in 95 %."""
    rng = np.random.default_rng(11)
    held = 0
    for values in rng.binomial(25, share, (10_000, 8)) / 25:
        sample = Sample.of(values, trials=200)
        low, high = interval(sample, expectation(0.1, 0.9), 0.025)
        held += low <= share <= high
    # Where Student's t is used on 8 binomial replicates it may lack a little; 1 % is allowed for
    # that, and 4 deviations of the count.
    assert held / 10_000 >= 0.94 - 4 * np.sqrt(0.05 * 0.95 / 10_000)


def test_samples_are_checked():
    for values, trials in (([], None), ([np.nan], None), ([[0.1]], None), ([1.2], 5)):
        with pytest.raises(ValueError, match="values="):
            Sample.of(values, trials)


def test_p_values_are_no_more_than_1():
    far, within = Sample.of([0.8, 0.9]), Sample.of([0.49, 0.51])
    assert p_inside(far, expectation()) == 1
    assert p_outside(within, expectation(0.3, 0.7)) == 1
