"""Simulated members against fresh ones, where the law of the members is known."""

import numpy as np
import pytest

from mvtheory.ensembles.curve import MODEL
from mvtheory.ensembles.members import check_members
from mvtheory.ensembles.posterior import SIZES, Posterior, simulate
from mvtheory.ensembles.reduced import KEPT
from mvtheory.ensembles.subsets import SCORES
from tests.ensembles.models import ensembles, reduced, scattered, softmax


def accuracy_of(simulated, size):
    return simulated.scores[SCORES.index("accuracy"), SIZES.index(size)]


@pytest.mark.parametrize("average", ["probabilities", "logits"])
@pytest.mark.parametrize(("classes", "members"), [(2, 2), (2, 4), (10, 2), (10, 3), (30, 3)])
def test_larger_ensembles_are_predicted(classes, members, average):
    """Within four standard errors: the simulation's own, the truth's is a tenth of it."""
    labels, mean, logits = scattered(4000, classes, members, 1.5, seed=classes + members)
    found = simulate(reduced(check_members(labels, logits)), average)
    drawn = ensembles(mean, 1.5, 16, 40, seed=1, average=average)
    truth = (drawn.argmax(axis=2) == labels).mean()
    assert abs(accuracy_of(found, 16) - truth) < 4 * found.error
    assert abs(accuracy_of(found, 1) - truth) > 4 * found.error  # it could have failed


@pytest.mark.parametrize("members", [2, 4])
def test_a_thousand_classes_of_which_the_highest_are_so_by_their_noise(members):
    """The truth is that of three ensembles on 1,000 samples, known to .009 or better."""
    labels, mean, logits = scattered(1000, 1000, members, 2.0, seed=11, width=4.0)
    found = simulate(reduced(check_members(labels, logits)), "probabilities")
    truth = (ensembles(mean, 2.0, 16, 3, seed=1).argmax(axis=2) == labels).mean()
    error = np.hypot(found.error, 0.009)
    assert abs(accuracy_of(found, 16) - truth) < 4 * error
    assert abs(accuracy_of(found, 1) - truth) > 4 * error  # it could have failed


def test_the_error_is_as_large_as_it_says():
    """Over 40 groups of members of the same samples, the root mean square of z is 1 +- .11.

    Here errors of samples are independent; the prior is normal, as it is taken to be.
    """
    labels, mean, _ = scattered(1500, 6, 2, 0.8, seed=5)
    truth = (ensembles(mean, 0.8, 16, 60, seed=2).argmax(axis=2) == labels).mean()
    rng = np.random.default_rng(6)
    away = []
    for _ in range(40):
        logits = mean + 0.8 * rng.normal(size=(3, *mean.shape))
        found = simulate(reduced(check_members(labels, logits)), "probabilities")
        gain = accuracy_of(found, 16) - accuracy_of(found, 3)
        away.append((accuracy_of(found, 16) - truth) / np.hypot(found.error, MODEL * gain))
    # The posterior is broader than its mean scatters; four deviations of 40 numbers on top.
    assert 0.5 < np.sqrt(np.mean(np.square(away))) < 1.45


def test_the_rate_is_that_of_the_labels():
    """Labels drawn by softmax(m), members that hardly scatter: a rate of 1, and of 1/3 for 3 m."""
    labels, _, logits = scattered(20_000, 5, 2, 0.05, seed=7)
    for scale in (1.0, 3.0):
        rate = Posterior(reduced(check_members(labels, scale * logits))).rate
        # Of about 10,000 pairs with a slope of order 1 the rate is known to about 2 %.
        assert rate * scale == pytest.approx(1, abs=0.08)


def test_members_without_noise_gain_nothing():
    labels, mean, _ = scattered(500, 4, 2, 1.0, seed=8)
    found = simulate(reduced(check_members(labels, np.stack([mean, mean]))), "probabilities")
    alone = (mean.argmax(axis=1) == labels).mean()
    assert found.scores[0] == pytest.approx(np.full(len(SIZES), alone), abs=1e-12)
    assert found.error < 1e-9


def test_names_of_classes_and_shifts_of_logits_do_not_matter():
    labels, _, logits = scattered(600, 15, 3, 1.0, seed=9)
    order = np.random.default_rng(0).permutation(15)
    first = simulate(reduced(check_members(labels, logits)), "probabilities")
    renamed = simulate(
        reduced(check_members(np.argsort(order)[labels], logits[:, :, order] + 3.0)),
        "probabilities",
    )
    # Single precision may decide a near tie otherwise, once in a sample.
    assert first.scores == pytest.approx(renamed.scores, abs=3 / 600 / 16)


def test_probabilities_count_classes_left_out():
    labels, _, logits = scattered(400, 40, 2, 0.5, seed=10)
    found = reduced(check_members(labels, logits))
    assert found.logits.shape == (2, KEPT, 400)
    whole = softmax(logits)
    for row in range(400):
        kept = np.exp(found.logits[:, :, row].astype(float))
        share = kept[:, found.place[row]] / (kept.sum(axis=1) + np.exp(found.rest[:, row]))
        assert share == pytest.approx(whole[:, row, labels[row]], rel=1e-5)
