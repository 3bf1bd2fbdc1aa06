"""Verdicts: the rule, its corrections, its corner cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from validation.trial.claim import Expectation, Sample, Verdict
from validation.trial.evidence import interval, p_inside, p_outside
from validation.trial.verdict import (
    ALPHA,
    Case,
    Decision,
    combined,
    compare,
    holm,
    judge,
    level,
    sequential,
    undecided,
)


def case(values, low=0.45, high=0.55, checks=(), need=0.9) -> Case:
    expected = Expectation("p", "s", 1, 0.5, low, high, spread=0.01)
    required = Expectation("accuracy", "s", 1, 1.0, need, None, spread=0.01)
    samples = [Sample.of(v) for v in np.atleast_2d(values)]
    return Case(
        [expected] * len(samples), samples, [required] * len(checks), [Sample.of(c) for c in checks]
    )


HOLDS, OPEN_YET = Verdict.HOLDS, Verdict.INCONCLUSIVE
INSIDE = [0.499, 0.5, 0.501, 0.5, 0.5, 0.502]
OUTSIDE = [0.6, 0.61, 0.59, 0.6, 0.605, 0.6]
OPEN = [0.3, 0.7, 0.5, 0.6, 0.4, 0.5]
MET, MISSED, UNSURE = ([0.99, 0.98, 0.985], [0.5, 0.51, 0.49], [0.8, 0.99, 0.9])


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (case(INSIDE), Verdict.HOLDS),
        (case(OUTSIDE), Verdict.FAILS),
        (case(OPEN), Verdict.INCONCLUSIVE),
        (case([INSIDE, INSIDE]), Verdict.HOLDS),
        (case([INSIDE, OPEN]), Verdict.INCONCLUSIVE),
        (case([INSIDE, OUTSIDE]), Verdict.FAILS),
        (case(INSIDE, checks=[MET]), Verdict.HOLDS),
        (case(OUTSIDE, checks=[MET]), Verdict.FAILS),
        (case(INSIDE, checks=[MET, MISSED]), Verdict.OUTSIDE),
        (case(OUTSIDE, checks=[MISSED]), Verdict.OUTSIDE),
        (case(INSIDE, checks=[UNSURE]), Verdict.INCONCLUSIVE),
        (case(OUTSIDE, checks=[UNSURE]), Verdict.INCONCLUSIVE),
    ],
)
def test_a_claim_alone(one, verdict):
    assert judge([one], look=1)[0].verdict is verdict


def test_a_claim_without_observations_is_an_error():
    with pytest.raises(ValueError, match="without observations"):
        judge([Case([], [])], look=1)


def test_claims_are_corrected_for_one_another():
    """A p-value between .025 / 4 and .025 holds alone, not as one of four."""
    values = 0.5 + np.array([-0.06, 0.0, 0.06, 0.0, -0.03, 0.03, -0.05, 0.05])
    one = case(values)
    assert 0.00625 < p_inside(one.samples[0], one.expectations[0]) < 0.025
    assert judge([one], look=1)[0].verdict is Verdict.HOLDS
    together = judge([one] * 4, look=1)
    assert {d.verdict for d in together} == {Verdict.INCONCLUSIVE}


def test_failing_is_corrected_for_the_number_of_comparisons():
    values = [0.56, 0.57, 0.59, 0.60, 0.58, 0.57]
    assert judge([case(values)], look=1)[0].verdict is Verdict.FAILS
    many = case([values] + [INSIDE] * 99)
    assert judge([many], look=1)[0].verdict is Verdict.INCONCLUSIVE


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_levels_are_those_of_its_decisions(p_values):
    rejected, levels = holm(np.array(p_values), 0.05)
    order = np.argsort(p_values, kind="stable")
    going = True
    for rank, index in enumerate(order):
        # The definition: step down while p <= alpha / (m - rank).
        going = going and p_values[index] <= 0.05 / (len(p_values) - rank)
        assert rejected[index] == going
        assert (p_values[index] <= levels[index]) == going


def test_holm_rejects_at_its_levels_and_shows_the_next_at_its_own():
    for p_values, rejected, levels in (
        ([0.025, 0.05], [True, True], [0.025, 0.05]),
        ([0.001, 0.9], [True, False], [0.025, 0.05]),
        ([0.9, 0.03], [False, False], [0.025, 0.025]),
        ([0.05], [True], [0.05]),
    ):
        found = holm(np.array(p_values), 0.05)
        assert list(map(list, found)) == [rejected, levels]


def test_p_values_of_a_claim_are_those_of_its_parts():
    def parts(*own):
        return tuple(map(float, combined(*own)))

    assert parts([0.01, 0.2], [0.6, 0.7], 2) == (0.2, 1.0, 1.0)
    assert parts([0.01, 0.2], [0.04, 0.7], 2) == (0.2, 0.08, 1.0)
    # Each verdict but that on the preconditions needs them to be met.
    assert parts([0.01, 0.3, 0.1], [0.02, 0.04, 0.6], 1) == (0.3, 0.3, 0.08)
    assert parts([0.4, 0.3, 0.1], [0.35, 0.54, 0.6], 1) == (0.4, 0.35, 1.0)


def test_holm_is_that_of_statsmodels():
    rng = np.random.default_rng(8)
    for count in (1, 2, 5, 30):
        p_values = rng.uniform(size=count) ** 4
        expected, _, _, _ = multipletests(p_values, 0.05, method="holm")
        assert holm(p_values, 0.05)[0] == expected.tolist()


def test_comparisons_are_shown_at_the_level_of_their_claim():
    cases = [case(INSIDE), case(OPEN), case(OUTSIDE)]
    decisions = judge(cases, look=1)
    for one, decision in zip(cases, decisions, strict=True):
        shown = compare(one.expectations[0], one.samples[0], decision)
        assert shown.verdict is decision.verdict
        low, high = shown.interval
        assert (low >= 0.45 and high <= 0.55) == (decision.verdict is Verdict.HOLDS)


def test_before_the_first_look_nothing_is_decided():
    before = undecided(0.04)
    assert (before.verdict, before.look) == (Verdict.INCONCLUSIVE, 0)
    assert (before.hold_level, before.fail_level) == (0.02, 0.02)
    for values in (INSIDE, OUTSIDE):
        one = case(values)
        shown = compare(one.expectations[0], one.samples[0], before)
        assert shown.verdict is Verdict.INCONCLUSIVE
        assert shown.confidence == pytest.approx(0.98)
        assert shown.interval == interval(one.samples[0], one.expectations[0], 0.01)
        assert shown.standard_error == pytest.approx(np.std(values, ddof=1) / 6**0.5)
        assert (shown.replicates, shown.exact) == (6, False)
    once = compare(one.expectations[0], Sample.of([0.5]), before)
    assert (once.standard_error, once.interval) == (None, (None, None))
    proportion = compare(one.expectations[0], Sample.of([1.0, 1.0], 20), before)
    assert proportion.exact is True


def test_a_comparison_is_decided_at_its_level_and_not_only_below_it():
    inside, outside = (case(values) for values in (INSIDE, OUTSIDE))
    for one, test, verdict in (
        (inside, p_inside, Verdict.HOLDS),
        (outside, p_outside, Verdict.FAILS),
    ):
        pair = one.samples[0], one.expectations[0]
        p_value = float(test(*pair))
        for spent, found in ((p_value, verdict), (p_value * 0.999, Verdict.INCONCLUSIVE)):
            decision = Decision(Verdict.INCONCLUSIVE, 1, spent, spent)
            assert compare(pair[1], pair[0], decision).verdict is found
    two = compare(inside.expectations[0], Sample.of([0.4, 0.5]), decision)
    assert two.standard_error == pytest.approx(0.05)


def test_a_decision_says_at_which_levels_it_was_taken():
    many = Case(*(2 * part for part in (case(OUTSIDE).expectations, case(OUTSIDE).samples)))
    first, second, third = judge([case(INSIDE), many, case(OPEN)], look=2, alpha=0.08)
    assert (first.verdict, second.verdict) == (Verdict.HOLDS, Verdict.FAILS)
    # .02 for the look, shared by three, then by two that are left; by two comparisons besides.
    assert (first.hold_level, first.fail_level) == pytest.approx((0.02 / 3, 0.01))
    assert (second.hold_level, second.fail_level) == pytest.approx((0.01, 0.02 / 3 / 2))
    assert (third.hold_level, third.fail_level) == pytest.approx((0.01, 0.01))
    assert {own.look for own in (first, second, third)} == {2}
    shown = compare(many.expectations[0], many.samples[0], second)
    assert (shown.verdict, shown.confidence) == (Verdict.FAILS, pytest.approx(1 - 0.02 / 3 / 2))
    assert [own.verdict for own in judge([case(INSIDE)], look=1)] == [Verdict.HOLDS]


def test_claims_that_are_not_there_yet_count_among_the_others():
    decisions = judge([None, case(INSIDE), None], look=1)
    wanted = [Verdict.INCONCLUSIVE, Verdict.HOLDS, Verdict.INCONCLUSIVE]
    assert [own.verdict for own in decisions] == wanted
    assert decisions[1].hold_level == pytest.approx(0.025 / 3)
    assert decisions[0].fail_level == pytest.approx(0.025 / 3)


def test_missing_a_precondition_is_corrected_for_their_number():
    missed = [0.84, 0.86, 0.83, 0.87, 0.82, 0.88]  # of .9 at least
    one = case(INSIDE, checks=[missed])
    p_value = p_outside(one.checks[0], one.requirements[0])
    assert p_value < 0.025 < 20 * p_value
    assert judge([one], look=1)[0].verdict is Verdict.OUTSIDE
    many = case(INSIDE, checks=[missed] + [MET] * 19)
    assert judge([many], look=1)[0].verdict is Verdict.INCONCLUSIVE


def test_each_look_may_spend_half_of_what_the_one_before_could():
    assert [level(look) for look in (1, 2, 3)] == [0.025, 0.0125, 0.00625]
    assert level(3, 0.08) == 0.01


def test_levels_of_all_looks_stay_below_alpha():
    assert sum(level(look) for look in range(1, 60)) <= ALPHA


def test_looks_stop_when_decided_and_keep_verdicts():
    asked = []

    def case_at(index, replicates):
        asked.append((index, replicates))
        if index == 0:
            return case(INSIDE if replicates == 6 else OUTSIDE)
        return case(OPEN if replicates == 6 else INSIDE)

    decisions = sequential([[6, 9, 14]] * 2, case_at)
    assert [d.verdict for d in decisions] == [Verdict.HOLDS, Verdict.HOLDS]
    assert [d.look for d in decisions] == [1, 2]
    assert asked == [(0, 6), (1, 6), (1, 9)]


def test_each_claim_is_judged_on_its_own_replicates():
    asked = []

    def case_at(index, replicates):
        asked.append((index, replicates))
        return case(INSIDE if replicates in (20, 9) else OPEN)

    decisions = sequential([[6, 9], [20, 30]], case_at)
    assert [(d.verdict, d.look) for d in decisions] == [(Verdict.HOLDS, 2), (Verdict.HOLDS, 1)]
    assert asked == [(0, 6), (1, 20), (0, 9)]


def test_what_is_decided_leaves_its_level_to_the_rest():
    """A claim decided at look 1 no longer stands in the way, though look 2 would not decide it."""
    weak, strong = case([0.48, 0.52, 0.5, 0.49, 0.51, 0.5]), case(INSIDE)
    p_weak = max(p_inside(weak.samples[0], weak.expectations[0]), 1e-300)
    between = case([0.485, 0.515, 0.5, 0.492, 0.508, 0.5])
    p_between = p_inside(between.samples[0], between.expectations[0])
    assert p_between < p_weak
    # One of two is asked for half of what is spent, the last of them for all of it.
    spent = 1.5 * p_between
    alpha = 4 * spent
    assert spent / 2 < p_between < spent
    apart = [d.verdict for d in judge([weak, between, strong], 2, alpha)]
    after = [
        d.verdict for d in judge([weak, between, strong], 2, alpha, [HOLDS, OPEN_YET, OPEN_YET])
    ]
    assert (apart[1], after[1]) == (OPEN_YET, HOLDS)
    assert after[2] is HOLDS
    failed = judge([weak, between, strong], 2, alpha, [Verdict.FAILS, OPEN_YET, OPEN_YET])
    assert failed[1].verdict is OPEN_YET  # that it holds was not rejected


def test_looks_that_are_not_there_leave_claims_open():
    assert sequential([[6]], lambda index, replicates: None) == []
    decisions = sequential([[6, 9]], lambda index, n: case(OPEN) if n == 6 else None)
    assert [(d.verdict, d.look) for d in decisions] == [(Verdict.INCONCLUSIVE, 1)]


def test_looking_again_does_not_raise_the_error():
    """2000 runs of two claims whose truth is at the border, three looks: false HOLDS <= 5 %."""
    rng = np.random.default_rng(5)
    false = 0
    for draws in rng.normal(0.55, 0.03, (2000, 2, 14)):
        decisions = sequential([[6, 9, 14]] * 2, lambda i, n, draws=draws: case(draws[i, :n]))
        false += any(d.verdict is Verdict.HOLDS for d in decisions)
    # 4 deviations of a share of 5 % in 2000.
    assert false / 2000 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 2000)
    assert false > 0
