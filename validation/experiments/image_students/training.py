"""Trains and measures the students of `ImageStudentSetting`."""

from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.distillation import accuracy, h_spectrum, soft_weight
from validation.data import Labelled
from validation.experiments.class_sets import class_sets
from validation.experiments.image_students.setting import SOFT, WHITENED, ImageStudentSetting
from validation.experiments.streams import Streams
from validation.experiments.students.networks import Students
from validation.experiments.students.predictions import Rows, predictions
from validation.networks.functions import Stack, initial
from validation.networks.kept import kept
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, outputs, train
from validation.trial.claim import Tables

EXPERIMENT = 11
"""Begins the keys of this experiment's random numbers."""
DATA, TEACHER, STUDENTS, SPECTRUM = range(4)
"""Purposes of random numbers; each has its own stream."""
START, ORDER = range(2)
LEAST = 1e-3
"""Added to the variances of whitened directions, in units of their mean: the least vary by less
than what a few images tell of them."""

Logits = NDArray[np.float32]


def measure(
    setting: ImageStudentSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the teacher and the students of one replicate, and measure them.

    Returns tables `problem` and `files` (one row each), `students` (a row for each setting of the
    grid) and, if the setting has some, `spectrum` (a row for each law of each spectrum).
    """
    streams = Streams(seed, (EXPERIMENT, setting.kind == WHITENED, replicate))
    training, test, checksums = setting.problem.sample(streams.sequence(DATA))
    if setting.kind == WHITENED:
        training, test = whitened(training, test)
    images, labels, asked = (torch.from_numpy(part).to(device) for part in (*training, test.inputs))

    def trained(
        purpose: int, recipe: Recipe, teacher: Teacher | None = None, number: int = 0
    ) -> Stack:
        architecture = setting.teacher if purpose == TEACHER else setting.student
        start, order = (streams.sequence(purpose, part) for part in (START, ORDER))
        stack = initial(architecture, [start], device)
        return kept(
            f"{purpose}-{number}",
            lambda: train(stack, recipe, images, labels, [order], teacher=teacher),
            device,
        )

    above = trained(TEACHER, setting.recipe())
    own = [
        trained(STUDENTS, setting.recipe(t, a), Teacher(above, t, a), number)
        for number, (t, a) in enumerate(setting.grid, start=1)
    ]
    own.append(trained(STUDENTS, setting.recipe()))
    told = [outputs(above, part)[0] for part in (images, asked)]
    known, said = (np.stack([[outputs(one, part)[0] for one in own]]) for part in (images, asked))
    students = Students(training=known, test=said)
    accuracies = [accuracy(test.labels, logits) for logits in students.test[0]]
    problem = {
        "student_accuracy": accuracies[-1],
        "teacher_accuracy": accuracy(test.labels, told[1]),
    }
    tables: Tables = {"problem": [problem], "files": [{"checksums": checksums}]}
    if setting.mixed:
        tables["students"] = predictions(setting, training, test, told, students, accuracies)
    if setting.spectra:
        soft, hard = students.test[0, setting.grid.index(SOFT)], students.test[0, -1]
        tables["spectrum"] = spectra(setting, test.labels, told[1], soft, hard, streams)
    return tables


def whitened(training: Labelled, test: Labelled) -> tuple[Labelled, Labelled]:
    """Images in the directions of the training images' covariance, each of variance about 1."""
    rows = training.inputs.reshape(len(training.inputs), -1).astype(np.float64)
    middle = rows.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(rows.T))
    scales = directions / np.sqrt(np.maximum(variances, 0) + LEAST * variances.mean())
    first, second = (
        Labelled(
            ((part.inputs.reshape(len(part.inputs), -1) - middle) @ scales)
            .astype(np.float32)
            .reshape(part.inputs.shape),
            part.labels,
        )
        for part in (training, test)
    )
    return first, second


def spectra(
    setting: ImageStudentSetting,
    labels: NDArray[np.int64],
    teacher: Logits,
    soft: Logits,
    hard: Logits,
    streams: Streams,
) -> Rows:
    """Distances of spectra of K H from their laws, on sets of five test images of each class.

    Of the student of hard labels, its predictions one-hot (T = 0) and soft (T = 1); and of the dual
    model of the student of soft labels.
    """
    order = streams.rng(SPECTRUM).permutation(len(labels))
    sets = order[class_sets(labels[order], setting.problem.classes, setting.spectra)]
    temperature, hard_weight = SOFT
    weight = float(soft_weight(hard_weight=hard_weight, temperature=temperature))
    rows = []
    for part, (model, t) in product(
        range(setting.spectra), (("hard", 0.0), ("hard", 1.0), ("dual", temperature))
    ):
        chosen = sets[part]
        student = hard if model == "hard" else soft
        found = h_spectrum(
            labels[chosen], student[chosen], teacher[chosen] if model == "dual" else None,
            temperature=t, soft_weight=weight, rng=part,
        )  # fmt: skip
        rows += [
            {
                "part": part,
                "model": model,
                "temperature": t,
                "law": comparison.name,
                "distance": comparison.distance,
                "own_distance": float(np.mean(comparison.sampled_distances)),
                "accuracy": accuracy(labels[chosen], student[chosen]),
            }
            for comparison in found.comparisons
        ]
    return rows
