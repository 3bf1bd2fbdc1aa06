"""Students of a larger network for images: what they see, how they learn, and their spectra."""

import json

import numpy as np
import pytest

from mvtheory.distillation import Anchor, accuracy, advise, soft_weight
from validation.data import Labelled
from validation.experiments import measure, restore
from validation.experiments.image_students import training
from validation.experiments.image_students.setting import settings, spectral
from validation.experiments.streams import Streams

(SMOKE,) = settings("smoke")


@pytest.mark.parametrize("preset", ["smoke", "quick", "standard", "full"])
def test_settings_describe_themselves(preset):
    for setting in (*settings(preset), *spectral(preset)):
        assert restore(json.loads(json.dumps(setting.describe()))) == setting
        assert setting.networks == len(setting.grid) + 2
        assert all((t, 0.0) in setting.grid for t in setting.temperatures)


def test_the_rate_makes_up_for_the_scale_of_the_loss():
    """Hinton's loss is a_H + (1 - a_H) T times the one of weights 1 - w and w."""
    for t, a in SMOKE.grid:
        scale = SMOKE.rate / SMOKE.recipe(t, a).rate
        assert scale == pytest.approx(a + (1 - a) * t)
        assert a / scale == pytest.approx(1 - float(soft_weight(hard_weight=a, temperature=t)))
    assert SMOKE.recipe().rate == SMOKE.rate


def test_whitened_images_vary_alike_in_all_directions():
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(12, 12))
    parts = [
        Labelled((rng.normal(size=(n, 12)) @ mixing + 3).reshape(n, 3, 2, 2).astype(np.float32),
                 np.zeros(n, np.int64))
        for n in (4000, 50)
    ]  # fmt: skip
    training_images, test = training.whitened(*parts)
    rows = training_images.inputs.reshape(4000, 12)
    # Exactly v/(v + LEAST mean v) of each direction's variance v, in single precision.
    variances = np.linalg.eigvalsh(np.cov(parts[0].inputs.reshape(4000, 12).T.astype(float)))
    expected = variances / (variances + training.LEAST * variances.mean())
    np.testing.assert_allclose(np.cov(rows.T), np.diag(expected), atol=1e-4)
    assert abs(rows.mean(axis=0)).max() < 1e-4
    assert test.inputs.shape == parts[1].inputs.shape


def test_predictions_are_the_balanced_mixtures_of_the_students(monkeypatch):
    seen = []
    original = training.predictions

    def spy(*words):
        seen.append(words)
        return original(*words)

    monkeypatch.setattr(training, "predictions", spy)
    tables = measure(SMOKE, 4, 0)
    _, images, test, teacher, students, accuracies = seen[0]
    usual, (t, a) = SMOKE.grid.index((4.0, 0.1)), (4.0, 0.5)
    known, asked = (own[0].astype(float) for own in (students.training, students.test))
    both = [np.concatenate([known[n], asked[n]]) for n in (usual, -1)]
    advice = advise(
        np.concatenate([images.labels, test.labels]), both[1], np.concatenate(teacher),
        anchors=[Anchor(logits=both[0], temperature=4.0, hard_weight=0.1)],
        split=np.arange(len(images.labels)), temperatures=[t], hard_weights=[a], diagnose=False,
    )  # fmt: skip
    row = next(r for r in tables["students"] if (r["temperature"], r["hard_weight"]) == (t, a))
    # Mixtures are found to 1e-6: one sample may lie so near to the border of two classes.
    one = 1.01 / SMOKE.problem.test_samples
    assert row["one"] == pytest.approx(advice.predicted[0, 0], abs=one)
    assert advice.predicted[0, 0] != advice.student_accuracy
    assert row["accuracy"] == accuracies[SMOKE.grid.index((t, a))]
    assert tables["problem"][0]["student_accuracy"] == accuracies[-1]


def test_spectra_are_of_five_images_of_each_class_and_their_models():
    (setting,) = spectral("standard")
    rng, classes = np.random.default_rng(1), setting.problem.classes
    labels = np.repeat(np.arange(classes), 40)
    logits = [
        (rng.normal(size=(len(labels), classes)) + 3 * np.eye(classes)[labels]).astype(np.float32)
        for _ in range(3)
    ]
    rows = training.spectra(setting, labels, *logits, Streams(0, (1,)))
    models = {(row["model"], row["temperature"]) for row in rows}
    assert models == {("hard", 0.0), ("hard", 1.0), ("dual", 4.0)}
    assert {row["part"] for row in rows} == set(range(setting.spectra))
    right = [row["accuracy"] for row in rows if row["model"] == "hard"]
    whole = accuracy(labels, logits[2])
    # Of 500 images: five deviations.
    assert np.ptp(right) > 0
    assert abs(np.array(right) - whole).max() < 5 * (whole * (1 - whole) / 500) ** 0.5
    confusion = [r for r in rows if r["law"] == "confusion"]
    assert {(r["model"], r["temperature"]) for r in confusion} == {("hard", 0.0)}
