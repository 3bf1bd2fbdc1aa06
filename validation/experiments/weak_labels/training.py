"""Trains the teachers and students of `WeakLabelsSetting`: the part with torch."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from validation.experiments.streams import Streams
from validation.experiments.weak_labels.setting import (
    HARD_ONLY,
    SIGNALS,
    Patches,
    WeakLabelsSetting,
)
from validation.training.networks import initial_weights, logits
from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.trial.claim import Tables

EXPERIMENT = 31
"""Begins the keys of this experiment's random numbers."""
TEACHER, SAMPLES, TEST, WEIGHTS = range(4)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: WeakLabelsSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train a teacher, and students on its labels.

    Returns tables `students`, a row for each student and step at which it is asked, and `teachers`,
    a row for each data set: shares that are right of samples with an easy signal, and of others.
    """
    key = (EXPERIMENT, setting.samples, round(1000 * setting.lead), setting.power, replicate)
    streams = Streams(seed, key)
    teacher = linear(setting, setting.sample(setting.teacher_samples, streams.rng(TEACHER)))
    students: list[dict[str, Any]] = []
    teachers = []
    for number in range(setting.data_sets):
        samples = setting.sample(setting.samples, streams.rng(SAMPLES, number))
        given = (summed(samples) @ teacher > 0).astype(np.int64)
        alone, right = samples.part == HARD_ONLY, given == samples.classes
        teachers.append(
            {
                "data_set": number,
                "easy": float(right[~alone].mean()),
                "hard": float(right[alone].mean()),
            }
        )
        asked = setting.hard_only(streams.rng(TEST, number))
        rows = taught(
            setting, samples, given, asked, streams.sequences(setting.students, WEIGHTS, number),
            device,
        )  # fmt: skip
        students += [{"data_set": number, **row} for row in rows]
    return {"students": students, "teachers": teachers}


def linear(setting: WeakLabelsSetting, samples: Patches) -> NDArray[np.float32]:
    """Weights of sum_p <w, x_p>, by gradient descent on the logistic loss from 0."""
    inputs, sign = summed(samples), (2 * samples.classes - 1).astype(np.float32)
    weights = np.zeros(inputs.shape[1], dtype=np.float32)
    for _ in range(setting.teacher_steps):
        pull = sign / (1 + np.exp(sign * (inputs @ weights)))
        weights += setting.rate / len(inputs) * (pull @ inputs)
    return weights


def summed(samples: Patches) -> NDArray[np.float32]:
    """What a linear teacher sees of inputs: the sum of their patches."""
    first, second, third = samples.inputs.swapaxes(0, 1)
    return np.asarray(first + second + third)


def taught(
    setting: WeakLabelsSetting,
    samples: Patches,
    given: NDArray[np.int64],
    asked: Patches,
    seeds: list[np.random.SeedSequence],
    device: str,
    packing: int | None = None,
) -> list[dict[str, Any]]:
    """Students of one data set with these labels, a row for each and each step it is asked at.

    `accuracy` is the share of `asked` that is right, `repeated` that of the wrong labels which the
    student gives too, 0 where there are none as by the theory.
    """
    shape = (2, setting.neurons, SIGNALS + setting.noise_dimensions)
    weights = torch.from_numpy(initial_weights(seeds, shape, setting.deviation)).to(device)
    inputs, tests = (torch.from_numpy(own.inputs).to(device) for own in (samples, asked))
    wrong = given != samples.classes
    rows: list[dict[str, Any]] = []

    labels, begun = torch.from_numpy(given).to(device), 0
    for stop in (setting.early, setting.steps):
        # In two parts, which is the same without momentum: whoever watches is told of every step.
        schedule = Schedule(stop - begun, setting.rate, 0, setting.rate)
        train(weights, inputs, labels, setting.power, schedule, packing=packing)
        begun = stop
        answers, again = (
            logits(weights, own, setting.power).cpu().numpy().argmax(-1) for own in (tests, inputs)
        )
        for number in range(len(seeds)):
            same = (again[number] == given)[wrong]
            rows.append(
                {
                    "student": number,
                    "step": stop,
                    "accuracy": float((answers[number] == asked.classes).mean()),
                    "repeated": float(same.sum()) / max(same.size, 1),
                }
            )
    return rows
