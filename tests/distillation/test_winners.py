"""Answers of many mixtures from the classes that are left are those of whole rows."""

import numpy as np
import pytest

from mvtheory.distillation import Coefficients
from mvtheory.distillation.outputs import unmasked
from mvtheory.distillation.winners import _corners, _possible, answers

SAMPLES, CLASSES = 40, 500
KINDS = ("noise", "ties", "half", "masked", "low", "far", "shifted", "doubles", "ints")


def parts(kind, count, seed):
    """Logits of students that agree in part."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((SAMPLES, CLASSES))
    found = (shared + rng.standard_normal((count, SAMPLES, CLASSES))).astype(np.float32)
    if kind == "ties":  # quarters: every row has its largest number several times
        found = np.round(2 * found) / 2
    elif kind == "half":
        found = found.astype(np.float16).astype(np.float32)
    elif kind == "masked":
        found[rng.random(found.shape) < 0.3] = -np.inf
    elif kind == "low":
        found[rng.random(found.shape) < 0.3] = -1e4
    elif kind == "far":
        found[rng.random(found.shape) < 0.1] *= 1e7
    elif kind == "shifted":
        found += 1e6
    elif kind == "doubles":
        found = found.astype(float)
    elif kind == "ints":
        found = np.round(4 * found).astype(np.int64)
    return [unmasked(one) for one in found]


def weights(count, seed):
    """As grids have them: from the student alone beyond the anchors, all shared between two."""
    rng = np.random.default_rng(seed)
    for u in (0, 0.05, 0.5, 0.9, 1, 1.03, 1.4, -0.05):
        for v in {1 - u, 0.0, 0.3, -0.2}:
            share = np.zeros(count)
            j = rng.integers(count)
            share[j] += 0.7
            share[rng.integers(count)] += 0.3
            yield Coefficients(hard=v, anchors=tuple(float(u * s) for s in share))


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_whole_rows(kind, count):
    student, *anchors = parts(kind, count + 1, seed=count)
    mixtures = list(weights(count, seed=count))
    found = answers(mixtures, student, anchors)
    for mixture, answered in zip(mixtures, found, strict=True):
        np.testing.assert_array_equal(answered, mixture.of(student, anchors).argmax(axis=1))


def test_hardly_a_class_is_left():
    student, anchor = parts("noise", 2, seed=0)
    mixtures = [Coefficients(hard=1 - u, anchors=(u,)) for u in np.linspace(0.1, 1.1, 9).tolist()]
    left = _possible(_corners(mixtures), student, [anchor])
    # Sums of two of 500 normal numbers: the best in the middle beats each side's 15 best or more.
    assert left.sum(axis=1).min() >= 1
    assert left.mean() < 0.1


def test_weights_that_span_a_half_plane_rule_nothing_out():
    assert _corners([Coefficients(hard=s, anchors=(0.0,)) for s in (1.0, -1.0)]) == []
