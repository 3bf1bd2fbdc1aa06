"""What outputs show of mistakes in the arguments, and that sound ones show none."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from mvtheory.distillation import Anchor, dual_labels, soft_weight
from mvtheory.distillation.anchor_fit import Fit
from mvtheory.distillation.association import baselines
from mvtheory.distillation.misuse import misuses
from mvtheory.distillation.outputs import softmax
from mvtheory.distillation.prediction import Outputs

CLASSES, TRAINING, SAMPLES = 6, 400, 1600
TRAINED = np.arange(SAMPLES) < TRAINING


def descended(features, wanted, t, w):
    """Softmax regression on dual labels, by gradient descent from 0: exactly the dual model."""
    weights = np.zeros((features.shape[1], CLASSES))
    for _ in range(400):
        logits = features @ weights
        gap = (1 - w) * softmax(logits, 1.0) + w * softmax(logits, t) - wanted
        weights -= 2 * features.T @ gap / len(features)
    return weights


@pytest.fixture(scope="module")
def outputs():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((SAMPLES, 8))
    teacher = 2 * x @ rng.standard_normal((8, CLASSES))
    labels = (teacher + 2 * rng.standard_normal(teacher.shape)).argmax(axis=1)
    first = rng.standard_normal((8, 40)) / 3
    features = np.hstack([x, np.tanh(x @ first)]) / 3

    def student(t, a):
        w = float(soft_weight(hard_weight=a, temperature=t))
        wanted = dual_labels(labels[TRAINED], teacher[TRAINED], temperature=t, soft_weight=w)
        return features @ descended(features[TRAINED], wanted, t, w)

    return Outputs(
        labels=labels,
        teacher=teacher,
        student=student(1.0, 1.0),
        anchors=(Anchor(logits=student(4.0, 0.1), temperature=4, hard_weight=0.1),),
        training=np.flatnonzero(TRAINED),
        tested=np.flatnonzero(~TRAINED),
        same_start=True,
    )


def doubted(outputs):
    return [found.name for found in misuses(outputs) if not found.holds]


def mixed(array, samples):
    found = array.copy()
    found[samples] = array[np.random.default_rng(1).permutation(samples)]
    return found


def anchored(outputs, **changes):
    return replace(outputs, anchors=(replace(outputs.anchors[0], **changes),))


@pytest.mark.parametrize("split", [True, False])
def test_sound_outputs_are_not_doubted(outputs, split):
    assert doubted(outputs if split else replace(outputs, training=None)) == []


@pytest.mark.parametrize("part", ["tested", "training"])
def test_rows_in_another_order_are_named(outputs, part):
    samples = getattr(outputs, part)
    for name in ("student", "teacher"):
        wrong = replace(outputs, **{name: mixed(getattr(outputs, name), samples)})
        assert doubted(wrong)[0] == f"{name} on the {part} samples"
    anchor = outputs.anchors[0].logits
    assert doubted(anchored(outputs, logits=mixed(anchor, samples)))[0] == (
        f"anchors[0].logits on the {part} samples"
    )
    wrong = replace(outputs, labels=mixed(outputs.labels, samples))
    assert doubted(wrong)[0] == f"labels of the {part} samples"


@pytest.mark.parametrize("split", [True, False])
def test_arguments_that_are_something_else_are_named(outputs, split):
    if not split:
        outputs = replace(outputs, training=None)
    anchor, still = outputs.anchors[0].logits, 0.01 * outputs.student[:, ::-1]
    for change, name in (
        ({"logits": anchor / 4}, "anchors[0].logits"),
        ({"logits": outputs.teacher.astype(np.float16)}, "anchors[0].logits other than teacher"),
        ({"logits": outputs.teacher / 4}, "anchors[0].logits other than teacher"),
        ({"logits": outputs.student + 1}, "anchors[0].logits other than student"),
    ):
        assert doubted(anchored(outputs, **change))[0] == name, change
    assert doubted(anchored(outputs, logits=still))[0].startswith("anchors[0].logits")
    twice = replace(outputs, anchors=outputs.anchors * 2)
    assert doubted(twice) == ["anchors[1].logits other than anchors[0].logits"]
    assert doubted(replace(outputs, teacher=outputs.teacher / 4)) == ["teacher's scale"]


def test_a_weight_exchanged_is_seen_on_training_samples(outputs):
    assert doubted(anchored(outputs, hard_weight=0.9)) == ["anchors[0]'s setting"]


def test_a_split_inverted_or_forgotten():
    rng = np.random.default_rng(3)
    labels = rng.integers(CLASSES, size=SAMPLES)
    own, noise = np.eye(CLASSES)[labels], rng.standard_normal((3, SAMPLES, CLASSES))
    sure = np.where(TRAINED, 4.0, 1.0)[:, None]
    given = Outputs(
        labels=labels, teacher=2 * own + noise[0], student=sure * own + noise[1], anchors=(),
        training=None, tested=np.arange(SAMPLES), same_start=True,
    )  # fmt: skip
    assert doubted(given) == ["samples of one kind (split)"]
    # Sorted by class, or in random order, the rows do not show it.
    order = rng.permutation(SAMPLES)
    assert doubted(replace(given, tested=order)) == []
    halves = np.flatnonzero(TRAINED), np.flatnonzero(~TRAINED)
    assert doubted(replace(given, training=halves[0], tested=halves[1])) == []
    assert doubted(replace(given, training=halves[1], tested=halves[0])) == ["split"]


def test_independence_is_the_mean_over_all_orders():
    labels, answers = np.array([0, 0, 1, 2, 1, 0, 2]), np.array([0, 1, 1, 2, 0, 0, 0])
    found = baselines(labels, answers, 3)
    right = [np.mean(labels == answers[list(order)]) for order in permutations(range(7))]
    assert found.independence == pytest.approx(np.mean(right), rel=1e-12)
    assert found.spread == pytest.approx(np.std(right), rel=1e-12)
    assert (found.chance, found.majority) == (1 / 3, 3 / 7)
    assert found.majority_error == pytest.approx(
        np.std((labels == answers) - 1.0 * (labels == 0)) / np.sqrt(7), rel=1e-12
    )


def test_the_scale_balances_the_residual():
    rng = np.random.default_rng(0)
    teacher = 2 * rng.standard_normal((50, CLASSES))
    student = teacher + 0.3 * rng.standard_normal(teacher.shape)
    fit = Fit(labels=rng.integers(CLASSES, size=50), teacher=teacher, student=student)
    base = fit.scale(4.0, 0.8)
    halved = Fit(labels=fit.labels, teacher=teacher, student=student / 2)
    assert 0.25 < base < 4  # within the range that is looked through
    # Bisections of the same grid, which ends at steps of 0.02 octaves.
    assert halved.scale(4.0, 0.8) / 2 == pytest.approx(base, rel=2**0.04 - 1)
