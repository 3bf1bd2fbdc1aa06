"""Labels as people have them give the advice of their numbers."""

import numpy as np
import pytest

from mvtheory.distillation import Anchor, accuracy, advise

SAMPLES, NAMES = 240, np.array(["eel", "dog", "cat", "ant"])
CLASSES = len(NAMES)


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(2)
    labels = rng.integers(CLASSES, size=SAMPLES)
    right, noise = np.eye(CLASSES)[labels], rng.standard_normal((3, SAMPLES, CLASSES))
    return labels, 2 * right + 1.5 * noise[0], 3 * right + noise[1], 2 * right + noise[2]


SPLIT = np.arange(SAMPLES) < 80


def advice(labels, student, teacher, soft, split=SPLIT, **given):
    anchors = [Anchor(logits=soft, temperature=4)]
    grid = {"temperatures": [1, 4], "hard_weights": [0, 0.5]}
    return advise(labels, student, teacher, anchors=anchors, split=split, **(grid | given))


def same(one, two):
    for name in ("predicted", "low", "high"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert [str(found) for found in one.diagnostics] == [str(found) for found in two.diagnostics]


@pytest.mark.parametrize("kind", [float, bool, np.uint8])
def test_one_hot_rows(problem, kind):
    labels, *outputs = problem
    one_hot = np.eye(CLASSES, dtype=kind)[labels]
    same(advice(one_hot, *outputs), advice(*problem))
    assert accuracy(one_hot, outputs[0]) == accuracy(labels, outputs[0])


def test_soft_rows_are_no_labels(problem):
    labels, *outputs = problem
    soft = np.full((SAMPLES, CLASSES), 1 / CLASSES)
    for wrong in (soft, np.ones((SAMPLES, CLASSES)), np.eye(CLASSES + 1)[labels]):
        with pytest.raises(ValueError, match="or one-hot rows"):
            advice(wrong, *outputs)


@pytest.mark.parametrize("kind", [np.str_, object, np.bytes_])
def test_names_in_the_order_of_the_columns(problem, kind):
    labels, *outputs = problem
    same(advice(NAMES.astype(kind)[labels], *outputs, classes=NAMES.astype(kind)), advice(*problem))


def test_names_in_sorted_order(problem):
    labels, *outputs = problem
    names = np.sort(NAMES)
    same(advice(names[labels], *outputs, classes="sorted"), advice(*problem))


def test_names_without_an_order_are_refused(problem):
    labels, *outputs = problem
    with pytest.raises(ValueError, match=r"are names, such as .*give classes="):
        advice(NAMES[labels], *outputs)
    few = np.where(labels == 0, 1, labels)
    with pytest.raises(ValueError, match=r"3 names.*4 classes.*give classes="):
        advice(NAMES[few], *outputs, classes="sorted")


@pytest.mark.parametrize("ignored", [-100, 255, "pad"])
def test_ignored_samples_are_as_good_as_absent(problem, ignored):
    """Also where the outputs of these are not finite."""
    labels, *outputs = problem
    gone = np.arange(SAMPLES) % 5 == 2
    spoilt = [np.where(gone[:, None], np.nan, one) for one in outputs]
    if ignored == "pad":
        given = np.where(gone, ignored, NAMES[labels]), {"classes": NAMES}
    else:
        given = np.where(gone, ignored, labels), {}
    expected = advice(*(one[~gone] for one in problem), split=SPLIT[~gone])
    for split in (SPLIT, np.flatnonzero(SPLIT)):
        found = advice(given[0], *spoilt, split=split, ignore_index=ignored, **given[1])
        same(found, expected)
