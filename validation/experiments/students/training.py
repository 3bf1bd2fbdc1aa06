"""Trains and measures the students of `StudentSetting`."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.distillation import (
    accuracy,
    advise,
    h_spectrum,
    logit_gradient,
    soft_weight,
)
from validation.data import Labelled, ManyClasses, split_digits
from validation.experiments.class_sets import class_sets
from validation.experiments.streams import Streams
from validation.experiments.students.networks import (
    Students,
    autograd,
    train_students,
    train_teacher,
)
from validation.experiments.students.predictions import given_outputs, predictions
from validation.experiments.students.setting import ANCHOR, PROBLEMS, StudentSetting
from validation.training.optimizer import Optimizer
from validation.trial.claim import Tables

DATA, TEACHER, STUDENTS, SPECTRUM = range(4)
"""Purposes of random numbers; each has its own stream."""
GRADIENT_ROWS = 200
"""Test samples on which gradients are compared."""

Rows = list[dict[str, Any]]


def measure(
    setting: StudentSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the students of one replicate and measure them.

    Returns tables `problem` (one row), `students` (a row a setting of the grid), `gradient` (a row
    a setting) and, if the setting has one, `spectrum` (a row a law); `advice` (one row).
    """
    key = (PROBLEMS.index(setting.problem), setting.classes, replicate)
    stream = Streams(seed, key).sequence
    training, told, test = _data(setting, stream(DATA))
    adam = Optimizer(method="adam", rate=setting.rate, final=0.1)
    teacher = train_teacher(
        told, setting.classes, [training.inputs, test.inputs], [stream(TEACHER)],
        hidden=setting.teacher_hidden, optimizer=adam, steps=setting.teacher_steps,
        batch=setting.batch, device=device,
    )  # fmt: skip
    weights = [float(soft_weight(hard_weight=a, temperature=t)) for t, a in setting.grid]
    conditions = [(t, w) for (t, _), w in zip(setting.grid, weights, strict=True)]
    students = train_students(
        training, test.inputs, teacher[0], [*conditions, (1.0, 0.0)], [stream(STUDENTS)],
        hidden=setting.hidden, optimizer=adam, steps=setting.steps, batch=setting.batch,
        device=device,
    )  # fmt: skip
    accuracies = [accuracy(test.labels, logits) for logits in students.test[0]]
    problem = {
        "student_accuracy": accuracies[-1],
        "teacher_accuracy": accuracy(test.labels, teacher[1]),
    }
    tables: Tables = {
        "problem": [problem],
        "students": predictions(setting, training, test, teacher, students, accuracies),
        "gradient": _gradients(setting, test.labels, teacher[1], students.test[0]),
        "advice": [_advice(setting, training, test, teacher, students, accuracies)],
    }
    if setting.spectrum_classes:
        tables["spectrum"] = _spectrum(setting, stream(SPECTRUM), adam, device)
    return tables


def _data(
    setting: StudentSetting, seed: np.random.SeedSequence
) -> tuple[Labelled, Labelled, Labelled]:
    """Training data of student and teacher, and the test's."""
    number = int(seed.generate_state(1)[0])
    if setting.problem == "digits":
        parts = split_digits(setting.training_samples, setting.teacher_samples, number)
        return parts.training, parts.teacher, parts.test
    source = ManyClasses(classes=setting.classes, dimension=setting.dimension, seed=number)
    rng = np.random.default_rng(seed)
    counts = setting.training_samples, setting.teacher_samples, setting.test_samples
    training, teacher, test = (source.sample(count, rng) for count in counts)
    return training, teacher, test


def _gradients(
    setting: StudentSetting,
    labels: NDArray[np.int64],
    teacher: NDArray[np.float32],
    students: NDArray[np.float32],
) -> Rows:
    """Largest difference between autograd's logit gradient and dual outputs less dual labels.

    Of the loss with either divergence; in float64 on the logits of the trained students.
    """
    y, told = labels[:GRADIENT_ROWS], teacher[:GRADIENT_ROWS].astype(float)
    rows = []
    for (t, a), student in zip(setting.grid, students[:-1], strict=True):
        w = float(soft_weight(hard_weight=a, temperature=t))
        logits = student[:GRADIENT_ROWS].astype(float)
        stated = logit_gradient(y, logits, told, temperature=t, soft_weight=w)
        row = {"temperature": t, "hard_weight": a}
        for name, reverse in (("residual", False), ("reverse_residual", True)):
            gradient = autograd(y, told, logits, t, w, reverse)
            row[name] = float(np.abs(gradient - stated).max())
        rows.append(row)
    return rows


def _advice(
    setting: StudentSetting,
    training: Labelled,
    test: Labelled,
    teacher: list[NDArray[np.float32]],
    students: Students,
    accuracies: list[float],
) -> dict[str, Any]:
    """Accuracy reached by the advice, and of the others to be had.

    Who follows it distils with the setting recommended if that is predicted to be better than hard
    labels alone, whether or not the interval leaves it open.
    """
    given = given_outputs(
        training, test, teacher, students, [(setting.grid.index(ANCHOR), ANCHOR)]
    )  # fmt: skip
    advice = advise(
        given.pop("labels"), given.pop("student"), given.pop("teacher"), **given,
        split=np.arange(len(training.labels)), temperatures=setting.temperatures,
        hard_weights=setting.hard_weights, diagnose=False,
    )  # fmt: skip
    chosen = setting.grid.index((advice.temperature, advice.hard_weight))
    distils = advice.predicted[advice.best] > advice.student_accuracy
    return {
        "temperature": advice.temperature,
        "hard_weight": advice.hard_weight,
        "worth": advice.worth,
        "reached": accuracies[chosen if distils else -1],
        "best": max(accuracies),
        "usual": accuracies[setting.grid.index(ANCHOR)],
        "random": float(np.mean(accuracies[:-1])),
    }


def _spectrum(
    setting: StudentSetting, seed: np.random.SeedSequence, optimizer: Optimizer, device: str
) -> Rows:
    """Distances of K H of a student of hard labels from its laws, on several sets of test samples
    with as many of each class."""
    classes = setting.spectrum_classes
    number = int(seed.generate_state(1)[0])
    source = ManyClasses(classes=classes, dimension=40, seed=number)
    rng = np.random.default_rng(seed)
    training, drawn = source.sample(15 * classes, rng), source.sample(80 * classes, rng)
    sets = class_sets(drawn.labels, classes, setting.spectra)
    students = train_students(
        training, drawn.inputs[sets.ravel()], np.zeros((len(training.labels), classes)),
        [(1.0, 0.0)], [seed], hidden=96, optimizer=optimizer, steps=setting.steps,
        batch=setting.batch, device=device,
    )  # fmt: skip
    logits = students.test[0, 0].reshape(*sets.shape, classes)
    rows = []
    for part, temperature in product(range(setting.spectra), (0.0, 1.0)):
        labels = drawn.labels[sets[part]]
        found = h_spectrum(labels, logits[part], temperature=temperature, rng=number + part)
        rows += [
            {
                "part": part,
                "temperature": temperature,
                "law": comparison.name,
                "distance": comparison.distance,
                "own_distance": float(np.mean(comparison.sampled_distances)),
                "accuracy": accuracy(labels, logits[part]),
            }
            for comparison in found.comparisons
        ]
    return rows
