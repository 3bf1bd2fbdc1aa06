"""Alignments of gradient kernels: limits in closed form, and networks drawn by hand."""

import numpy as np
import pytest

from mvtheory.race import expected_coverage, kernel_alignments

SMALL = {"power": 4, "deviation": 1e-6, "late_growth": 1.0}


@pytest.mark.parametrize("views", [2, 3])
def test_trained_kernels_share_the_classes_with_the_same_winner(views):
    found = kernel_alignments(views, classes=6, neurons=5, **SMALL)
    spread = found.deviations[2] / 300**0.5
    assert found.two_after == pytest.approx(1 / views, abs=4 * spread + 1e-12)


def test_near_ties_bring_trained_kernels_together():
    more = {"power": 4, "deviation": 0.1, "late_growth": 20.0}
    coverage = expected_coverage(2, 5, **more)
    assert coverage > 0.6
    # Of one class and two views: 1, or 1/sqrt(2) where one of them knows both, by the coverage.
    both = 2 * coverage - 1
    known = (1 - both) ** 2 / 2 + 2 * both * (1 - both) / 2**0.5 + both**2
    found = kernel_alignments(2, classes=1, neurons=5, **more)
    assert found.two_after == pytest.approx(known, abs=4 * found.deviations[2] / 300**0.5)


def test_a_kernel_of_one_neuron_and_one_class_is_that_of_its_responses():
    found = kernel_alignments(2, classes=1, neurons=1, **SMALL)
    drawn = np.maximum(np.random.default_rng(1).standard_normal((4000, 2)), 0)
    drawn = drawn[drawn.any(axis=1)] ** 6
    cosine = drawn.max(axis=1) / np.sqrt((drawn**2).sum(axis=1))
    # A quarter of the networks respond to neither view.
    error = found.deviations[1] / 600**0.5
    assert found.before_after == pytest.approx(0.75 * cosine.mean(), abs=4 * error)
