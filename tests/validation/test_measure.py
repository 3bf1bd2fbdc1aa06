"""What is measured on networks whose knowledge is known by construction."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from mvtheory import coverage as theory
from validation.data import MultiViewData
from validation.training import measure

CLASSES, VIEWS, REPEATS = 5, 3, 2


def logits_knowing(pairs: set[tuple[int, int]], other: int) -> np.ndarray:
    """View-only logits of a network that knows `pairs` and answers `other` otherwise."""
    rows = []
    for label, view, _ in itertools.product(range(CLASSES), range(VIEWS), range(REPEATS)):
        row = np.zeros(CLASSES, dtype=np.float32)
        row[other] = 0.01
        if (label, view) in pairs:
            row[label] = 9
        rows.append(row)
    return np.array(rows)


LABELS = np.repeat(np.arange(CLASSES), VIEWS * REPEATS)


def test_coverage_is_corrected_for_chance():
    # One view known in each class; a fixed answer puts 1/K of the others right by chance.
    known = {(label, label % VIEWS) for label in range(CLASSES)}
    right = np.stack(
        [measure.is_right(logits_knowing(known, other), LABELS) for other in range(CLASSES)]
    )
    shares = measure.right_share(right, CLASSES, VIEWS)
    assert shares.shape == (5, CLASSES, VIEWS)
    assert measure.coverage(shares).mean() == pytest.approx(1 / VIEWS)
    assert measure.coverage(np.ones((CLASSES, VIEWS))) == 1
    assert measure.coverage(np.full((CLASSES, VIEWS), 1 / CLASSES)) == pytest.approx(0)


def test_votes_by_hand():
    """Three networks on four samples: all right, two, one against a pair, one of three answers."""
    labels = np.array([1, 1, 1, 1])
    answers = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 2, 0, 2]])
    assert measure.vote_share(answers, labels, 1) == pytest.approx((3 + 2 + 1 + 1) / 12)
    # Of three pairs: 3, then 1 + 1/2 + 1/2, then 1/2 + 1/2, then 1/2 + 1/2.
    assert measure.vote_share(answers, labels, 2) == pytest.approx((3 + 2 + 1 + 1) / 12)
    assert measure.vote_share(answers, labels, 3) == pytest.approx((1 + 1 + 0 + 1 / 3) / 4)
    assert measure.disagreement(answers) == pytest.approx((0 + 2 + 2 + 3) / 12)
    # A class that nobody names is no reason to be wrong about it.
    assert measure.vote_share(np.zeros((3, 2), dtype=int), np.array([0, 4]), 3) == 0.5


def test_ensembles_of_ideal_lottery_networks_follow_the_formula():
    # All M^1 lotteries of one class repeated over classes: every combination of three networks
    # drawn with replacement from M equal ones, so the mean is the formula exactly.
    ideal = [logits_knowing({(c, v) for c in range(CLASSES)}, other=0) for v in range(VIEWS)]
    covered = [
        measure.ensemble_coverage(np.stack(choice), LABELS, 3, CLASSES, VIEWS)
        for choice in itertools.product(ideal, repeat=3)
    ]
    # The answer `other` = 0 puts class 0's views right: correct for it by hand.
    shares = [
        np.mean([len({i for i in choice}) / VIEWS if label else 1.0 for label in range(CLASSES)])
        for choice in itertools.product(range(VIEWS), repeat=3)
    ]
    chance = 1 / CLASSES
    expected = (np.mean(shares) - chance) / (1 - chance)
    assert np.mean(covered) == pytest.approx(expected)
    assert expected == pytest.approx(theory.ensemble(views=VIEWS, networks=3))


def test_ensemble_coverage_averages_over_all_subsets():
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((4, len(LABELS), CLASSES)).astype(np.float32)
    by_hand = [
        measure.coverage(
            measure.right_share(
                measure.is_right(logits[list(pair)].mean(axis=0), LABELS), CLASSES, VIEWS
            )
        )
        for pair in itertools.combinations(range(4), 2)
    ]
    value = measure.ensemble_coverage(logits, LABELS, 2, CLASSES, VIEWS)
    assert value == pytest.approx(np.mean(by_hand))


def test_strengths_take_the_strongest_neuron_of_the_own_class():
    weights = np.zeros((1, CLASSES, 2, 20), dtype=np.float32)
    weights[0, 1, 0, 1 * VIEWS + 2] = 0.5
    weights[0, 1, 1, 1 * VIEWS + 2] = 0.7
    weights[0, 1, 0, 4 * VIEWS] = 9  # another class's view does not count
    weights[0, 2, :, 2 * VIEWS] = -1  # dead
    vectors = MultiViewData(classes=CLASSES, views=VIEWS, dimension=20).vectors
    found = measure.strengths(weights, vectors)
    expected = np.zeros((1, CLASSES, VIEWS))
    expected[0, 1, 2] = 0.7
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    # All neurons together: 0.5 + 0.7, and nothing of dead ones.
    expected[0, 1, 2] = 1.2
    np.testing.assert_allclose(measure.total_strengths(weights, vectors), expected, rtol=1e-6)


def test_ensembles_are_sure_of_what_stands_log_k_above_all_else():
    labels, margin = np.array([0, 2, 1]), np.log(3)
    # By 1.01 and 0.99 of log K, and the wrong way round.
    one = np.array([[1.01, 0, 0], [0, 0, 0.99], [3, 0, 0]]) * margin
    two = np.array([[1.01, 0, -5], [-9, 0, 1.01], [-2, 9, 0]]) * margin
    members = np.stack([one, two]).astype(np.float32)
    assert measure.sure_share(members[:1], labels, 1) == pytest.approx(1 / 3)
    assert measure.sure_share(members, labels, 1) == pytest.approx((1 / 3 + 1) / 2)
    # Averages: 1.01; 1 above 0; (0.5, 4.5, 0) at the label 1.
    assert measure.sure_share(members, labels, 2) == pytest.approx(1)


def test_overlap_of_views_is_the_largest_cosine_of_their_mean_patches():
    data = MultiViewData(classes=3, views=2, dimension=60, single_view_fraction=0.2)
    samples = data.sample(90, np.random.default_rng(1))
    # Orthogonal but for what is left of the noise in the means of 24 samples.
    assert measure.view_overlap(samples, 3, 2) < 1e-3
    tilted = samples.patches.copy()
    tilted[samples.labels == 1, 0, 0] = 0.75 * tilted[samples.labels == 1, 0, 2]
    mixed = replace(samples, patches=tilted)
    assert measure.view_overlap(mixed, 3, 2) == pytest.approx(0.6, abs=0.01)  # 3-4-5
