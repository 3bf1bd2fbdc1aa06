"""Students of a larger network for images: what they see, how they learn, and their spectra."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mvtheory.distillation import Anchor, accuracy, advise, soft_weight
from validation.claims import h_spectrum
from validation.claims.image_free_sum import IMAGE_FREE_SUM
from validation.data import Labelled
from validation.experiments import measure, restore
from validation.experiments.class_sets import class_sets
from validation.experiments.image_students import spectra, training
from validation.experiments.image_students.setting import FREE, MIXED, settings, spectral
from validation.testing import check_claim, compared
from validation.trial.claim import Measured

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


def hundred_classes(per_class: int = 40) -> tuple[np.ndarray, np.random.Generator]:
    (setting,) = spectral("standard")
    labels = np.repeat(np.arange(setting.problem.classes), per_class)
    return labels, np.random.default_rng(1)


def logits(labels: np.ndarray, rng: np.random.Generator, known: float, noise: float = 1.0):
    right = np.eye(labels.max() + 1)[labels]
    return (noise * rng.normal(size=right.shape) + known * right).astype(np.float32)


def test_spectra_are_of_their_models_and_sets():
    labels, rng = hundred_classes()
    sets = class_sets(labels, labels.max() + 1, 4)
    soft, hard, teacher = (logits(labels, rng, 3.0) for _ in range(3))
    rows = spectra.spectra(sets, labels, teacher, soft, hard)
    models = {(row["model"], row["temperature"]) for row in rows}
    assert models == {("hard", 0.0), ("hard", 1.0), ("dual", 4.0)}
    assert {row["part"] for row in rows} == set(range(len(sets)))
    for row in rows:
        own = soft if row["model"] == "dual" else hard
        chosen = sets[row["part"]]
        assert row["accuracy"] == accuracy(labels[chosen], own[chosen])
    confusion = [r for r in rows if r["law"] == "confusion"]
    assert {(r["model"], r["temperature"]) for r in confusion} == {("hard", 0.0)}


def test_parts_are_free_where_the_claim_says_so_and_not_where_the_teacher_knows():
    """Rows spread evenly; by theory (`h_spectrum`) a teacher that knows the labels contradicts it,
    where most weight is on soft labels."""
    labels, rng = hundred_classes()
    sets = class_sets(labels, labels.max() + 1, 4)
    away = {}
    for known in (0.0, 3.0):
        student, teacher = logits(labels, rng, 1.0, 0.7), logits(labels, rng, known, 0.7)
        rows = spectra.sums(sets, labels, teacher, {(4.0, a): student for a in MIXED})
        for law in (FREE, "free sum of hard and soft part"):
            for a in MIXED:
                own = [r for r in rows if (r["law"], r["hard_weight"]) == (law, a)]
                assert len(own) == len(sets)
                away[known, law, a] = np.mean([r["distance"] - r["own_distance"] for r in own])
    assert max(value for (known, *_), value in away.items() if not known) < h_spectrum.MARGIN / 2
    assert away[3.0, FREE, MIXED[0]] > away[0.0, FREE, MIXED[0]] + h_spectrum.MARGIN / 2


def test_turned_matrices_are_free_and_matrices_that_commute_are_not():
    rng = np.random.default_rng(4)
    one, other = rng.normal(size=100), rng.normal(size=100) ** 2
    q, _ = np.linalg.qr(rng.normal(size=(100, 100)))
    turned = np.linalg.eigvalsh(np.diag(one) + (q * other) @ q.T)
    # Two point masses of equal weight: a sum along one axis has three atoms, a free one the arcsine
    # law (Nica & Speicher, 2006, example 12.8), whose share within 1 of its middle is 1/3.
    coins = np.repeat([-1.0, 1.0], 50)
    for values, parts, low, high in (
        (turned, (one, other), 0.0, 0.05),
        (np.sort(one) + np.sort(other), (one, other), 0.05, 1.0),
        (2 * np.cos(np.pi * (np.arange(100) + 0.5) / 100), (coins, coins), 0.0, 0.05),
        (np.repeat([-2.0, 0.0, 2.0], [25, 50, 25]), (coins, coins), 0.2, 0.3),
    ):
        found = spectra.freely_added(np.sort(values), *parts, np.random.default_rng(5))
        assert low <= found["distance"] <= high
        assert found["own_distance"] < 0.05


def test_the_sums_are_those_of_students_of_both_labels():
    (setting,) = spectral("standard")
    assert setting.dual == [(4.0, a) for a in MIXED]
    weights = [float(soft_weight(hard_weight=a, temperature=4.0)) for a in MIXED]
    np.testing.assert_allclose(weights, [144 / 148, 0.5])
    check_claim(IMAGE_FREE_SUM, measured=[of_sums(setting, 0.01)])
    (holds, *_), (fails, *_) = (
        compared(IMAGE_FREE_SUM, [of_sums(setting, away)]) for away in (0.01, 0.2)
    )
    assert holds.interval[1] < h_spectrum.MARGIN < fails.observed


def test_a_replicate_has_both_tables_of_spectra():
    few = replace(SMOKE.problem, test_samples=400)
    tables = measure(
        replace(SMOKE, problem=few, hard_weights=(0.0, *MIXED), epochs=1, spectra=2), 4, 0
    )
    assert {(row["model"], row["temperature"]) for row in tables["spectrum"]} == {
        ("hard", 0.0), ("hard", 1.0), ("dual", 4.0),
    }  # fmt: skip
    assert {(row["part"], row["hard_weight"], row["law"]) for row in tables["sums"]} >= {
        (part, a, law) for part in range(2) for a in MIXED
        for law in (FREE, "free sum of hard and soft part")
    }  # fmt: skip


def of_sums(setting, away: float) -> Measured:
    """Six replicates whose spectra are so far from every law, known to .003."""
    rng = np.random.default_rng(6)
    rows = [
        {"replicate": n, "part": part, "temperature": t, "hard_weight": a, "law": law,
         "distance": 0.03 + away + 0.003 * rng.normal(), "own_distance": 0.03, "accuracy": 0.3}
        for n in range(6) for part in range(4) for t, a in setting.dual
        for law in ("free sum of hard and soft part", FREE)
    ]  # fmt: skip
    problem = [{"replicate": n, "student_accuracy": 0.26, "teacher_accuracy": 0.3}
               for n in range(6)]  # fmt: skip
    tables = {"sums": pd.DataFrame(rows), "problem": pd.DataFrame(problem)}
    return Measured(setting, 6, tables)
