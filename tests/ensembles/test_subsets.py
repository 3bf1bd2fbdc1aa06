"""Scores of subsets against a plain loop, and against the law of squared risks."""

from itertools import combinations

import numpy as np
import pytest

from mvtheory.ensembles import brier_of_ensemble
from mvtheory.ensembles.members import check_members
from mvtheory.ensembles.subsets import MOST, subsets_of
from tests.ensembles.models import scattered, scores_of, softmax


def plain(labels, said):
    """Accuracy, log loss, Brier score and calibration error of probabilities, one by one."""
    right = said.argmax(axis=1) == labels
    sure = said.max(axis=1)
    own = said[np.arange(len(labels)), labels]
    places = np.minimum((sure * 15).astype(int), 14)
    gaps = [abs((right[places == b] - sure[places == b]).sum()) for b in range(15)]
    brier = ((said - np.eye(said.shape[1])[labels]) ** 2).sum(axis=1)
    return right.mean(), -np.log(own).mean(), brier.mean(), sum(gaps) / len(labels)


@pytest.mark.parametrize("average", ["probabilities", "logits"])
def test_every_subset_counts_alike(average):
    labels, _, logits = scattered(300, 5, 4, 1.0, seed=1)
    found = scores_of(check_members(labels, logits), average)
    for size in range(1, 5):
        rows = []
        for subset in combinations(range(4), size):
            chosen = logits[list(subset)]
            said = (
                softmax(chosen).mean(axis=0)
                if average == "probabilities"
                else softmax(chosen.mean(axis=0))
            )
            rows.append(plain(labels, said))
        accuracy, log_loss, brier, calibration = np.mean(rows, axis=0)
        assert found.accuracy[size - 1] == pytest.approx(accuracy, abs=1e-12)
        assert found.log_loss[size - 1] == pytest.approx(log_loss, abs=1e-12)
        assert found.brier[size - 1] == pytest.approx(brier, abs=1e-12)
        assert found.calibration_error[size - 1] == pytest.approx(calibration, abs=1e-12)


def test_votes_that_tie_are_shared():
    labels = np.array([0, 1, 2])
    logits = np.eye(3)[[[0, 1, 0], [1, 1, 1]]] * 5.0
    found = scores_of(check_members(labels, logits), "vote")
    # One member: two of three right, then one of three. Both: tied, right, tied without the label.
    assert found.accuracy.tolist() == pytest.approx([0.5, 0.5])
    assert found.brier[1] == pytest.approx((0.5 + 0 + 1.5) / 3)
    assert found.log_loss[1] == np.inf


def test_the_brier_score_of_subsets_obeys_the_law_of_squared_risks():
    labels, _, logits = scattered(200, 6, 5, 2.0, seed=2)
    brier = scores_of(check_members(labels, logits), "probabilities").brier
    law = brier_of_ensemble(risk_of_one=brier[0], risk_of_two=brier[1], networks=np.arange(1, 6))
    assert brier == pytest.approx(law, abs=1e-13)


def test_many_members_stand_in_few_subsets_equally_often():
    assert len(subsets_of(5, 2)) == 10
    chosen = subsets_of(12, 6)
    assert MOST <= len(chosen) < MOST + 12
    counts = np.bincount(np.concatenate(chosen), minlength=12)
    assert counts.min() == counts.max() == 6 * len(chosen) / 12
    assert all(len(set(subset)) == 6 for subset in chosen)
