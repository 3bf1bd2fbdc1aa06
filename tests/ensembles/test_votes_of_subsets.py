"""The majority's vote among the members at hand."""

from itertools import combinations

import numpy as np
import pytest

from mvtheory.ensembles import advise_ensemble
from mvtheory.ensembles.members import check_members
from tests.ensembles.models import scores_of, votes_of


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(4)
    labels = rng.integers(7, size=300)
    members = np.eye(7)[labels] + rng.normal(size=(4, 300, 7))
    return labels, members


def test_it_is_counted_by_hand(given):
    labels, members = given
    named = members.argmax(axis=2)
    for size, found in enumerate(votes_of(check_members(labels, members)), start=1):
        expected = []
        for subset in combinations(range(4), size):
            votes = np.array([np.bincount(row, minlength=7) for row in named[list(subset)].T])
            top = votes == votes.max(axis=1, keepdims=True)
            expected.append(np.mean(top[np.arange(300), labels] / top.sum(axis=1)))
        assert found == pytest.approx(np.mean(expected), abs=1e-14)


def test_the_advice_counts_votes_of_subsets_whatever_is_averaged(given):
    expected = scores_of(check_members(*given), "vote").accuracy
    for average in ("probabilities", "logits", "vote"):
        advice = advise_ensemble(*given, sizes=[1, 2, 3, 4], average=average)
        np.testing.assert_allclose(advice.vote, expected, atol=1e-14)
        # One network's vote is its answer, and of two that disagree either is taken half the time.
        assert advice.vote[0] == pytest.approx(advice.at([1]).accuracy[0])
        assert advice.vote[1] == pytest.approx(advice.vote[0])


def test_the_same_advice_at_other_sizes(given):
    for more in ({}, {"new_samples": True, "confidence": 0.5, "average": "logits"}):
        whole = advise_ensemble(*given, sizes=[1, 4, 9, np.inf], **more)
        moved = advise_ensemble(*given, sizes=[2], **more).at([1, 4, 9, np.inf])
        for name in ("sizes", "accuracy", "low", "high", "log_loss", "brier", "calibration_error",
                     "vote", "members_error", "samples_error"):  # fmt: skip
            np.testing.assert_array_equal(getattr(moved, name), getattr(whole, name))
        assert (moved.size, moved.limit, str(moved)) == (whole.size, whole.limit, str(whole))
        for name, bounds in whole.intervals.items():
            np.testing.assert_array_equal(moved.intervals[name], bounds)
