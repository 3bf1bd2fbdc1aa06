"""Blends of mixtures: exact in either limit, and at every student that was given."""

import numpy as np
import pytest

from mvtheory.distillation import Anchor, dual_labels, linear, soft_weight
from mvtheory.distillation.blend import estimates
from mvtheory.distillation.outputs import softened, softmax


def weight(temperature, hard_weight):
    return float(soft_weight(hard_weight=hard_weight, temperature=temperature))


def blended(t, a, hard, anchor, share):
    line = linear([anchor], t, weight(t, a))
    own = [softened(anchor.logits, t, anchor.soft_weight), softmax(hard, 1.0)]
    return estimates(line, line, hard, [anchor.logits], own, t, weight(t, a), share)


@pytest.mark.parametrize("t", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("anchored", [0.0, 0.3])
def test_a_learner_that_averages_labels_answers_as_dual_outputs_average(t, anchored):
    """Every kind of sample is learned by itself: dual outputs are the mean dual labels there."""
    rng = np.random.default_rng(3)
    labels = rng.integers(4, size=600)
    teacher = 1.5 * np.eye(4)[(labels + (rng.random(600) < 0.4)) % 4]
    teacher += 0.3 * rng.standard_normal((600, 4))
    order = rng.permutation(600).reshape(200, 3)  # kinds of three samples

    def targets(w):
        """Smoothed a little, so that logits are finite."""
        rows = dual_labels(labels, teacher, temperature=t, soft_weight=w)
        return 0.98 * rows[order].mean(axis=1) + 0.02 / 4

    hard, soft = (solved(targets(w), t, w) for w in (0.0, weight(t, anchored)))
    anchor = Anchor(logits=soft, temperature=t, hard_weight=anchored)
    followed = 0
    for a in (0.05, 0.3, 0.6, 0.9):
        target = targets(weight(t, a))
        found = blended(t, a, hard, anchor, 0.5)
        near = np.ptp(np.sort(target, axis=1)[:, -2:], axis=1) < 1e-6
        np.testing.assert_array_equal(found.averaged[~near], target.argmax(axis=1)[~near])
        followed += np.count_nonzero(found.mixed != found.averaged)
    assert followed > 0  # no mixture of logits does


def solved(targets, t, w):
    """Logits whose dual outputs are the targets, by Newton's method in short steps."""
    found = np.log(targets)
    for _ in range(200):
        off = softened(found, t, w) - targets
        slope = np.zeros((*targets.shape, 4))
        for share, at in ((1 - w, 1.0), (w, t)):
            p = softmax(found, at)
            slope += (
                share / at * (np.eye(targets.shape[1]) * p[:, None] - p[:, :, None] * p[:, None])
            )
        slope += np.ones(slope.shape[1:])  # the constant of the logits, which is free
        step = np.linalg.solve(slope, off[..., None])[..., 0]
        found -= np.clip(step, -1, 1)
    assert np.abs(softened(found, t, w) - targets).max() < 1e-9
    return found


def test_students_that_were_given_are_met_by_every_estimate():
    rng = np.random.default_rng(0)
    hard, soft = 3 * rng.standard_normal((2, 500, 5))
    for a in (0.0, 0.4):
        anchor = Anchor(logits=soft, temperature=4, hard_weight=a)
        found = blended(4.0, a, hard, anchor, 0.7)
        for estimate in (found.mixed, found.averaged, found.blended):
            np.testing.assert_array_equal(estimate, soft.argmax(axis=1))
    found = blended(4.0, 1.0, hard, anchor, 0.7)
    np.testing.assert_array_equal(found.blended, hard.argmax(axis=1))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_share_chooses_between_the_limits(share):
    rng = np.random.default_rng(1)
    hard, soft = 3 * rng.standard_normal((2, 500, 5))
    found = blended(4.0, 0.5, hard, Anchor(logits=soft, temperature=4), share)
    limit = found.mixed if share else found.averaged
    np.testing.assert_array_equal(found.blended, limit)
    assert (found.mixed != found.averaged).any()
