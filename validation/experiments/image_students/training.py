"""Trains and measures the students of `ImageStudentSetting`."""

import numpy as np
import torch

from mvtheory.distillation import accuracy
from validation.data import Labelled
from validation.experiments.class_sets import class_sets
from validation.experiments.image_students.setting import SOFT, WHITENED, ImageStudentSetting
from validation.experiments.image_students.spectra import spectra, sums
from validation.experiments.streams import Streams
from validation.experiments.students.networks import Students
from validation.experiments.students.predictions import predictions
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
    grid) and, if the setting has some, `spectrum` and `sums` (a row for each law of each spectrum,
    `sums` of the students of both labels).
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
        order = streams.rng(SPECTRUM).permutation(len(test.labels))
        sets = order[class_sets(test.labels[order], setting.problem.classes, setting.spectra)]
        tables["spectrum"] = spectra(sets, test.labels, told[1], soft, hard)
        both = {place: students.test[0, setting.grid.index(place)] for place in setting.dual}
        tables["sums"] = sums(sets, test.labels, told[1], both)
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
