"""The power analysis against simulated studies."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from validation.trial.claim import Expectation, Sample, Verdict
from validation.trial.design import (
    GROWTH,
    LEAST,
    LOOKS,
    MOST,
    claim_power,
    design,
    power,
    replicates_to_decide,
)
from validation.trial.evidence import p_inside
from validation.trial.simulation import draw
from validation.trial.verdict import Decision, compare

STUDIES = 2000


@pytest.mark.parametrize(
    ("one", "replicates"),
    [
        (Expectation("p", "s", 1, 0.5, 0.46, 0.55, spread=0.03), 10),
        (Expectation("p", "s", 1, 0.5, 0.46, None, spread=0.03), 7),
        (Expectation("p", "s", 1, 0.99, 0.93, None, spread=0.03, trials=10), 12),
        (Expectation("p", "s", 1, 0.01, None, 0.08, spread=0.03, trials=10), 9),
        (Expectation("p", "s", 1, 0.3, 0.25, 0.36, spread=0.03, trials=200), 9),
    ],
)
def test_power_is_the_share_of_studies_that_pass(one, replicates):
    rng = np.random.default_rng(2)
    alpha = 0.02
    passed = sum(
        p_inside(draw(one, one.expected, replicates, rng), one) <= alpha for _ in range(STUDIES)
    )
    expected = power(one, replicates, alpha)
    assert 0.2 < expected < 0.999
    # 4 deviations; and 1 % for a mean that is only nearly normal, or Bonferroni's two sides.
    tolerance = 4 * np.sqrt(expected * (1 - expected) / STUDIES) + 0.01
    assert passed / STUDIES == pytest.approx(expected, abs=tolerance)


def test_power_outside_the_range_is_nothing():
    assert power(Expectation("p", "s", 1, 0.5, 0.5, 0.6, spread=0.1), 1000, 0.05) == 0


def test_the_first_look_has_the_power_wanted_and_no_more_replicates():
    easy = Expectation("p", "easy", 1, 0.5, 0.4, 0.6, spread=0.02)
    hard = Expectation("p", "hard", 1, 0.5, 0.48, 0.52, spread=0.02)
    chosen = design({"a": [easy], "b": [easy, hard]}, target=0.9)
    first = chosen.looks["b"][0]
    assert chosen.looks["a"][0] == LEAST < first
    assert chosen.hardest["b"] is hard
    strictest = 0.025 / 2
    assert claim_power([easy, hard], first, strictest) >= 0.9
    assert claim_power([easy, hard], first - 1, strictest) < 0.9
    for own in chosen.looks.values():
        assert len(own) == LOOKS
        assert own[1] == pytest.approx(own[0] * GROWTH, abs=1)


def test_a_margin_too_small_to_decide_is_not_planned_for_ever():
    hopeless = Expectation("p", "s", 1, 0.5, 0.4999, 0.5001, spread=0.2)
    assert design({"a": [hopeless]}, target=0.9).looks["a"][0] == MOST
    # A rehearsal of the machinery asks for no power, and is content with none.
    assert claim_power([hopeless], LEAST, 0.025) == 0
    assert design({"a": [hopeless]}, target=0.0).looks["a"][0] == LEAST


def test_the_rule_of_looks_is_that_of_the_plans():
    assert (LEAST, MOST, GROWTH, LOOKS) == (6, 1000, 1.5, 3)
    easy = Expectation("p", "easy", 1, 0.5, 0.4, 0.6, spread=0.02)
    chosen = design({"a": [easy]}, target=0.9)
    assert chosen.looks == {"a": (6, 9, 14)}
    assert chosen.powers["a"] == claim_power([easy], 6, 0.025)
    # A claim among more needs more, of a smaller error as well.
    hard = Expectation("p", "hard", 1, 0.5, 0.47, 0.53, spread=0.03)
    for count, alpha in ((1, 0.05), (7, 0.05), (7, 0.01)):
        found = design({str(n): [hard] for n in range(count)}, 0.9, alpha)
        first = found.looks["0"][0]
        strictest = alpha / 2 / count
        assert claim_power([hard], first, strictest) >= 0.9
        assert claim_power([hard], first - 1, strictest) < 0.9
        assert found.powers["0"] == claim_power([hard], first, strictest)


@pytest.mark.parametrize(
    ("low", "high"), [(0.46, 0.55), (0.46, None), (None, 0.55), (0.5, 0.6), (0.495, None)]
)
def test_power_of_a_mean_is_that_of_noncentral_t(low, high):
    one = Expectation("p", "s", 1, 0.5, low, high, spread=0.03)
    tail = 0.02 / ((low is not None) + (high is not None))
    missed = sum(
        stats.nct.cdf(stats.t.isf(tail, 8), 8, abs(end - 0.5) * 3 / 0.03) if end != 0.5 else 1
        for end in (low, high)
        if end is not None
    )
    assert power(one, 9, 0.02) == pytest.approx(max(0, 1 - missed), abs=1e-9)
    # Beyond 30 deviations, and without spread, nothing is missed but what cannot be reached.
    reached = 0.0 if 0.5 in (low, high) else 1.0
    assert power(replace(one, spread=1e-4), 9, 0.02) == pytest.approx(reached, abs=1e-12)
    assert power(replace(one, spread=0.0), 9, 0.02) == reached


@pytest.mark.parametrize(
    ("truth", "low", "high"),
    [
        (0.99, 0.93, None),
        (0.01, None, 0.06),
        (0.985, 0.9, 0.999),
        (0.99, 1.01, None),
        (0.01, -1, None),
        (0.99, None, 2),
    ],
)
def test_power_of_few_failures_is_that_of_the_binomial_law(truth, low, high):
    trials, tail = 7 * 20, 0.03 / ((low is not None) + (high is not None))
    counts = np.arange(trials + 1)
    shown = np.ones(trials + 1, dtype=bool)
    if low is not None:
        shown &= stats.binom.sf(counts - 1, trials, min(max(low, 0), 1)) <= tail
    if high is not None:
        shown &= stats.binom.cdf(counts, trials, min(high, 1)) <= tail
    share = stats.binom.pmf(counts, trials, truth)[shown].sum()
    one = Expectation("p", "s", 1, truth, low, high, spread=0.1, trials=20)
    assert power(one, 7, 0.03) == pytest.approx(share, abs=1e-9)


def test_power_changes_from_the_binomial_law_to_students_at_ten():
    """9 and 10 failures expected of 160 trials, exactly."""
    of_t = Expectation("p", "s", 1, 1 - 10 / 160, 0.9, None, spread=0.02)
    assert power(replace(of_t, trials=20), 8, 0.05) == power(of_t, 8, 0.05)
    fewer = replace(of_t, predicted=1 - 9 / 160)
    assert power(replace(fewer, trials=20), 8, 0.05) != power(fewer, 8, 0.05)


def test_the_power_of_a_claim_misses_with_any_of_its_comparisons():
    one = Expectation("p", "s", 1, 0.5, 0.47, None, spread=0.03)
    missed = 1 - power(one, 8, 0.02)
    assert 0.2 < missed < 0.5
    assert claim_power([one, one], 8, 0.02) == pytest.approx(max(0, 1 - 2 * missed))
    assert claim_power([one] * 9, 8, 0.02) == 0


def undecided_comparison(values, low=0.45, high=0.55, level=0.02):
    expected = Expectation("p", "s", 1, 0.5, low, high, spread=0.05)
    decision = Decision(Verdict.INCONCLUSIVE, 1, level, level)
    return compare(expected, Sample.of(values), decision), decision


@pytest.mark.parametrize("ends", [(0.45, 0.55), (0.45, None), (None, 0.55), (0.35, 0.49)])
def test_what_is_undecided_is_told_how_many_replicates_would_do(ends):
    rng = np.random.default_rng(7)
    values = 0.52 + 0.09 * rng.standard_normal(10)
    comparison, decision = undecided_comparison(values, *ends, level=1e-5)
    assert comparison.verdict is Verdict.INCONCLUSIVE
    told = replicates_to_decide(comparison, decision)
    nearest = min(abs(comparison.observed - end) for end in ends if end is not None)
    spread = comparison.standard_error * 10**0.5
    border = Expectation("p", "s", 1, 0.0, -nearest, None, spread=spread)
    alpha = 1e-5 / 2 / sum(end is not None for end in ends)
    assert power(border, told, alpha) >= 0.9
    assert told == 11 or power(border, told - 1, alpha) < 0.9


def test_what_is_decided_or_would_hardly_be_is_told_nothing():
    inside, decision = undecided_comparison([0.5, 0.501, 0.499, 0.5, 0.5, 0.5])
    assert inside.verdict is Verdict.HOLDS
    assert replicates_to_decide(inside, decision) is None
    once, decision = undecided_comparison([0.5])
    assert replicates_to_decide(once, decision) is None
    agree, decision = undecided_comparison([0.44, 0.44])
    assert replicates_to_decide(agree, decision) is None
    at_the_border, decision = undecided_comparison([0.35, 0.55, 0.4, 0.5])
    assert replicates_to_decide(at_the_border, decision) is None


@pytest.mark.parametrize("bound", [0.2, 0.9, 0.93])
def test_power_is_right_where_the_level_is_that_of_a_count(bound):
    """Rounding would ask for a success more than is needed."""
    one = Expectation("p", "s", 1, 0.99, bound, None, spread=0.1, trials=20)
    for least in range(40, 141):
        tail = float(special.bdtrc(least - 1, 140, bound))
        if 1e-12 < tail < 0.999:
            expected = stats.binom.sf(least - 1, 140, 0.99)
            assert power(one, 7, tail) == pytest.approx(expected, abs=1e-9), least
